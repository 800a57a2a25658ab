//! The bytes of one connection to a backend, watched.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::task::{Context, Poll};

use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::client::TlsStream;

use crate::stream::Socket;

/// A connection to a backend.
pub(super) type Stream = crate::stream::Stream<TlsStream<Socket>>;

/// What a stream saw of the exchange on it: whether a byte was received since the last one was sent (what TLS itself sends,
/// such as a session ticket, is none), and the head of its request.
#[derive(Debug, Default)]
pub(super) struct Seen {
    has_begun: AtomicBool,
    /// One of the three below.
    head_is: AtomicU8,
    head: Mutex<Vec<u8>>,
}

/// Nobody will ask for it.
const UNWANTED: u8 = 0;
/// It is what is sent next.
const WANTED: u8 = 1;
const KEPT: u8 = 2;

/// Bytes that a connection holds at rest for the next head.
const HELD: usize = 4 * 1024;

impl Seen {
    /// A request is sent next. Its head is kept if it is wanted.
    pub(super) fn expect(&self, wants_head: bool) {
        let head_is = if wants_head { WANTED } else { UNWANTED };
        self.head_is.store(head_is, Ordering::Release);
    }

    /// Whether a byte of the response was seen.
    pub(super) fn has_begun(&self) -> bool {
        self.has_begun.load(Ordering::Acquire)
    }

    /// The head that was sent, if it was to be kept.
    pub(super) fn head(&self) -> Option<Vec<u8>> {
        (self.head_is.load(Ordering::Acquire) == KEPT).then(|| std::mem::take(&mut *self.head.lock()))
    }

    fn received(&self) {
        self.has_begun.store(true, Ordering::Release);
    }

    /// These bytes are about to be sent: hyper gives a head whole.
    fn sent(&self, bytes: &[u8]) {
        self.has_begun.store(false, Ordering::Release);
        if self.head_is.load(Ordering::Acquire) == WANTED {
            let mut head = self.head.lock();
            head.clear();
            head.shrink_to(HELD);
            head.extend_from_slice(bytes);
            self.head_is.store(KEPT, Ordering::Release);
        }
    }
}

/// A stream that tells what it sees.
#[derive(Debug)]
pub(super) struct WatchedStream {
    pub(super) stream: Stream,
    pub(super) seen: Arc<Seen>,
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
            self.seen.received();
        }
        polled
    }
}

impl AsyncWrite for WatchedStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.seen.sent(bytes);
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.seen.sent(bytes.first().map_or(&[], |first| first));
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
