//! One backend: its idle connections, and how a request gets an answer over one of them.

use std::sync::Arc;
use std::time::Duration;

use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderValue, Request, Response, Uri};
use hyper_util::client::legacy::connect::HttpConnector;
use parking_lot::Mutex;
use tokio::time::Instant;
use tower_service::Service as _;

use super::connection::{self, Idle, Lease, ResponseBegun};
use super::error::SendError;
use super::response::ResponseBody;
use crate::proxy::body::Body;
use crate::proxy::integrate::http::is_idempotent;

/// Idle connections kept for one backend.
const MOST_IDLE: usize = 256;

/// A backend that speaks HTTP/1.1.
#[derive(Debug)]
pub struct Backend {
    /// What its connections are opened to.
    origin: Uri,
    /// `Host` of its requests.
    host: HeaderValue,
    connector: HttpConnector,
    /// The one used last is on top.
    idle: Mutex<Vec<Idle>>,
}

impl Backend {
    pub(super) fn new(authority: &Authority, connector: HttpConnector) -> Arc<Self> {
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(Scheme::HTTP);
        parts.authority = Some(authority.clone());
        parts.path_and_query = Some(PathAndQuery::from_static("/"));
        Arc::new(Self {
            // Only parts that do not go together are refused.
            origin: Uri::from_parts(parts).unwrap_or_default(),
            host: host(authority),
            connector,
            idle: Mutex::default(),
        })
    }

    /// The `Host` that requests to it have: its port is left out where it is 80.
    pub fn host(&self) -> &HeaderValue {
        &self.host
    }

    /// Sends a request, whose URI is a path, and waits for the head of its response, for `timeout` at the most, a retry
    /// included.
    ///
    /// A request that is idempotent and has no body is sent once more where the connection was lost and no byte of a
    /// response was seen. (A request of which nothing was sent, since its kept connection turned out to be closed, goes
    /// to another connection; that is no retry.)
    ///
    /// # Errors
    ///
    /// Why there is no response.
    pub async fn send(
        self: &Arc<Self>,
        request: Request<Body>,
        timeout: Duration,
    ) -> Result<Response<ResponseBody>, SendError> {
        match tokio::time::timeout(timeout, self.attempts(request)).await {
            Ok(sent) => sent,
            Err(_) => Err(SendError::TimedOut(timeout)),
        }
    }

    async fn attempts(self: &Arc<Self>, request: Request<Body>) -> Result<Response<ResponseBody>, SendError> {
        let replayable = is_idempotent(request.method()) && request.body().is_replayable();
        let again = replayable.then(|| copy(&request));
        match (self.attempt(request).await, again) {
            (Err(Failed { error, begun: false }), Some(again)) if matches!(error, SendError::Lost(_)) => {
                tracing::debug!("sending once more: {error}");
                self.attempt(again).await.map_err(|failed| failed.error)
            }
            (sent, _) => sent.map_err(|failed| failed.error),
        }
    }

    async fn attempt(self: &Arc<Self>, mut request: Request<Body>) -> Result<Response<ResponseBody>, Failed> {
        while let Some(mut lease) = self.take() {
            match lease.sender.try_send_request(request).await {
                Ok(response) => return Ok(response.map(|incoming| ResponseBody::new(incoming, lease))),
                Err(mut error) => match error.take_message() {
                    // Nothing was sent: the connection had just closed.
                    Some(unsent) => request = unsent,
                    None => return Err(Failed::of(error.into_error(), &lease)),
                },
            }
        }
        // Boxed: it is large, and most requests never poll it.
        let mut lease = Box::pin(self.connect()).await?;
        match lease.sender.send_request(request).await {
            Ok(response) => Ok(response.map(|incoming| ResponseBody::new(incoming, lease))),
            Err(error) => Err(Failed::of(error, &lease)),
        }
    }

    async fn connect(self: &Arc<Self>) -> Result<Lease, Failed> {
        let mut connector = self.connector.clone();
        let stream = connector.call(self.origin.clone()).await;
        let stream = stream.map_err(|error| Failed::unreachable(error.into()))?;
        let lease = connection::begin(stream.into_inner(), self).await;
        lease.map_err(|error| Failed::unreachable(error.into()))
    }

    /// An idle connection that can take a request at once.
    fn take(self: &Arc<Self>) -> Option<Lease> {
        let mut idle = self.idle.lock();
        let at = idle.iter().rposition(|idle| idle.sender.is_ready())?;
        let Idle { sender, begun, .. } = idle.remove(at);
        Some(Lease {
            sender,
            begun,
            backend: self.clone(),
        })
    }

    pub(super) fn keep(&self, connection: Idle) {
        let mut idle = self.idle.lock();
        if idle.len() < MOST_IDLE {
            idle.push(connection);
        }
    }

    /// Closes a connection that has been idle for too long; else says when it will have been. None where it is in use.
    pub(super) fn expire(&self, begun: &Arc<ResponseBegun>) -> Option<Instant> {
        let mut idle = self.idle.lock();
        let at = idle.iter().position(|idle| Arc::ptr_eq(&idle.begun, begun))?;
        let ends = idle.get(at)?.ends();
        if ends <= Instant::now() {
            // Without its sender the connection's task ends.
            idle.remove(at);
        }
        Some(ends.max(Instant::now()))
    }

    /// Forgets a connection that has ended.
    pub(super) fn forget(&self, begun: &Arc<ResponseBegun>) {
        self.idle.lock().retain(|idle| !Arc::ptr_eq(&idle.begun, begun));
    }
}

/// An attempt without a response.
struct Failed {
    error: SendError,
    /// Whether a byte of a response was seen.
    begun: bool,
}

impl Failed {
    fn of(error: hyper::Error, lease: &Lease) -> Self {
        Self {
            error: SendError::of_exchange(error),
            begun: lease.begun.get(),
        }
    }

    fn unreachable(error: Box<dyn std::error::Error + Send + Sync>) -> Self {
        Self {
            error: SendError::Unreachable(error),
            begun: false,
        }
    }
}

fn host(authority: &Authority) -> HeaderValue {
    let text = match authority.port_u16() {
        Some(80) => authority.host(),
        _ => authority.as_str(),
    };
    // An authority has no characters that a header may not have.
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

fn copy(request: &Request<Body>) -> Request<Body> {
    let mut copy = Request::new(Body::Empty);
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.headers_mut() = request.headers().clone();
    copy
}
