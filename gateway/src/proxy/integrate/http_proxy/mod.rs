//! HTTP_PROXY: the request goes to an HTTP endpoint as it is, and the response comes back as it is.
//!
//! Both bodies stream. What is held is the heads.

pub mod headers;

use http::{Method, Request};
use http_body::Body as _;

use crate::plan::HttpPlan;
use crate::proxy::body::{Body, IDLE_TIMEOUT, PAYLOAD_LIMIT};
use crate::proxy::call::{Call, Head, Reply};
use crate::proxy::exchange::Exchange;
use crate::proxy::percent;
use crate::proxy::refusal::{Blame, Refusal};
use crate::proxy::view;
use crate::upstream::{ResponseBody, SendError};

/// Calls the endpoint.
pub async fn answer(exchange: &Exchange, plan: &HttpPlan, call: Call) -> Result<Reply, Refusal> {
    let mut request = request(exchange, plan, call)?;
    exchange
        .log()
        .endpoint_request("http", plan.backend.host(), &mut request);
    let sent = plan.backend.send(request, plan.timeout).await;
    let response = sent.map_err(|error| refused(exchange, plan, &error))?;
    reply(response)
}

fn request(exchange: &Exchange, plan: &HttpPlan, call: Call) -> Result<Request<Body>, Refusal> {
    let Call { head, body } = call;
    let uri = uri(exchange, plan, &head)?;
    let Head { method, headers, .. } = head;
    let mut request = Request::new(body);
    *request.uri_mut() = uri;
    *request.method_mut() = plan.method.clone().unwrap_or(method);
    *request.headers_mut() = headers;
    headers::to_backend(exchange, plan.backend.host(), request.headers_mut());
    Ok(request)
}

fn uri(exchange: &Exchange, plan: &HttpPlan, head: &Head) -> Result<http::Uri, Refusal> {
    let escapes = |range: &std::ops::Range<usize>| {
        head.path()
            .get(range.clone())
            .is_some_and(percent::has_dot_segment)
    };
    let captures = exchange
        .matched
        .as_ref()
        .map_or(&[][..], |matched| &matched.captures);
    // A part like `..` could lead the backend out of the path that the URI names.
    if plan.uri.has_placeholders() && captures.iter().any(escapes) {
        return Err(Refusal::bad_request(r#"{"message": "Invalid path"}"#));
    }
    let bad = |_| Refusal::bad_request(r#"{"message": "Invalid path"}"#);
    let path = plan.uri.fill(head.path(), captures, head.query()).map_err(bad)?;
    Ok(http::Uri::from(path))
}

fn reply(response: http::Response<ResponseBody>) -> Result<Reply, Refusal> {
    let (parts, body) = response.into_parts();
    if body.size_hint().lower() > PAYLOAD_LIMIT {
        tracing::warn!("the backend's response is larger than {PAYLOAD_LIMIT} bytes");
        return Err(Refusal::integration_failure(Blame::Upstream));
    }
    let mut headers = parts.headers;
    headers::to_client(&mut headers);
    Ok(Reply {
        status: parts.status,
        headers,
        body: Body::bounded(body, PAYLOAD_LIMIT, IDLE_TIMEOUT),
    })
}

fn refused(exchange: &Exchange, plan: &HttpPlan, error: &SendError) -> Refusal {
    let refusal = match error {
        SendError::Unreachable(_) => Refusal::unreachable(),
        SendError::TimedOut(_) => Refusal::timed_out(Blame::Upstream),
        SendError::Lost(_) => Refusal::connection_lost(),
        SendError::ClientBody(error) => view::unreadable(error),
    };
    tracing::warn!(requestId = %exchange.id, backend = ?plan.backend.host(), "{error}");
    refusal
}

/// Verbs that may be sent again when nothing of a response was seen (RFC 9110 section 9.2.2).
pub fn is_idempotent(method: &Method) -> bool {
    matches!(
        method.as_str(),
        "GET" | "HEAD" | "OPTIONS" | "PUT" | "DELETE" | "TRACE"
    )
}
