//! A backend that speaks HTTP/2 where it is asked to, and tells how it was asked.

#![allow(clippy::disallowed_methods, reason = "tests")]

use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, Version};
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use parking_lot::Mutex;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::{Notify, Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

/// A request that a [`Backend`] got.
#[derive(Debug, Clone)]
pub struct Got {
    /// Which of its connections, from 1.
    pub connection: usize,
    /// Of HTTP.
    pub version: Version,
    /// The whole target.
    pub uri: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// What came behind its body.
    pub trailers: Option<HeaderMap>,
    /// Whether its body came to its end.
    pub whole: bool,
}

/// What a backend shares with its connections.
#[derive(Debug)]
struct Shared {
    got: Mutex<Vec<Got>>,
    news: Notify,
    connections: Mutex<usize>,
    gate: Semaphore,
    streams: Option<u32>,
    goodbye: watch::Sender<u32>,
}

/// A backend that answers with the body that it got, and trailers behind it. Requests for `/held…` wait for
/// [`Backend::release`]; one for `/large` is answered with 100 KiB of headers.
#[derive(Debug)]
pub struct Backend {
    address: Option<SocketAddr>,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl Backend {
    /// One on a free port, in clear text or by TLS, that lets so many requests be under way on a connection.
    pub async fn start(tls: Option<ServerConfig>, streams: Option<u32>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let shared = shared(streams);
        let acceptor = tls.map(|config| TlsAcceptor::from(Arc::new(config)));
        let of_task = shared.clone();
        let task = tokio::spawn(async move {
            let mut serving = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let connection = of_task.next();
                let (shared, acceptor) = (of_task.clone(), acceptor.clone());
                serving.spawn(async move {
                    match acceptor {
                        None => serve(stream, connection, shared).await,
                        Some(acceptor) => {
                            if let Ok(stream) = acceptor.accept(stream).await {
                                serve(stream, connection, shared).await;
                            }
                        }
                    }
                });
            }
        });
        Self {
            address: Some(address),
            shared,
            task,
        }
    }

    /// One at a Unix socket.
    pub fn at(path: &std::path::Path) -> Self {
        let listener = UnixListener::bind(path).expect("a socket");
        let shared = shared(None);
        let of_task = shared.clone();
        let task = tokio::spawn(async move {
            let mut serving = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                serving.spawn(serve(stream, of_task.next(), of_task.clone()));
            }
        });
        Self {
            address: None,
            shared,
            task,
        }
    }

    /// `host:port`.
    pub fn authority(&self) -> String {
        self.address.expect("an address").to_string()
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.address.expect("an address").port()
    }

    /// What it got so far.
    pub fn got(&self) -> Vec<Got> {
        self.shared.got.lock().clone()
    }

    /// What it got last.
    pub fn last(&self) -> Got {
        self.got().pop().expect("a request")
    }

    /// Waits until it has got so many.
    pub async fn has(&self, count: usize) -> Vec<Got> {
        loop {
            let mut news = pin!(self.shared.news.notified());
            news.as_mut().enable();
            let got = self.got();
            if got.len() >= count {
                return got;
            }
            news.await;
        }
    }

    /// How many connections it has had.
    pub fn connections(&self) -> usize {
        *self.shared.connections.lock()
    }

    /// Lets so many held requests be answered.
    pub fn release(&self, count: usize) {
        self.shared.gate.add_permits(count);
    }

    /// Ends all connections as a server does that goes away: GOAWAY, and what is under way is finished.
    pub fn goodbye(&self) {
        self.shared.goodbye.send_modify(|times| *times += 1);
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    fn next(&self) -> usize {
        let mut connections = self.connections.lock();
        *connections += 1;
        *connections
    }
}

fn shared(streams: Option<u32>) -> Arc<Shared> {
    Arc::new(Shared {
        got: Mutex::default(),
        news: Notify::new(),
        connections: Mutex::default(),
        gate: Semaphore::new(0),
        streams,
        goodbye: watch::channel(0).0,
    })
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    connection: usize,
    shared: Arc<Shared>,
) {
    let of_service = shared.clone();
    let service = service_fn(move |request| answer(request, connection, of_service.clone()));
    let mut http = Builder::new(TokioExecutor::new());
    http.http2()
        .max_concurrent_streams(shared.streams)
        .max_header_list_size(1024 * 1024);
    let mut goodbye = shared.goodbye.subscribe();
    let mut serving = pin!(http.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        _ = serving.as_mut() => {}
        _ = goodbye.changed() => {
            serving.as_mut().graceful_shutdown();
            let _ = serving.await;
        }
    }
}

/// A body of which nobody knows how long it will be.
struct Streamed(VecDeque<Frame<Bytes>>);

impl Body for Streamed {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(Ok))
    }
}

async fn answer(
    request: Request<Incoming>,
    connection: usize,
    shared: Arc<Shared>,
) -> Result<Response<Streamed>, Infallible> {
    let (parts, body) = request.into_parts();
    let place = {
        let mut got = shared.got.lock();
        got.push(Got {
            connection,
            version: parts.version,
            uri: parts.uri.to_string(),
            headers: parts.headers,
            trailers: None,
            whole: false,
        });
        got.len() - 1
    };
    shared.news.notify_waiters();
    if parts.uri.path().starts_with("/held") {
        shared.gate.acquire().await.expect("an open gate").forget();
    }
    let mut bytes = Bytes::new();
    if let Ok(read) = body.collect().await {
        let mut got = shared.got.lock();
        if let Some(got) = got.get_mut(place) {
            got.trailers = read.trailers().cloned();
            got.whole = true;
        }
        bytes = read.to_bytes();
    }
    let mut trailers = HeaderMap::new();
    for (name, value) in [("x-sum", "1"), ("set-cookie", "a=1"), ("content-length", "9")] {
        trailers.insert(name, HeaderValue::from_static(value));
    }
    let body = Streamed([Frame::data(bytes), Frame::trailers(trailers)].into());
    let mut response = Response::builder().header("trailer", "x-sum");
    if parts.uri.path() == "/large" {
        response = response.header("x-large", "x".repeat(100 * 1024));
    }
    Ok(response.body(body).expect("a response"))
}
