//! A connection to a backend that speaks HTTP/1.1: its task, and the lease that a request has on it.

use std::sync::{Arc, Weak};

use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;

use super::pool::Pool;
use super::stream::{ResponseBegun, Stream, WatchedStream};
use crate::proxy::body::Body;

/// A connection that one request has to itself. Dropped, it closes the connection.
#[derive(Debug)]
pub(super) struct Lease {
    pub(super) sender: SendRequest<Body>,
    pub(super) begun: Arc<ResponseBegun>,
    pub(super) pool: Arc<Pool>,
}

/// A connection that no request has.
#[derive(Debug)]
pub(super) struct Idle {
    pub(super) sender: SendRequest<Body>,
    pub(super) begun: Arc<ResponseBegun>,
    /// How often it was swept past.
    pub(super) age: u8,
}

impl Lease {
    /// Lets another request have the connection.
    pub(super) fn give_back(self) {
        if self.sender.is_closed() {
            return;
        }
        let idle = Idle {
            sender: self.sender,
            begun: self.begun,
            age: 0,
        };
        self.pool.keep(idle);
    }
}

/// Begins to speak HTTP/1.1 on a stream; a task of its own moves the bytes until the connection ends.
pub(super) async fn begin(stream: Stream, pool: &Arc<Pool>) -> hyper::Result<Lease> {
    let begun = Arc::<ResponseBegun>::default();
    let stream = WatchedStream {
        stream,
        begun: begun.clone(),
    };
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    pool.sweep();
    let task = drive(connection, begun.clone(), Arc::downgrade(pool));
    #[allow(
        clippy::disallowed_methods,
        reason = "a drain waits for requests, not for idle connections to backends"
    )]
    tokio::spawn(task);
    Ok(Lease {
        sender,
        begun,
        pool: pool.clone(),
    })
}

async fn drive(
    connection: http1::Connection<TokioIo<WatchedStream>, Body>,
    begun: Arc<ResponseBegun>,
    pool: Weak<Pool>,
) {
    if let Err(error) = connection.await {
        tracing::debug!("a connection to a backend ended: {error}");
    }
    if let Some(pool) = pool.upgrade() {
        pool.forget(&begun);
    }
}
