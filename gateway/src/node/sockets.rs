//! Sockets that a node listens on.

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd as _, OwnedFd};

use portcullis_document::Problem;
use tokio::net::{TcpListener, TcpSocket};

use crate::config::ListenerConfig;
use crate::reconcile::Outcome;

/// Connections that the kernel holds until they are accepted.
const BACKLOG: u32 = 4096;

/// What the control listener's socket is called, where it is passed on. No listener has such an address.
pub(super) const CONTROL: &str = "control";

/// Listeners on port 0 are told apart by their place.
pub(super) fn key(index: usize, listener: &ListenerConfig) -> String {
    if listener.address.ends_with(":0") {
        format!("{}#{index}", listener.address)
    } else {
        listener.address.clone()
    }
}

/// A socket that listens: the one that this process was started with, or a new one.
pub(super) fn bind(address: &str, inherited: Option<OwnedFd>) -> io::Result<TcpListener> {
    if let Some(inherited) = inherited {
        let socket = std::net::TcpListener::from(inherited);
        socket.set_nonblocking(true)?;
        return TcpListener::from_std(socket);
    }
    let address: SocketAddr = address
        .parse()
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()
    } else {
        TcpSocket::new_v6()
    }?;
    // A restart may bind while connections of the last run are in TIME_WAIT.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// The same for the control listener.
pub(super) fn bind_control(address: &str, inherited: Option<OwnedFd>) -> io::Result<std::net::TcpListener> {
    match inherited {
        Some(inherited) => Ok(inherited.into()),
        None => std::net::TcpListener::bind(address),
    }
}

/// A copy of a socket, for another process.
pub(super) fn socket_of(socket: &TcpListener) -> io::Result<OwnedFd> {
    socket.as_fd().try_clone_to_owned()
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
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            problem.hint("another process has this port; end it or take another port (0 takes a free one)")
        }
        io::ErrorKind::PermissionDenied => problem.hint("ports below 1024 need CAP_NET_BIND_SERVICE"),
        _ => problem,
    }
}
