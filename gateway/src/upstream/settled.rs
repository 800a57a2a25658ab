//! The bytes of an HTTP/2 connection, watched: it tells when the backend's settings count.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_util::sync::CancellationToken;

use super::stream::Stream;

/// A stream whose reader asks for more when it has made use of what it has read. What comes first are the settings
/// (RFC 9113 section 3.4), so that they count when more is asked for.
#[derive(Debug)]
pub(super) struct SettledStream {
    stream: Stream,
    settled: Option<CancellationToken>,
    received: Arc<AtomicU64>,
    seen: bool,
}

impl SettledStream {
    pub(super) fn new(stream: Stream, settled: CancellationToken, received: Arc<AtomicU64>) -> Self {
        Self {
            stream,
            settled: Some(settled),
            received,
            seen: false,
        }
    }
}

impl AsyncRead for SettledStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.seen
            && let Some(settled) = self.settled.take()
        {
            settled.cancel();
        }
        let before = into.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, into);
        if into.filled().len() > before {
            self.seen = true;
            self.received.fetch_add(1, Ordering::Relaxed);
        }
        polled
    }
}

impl AsyncWrite for SettledStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
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
