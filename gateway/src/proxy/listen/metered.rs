//! What passes on a client's connection is counted here, and frames of HTTP/2 are looked at, before HTTP is made of it.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::Abuse;
use super::cut::Cut;
use super::http2::{Meter, PREFACE};
use crate::proxy::Gateway;
use crate::proxy::call::Connection;
use crate::proxy::patience::Pace;

/// A connection's bytes, counted.
#[derive(Debug)]
pub(super) struct Metered<T> {
    stream: T,
    connection: Arc<Connection>,
    gateway: Arc<Gateway>,
    write: Pace,
    protocol: Protocol,
    is_blocked: bool,
    /// Whether it ended for an abuse: what h2 still reads and writes then is no other.
    is_cut: bool,
    /// What was read and counted, and is to be read again.
    ahead: Bytes,
}

/// What is spoken, as far as it is known.
#[derive(Debug, Clone, Copy)]
enum Protocol {
    /// So many bytes of HTTP/2's preface have come.
    Unknown(u8),
    Http1,
    Http2,
}

impl<T: AsyncRead + AsyncWrite + Unpin> Metered<T> {
    /// Counts what passes on a connection; `write` is how slowly its client may take responses.
    pub(super) fn new(stream: T, connection: Arc<Connection>, gateway: Arc<Gateway>, write: Pace) -> Self {
        Self {
            stream,
            connection,
            gateway,
            write,
            protocol: Protocol::Unknown(0),
            is_blocked: false,
            is_cut: false,
            ahead: Bytes::new(),
        }
    }

    /// Whether it is HTTP/2 that is spoken, as soon as that is known.
    pub(super) fn is_http2(&self) -> Option<bool> {
        match self.protocol {
            Protocol::Unknown(_) => None,
            Protocol::Http1 => Some(false),
            Protocol::Http2 => Some(true),
        }
    }

    /// Waits for bytes, which are there to be read then; false at their end.
    pub(super) async fn fill(&mut self) -> io::Result<bool> {
        // Of HTTP/2 there are as many as are needed to know it.
        if !self.ahead.is_empty() && self.is_http2().is_some() {
            return Ok(true);
        }
        std::future::poll_fn(|cx| self.poll_ahead(cx)).await
    }

    fn poll_ahead(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        let mut bytes = [0; PREFACE.len()];
        let mut into = ReadBuf::new(&mut bytes);
        ready!(self.poll_stream(cx, &mut into))?;
        self.ahead = Bytes::from([&self.ahead, into.filled()].concat());
        Poll::Ready(Ok(!into.filled().is_empty()))
    }

