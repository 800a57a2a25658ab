//! Listening sockets that this process was started with.

use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixListener;

use listenfd::ListenFd;
use parking_lot::Mutex;

/// Sockets that are there already; each is taken once.
#[derive(Debug, Default)]
pub struct Sockets {
    left: Mutex<Vec<Inherited>>,
}

#[derive(Debug)]
struct Inherited {
    /// The node's name for it, where a node passed it on.
    name: Option<String>,
    /// Where it listens.
    place: Place,
    socket: OwnedFd,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Address(SocketAddr),
    Path(String),
    Unknown,
}

impl Sockets {
    /// Those of systemd's socket activation (`LISTEN_FDS`). It is to be called once, before there are threads: it takes the
    /// variables out of the environment.
    pub fn of_systemd() -> io::Result<Self> {
        let mut passed = ListenFd::from_env();
        let sockets = Self::default();
        for index in 0..passed.len() {
            let tcp = passed.take_tcp_listener(index).ok().flatten();
            let socket = match tcp {
                Some(socket) => OwnedFd::from(socket),
                None => match passed.take_unix_listener(index)? {
                    Some(socket) => OwnedFd::from(socket),
                    None => continue,
                },
            };
            sockets.put(None, socket);
        }
        Ok(sockets)
    }

    /// Adds one.
    pub(super) fn put(&self, name: Option<String>, socket: OwnedFd) {
        let place = place(&socket);
        self.left.lock().push(Inherited { name, place, socket });
    }

    /// The socket of a listener, by the node's name for it or by the address that it is to have.
    pub fn take(&self, name: &str, address: &str) -> Option<OwnedFd> {
        let wanted = match address.parse() {
            Ok(address) => Place::Address(address),
            Err(_) => Place::Path(address.trim_start_matches("unix:").to_owned()),
        };
        let is_it = |inherited: &Inherited| match &inherited.name {
            Some(known) => known == name,
            None => inherited.place == wanted,
        };
        let mut left = self.left.lock();
        let index = left.iter().position(is_it)?;
        Some(left.swap_remove(index).socket)
    }

    /// Closes those that nobody took, and says where they listened: nobody would ever accept their connections.
    pub fn close_rest(&self) -> Vec<String> {
        let rest = std::mem::take(&mut *self.left.lock());
        rest.iter().map(|inherited| inherited.place.to_string()).collect()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(formatter),
            Self::Path(path) => formatter.write_str(path),
            Self::Unknown => formatter.write_str("an unknown address"),
        }
    }
}

fn place(socket: &OwnedFd) -> Place {
    // A copy: looking at it must not close it.
    let copy = || socket.try_clone().ok();
    if let Some(address) = copy().and_then(|copy| TcpListener::from(copy).local_addr().ok()) {
        return Place::Address(address);
    }
    let path = copy().and_then(|copy| UnixListener::from(copy).local_addr().ok());
    match path.as_ref().and_then(|address| address.as_pathname()?.to_str()) {
        Some(path) => Place::Path(path.to_owned()),
        None => Place::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_is_found_by_its_name_or_its_address_and_taken_once() {
        let sockets = Sockets::default();
        let bound = || TcpListener::bind("127.0.0.1:0").unwrap();
        let (named, placed, rest) = (bound(), bound(), bound());
        let (at, left) = (placed.local_addr().unwrap(), rest.local_addr().unwrap());
        sockets.put(Some("127.0.0.1:0#0".to_owned()), named.into());
        sockets.put(None, placed.into());
        sockets.put(None, rest.into());
        let taken = |name: &str, address: &str| sockets.take(name, address).is_some();
        assert!(!taken("127.0.0.1:0#1", "127.0.0.1:0"));
        assert!(taken("127.0.0.1:0#0", "127.0.0.1:0"));
        assert!(!taken("127.0.0.1:0#0", "127.0.0.1:0"));
        assert!(taken(&at.to_string(), &at.to_string()));
        assert_eq!(sockets.close_rest(), [left.to_string()]);
        assert!(sockets.close_rest().is_empty());
    }

    #[test]
    fn a_unix_socket_is_found_by_its_path() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("gateway.sock");
        let sockets = Sockets::default();
        sockets.put(None, UnixListener::bind(&path).unwrap().into());
        let address = format!("unix:{}", path.display());
        assert!(sockets.take(&address, &address).is_some());
    }
}
