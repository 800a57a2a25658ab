//! The control listener, on a runtime of its own, so that neither waits for the other.
//!
//! For now it tells of the node; API Gateway's own protocol is to be served here too, which is why these paths are
//! under `/_portcullis/`.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::lifecycle::Tasks;
use crate::observe::text::{self, LoadedPlugins};
use crate::proxy::Gateway;

const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Connections at once: probes and scrapers are few.
const MAX_CONNECTIONS: usize = 64;

/// A control listener that is open.
#[derive(Debug)]
pub struct Control {
    address: SocketAddr,
    draining: Arc<AtomicBool>,
    stop: CancellationToken,
    thread: Option<JoinHandle<()>>,
}

/// What an answer is made from.
#[derive(Debug, Clone)]
struct State {
    gateway: Arc<Gateway>,
    plugins: LoadedPlugins,
    draining: Arc<AtomicBool>,
}

impl Control {
    /// Opens it.
    pub fn start(address: &str, gateway: Arc<Gateway>, plugins: LoadedPlugins) -> io::Result<Self> {
        let socket = std::net::TcpListener::bind(address)?;
        socket.set_nonblocking(true)?;
        let address = socket.local_addr()?;
        let draining = Arc::new(AtomicBool::new(false));
        let stop = CancellationToken::new();
        let state = State {
            gateway,
            plugins,
            draining: draining.clone(),
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let serving = serve(socket, state, stop.clone());
        let thread = std::thread::Builder::new()
            .name("portcullis-control".to_owned())
            .spawn(move || {
                if let Err(error) = runtime.block_on(serving) {
                    tracing::error!("the control listener ended: {error}");
                }
            })?;
        Ok(Self {
            address,
            draining,
            stop,
            thread: Some(thread),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on the node says that it is not ready, so that a balancer sends nothing more.
    pub fn draining(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Closes it.
    pub fn stop(mut self) {
        self.stop.cancel();
        if let Some(thread) = self.thread.take() {
            // A panic there has been logged by the panic hook.
            let _ = thread.join();
        }
    }
}

async fn serve(socket: std::net::TcpListener, state: State, stop: CancellationToken) -> io::Result<()> {
    let socket = TcpListener::from_std(socket)?;
    let places = Arc::new(tokio::sync::Semaphore::new(MAX_CONNECTIONS));
    let tasks = Tasks::default();
    loop {
        let place = places.clone().acquire_owned().await.ok();
        let accepted = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            accepted = socket.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let state = state.clone();
        tasks.spawn(async move {
            let service = service_fn(move |request| {
                let response = answer(&state, &request);
                async move { Ok::<_, Infallible>(response) }
            });
            let mut http = http1::Builder::new();
            http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
            if let Err(error) = http.serve_connection(TokioIo::new(stream), service).await {
                tracing::debug!("a connection to the control listener ended: {error}");
            }
            drop(place);
        });
    }
}

fn answer(state: &State, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return plain(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD\n");
    }
    match request.uri().path() {
        "/_portcullis/health" => plain(StatusCode::OK, "ok\n"),
        "/_portcullis/ready" if state.draining.load(Ordering::Relaxed) => {
            plain(StatusCode::SERVICE_UNAVAILABLE, "draining\n")
        }
        "/_portcullis/ready" => plain(StatusCode::OK, "ready\n"),
        "/_portcullis/metrics" => match text::write(&state.gateway, &state.plugins) {
            Ok(metrics) => typed(
                StatusCode::OK,
                "application/openmetrics-text; version=1.0.0; charset=utf-8",
                metrics,
            ),
            Err(error) => plain(
                StatusCode::INTERNAL_SERVER_ERROR,
                &format!("the metrics cannot be written: {error}\n"),
            ),
        },
        _ => plain(
            StatusCode::NOT_FOUND,
            "there are /_portcullis/health, /_portcullis/ready and /_portcullis/metrics\n",
        ),
    }
}

fn plain(status: StatusCode, text: &str) -> Response<Full<Bytes>> {
    typed(status, "text/plain; charset=utf-8", text.to_owned())
}

fn typed(status: StatusCode, content_type: &'static str, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, http::HeaderValue::from_static(content_type));
    response
}
