//! Backends: one that speaks HTTP, one that does with its connections what the test says.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use parking_lot::Mutex;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// An HTTP backend that records what it gets and answers what a function says.
#[derive(Debug)]
pub struct Origin {
    address: SocketAddr,
    recorded: Arc<Mutex<Vec<Recorded>>>,
    connections: Arc<Mutex<usize>>,
    task: JoinHandle<()>,
}

/// A request that an [`Origin`] got.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// The verb.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

impl Origin {
    /// Starts one on a free port. It speaks HTTP/1.1 and HTTP/2 with prior knowledge.
    pub async fn start(answer: impl Fn(&Recorded) -> Response<Bytes> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let recorded: Arc<Mutex<Vec<Recorded>>> = Arc::default();
        let connections: Arc<Mutex<usize>> = Arc::default();
        let (log, answer, count) = (recorded.clone(), Arc::new(answer), connections.clone());
        let task = tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else {
                    return;
                };
                *count.lock() += 1;
                let _ = stream.set_nodelay(true);
                let (log, answer) = (log.clone(), answer.clone());
                tokio::spawn(async move {
                    let service = service_fn(|request| record(request, log.clone(), answer.clone()));
                    let http = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
                    let _ = http.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Self {
            address,
            recorded,
            connections,
            task,
        }
    }

    /// One that tells in JSON what it got: `{"method", "target", "headers": {name: [values]}, "body"}`.
    pub async fn echo() -> Self {
        Self::start(|request| {
            let mut headers = serde_json::Map::new();
            for name in request.headers.keys() {
                let values = request.headers.get_all(name).iter();
                let values: Vec<_> = values
                    .map(|value| String::from_utf8_lossy(value.as_bytes()))
                    .collect();
                headers.insert(name.to_string(), serde_json::json!(values));
            }
            let told = serde_json::json!({
                "method": request.method,
                "target": request.target,
                "headers": headers,
                "body": String::from_utf8_lossy(&request.body),
            });
            let response = Response::builder().header("content-type", "application/json");
            response.body(Bytes::from(told.to_string())).expect("a response")
        })
        .await
    }

    /// `host:port`.
    pub fn authority(&self) -> String {
        self.address.to_string()
    }

    /// Forgets what it got so far, and gives the memory back.
    pub fn forget(&self) {
        *self.recorded.lock() = Vec::new();
    }

    /// What it got so far.
    pub fn recorded(&self) -> Vec<Recorded> {
        self.recorded.lock().clone()
    }

    /// How many connections it has had.
    pub fn connections(&self) -> usize {
        *self.connections.lock()
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn record(
    request: Request<hyper::body::Incoming>,
    log: Arc<Mutex<Vec<Recorded>>>,
    answer: Arc<impl Fn(&Recorded) -> Response<Bytes>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    let target = parts
        .uri
        .path_and_query()
        .map(ToString::to_string)
        .unwrap_or_default();
    let body = body
        .collect()
        .await
        .map(|body| body.to_bytes())
        .unwrap_or_default();
    let recorded = Recorded {
        method: parts.method.to_string(),
        target,
        headers: parts.headers,
        body,
    };
    log.lock().push(recorded.clone());
    Ok(answer(&recorded).map(Full::new))
}

/// A backend at the level of bytes: each connection is given to a function.
#[derive(Debug)]
pub struct RawOrigin {
    address: SocketAddr,
    connections: Arc<Mutex<usize>>,
    task: JoinHandle<()>,
}

impl RawOrigin {
    /// Starts one on a free port; `serve` gets each connection and its number, from 0.
    pub async fn start<F, S>(serve: S) -> Self
    where
        S: Fn(TcpStream, usize) -> F + Send + Sync + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let connections: Arc<Mutex<usize>> = Arc::default();
        let count = connections.clone();
        let task = tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else {
                    return;
                };
                let number = {
                    let mut count = count.lock();
                    *count += 1;
                    *count - 1
                };
                tokio::spawn(serve(stream, number));
            }
        });
        Self {
            address,
            connections,
            task,
        }
    }

    /// `host:port`.
    pub fn authority(&self) -> String {
        self.address.to_string()
    }

    /// How many connections it has had.
    pub fn connections(&self) -> usize {
        *self.connections.lock()
    }
}

impl Drop for RawOrigin {
    fn drop(&mut self) {
        self.task.abort();
    }
}
