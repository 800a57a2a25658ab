//! Requests that are passed on whole to what is no HTTP backend of a plan's: functions with a URL, and standard components.

use bytes::Bytes;
use http::{HeaderValue, Request};

use super::body;
use super::request::is_encoded;
use crate::plan::FunctionUrlPlan;
use crate::proxy::body::Body;
use crate::proxy::call::Call;
use crate::proxy::exchange::Exchange;
use crate::proxy::integrate::http::headers as wire;
use crate::proxy::refusal::{Blame, Refusal};

/// AWS_PROXY, of a function with a URL: the request as it is.
pub(super) async fn for_url(
    exchange: &Exchange,
    plan: &FunctionUrlPlan,
    call: &mut Call,
) -> Result<Request<Body>, Refusal> {
    let function = &plan.function;
    let mut body = Bytes::new();
    // A signature is of all of the body.
    if function.signer.is_some() || is_encoded(call) {
        body = body::of_request(exchange, call).await?;
    }
    let mut request = as_it_is(exchange, call, function.backend.host())?;
    let signed = function.sign(&mut request, &body, exchange.gateway.clock.wall());
    signed.map_err(|error| {
        exchange.log().misconfigured(error);
        Refusal::configuration(Blame::Gateway)
    })?;
    Ok(request)
}

/// A component of `wasi:http`: the request as it is, with the host that the client named.
pub(super) async fn for_handler(exchange: &Exchange, call: &mut Call) -> Result<Request<Body>, Refusal> {
    if is_encoded(call) {
        body::of_request(exchange, call).await?;
    }
    let host = call
        .head
        .host
        .as_deref()
        .and_then(|host| HeaderValue::from_str(host).ok());
    let host = host.unwrap_or_else(|| HeaderValue::from_static("localhost"));
    as_it_is(exchange, call, &host)
}

/// The client's request with its path below the stage, as a backend is sent it.
fn as_it_is(exchange: &Exchange, call: &mut Call, host: &HeaderValue) -> Result<Request<Body>, Refusal> {
    let mut request = Request::new(std::mem::take(&mut call.body));
    let path = call.head.path();
    let target = match call.head.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    *request.uri_mut() = target.parse().map_err(|_| {
        exchange.log().misconfigured("the path of the request is none");
        Refusal::configuration(Blame::Gateway)
    })?;
    *request.method_mut() = call.head.method.clone();
    *request.headers_mut() = call.head.headers.clone();
    wire::to_backend(exchange, host, request.headers_mut());
    Ok(request)
}
