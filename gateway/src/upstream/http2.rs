//! A connection to a backend that speaks HTTP/2: many requests at once, its task, and the place that a request has on it.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use hyper::client::conn::http2::{Builder, Connection, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use parking_lot::Mutex;
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::pool::{IDLE_TIMEOUT, Pool};
use super::settled::SettledStream;
use super::stream::Stream;
use crate::proxy::body::Body;

/// Requests at once on one connection, whatever more a backend allows: then there is another connection.
const MOST_STREAMS: usize = 100;
/// Bytes of a response that are read before its client takes them, as much as hyper reads ahead in HTTP/1.1.
const STREAM_WINDOW: u32 = 256 * 1024;
/// The windows of all streams: clients that take nothing cannot keep the bytes of others away.
const CONNECTION_WINDOW: u32 = 100 * STREAM_WINDOW;
/// Bytes of a request that are held while the backend takes none.
const SEND_BUFFER: usize = 256 * 1024;
/// Bytes that the headers, and the trailers, of a response may have.
const HEADERS_LIMIT: u32 = 64 * 1024;
/// How long a backend with streams under way may be silent until it is asked whether it is there. Servers of gRPC take more
/// frequent pings than one in five minutes for abuse
/// (<https://github.com/grpc/grpc/blob/master/doc/keepalive.md>, `GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS`).
const PING_INTERVAL: Duration = Duration::from_secs(310);
/// How long the answer to that may take.
const PING_TIMEOUT: Duration = Duration::from_secs(20);
/// A request that was given up after this time, while not one byte came on its connection, says that the connection is
/// dead: no other is put on it.
const SILENT: Duration = Duration::from_secs(1);

/// A connection that requests share.
#[derive(Debug)]
pub(super) struct Multiplexed {
    sender: SendRequest<Body>,
    under_way: AtomicUsize,
    /// How many the backend takes at once: one until its settings are there.
    most: AtomicUsize,
    /// Set when they are, or will not come.
    settled: CancellationToken,
    /// Grows with whatever is received.
    received: Arc<AtomicU64>,
    /// No more requests are put on it.
    retired: AtomicBool,
    idle_since: Mutex<Instant>,
}

/// The place of one request on a connection. Dropped, another may have it, and what is left of the request's body is not
/// sent any more.
#[derive(Debug)]
pub(super) struct Lease {
    pub(super) sender: SendRequest<Body>,
    connection: Arc<Multiplexed>,
    since: Instant,
    received: u64,
    answered: bool,
    body: Option<DropGuard>,
}

impl Multiplexed {
    /// Whether one more request may be put on it.
    pub(super) fn has_room(&self) -> bool {
        !self.retired.load(Ordering::Relaxed)
            && self.under_way.load(Ordering::Relaxed) < self.most.load(Ordering::Relaxed)
    }

    /// Whether there is no more use for it.
    pub(super) fn is_over(&self) -> bool {
        self.sender.is_closed() || self.retired.load(Ordering::Relaxed)
    }

    pub(super) fn under_way(&self) -> usize {
        self.under_way.load(Ordering::Relaxed)
    }

    /// What is there when it is known how many requests the backend takes.
    pub(super) fn settled(&self) -> &CancellationToken {
        &self.settled
    }

    /// When it will have been idle for too long; none where it is in use.
    pub(super) fn ends(&self) -> Option<Instant> {
        (self.under_way() == 0).then(|| *self.idle_since.lock() + IDLE_TIMEOUT)
    }
}

impl Lease {
    /// A place on a connection. Whoever asks for it keeps others from doing so at the same time.
    pub(super) fn on(connection: &Arc<Multiplexed>) -> Self {
        connection.under_way.fetch_add(1, Ordering::Relaxed);
        Self {
            sender: connection.sender.clone(),
            connection: connection.clone(),
            since: Instant::now(),
            received: connection.received.load(Ordering::Relaxed),
            answered: false,
            body: None,
        }
    }

    /// The head of the response is there, or will not come.
    pub(super) fn answered(&mut self) {
        self.answered = true;
    }

    /// Ends a body with this lease.
    pub(super) fn hold(&mut self, body: Option<DropGuard>) {
        self.body = body;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let connection = &self.connection;
        let silent = connection.received.load(Ordering::Relaxed) == self.received;
        if !self.answered && silent && self.since.elapsed() >= SILENT {
            connection.retired.store(true, Ordering::Relaxed);
        }
        *connection.idle_since.lock() = Instant::now();
        connection.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Begins to speak HTTP/2 on a stream; tasks of their own move the bytes until the connection ends.
pub(super) async fn begin(stream: Stream, pool: &Arc<Pool>) -> hyper::Result<Arc<Multiplexed>> {
    let read = CancellationToken::new();
    let received = Arc::<AtomicU64>::default();
    let stream = SettledStream::new(stream, read.clone(), received.clone());
    let (sender, connection) = Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buf_size(SEND_BUFFER)
        .max_header_list_size(HEADERS_LIMIT)
        .keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_TIMEOUT)
        .handshake(TokioIo::new(stream))
        .await?;
    let multiplexed = Arc::new(Multiplexed {
        sender,
        under_way: AtomicUsize::new(0),
        most: AtomicUsize::new(1),
        settled: CancellationToken::new(),
        received,
        retired: AtomicBool::new(false),
        idle_since: Mutex::new(Instant::now()),
    });
    let task = drive(
        connection,
        read,
        Arc::downgrade(&multiplexed),
        Arc::downgrade(pool),
    );
    #[allow(
        clippy::disallowed_methods,
        reason = "a drain waits for requests, not for idle connections to backends"
    )]
    tokio::spawn(task);
    Ok(multiplexed)
}

type Driven = Connection<TokioIo<SettledStream>, Body, TokioExecutor>;

async fn drive(
    connection: Driven,
    read: CancellationToken,
    multiplexed: Weak<Multiplexed>,
    pool: Weak<Pool>,
) {
    let mut connection = pin!(connection);
    let mut look = pin!(tokio::time::sleep(IDLE_TIMEOUT));
    loop {
        let polled = poll_fn(|cx| {
            let polled = connection.as_mut().poll(cx);
            if let Some(multiplexed) = multiplexed.upgrade().filter(|_| read.is_cancelled()) {
                let most = connection.current_max_send_streams().clamp(1, MOST_STREAMS);
                multiplexed.most.store(most, Ordering::Relaxed);
                // Only then: whoever waits for it looks for room.
                multiplexed.settled.cancel();
            }
            polled
        });
        tokio::select! {
            biased;
            ended = polled => {
                if let Err(error) = ended {
                    tracing::debug!("a connection to a backend ended: {error}");
                }
                break;
            }
            // It is polled again, and reads the settings.
            () = read.cancelled(), if !read.is_cancelled() => {}
            () = look.as_mut() => {
                let held = multiplexed.upgrade().zip(pool.upgrade());
                let idle_until = held.and_then(|(multiplexed, pool)| pool.expire_shared(&multiplexed));
                look.as_mut().reset(idle_until.unwrap_or_else(|| Instant::now() + IDLE_TIMEOUT));
            }
        }
    }
    let Some(multiplexed) = multiplexed.upgrade() else {
        return;
    };
    multiplexed.settled.cancel();
    if let Some(pool) = pool.upgrade() {
        pool.forget_shared(&multiplexed);
    }
}
