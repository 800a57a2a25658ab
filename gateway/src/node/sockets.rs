//! Sockets that a node listens on.

use std::io;
use std::net::SocketAddr;

use portcullis_document::{Document, Problem};
use tokio::net::{TcpListener, TcpSocket};

use crate::config::ListenerConfig;
use crate::reconcile::Outcome;

/// Connections that the kernel holds until they are accepted.
const BACKLOG: u32 = 4096;

/// Listeners on port 0 are told apart by their place.
pub(super) fn key(index: usize, listener: &ListenerConfig) -> String {
    if listener.address.ends_with(":0") {
        format!("{}#{index}", listener.address)
    } else {
        listener.address.clone()
    }
}

pub(crate) fn bind(address: &str) -> io::Result<TcpListener> {
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
    hinted(
        outcome.problem("bind", at, format!("cannot listen on {address}: {error}")),
        error,
    )
}

/// The same, of another document.
pub(crate) fn bind_problem(document: &Document, at: &str, address: &str, error: &io::Error) -> Problem {
    hinted(
        document.error("bind", at, format!("cannot listen on {address}: {error}")),
        error,
    )
}

fn hinted(problem: Problem, error: &io::Error) -> Problem {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            problem.hint("another process has this port; end it or take another port (0 takes a free one)")
        }
        io::ErrorKind::PermissionDenied => problem.hint("ports below 1024 need CAP_NET_BIND_SERVICE"),
        _ => problem,
    }
}
