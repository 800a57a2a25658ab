//! Station 10: the integration response. What the backend answered becomes what the client is sent.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use http_body::Body as _;
use portcullis_plugin_host::ResponseOverride;

use super::source::{Unmappable, Values};
use super::{answered, body, template};
use crate::plan::{IntegrationPlan, ResponsePlan, ResponsesPlan, StageLive, TemplatePlan, Templates};
use crate::proxy::body::{Body, BodyError, PAYLOAD_LIMIT};
use crate::proxy::call::{Head, Reply};
use crate::proxy::exchange::Exchange;
use crate::proxy::integrate::http::headers as wire;
use crate::proxy::refusal::{Blame, Refusal};

/// Makes the response of the method.
pub async fn make(exchange: &Exchange, head: &Head, reply: Reply) -> Result<Reply, Refusal> {
    let Some(stage) = &exchange.stage else {
        return Ok(reply);
    };
    let responses = match exchange.method().map(|method| &method.integration) {
        Some(IntegrationPlan::Http(plan)) => &plan.responses,
        Some(IntegrationPlan::Mock(plan)) => &plan.responses,
        Some(IntegrationPlan::Lambda(plan)) => &plan.responses,
        Some(
            IntegrationPlan::HttpProxy(_) | IntegrationPlan::FunctionUrl(_) | IntegrationPlan::Handler { .. },
        ) => {
            return Ok(proxied(exchange, head, reply));
        }
        Some(IntegrationPlan::LambdaProxy(plan)) => {
            return Box::pin(answered::by_function(exchange, stage, plan, head, reply)).await;
        }
        _ => return Ok(reply),
    };
    let is_mock = matches!(
        exchange.method().map(|method| &method.integration),
        Some(IntegrationPlan::Mock(_))
    );
    // Boxed: it is large, and what passes as it is never polls it.
    let mut reply = Box::pin(mapped(exchange, stage, responses, head, reply)).await?;
    // A MOCK is no call, so there is nothing to trace.
    if !is_mock {
        exchange.trace(&head.headers).put(&mut reply.headers);
    }
    Ok(reply)
}

/// HTTP_PROXY: the response as it is.
fn proxied(exchange: &Exchange, head: &Head, mut reply: Reply) -> Reply {
    // Behind a body that streams there may be trailers, which HTTP/1.1 announces.
    let streams = head.version == http::Version::HTTP_11 && reply.body.size_hint().exact().is_none();
    let trailer = streams
        .then(|| reply.headers.get(header::TRAILER).cloned())
        .flatten();
    wire::to_client(&mut reply.headers);
    if let Some(trailer) = trailer {
        reply.headers.insert(header::TRAILER, trailer);
    }
    exchange.trace(&head.headers).put(&mut reply.headers);
    reply
}

async fn mapped(
    exchange: &Exchange,
    stage: &StageLive,
    responses: &ResponsesPlan,
    head: &Head,
    reply: Reply,
) -> Result<Reply, Refusal> {
    let by_message = matches!(
        exchange.method().map(|method| &method.integration),
        Some(IntegrationPlan::Lambda(_))
    );
    let (rule, original) = if by_message {
        let original = whole(exchange, reply.body, &reply.headers).await?;
        (selected_by_message(exchange, responses, &original)?, original)
    } else {
        let rule = selected(exchange, responses, reply.status)?;
        (rule, whole(exchange, reply.body, &reply.headers).await?)
    };
    let mut headers = mapped_headers(exchange, head, rule, &reply.headers, &original)?;
    let (mut body, is_text) = body::turn_response(
        (exchange, stage),
        head,
        &reply.headers,
        rule.content_handling,
        original,
    )?;
    let mut status = rule.status;
    if let Some(early) = &exchange.response_override {
        override_by(exchange, early, &mut status, &mut headers)?;
    }
    if let Some(template) = chosen(&rule.templates, &body::media_type(&reply.headers)) {
        if !is_text {
            let log = exchange.log();
            log.misconfigured("the response stays bytes, which no template can read");
            return Err(Refusal::configuration(Blame::Gateway));
        }
        let rendered = template::render(exchange, head, template, &body).await?;
        override_by(exchange, &rendered.response, &mut status, &mut headers)?;
        body = Bytes::from(rendered.text);
    }
    wire::remap(&mut headers);
    headers
        .entry(header::CONTENT_TYPE)
        .or_insert(HeaderValue::from_static("application/json"));
    Ok(Reply {
        status,
        headers,
        body: Body::from(body),
    })
}

fn selected<'p>(
    exchange: &Exchange,
    responses: &'p ResponsesPlan,
    status: StatusCode,
) -> Result<&'p ResponsePlan, Refusal> {
    let status = status.as_u16();
    let Some(rule) = responses.find(status) else {
        exchange.log().misconfigured(format_args!(
            "No match for output mapping and no default output mapping configured. Endpoint Response Status Code: \
             {status}"
        ));
        return Err(Refusal::configuration(Blame::Gateway));
    };
    declared(exchange, rule)
}

