//! Bodies on their way into components of `wasi:http` and out of them, and the requests that these may send.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::uri::Scheme;
use http::{HeaderName, Request, header};
use http_body::{Body as HttpBodyTrait, Frame, SizeHint};
use http_body_util::BodyExt as _;
use portcullis_plugin_host::{Answering, HttpBody, HttpError, Outgoing, origin_of};

use crate::config::BackendProtocol;
use crate::proxy::body::{Body, BodyError, STREAM_IDLE_TIMEOUT, STREAM_LIMIT, Streaming};
use crate::proxy::integrate::http::headers::HOP_BY_HOP;
use crate::proxy::timers::SpareTimers;
use crate::upstream::{Backend, Endpoint, SendError, TlsOptions, Upstream};

/// Until the head of a response to a guest, whose own limits end its waiting sooner.
const TIMEOUT: Duration = Duration::from_secs(300);

/// A body of ours for a guest.
pub fn into(body: Body) -> HttpBody {
    body.map_err(|error| match error {
        BodyError::TooLarge(limit) => HttpError::TooLarge(limit),
        BodyError::Idle(_) => HttpError::TimedOut,
        error => HttpError::Failed(error.to_string()),
    })
    .boxed_unsync()
}

/// A guest's body as one of ours.
pub fn out_of<B>(body: B) -> Body
where
    B: HttpBodyTrait<Data = Bytes, Error = HttpError> + Unpin + Send + 'static,
{
    if body.is_end_stream() {
        return Body::Empty;
    }
    Body::streaming(OfGuest(body))
}

/// It is bounded where it is made.
struct OfGuest<B>(B);

impl<B> Streaming for OfGuest<B>
where
    B: HttpBodyTrait<Data = Bytes, Error = HttpError> + Unpin + Send,
{
    fn limit(self: Pin<&mut Self>, _: u64) {}
}

impl<B> HttpBodyTrait for OfGuest<B>
where
    B: HttpBodyTrait<Data = Bytes, Error = HttpError> + Unpin,
{
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let polled = Pin::new(&mut self.0).poll_frame(cx);
        polled.map(|frame| {
            let frame = frame?;
            Some(frame.map_err(|error| BodyError::of_function(&error.to_string())))
        })
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

/// Sends requests of guests, by connections of their own.
#[derive(Debug, Default)]
pub struct Guests {
    known: Arc<Known>,
}

#[derive(Debug, Default)]
struct Known {
    upstream: Upstream,
    /// By their origins: as many as there are in grants.
    backends: papaya::HashMap<String, Arc<Backend>>,
}

impl Outgoing for Guests {
    fn send(&self, request: Request<HttpBody>) -> Answering {
        let known = self.known.clone();
        Box::pin(async move {
            let backend = known.backend(request.uri())?;
            let (mut parts, body) = request.into_parts();
            let path = parts.uri.path_and_query().cloned();
            parts.uri = path.map_or_else(|| http::Uri::from_static("/"), http::Uri::from);
            // What is about the connection is not the guest's to say.
            let removed: Vec<HeaderName> = HOP_BY_HOP.to_vec();
            for name in removed {
                parts.headers.remove(name);
            }
            parts.headers.insert(header::HOST, backend.host().clone());
            let request = Request::from_parts(parts, out_of(body));
            let response = backend
                .send(Box::new(request), TIMEOUT, &SpareTimers::default())
                .await;
            let response = response.map_err(failed)?;
            Ok(response.map(|body| into(Body::bounded(body, STREAM_LIMIT, STREAM_IDLE_TIMEOUT))))
        })
    }
}

impl Known {
    fn backend(&self, uri: &http::Uri) -> Result<Arc<Backend>, HttpError> {
        let unusable = || HttpError::Failed("the request has no origin".to_owned());
        let origin = origin_of(uri).ok_or_else(unusable)?;
        if let Some(backend) = self.backends.pin().get(&origin) {
            return Ok(backend.clone());
        }
        let authority = uri.authority().ok_or_else(unusable)?;
        let failed = |error: &dyn std::fmt::Display| HttpError::Failed(error.to_string());
        let tls = match uri.scheme() == Some(&Scheme::HTTPS) {
            true => {
                let settings = self.upstream.tls(&TlsOptions::default());
                Some(settings.map_err(|error| failed(&error))?)
            }
            false => None,
        };
        let endpoint = Endpoint {
            authority,
            tls: tls.as_ref(),
            link: None,
            protocol: BackendProtocol::Http1,
        };
        let backend = self.upstream.backend(endpoint).map_err(|error| failed(&error))?;
        self.backends.pin().insert(origin, backend.clone());
        Ok(backend)
    }
}

fn failed(error: SendError) -> HttpError {
    match error {
        SendError::Unreachable(_) => HttpError::Unreachable(error.to_string()),
        SendError::TimedOut(_) => HttpError::TimedOut,
        error => HttpError::Failed(error.to_string()),
    }
}
