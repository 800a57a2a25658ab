//! What a listener accepts connections on.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use tokio::net::{TcpListener, UnixListener};

use crate::stream::Socket;

/// A socket that listens.
#[derive(Debug)]
pub enum Listening {
    /// By IP.
    Tcp(TcpListener),
    /// For processes of this machine, with its file where that is this process's own.
    Unix(UnixListener, Option<SocketFile>),
}

/// A connection that was accepted.
#[derive(Debug)]
pub struct Accepted {
    /// The connection.
    pub socket: Socket,
    /// Who connected; none by a Unix socket.
    pub peer: Option<SocketAddr>,
    /// What it connected to.
    pub local: SocketAddr,
}

/// The file of a Unix socket, which goes with it: not where another socket has taken its place meanwhile.
#[derive(Debug)]
pub struct SocketFile {
    path: PathBuf,
    inode: Option<(u64, u64)>,
}

impl Listening {
    /// The address, of a socket that has one.
    pub fn address(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(socket) => socket.local_addr().ok(),
            Self::Unix(..) => None,
        }
    }

    /// A copy, for another process.
    ///
    /// # Errors
    ///
    /// There are too many file descriptors.
    pub fn copy(&self) -> io::Result<OwnedFd> {
        match self {
            Self::Tcp(socket) => socket.as_fd().try_clone_to_owned(),
            Self::Unix(socket, _) => socket.as_fd().try_clone_to_owned(),
        }
    }

    /// Ends without taking its file along: another process has the socket too.
    pub fn leave(self) {
        if let Self::Unix(_, Some(file)) = self {
            file.leave();
        }
    }

    /// The next connection.
    ///
    /// # Errors
    ///
    /// It cannot be accepted, such as for want of file descriptors.
    pub async fn accept(&self) -> io::Result<Accepted> {
        match self {
            Self::Tcp(listener) => {
                let (stream, peer) = listener.accept().await?;
                stream.set_nodelay(true)?;
                let local = stream.local_addr();
                Ok(Accepted {
                    peer: Some(peer),
                    local: local.unwrap_or(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0))),
                    socket: Socket::Tcp(stream),
                })
            }
            Self::Unix(listener, _) => {
                let (stream, _) = listener.accept().await?;
                Ok(Accepted {
                    socket: Socket::Unix(stream),
                    peer: None,
                    local: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
                })
            }
        }
    }
}

impl SocketFile {
    /// The file that a socket was just bound to.
    pub fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            inode: inode(path),
        }
    }

    fn leave(mut self) {
        self.inode = None;
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if self.inode.is_some() && inode(&self.path) == self.inode {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

fn inode(path: &Path) -> Option<(u64, u64)> {
    let file = std::fs::symlink_metadata(path).ok()?;
    Some((file.dev(), file.ino()))
}