/// A function's answer is told apart by the message of its error, which is empty where it has none
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/handle-errors-in-lambda-integration.html>).
fn selected_by_message<'p>(
    exchange: &Exchange,
    responses: &'p ResponsesPlan,
    answer: &[u8],
) -> Result<&'p ResponsePlan, Refusal> {
    let answer: serde_json::Value = serde_json::from_slice(answer).unwrap_or_default();
    let message = answer.get("errorMessage").and_then(|message| message.as_str());
    match responses.find_message(message.unwrap_or_default()) {
        Ok(Some(rule)) => declared(exchange, rule),
        Ok(None) => {
            let log = exchange.log();
            log.misconfigured("No match for output mapping and no default output mapping configured");
            Err(Refusal::configuration(Blame::Gateway))
        }
        Err(reason) => {
            let log = exchange.log();
            log.misconfigured(format_args!("a selection pattern cannot be matched: {reason}"));
            Err(Refusal::configuration(Blame::Gateway))
        }
    }
}

fn declared<'p>(exchange: &Exchange, rule: &'p ResponsePlan) -> Result<&'p ResponsePlan, Refusal> {
    if !rule.declared {
        exchange.log().misconfigured(format_args!(
            "Output mapping refers to an invalid method response: {}",
            rule.status.as_u16()
        ));
        return Err(Refusal::configuration(Blame::Gateway));
    }
    Ok(rule)
}

/// The backend's body without its content coding.
async fn whole(exchange: &Exchange, body: Body, headers: &HeaderMap) -> Result<Bytes, Refusal> {
    if body.size_hint().lower() > PAYLOAD_LIMIT {
        return Err(unusable(exchange, &"it is too large"));
    }
    let bytes = body.whole().await.map_err(|error| unreadable(exchange, &error))?;
    match headers.get(header::CONTENT_ENCODING) {
        None => Ok(bytes),
        Some(coding) => {
            let most = usize::try_from(PAYLOAD_LIMIT).unwrap_or(usize::MAX);
            let decoded =
                portcullis_content::compression::decode(coding.to_str().unwrap_or("?"), bytes, most);
            decoded.map_err(|error| unusable(exchange, &error))
        }
    }
}

fn unusable(exchange: &Exchange, reason: &dyn std::fmt::Display) -> Refusal {
    tracing::warn!(requestId = %exchange.id, "the backend's response cannot be read: {reason}");
    Refusal::integration_failure(Blame::Upstream)
}

/// What a client is told when the backend's body ends early.
pub fn unreadable(exchange: &Exchange, error: &BodyError) -> Refusal {
    let refusal = unusable(exchange, error);
    match error {
        BodyError::TooLarge(_) => refusal,
        BodyError::Idle(_) => Refusal::timed_out(Blame::Upstream),
        BodyError::Transport(_) | BodyError::Unwanted => Refusal::connection_lost(),
        BodyError::Function(_) => Refusal::bad_answer(Blame::Upstream),
    }
}

fn mapped_headers(
    exchange: &Exchange,
    head: &Head,
    rule: &ResponsePlan,
    backend: &HeaderMap,
    body: &[u8],
) -> Result<HeaderMap, Refusal> {
    let values = Values::of_response(exchange, head, backend, body);
    let mut headers = HeaderMap::with_capacity(8 + rule.headers.len());
    for (name, source) in &rule.headers {
        let found = match values.headers(source) {
            Ok(found) => found,
            // A value that no header can have is not sent; the response is good without it.
            Err(Unmappable::Header) => {
                tracing::warn!(requestId = %exchange.id, "the value for the header {name} is none that a header can have");
                continue;
            }
            Err(Unmappable::Body) => {
                exchange
                    .log()
                    .misconfigured("the body of the response is no JSON");
                return Err(Refusal::configuration(Blame::Upstream));
            }
        };
        for value in found.into_iter().filter(|value| !value.is_empty()) {
            headers.append(name, value);
        }
    }
    Ok(headers)
}

/// The template for a content type; else the one for JSON, else the first.
fn chosen<'t>(templates: &'t Templates, media_type: &str) -> Option<&'t Arc<TemplatePlan>> {
    template::find(templates, media_type)
        .or_else(|| template::find(templates, "application/json"))
        .or_else(|| templates.first().map(|(_, template)| template))
}

/// What a template sets counts over what is mapped. A status that none can be is passed over, as on AWS.
fn override_by(
    exchange: &Exchange,
    by: &ResponseOverride,
    status: &mut StatusCode,
    headers: &mut HeaderMap,
) -> Result<(), Refusal> {
    if let Some(code) = by.status.filter(|code| (200..600).contains(code)) {
        *status = StatusCode::from_u16(code).unwrap_or(*status);
    }
    for (name, value) in &by.headers {
        let header = name
            .parse::<HeaderName>()
            .ok()
            .zip(HeaderValue::from_bytes(value.as_bytes()).ok());
        let Some((name, value)) = header else {
            let log = exchange.log();
            log.misconfigured(format_args!("the template sets {name:?}, which is no header"));
            return Err(Refusal::configuration(Blame::Gateway));
        };
        headers.insert(name, value);
    }
    Ok(())
}
