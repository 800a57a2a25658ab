//! The bytes of a client's connection.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use portcullis_http1::Breach;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::server::TlsStream;

use super::goodbye::Goodbye;
use super::protocol::Protocol;
use super::refused;
use crate::proxy::Gateway;
use crate::proxy::call::Connection;
use crate::stream::{Socket, Stream};

/// A connection of a client.
pub type ClientStream = Stream<TlsStream<Socket>>;

/// The seam between bytes and HTTP: every byte of a client passes here, and is looked at before hyper has it.
///
/// Where a head is refused hyper sees nothing more of the connection. Once it has written the responses to the requests
/// before, the one to this request is written past it. Where a body is refused, reading it fails, and whoever reads it
/// answers.
#[derive(Debug)]
pub struct Io {
    stream: ClientStream,
    connection: Arc<Connection>,
    gateway: Arc<Gateway>,
    protocol: Protocol,
    /// How many requests were answered when the last byte of hyper's had left.
    flushed: u32,
    broken: Option<Box<Broken>>,
}

/// What was refused, and how the connection ends for it.
#[derive(Debug)]
struct Broken {
    breach: Breach,
    goodbye: Goodbye,
}

impl Io {
    /// Takes a connection.
    pub fn new(stream: ClientStream, connection: Arc<Connection>, gateway: Arc<Gateway>) -> Self {
        let agreed = connection.tls.as_ref().map(|tls| tls.is_http2);
        Self {
            stream,
            connection,
            gateway,
            protocol: agreed.map_or_else(Protocol::default, Protocol::agreed),
            flushed: 0,
            broken: None,
        }
    }

    fn break_off(&mut self, breach: Breach) {
        let response = refused::told(&self.gateway, &self.connection, breach);
        let goodbye = match breach.in_body {
            true => Goodbye::without(),
            false => Goodbye::with(response),
        };
        self.broken = Some(Box::new(Broken { breach, goodbye }));
    }

    /// What hyper reads of a connection that is broken: an error, after the goodbye where it is this side's to say.
    fn poll_broken(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let is_turn = self.is_turn();
        let Some(broken) = &mut self.broken else {
            return Poll::Ready(Ok(()));
        };
        if !broken.breach.in_body {
            ready!(broken.goodbye.poll(&mut self.stream, is_turn, cx))?;
        }
        let reason = format!("refused: {}", broken.breach.reason.label());
        Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, reason)))
    }

    /// Whether every request before the one that is refused was passed on, answered, and its answer written.
    fn is_turn(&self) -> bool {
        let taken = self.connection.activity.taken();
        taken == self.protocol.heads() && taken == self.flushed
    }
}

impl AsyncRead for Io {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.broken.is_some() {
            return self.poll_broken(cx);
        }
        let before = into.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, into))?;
        let Err(breach) = self.protocol.see(into.filled().get(before..).unwrap_or_default()) else {
            return Poll::Ready(Ok(()));
        };
        into.set_filled(before + breach.kept);
        self.break_off(breach);
        if breach.kept > 0 {
            return Poll::Ready(Ok(()));
        }
        self.poll_broken(cx)
    }
}

impl AsyncWrite for Io {
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

    /// hyper flushes when it has written all that it has.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
        self.flushed = self.connection.activity.answered();
        if let Some(broken) = &mut self.broken {
            broken.goodbye.wake();
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let io = &mut *self;
        match &mut io.broken {
            Some(broken) if broken.breach.in_body => broken.goodbye.poll(&mut io.stream, true, cx),
            _ => Pin::new(&mut io.stream).poll_shutdown(cx),
        }
    }
}
