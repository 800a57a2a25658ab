//! HTTP endpoints: a request is sent, and its response comes back as the backend gave it.
//!
//! Both bodies stream. What is held is the heads.

pub mod headers;
pub mod trailers;

use http::{Method, Request};
use http_body::Body as _;

use crate::plan::HttpPlan;
use crate::proxy::body::{Body, IDLE_TIMEOUT, PAYLOAD_LIMIT, STREAM_IDLE_TIMEOUT, STREAM_LIMIT};
use crate::proxy::call::Reply;
use crate::proxy::exchange::Exchange;
use crate::proxy::refusal::{Blame, Refusal};
use crate::proxy::view;
use crate::upstream::{Backend, ResponseBody, SendError};

/// Calls the endpoint.
pub async fn answer(
    exchange: &Exchange,
    plan: &HttpPlan,
    mut request: Box<Request<Body>>,
) -> Result<Reply, Refusal> {
    let (scheme, host) = (plan.uri.scheme.as_str(), plan.backend.host());
    exchange.log().endpoint_request(scheme, host, &mut request);
    let timers = &exchange.connection.timers;
    let sent = match plan.once {
        // Boxed: hardly any method wants it.
        true => Box::pin(plan.backend.send_once(request, plan.timeout, timers)).await,
        false => plan.backend.send(request, plan.timeout, timers).await,
    };
    let response = sent.map_err(|error| refused(exchange, &plan.backend, &error))?;
    reply(response, plan.streams)
}

/// The response as the backend gave it.
pub(super) fn reply(response: http::Response<ResponseBody>, streams: bool) -> Result<Reply, Refusal> {
    let (parts, body) = response.into_parts();
    let (limit, idle) = match streams {
        true => (STREAM_LIMIT, STREAM_IDLE_TIMEOUT),
        false => (PAYLOAD_LIMIT, IDLE_TIMEOUT),
    };
    if body.size_hint().lower() > limit {
        tracing::warn!("the backend's response is larger than {limit} bytes");
        return Err(Refusal::integration_failure(Blame::Upstream));
    }
    Ok(Reply {
        status: parts.status,
        headers: parts.headers,
        body: body.bounded(limit, idle),
    })
}

/// What the client is told where there is no response.
pub(super) fn refused(exchange: &Exchange, backend: &Backend, error: &SendError) -> Refusal {
    let refusal = match error {
        SendError::Unreachable(_) => Refusal::unreachable(),
        SendError::Tls(_) | SendError::BadHost(_) => Refusal::configuration(Blame::Upstream),
        SendError::TimedOut(_) => Refusal::timed_out(Blame::Upstream),
        SendError::Lost(_) => Refusal::connection_lost(),
        SendError::ClientBody(error) => view::unreadable(error),
    };
    tracing::warn!(requestId = %exchange.id, backend = ?backend.host(), "{error}");
    refusal
}

/// Verbs that may be sent again when nothing of a response was seen (RFC 9110 section 9.2.2).
pub fn is_idempotent(method: &Method) -> bool {
    matches!(
        method.as_str(),
        "GET" | "HEAD" | "OPTIONS" | "PUT" | "DELETE" | "TRACE"
    )
}
