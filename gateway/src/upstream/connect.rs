//! Connections that know whether a byte came back since the last one was sent.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use http::Uri;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tower_service::Service;

/// A connector whose connections carry a [`ResponseBegun`].
#[derive(Debug, Clone)]
pub(super) struct Watched<C>(pub(super) C);

/// Whether a byte was received since the last one was sent.
#[derive(Debug, Default)]
pub(super) struct ResponseBegun(AtomicBool);

impl ResponseBegun {
    pub(super) fn get(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

type Connecting<E> = Pin<Box<dyn Future<Output = Result<TokioIo<WatchedStream>, E>> + Send>>;

impl Service<Uri> for Watched<HttpConnector> {
    type Response = TokioIo<WatchedStream>;
    type Error = <HttpConnector as Service<Uri>>::Error;
    type Future = Connecting<Self::Error>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = self.0.call(uri);
        Box::pin(async move {
            let stream = connecting.await?.into_inner();
            Ok(TokioIo::new(WatchedStream {
                stream,
                begun: Arc::default(),
            }))
        })
    }
}

#[derive(Debug)]
pub(super) struct WatchedStream {
    stream: TcpStream,
    begun: Arc<ResponseBegun>,
}

impl Connection for WatchedStream {
    fn connected(&self) -> Connected {
        self.stream.connected().extra(self.begun.clone())
    }
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
