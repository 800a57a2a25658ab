//! Station 10 of `AWS_PROXY`: the response that a function's answer is.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use portcullis_model::PayloadFormat;

use super::contract::{self, Said};
use super::prelude;
use super::response::unreadable;
use crate::lambda::FUNCTION_ERROR;
use crate::plan::{LambdaProxyPlan, StageLive};
use crate::proxy::body::Body;
use crate::proxy::call::{Head, Reply};
use crate::proxy::exchange::Exchange;
use crate::proxy::integrate::http::headers as wire;
use crate::proxy::refusal::{Blame, Refusal};

/// Characters of a function's own words that are told.
const TOLD: usize = 512;

/// The response of the method.
pub(super) async fn by_function(
    exchange: &Exchange,
    stage: &StageLive,
    plan: &LambdaProxyPlan,
    head: &Head,
    reply: Reply,
) -> Result<Reply, Refusal> {
    let mut made = if reply.status != StatusCode::OK {
        // Nobody waits for what comes of it.
        accepted()
    } else if reply.headers.contains_key(FUNCTION_ERROR) {
        return Err(failed(exchange, reply).await);
    } else if plan.streams {
        streamed(exchange, plan, reply).await?
    } else {
        whole(exchange, stage, plan, head, reply).await?
    };
    exchange.trace(&head.headers).put(&mut made.headers);
    Ok(made)
}

/// The function is run some time, or was only looked for: 200 without a body, as the service's default is.
fn accepted() -> Reply {
    Reply {
        status: StatusCode::OK,
        headers: HeaderMap::new(),
        body: Body::Empty,
    }
}

async fn failed(exchange: &Exchange, reply: Reply) -> Refusal {
    let payload = reply
        .body
        .held(&exchange.gateway.buffered)
        .await
        .unwrap_or_default();
    let told: serde_json::Value = serde_json::from_slice(&payload).unwrap_or_default();
    let message = told.get("errorMessage").and_then(|message| message.as_str());
    let message: String = message.unwrap_or_default().chars().take(TOLD).collect();
    let message = message.escape_debug();
    tracing::warn!(requestId = %exchange.id, "the function failed: {message}");
    let log = exchange.log();
    log.error(|| {
        format!("Lambda execution failed with status 200 due to customer function error: {message}")
    });
    Refusal::bad_answer(Blame::Upstream)
}

async fn whole(
    exchange: &Exchange,
    stage: &StageLive,
    plan: &LambdaProxyPlan,
    head: &Head,
    reply: Reply,
) -> Result<Reply, Refusal> {
    let payload = reply.body.held(&exchange.gateway.buffered).await;
    let payload = payload.map_err(|error| unreadable(exchange, &error))?;
    let said = contract::read(&payload, plan.format).map_err(|reason| malformed(exchange, &reason))?;
    // REST APIs look at nothing but what the client accepts; HTTP APIs do as the function says.
    let accept = head.header(&header::ACCEPT);
    let decodes = plan.format == PayloadFormat::V2 || stage.base.binary.is_accepted(accept);
    let body = match said.is_base64 && decodes {
        true => decoded(exchange, &said.body)?,
        false => Bytes::from(said.body.clone()),
    };
    Ok(made(said, body.into()))
}

fn decoded(exchange: &Exchange, body: &str) -> Result<Bytes, Refusal> {
    let decoded = STANDARD.decode(body);
    decoded.map(Bytes::from).map_err(|error| {
        let log = exchange.log();
        log.misconfigured(format_args!("Unable to base64 decode the body: {error}"));
        Refusal::configuration(Blame::Upstream)
    })
}

/// The head is there in time; what follows it streams.
async fn streamed(exchange: &Exchange, plan: &LambdaProxyPlan, reply: Reply) -> Result<Reply, Refusal> {
    // A component answers all at once, as a function does that does not stream.
    if let Body::Whole(payload) = &reply.body
        && let Ok(said) = contract::read(payload, plan.format)
    {
        let body = match said.is_base64 {
            true => decoded(exchange, &said.body)?,
            false => Bytes::from(said.body.clone()),
        };
        return Ok(made(said, body.into()));
    }
    let split = tokio::time::timeout(plan.timeout, prelude::split(reply.body)).await;
    let split = split.map_err(|_| Refusal::timed_out(Blame::Upstream))?;
    let split = split.map_err(|error| unreadable(exchange, &error))?;
    let Some((metadata, body)) = split else {
        return Err(malformed(
            exchange,
            "eight bytes of zero do not part its metadata from its body",
        ));
    };
    let said = contract::read_metadata(&metadata).map_err(|reason| malformed(exchange, &reason))?;
    Ok(made(said, body))
}

fn made(said: Said, body: Body) -> Reply {
    let mut headers = said.headers;
    wire::remap(&mut headers);
    let json = HeaderValue::from_static("application/json");
    headers.entry(header::CONTENT_TYPE).or_insert(json);
    Reply {
        status: said.status,
        headers,
        body,
    }
}

/// The words of the execution log are API Gateway's.
fn malformed(exchange: &Exchange, reason: &str) -> Refusal {
    tracing::warn!(requestId = %exchange.id, "the function's answer is no response: {reason}");
    exchange.log().misconfigured("Malformed Lambda proxy response");
    Refusal::bad_answer(Blame::Upstream)
}