    /// Reads what was not read yet.
    fn poll_stream(&mut self, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, into))?;
        let read = into.filled().get(before..).unwrap_or_default();
        match self.read(read) {
            Ok(()) => Poll::Ready(Ok(())),
            Err(abuse) => Poll::Ready(Err(self.cut(abuse, cx))),
        }
    }

    /// Bytes that were read and not used. Copied: they lie in a buffer that is a hundred times as large, even where there are none.
    pub(super) fn put_back(&mut self, bytes: &[u8]) {
        self.ahead = Bytes::copy_from_slice(bytes);
    }

    fn read(&mut self, bytes: &[u8]) -> Result<(), Abuse> {
        self.connection.activity.read(bytes.len());
        let frames = match self.protocol {
            Protocol::Http1 => return Ok(()),
            Protocol::Http2 => bytes,
            Protocol::Unknown(has) => match self.preface(has, bytes) {
                Some(rest) => rest,
                None => return Ok(()),
            },
        };
        let meter = self.connection.activity.http2();
        meter.map_or(Ok(()), |meter| meter.lock().read(frames))
    }

    /// What follows the preface, where it has come.
    fn preface<'b>(&mut self, has: u8, bytes: &'b [u8]) -> Option<&'b [u8]> {
        let wanted = PREFACE.get(usize::from(has)..).unwrap_or_default();
        let most = wanted.len().min(bytes.len());
        let (piece, rest) = bytes.split_at(most);
        if !wanted.starts_with(piece) {
            self.protocol = Protocol::Http1;
            return None;
        }
        if most < wanted.len() {
            self.protocol = Protocol::Unknown(has + u8::try_from(most).unwrap_or(0));
            return None;
        }
        self.protocol = Protocol::Http2;
        self.connection.activity.speaks_http2(Meter::new(self.write));
        Some(rest)
    }

    /// Counts what was written of some buffers.
    fn written(
        &mut self,
        polled: Poll<io::Result<usize>>,
        buffers: &[io::IoSlice<'_>],
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        self.blocked(polled.is_pending());
        let Poll::Ready(Ok(written)) = polled else {
            return polled;
        };
        self.connection.activity.written(written);
        match self.answered(buffers, written) {
            Ok(()) => polled,
            Err(abuse) => Poll::Ready(Err(self.cut(abuse, cx))),
        }
    }

    fn answered(&self, buffers: &[io::IoSlice<'_>], mut written: usize) -> Result<(), Abuse> {
        let Some(meter) = self.connection.activity.http2() else {
            return Ok(());
        };
        let mut meter = meter.lock();
        buffers.iter().try_for_each(|buffer| {
            let (passed, _) = buffer.split_at(written.min(buffer.len()));
            written -= passed.len();
            meter.written(passed)
        })
    }

    fn blocked(&mut self, blocked: bool) {
        if self.is_blocked != blocked {
            self.is_blocked = blocked;
            self.connection.activity.set_blocked(blocked);
        }
    }

    /// Ends the connection for an abuse. The client is told why where that can be done at once.
    fn cut(&mut self, abuse: Abuse, cx: &mut Context<'_>) -> io::Error {
        if std::mem::replace(&mut self.is_cut, true) {
            return io::Error::other(abuse);
        }
        let cut = Cut::Abuse(abuse);
        self.gateway.metrics.cut(cut);
        tracing::info!(peer = %self.connection.peer, "the connection is cut: {abuse}");
        let meter = self.connection.activity.http2();
        if let Some(goodbye) = meter.and_then(|meter| meter.lock().goodbye(abuse)) {
            let told = Pin::new(&mut self.stream).poll_write(cx, &goodbye);
            if told.is_ready() {
                let _ = Pin::new(&mut self.stream).poll_flush(cx);
            }
        }
        io::Error::other(abuse)
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> AsyncRead for Metered<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.ahead.is_empty() {
            let most = self.ahead.len().min(into.remaining());
            into.put_slice(&self.ahead.split_to(most));
            return Poll::Ready(Ok(()));
        }
        self.poll_stream(cx, into)
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Metered<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.written(polled, &[io::IoSlice::new(bytes)], cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(cx, bytes);
        self.written(polled, bytes, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_flush(cx);
        self.blocked(polled.is_pending());
        polled
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::net::SocketAddr;
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt as _, DuplexStream};

    use super::*;
    use crate::clock::SystemClock;
    use crate::proxy::call::Listener;
    use crate::proxy::listen::Limits;

    fn metered(stream: DuplexStream) -> (Metered<DuplexStream>, Arc<Gateway>) {
        let address = SocketAddr::from(([127, 0, 0, 1], 1));
        let connection = Connection::new(address, address, Arc::<Listener>::default());
        let gateway = Gateway::new(SystemClock::shared());
        let write = Limits::default().write;
        let metered = Metered::new(stream, Arc::new(connection), gateway.clone(), write);
        (metered, gateway)
    }

    #[tokio::test]
    async fn a_connection_is_cut_once() {
        let settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
        let ping = [0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8];
        let flood = [&PREFACE[..], &settings, &ping.repeat(1_000)].concat();
        let (mut client, server) = tokio::io::duplex(flood.len());
        let (mut metered, gateway) = metered(server);
        client.write_all(&flood).await.unwrap();
        let mut read = vec![0; flood.len()];
        let told = AsyncReadExt::read(&mut metered, &mut read).await.unwrap_err();
        assert_eq!(told.to_string(), Abuse::Ping.to_string());
        // What was to leave all the same is too much of another kind.
        let resets = [0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 3].repeat(1_000);
        let told = metered.write(&resets).await.unwrap_err();
        assert_eq!(told.to_string(), Abuse::LocalReset.to_string());
        let cuts: u64 = gateway.metrics.cuts().map(|(_, count)| count).sum();
        assert_eq!(cuts, 1);
    }

    #[tokio::test]
    async fn what_was_read_ahead_outlives_a_wait_that_is_given_up() {
        let (mut client, server) = tokio::io::duplex(64);
        let (mut metered, _) = metered(server);
        let (first, rest) = PREFACE.split_at(5);

        client.write_all(first).await.unwrap();
        assert!(metered.fill().await.unwrap());
        assert_eq!(metered.is_http2(), None);
        let given_up = tokio::time::timeout(Duration::ZERO, metered.fill()).await;
        assert!(given_up.is_err(), "there is nothing more yet");

        client.write_all(rest).await.unwrap();
        assert!(metered.fill().await.unwrap());
        assert_eq!(metered.is_http2(), Some(true));
        let mut read = [0; PREFACE.len()];
        metered.read_exact(&mut read).await.unwrap();
        assert_eq!(&read, PREFACE);
    }
}
