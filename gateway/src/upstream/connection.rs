//! One connection to a backend: its stream, its task, and the lease that a request has on it.

use std::io;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::backend::Backend;
use crate::proxy::body::Body;

/// How long a TCP connection may take to come up.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long an idle connection is kept. Shorter than the 60 s and more of common servers, so that the gateway closes
/// first and rarely meets a connection that the backend is just closing.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// Whether a byte was received since the last one was sent.
#[derive(Debug, Default)]
pub(super) struct ResponseBegun(AtomicBool);

impl ResponseBegun {
    pub(super) fn get(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// A connection that one request has to itself. Dropped, it closes the connection.
#[derive(Debug)]
pub(super) struct Lease {
    pub(super) sender: SendRequest<Body>,
    pub(super) begun: Arc<ResponseBegun>,
    pub(super) backend: Arc<Backend>,
}

/// A connection that no request has.
#[derive(Debug)]
pub(super) struct Idle {
    pub(super) sender: SendRequest<Body>,
    pub(super) begun: Arc<ResponseBegun>,
    since: Instant,
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
            since: Instant::now(),
        };
        self.backend.keep(idle);
    }
}

impl Idle {
    /// When it has been idle for too long.
    pub(super) fn ends(&self) -> Instant {
        self.since + IDLE_TIMEOUT
    }
}

/// Begins to speak HTTP/1.1 on a stream; a task of its own moves the bytes until the connection ends.
pub(super) async fn begin(stream: TcpStream, backend: &Arc<Backend>) -> hyper::Result<Lease> {
    let begun = Arc::<ResponseBegun>::default();
    let stream = WatchedStream {
        stream,
        begun: begun.clone(),
    };
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let task = drive(connection, begun.clone(), Arc::downgrade(backend));
    #[allow(
        clippy::disallowed_methods,
        reason = "a drain waits for requests, not for idle connections to backends"
    )]
    tokio::spawn(task);
    Ok(Lease {
        sender,
        begun,
        backend: backend.clone(),
    })
}

async fn drive(
    connection: http1::Connection<TokioIo<WatchedStream>, Body>,
    begun: Arc<ResponseBegun>,
    backend: Weak<Backend>,
) {
    let mut connection = pin!(connection);
    let mut look = pin!(tokio::time::sleep(IDLE_TIMEOUT));
    loop {
        tokio::select! {
            biased;
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!("a connection to a backend ended: {error}");
                }
                break;
            }
            () = look.as_mut() => {
                let idle_until = backend.upgrade().and_then(|backend| backend.expire(&begun));
                // None: it is in use.
                look.as_mut().reset(idle_until.unwrap_or_else(|| Instant::now() + IDLE_TIMEOUT));
            }
        }
    }
    if let Some(backend) = backend.upgrade() {
        backend.forget(&begun);
    }
}

/// A stream that knows whether a byte came back since the last one was sent.
#[derive(Debug)]
struct WatchedStream {
    stream: TcpStream,
    begun: Arc<ResponseBegun>,
}

impl AsyncRead for WatchedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, into);
        if into.filled().len() > before {
            self.begun.0.store(true, Ordering::Release);
        }
        polled
    }
}

impl AsyncWrite for WatchedStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.begun.0.store(false, Ordering::Release);
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.begun.0.store(false, Ordering::Release);
        Pin::new(&mut self.stream).poll_write_vectored(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
