//! Connections to HTTP backends: pooled, kept alive, bounded in time.

mod connect;

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper_util::client::legacy::connect::{Connected, HttpConnector};
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::{TokioExecutor, TokioTimer};

use crate::proxy::body::{Body, BodyError};
use crate::proxy::integrate::http_proxy::is_idempotent;
use connect::{ResponseBegun, Watched};

/// How long a TCP connection may take to come up.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long an idle connection is kept. Shorter than the 60 s and more of common servers, so that the gateway closes
/// first and rarely meets a connection that the backend is just closing.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// Idle connections kept for one backend.
const IDLE_PER_HOST: usize = 256;

/// Sends requests to HTTP backends.
#[derive(Debug)]
pub struct Upstream {
    client: Client<Watched<HttpConnector>, Body>,
}

/// Why there is no response.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// No connection: refused, unreachable, no such host, or not up in time.
    #[error("cannot connect to the backend: {}", chain(.0))]
    Unreachable(Error),
    /// The head of the response did not come in time.
    #[error("the backend's response did not begin within {} ms", .0.as_millis())]
    TimedOut(Duration),
    /// The connection ended before the response's head.
    #[error("the connection to the backend was lost before its response: {}", chain(.0))]
    Lost(Error),
    /// The client's own body could not be read.
    #[error("the request's body could not be read: {0}")]
    ClientBody(BodyError),
}

fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

impl Upstream {
    /// A pool without connections.
    pub fn new() -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_max_idle_per_host(IDLE_PER_HOST)
            .pool_timer(TokioTimer::new())
            .build(Watched(connector));
        Self { client }
    }

    /// Sends a request and waits for the head of its response, for `timeout` at the most, a retry included.
    ///
    /// A request that is idempotent and has no body is sent once more where the connection was lost and no byte of a
    /// response was seen. (A request of which nothing was sent, since its kept connection turned out to be closed, goes
    /// to another connection; that is no retry.)
    pub async fn send(
        &self,
        request: Request<Body>,
        timeout: Duration,
    ) -> Result<Response<Incoming>, SendError> {
        match tokio::time::timeout(timeout, self.attempts(request)).await {
            Ok(sent) => sent,
            Err(_) => Err(SendError::TimedOut(timeout)),
        }
    }

    async fn attempts(&self, request: Request<Body>) -> Result<Response<Incoming>, SendError> {
        if !is_idempotent(request.method()) || !request.body().is_replayable() {
            return self.client.request(request).await.map_err(classify);
        }
        let again = copy(&request);
        match self.client.request(request).await.map_err(classify) {
            Err(SendError::Lost(error)) if !response_begun(error.connect_info()) => {
                tracing::debug!("sending once more: {}", chain(&error));
                self.client.request(again).await.map_err(classify)
            }
            sent => sent,
        }
    }
}

impl Default for Upstream {
    fn default() -> Self {
        Self::new()
    }
}

fn copy(request: &Request<Body>) -> Request<Body> {
    let mut copy = Request::new(Body::Empty);
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.headers_mut() = request.headers().clone();
    copy
}

fn response_begun(connection: Option<&Connected>) -> bool {
    let mut extensions = http::Extensions::new();
    if let Some(connected) = connection {
        connected.get_extras(&mut extensions);
    }
    // Without a connection to look at, assume the worst.
    extensions
        .get::<Arc<ResponseBegun>>()
        .is_none_or(|begun| begun.get())
}

fn classify(error: Error) -> SendError {
    if error.is_connect() {
        return SendError::Unreachable(error);
    }
    match client_body_error(&error) {
        Some(error) => SendError::ClientBody(error),
        None => SendError::Lost(error),
    }
}

/// The error of the request's own body, where that is what ended the exchange.
fn client_body_error(error: &Error) -> Option<BodyError> {
    let mut source = error.source();
    while let Some(error) = source {
        match error.downcast_ref::<BodyError>() {
            Some(BodyError::TooLarge(limit)) => return Some(BodyError::TooLarge(*limit)),
            Some(BodyError::Idle(idle)) => return Some(BodyError::Idle(*idle)),
            Some(BodyError::Transport(_)) => return Some(BodyError::Idle(Duration::ZERO)),
            None => source = error.source(),
        }
    }
    None
}
