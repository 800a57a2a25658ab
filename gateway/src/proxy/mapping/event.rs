//! What a function is passed of a request by `AWS_PROXY`, member by member
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html>,
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header;
use portcullis_model::PayloadFormat;
use serde_json::{Map, Value};

use super::body;
use super::source::Values;
use crate::lambda::INVOCATION_TYPE;
use crate::plan::{LambdaProxyPlan, StageLive};
use crate::proxy::call::{Call, Head};
use crate::proxy::event;
use crate::proxy::exchange::Exchange;
use crate::proxy::integrate::http::headers as wire;
use crate::proxy::refusal::Refusal;

/// An event, and what is said of its invocation beside it.
#[derive(Debug)]
pub struct Event {
    /// JSON.
    pub event: Bytes,
    /// Headers of the invocation.
    pub headers: http::HeaderMap,
}

/// The event of a call.
pub async fn of_call(
    exchange: &Exchange,
    stage: &StageLive,
    plan: &LambdaProxyPlan,
    call: &mut Call,
) -> Result<Event, Refusal> {
    let body = body::of_request(exchange, call).await?;
    let mut headers = http::HeaderMap::new();
    if let Some(source) = &plan.invocation_type {
        let values = Values::of_request(exchange, &call.head, &body);
        if let Some(kind) = values.header(source)?.filter(|kind| !kind.is_empty()) {
            headers.insert(INVOCATION_TYPE, kind);
        }
    }
    let sent = wire::to_function(exchange, &call.head.headers);
    let body = Text::of(stage, &call.head, &body, plan.format);
    let event = match plan.format {
        PayloadFormat::V1 => first(exchange, &call.head, &sent, body),
        PayloadFormat::V2 => second(exchange, &call.head, &sent, body),
    };
    Ok(Event {
        event: Value::Object(event).to_string().into(),
        headers,
    })
}

/// A body as a text.
struct Text {
    text: Option<String>,
    is_base64: bool,
}

impl Text {
    /// Base64 where the API says that its type is binary, or where nothing else would keep it.
    fn of(stage: &StageLive, head: &Head, body: &[u8], format: PayloadFormat) -> Self {
        if body.is_empty() {
            return Self {
                text: None,
                is_base64: false,
            };
        }
        let is_binary = stage.base.binary.is_binary(head.header(&header::CONTENT_TYPE));
        match std::str::from_utf8(body) {
            Ok(text) if !is_binary => Self {
                text: Some(text.to_owned()),
                is_base64: false,
            },
            // What REST APIs do to bytes of a type that is not among their binary ones; HTTP APIs, which have no such types,
            // encode them.
            Err(_) if !is_binary && format == PayloadFormat::V1 => Self {
                text: Some(String::from_utf8_lossy(body).into_owned()),
                is_base64: false,
            },
            _ => Self {
                text: Some(STANDARD.encode(body)),
                is_base64: true,
            },
        }
    }
}

/// Payload format 1.0. What there is nothing of is null.
fn first(exchange: &Exchange, head: &Head, headers: &http::HeaderMap, body: Text) -> Map<String, Value> {
    let (headers, query) = (event::headers(headers), event::query(head));
    let resource = exchange.method().map_or("", |method| &*method.resource_path);
    let mut context = event::rest_context(exchange, head);
    if let Some(authorizer) = event::rest_authorizer(exchange) {
        context.insert("authorizer".to_owned(), authorizer.into());
    }
    let mut event = Map::new();
    let mut put = |name: &str, value: Value| event.insert(name.to_owned(), value);
    put("resource", resource.into());
    put("path", collapsed(exchange.event_path(head)).into());
    put("httpMethod", head.method.as_str().into());
    put("headers", or_null(headers.last));
    put("multiValueHeaders", or_null(headers.all));
    put("queryStringParameters", or_null(query.last));
    put("multiValueQueryStringParameters", or_null(query.all));
    put("pathParameters", or_null(event::path_parameters(exchange, head)));
    put("stageVariables", or_null(event::stage_variables(exchange)));
    put("requestContext", context.into());
    put("body", body.text.into());
    put("isBase64Encoded", body.is_base64.into());
    event
}

/// Payload format 2.0. What there is nothing of is absent.
fn second(exchange: &Exchange, head: &Head, headers: &http::HeaderMap, body: Text) -> Map<String, Value> {
    let mut event = event::http_event(exchange, head, headers);
    if let Some(authorizer) = event::http_authorizer(exchange)
        && let Some(Value::Object(context)) = event.get_mut("requestContext")
    {
        context.insert("authorizer".to_owned(), authorizer);
    }
    if let Some(text) = body.text {
        event.insert("body".to_owned(), text.into());
    }
    event.insert("isBase64Encoded".to_owned(), body.is_base64.into());
    event
}

/// Slashes right after the stage are one; others stay.
fn collapsed(path: &str) -> &str {
    let slashes = path.len() - path.trim_start_matches('/').len();
    path.get(slashes.saturating_sub(1)..).unwrap_or(path)
}

fn or_null(members: Map<String, Value>) -> Value {
    match members.is_empty() {
        true => Value::Null,
        false => members.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_after_the_stage_are_one() {
        for (path, expected) in [("/", "/"), ("//x", "/x"), ("/x//y/", "/x//y/"), ("///", "/")] {
            assert_eq!(collapsed(path), expected, "{path}");
        }
    }
}
