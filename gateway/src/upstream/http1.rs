//! A connection to a backend that speaks HTTP/1.1, and the lease that a request has on it.
//!
//! Whoever has the connection moves its bytes: no other task is woken between a request and its response.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use atomic_waker::AtomicWaker;
use http::{Request, Response};
use http_body::{Body as _, Frame};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::TrySendError;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWrite as _;
use tokio::task::coop::unconstrained;

use super::pool::Pool;
use super::stream::{Seen, Stream, WatchedStream};
use super::unsent::Unsent;
use crate::proxy::body::Body;

/// A connection.
#[derive(Debug)]
pub(super) struct Connection {
    sender: SendRequest<Body>,
    /// What moves its bytes, until it has ended.
    driver: Option<Driver>,
    seen: Arc<Seen>,
    owner: Arc<Owner>,
    /// Wakes the owner. Always the same, so that nothing keeps, or wakes, the tasks of those who had the connection before.
    waker: Waker,
}

type Driver = http1::Connection<TokioIo<WatchedStream>, Body>;

/// The task that waits for something to happen on a connection, if there is one.
#[derive(Debug, Default)]
struct Owner(AtomicWaker);

impl Wake for Owner {
    fn wake(self: Arc<Self>) {
        self.0.wake();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.wake();
    }
}

/// A connection that one request has to itself. Dropped, it closes the connection.
#[derive(Debug)]
pub(super) struct Lease {
    connection: Box<Connection>,
    pool: Arc<Pool>,
    unsent: Unsent,
}

impl Connection {
    /// Moves what can be moved. The task is woken when there is more, until it says that it does not wait any longer.
    fn drive(&mut self, cx: &Context<'_>) {
        self.owner.0.register(cx.waker());
        self.advance();
    }

    /// The task does not wait for it, or will look by itself.
    fn leave(&self) {
        drop(self.owner.0.take());
    }

    fn advance(&mut self) {
        let Some(driver) = &mut self.driver else {
            return;
        };
        if let Poll::Ready(ended) = Pin::new(driver).poll(&mut Context::from_waker(&self.waker)) {
            if let Err(error) = ended {
                tracing::debug!("a connection to a backend ended: {error}");
            }
            self.driver = None;
        }
    }

    /// Whether the backend has not closed it since it was given back.
    pub(super) fn is_alive(&mut self) -> bool {
        self.advance();
        self.is_free()
    }

    /// Whether it can take a request: the one before was sent, and its response read, to their ends.
    fn is_free(&self) -> bool {
        self.driver.is_some() && self.sender.is_ready()
    }
}

impl Drop for Connection {
    /// Where no exchange is cut off, the backend is told that there will be no more (RFC 8446 section 6.1).
    fn drop(&mut self) {
        if self.is_free()
            && let Some(driver) = self.driver.take()
        {
            let mut stream = driver.into_parts().io.into_inner();
            let _ = Pin::new(&mut stream).poll_shutdown(&mut Context::from_waker(Waker::noop()));
        }
    }
}

impl Lease {
    /// The lease on a connection that no other has.
    pub(super) fn of(connection: Box<Connection>, pool: Arc<Pool>) -> Self {
        Self {
            connection,
            pool,
            unsent: Unsent::default(),
        }
    }

    /// Sends a request, and waits for the head of its response. The request's head is kept if it is wanted.
    pub(super) async fn send(
        &mut self,
        mut request: Box<Request<Body>>,
        wants_head: bool,
    ) -> Result<Response<Incoming>, TrySendError<Request<Body>>> {
        self.connection.seen.expect(wants_head);
        self.unsent = Unsent::of(&mut request);
        let mut response = pin!(self.connection.sender.try_send_request(*request));
        poll_fn(|cx| {
            self.connection.drive(cx);
            unwoken(|cx| response.as_mut().poll(cx))
        })
        .await
    }

    /// Whether the request was sent, and its response read, to their ends.
    pub(super) fn is_free(&self) -> bool {
        self.connection.is_free()
    }

    /// What is needed for the body of the response, once its head is there. None: the connection is free already, or goes
    /// on by itself.
    pub(super) fn answered(self) -> Option<Self> {
        if self.is_free() {
            self.give_back();
            return None;
        }
        if self.unsent.is_something() {
            self.go_on();
            return None;
        }
        Some(self)
    }

    /// Reads on, and gives what has come of the response's body.
    pub(super) fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
        incoming: &mut Incoming,
    ) -> Poll<Option<hyper::Result<Frame<Bytes>>>> {
        let mut frame = || unwoken(|cx| Pin::new(&mut *incoming).poll_frame(cx));
        // It would be woken by what it makes room for itself.
        self.connection.leave();
        let at_hand = frame();
        if at_hand.is_ready() {
            return at_hand;
        }
        self.connection.drive(cx);
        frame()
    }

    /// Lets a task send the rest of the request while its response is read: a client may read none of that before it has
    /// sent all.
    fn go_on(mut self) {
        let task = async move {
            poll_fn(|cx| {
                self.connection.drive(cx);
                let is_over = self.connection.driver.is_none() || self.connection.is_free();
                if is_over { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
            self.give_back();
        };
        #[allow(
            clippy::disallowed_methods,
            reason = "a drain waits for requests, not for what their responses did not wait for"
        )]
        tokio::spawn(task);
    }

    /// Lets another request have the connection. One on which something is still to be sent is closed: what the backend
    /// did not wait for it will not read.
    pub(super) fn give_back(self) {
        if self.connection.is_free() {
            self.connection.leave();
            self.pool.keep(self.connection);
        }
    }

    /// Whether a byte of a response was seen.
    pub(super) fn has_begun(&self) -> bool {
        self.connection.seen.has_begun()
    }

    /// The head that was sent, if it was wanted.
    pub(super) fn sent_head(&self) -> Option<Vec<u8>> {
        self.connection.seen.head()
    }

    /// Whether connections of the same pool may speak HTTP/2.
    pub(super) fn may_multiplex(&self) -> bool {
        self.pool.may_multiplex()
    }
}

/// Polls what nothing but the connection makes ready. Its own task polls both, the connection first, and needs no waking.
fn unwoken<T>(poll: impl FnMut(&mut Context<'_>) -> Poll<T>) -> Poll<T> {
    // Without a waker it must not be put off for the sake of other tasks.
    let polled = pin!(unconstrained(poll_fn(poll)));
    polled.poll(&mut Context::from_waker(Waker::noop()))
}

/// Begins to speak HTTP/1.1 on a stream.
pub(super) async fn begin(stream: Stream, pool: &Arc<Pool>) -> hyper::Result<Lease> {
    let seen = Arc::<Seen>::default();
    let stream = WatchedStream {
        stream,
        seen: seen.clone(),
    };
    let (sender, driver) = http1::handshake(TokioIo::new(stream)).await?;
    pool.sweep();
    let owner = Arc::<Owner>::default();
    let connection = Connection {
        sender,
        driver: Some(driver),
        seen,
        waker: owner.clone().into(),
        owner,
    };
    Ok(Lease::of(Box::new(connection), pool.clone()))
}
