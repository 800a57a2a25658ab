//! Sockets that a node listens on.

use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::path::Path;

use portcullis_document::Problem;
use socket2::{Domain, SockAddr, Socket, Type};
use tokio::net::{TcpListener, UnixListener};

use crate::config::ListenerConfig;
use crate::proxy::listen::{Listening, SocketFile};
use crate::reconcile::Outcome;

/// Connections that the kernel holds until they are accepted.
const BACKLOG: i32 = 4096;

/// Listeners on port 0 are told apart by their place.
pub(super) fn key(index: usize, listener: &ListenerConfig) -> String {
    if listener.address.ends_with(":0") {
        format!("{}#{index}", listener.address)
    } else {
        listener.address.clone()
    }
}

/// Opens the socket of a listener.
pub(super) fn bind(listener: &ListenerConfig) -> io::Result<Listening> {
    match listener.socket_path() {
        Some(path) => bind_unix(Path::new(path), listener.mode()),
        None => bind_tcp(&listener.address, listener.ipv6_only).map(Listening::Tcp),
    }
}

fn bind_tcp(address: &str, ipv6_only: bool) -> io::Result<TcpListener> {
    let address: SocketAddr = address
        .parse()
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
    let socket = Socket::new(Domain::for_address(address), Type::STREAM.nonblocking(), None)?;
    // A restart may bind while connections of the last run are in TIME_WAIT.
    socket.set_reuse_address(true)?;
    if address.is_ipv6() {
        // Whatever the system's own default is (`net.ipv6.bindv6only`).
        socket.set_only_v6(ipv6_only)?;
    }
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

/// A socket that somebody listens on is left alone; one that was left behind is replaced.
fn bind_unix(path: &Path, mode: u32) -> io::Result<Listening> {
    let address = SockAddr::unix(path)?;
    remove_stale(path, &address)?;
    let socket = Socket::new(Domain::UNIX, Type::STREAM.nonblocking(), None)?;
    socket.bind(&address)?;
    let file = SocketFile::new(path);
    // Before it listens: until then nobody can connect, whatever the file lets them.
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))?;
    socket.listen(BACKLOG)?;
    Ok(Listening::Unix(UnixListener::from_std(socket.into())?, file))
}

fn remove_stale(path: &Path, address: &SockAddr) -> io::Result<()> {
    match std::fs::symlink_metadata(path) {
        Ok(file) if file.file_type().is_socket() => {}
        Ok(_) => {
            return Err(io::Error::new(
                io::ErrorKind::AlreadyExists,
                "there is a file that is no socket",
            ));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    }
    let socket = Socket::new(Domain::UNIX, Type::STREAM.nonblocking(), None)?;
    match socket.connect(address) {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => std::fs::remove_file(path),
        // Also where its backlog is full.
        _ => Err(io::Error::new(
            io::ErrorKind::AddrInUse,
            "another process listens there",
        )),
    }
}

pub(super) fn cannot_bind(
    outcome: &Outcome,
    index: usize,
    listener: &ListenerConfig,
    error: &io::Error,
) -> Problem {
    cannot_listen(
        outcome,
        &format!("/listeners/{index}/address"),
        &listener.address,
        error,
    )
}

pub(super) fn cannot_listen(outcome: &Outcome, at: &str, address: &str, error: &io::Error) -> Problem {
    let problem = outcome.problem("bind", at, format!("cannot listen on {address}: {error}"));
    let is_path = address.starts_with('/') || address.starts_with(crate::upstream::UNIX);
    match error.kind() {
        io::ErrorKind::AddrInUse if is_path => problem.hint("end the other process, or take another path"),
        io::ErrorKind::AddrInUse => {
            problem.hint("another process has this port; end it or take another port (0 takes a free one)")
        }
        io::ErrorKind::PermissionDenied if is_path => {
            problem.hint("the directory must be writable for the user that this process runs as")
        }
        io::ErrorKind::PermissionDenied => problem.hint("ports below 1024 need CAP_NET_BIND_SERVICE"),
        _ => problem,
    }
}
