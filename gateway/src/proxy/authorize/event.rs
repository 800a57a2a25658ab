//! What a function that authorizes is passed.

use bytes::Bytes;
use http::HeaderMap;
use portcullis_model::IdentitySource;
use serde_json::{Value, json};

use super::identity;
use crate::plan::{EventForm, IdentityPlan};
use crate::proxy::call::Head;
use crate::proxy::event;
use crate::proxy::exchange::Exchange;
use crate::proxy::refusal::Refusal;

/// The event of a call.
pub(super) fn of(
    exchange: &Exchange,
    head: &Head,
    arn: &str,
    form: &EventForm,
    identity: &IdentityPlan,
) -> Result<Bytes, Refusal> {
    let event = match form {
        EventForm::Token => token(&head.headers, arn, identity)?,
        EventForm::V1 => first(exchange, head, arn),
        EventForm::V2 { sources, .. } => second(exchange, head, arn, sources),
    };
    Ok(Bytes::from(event.to_string()))
}

fn token(headers: &HeaderMap, arn: &str, identity: &IdentityPlan) -> Result<Value, Refusal> {
    let token = identity::token(identity, headers)?;
    Ok(json!({ "type": "TOKEN", "methodArn": arn, "authorizationToken": token }))
}

/// Payload format 1.0, as authorizers of REST APIs are passed it.
fn first(exchange: &Exchange, head: &Head, arn: &str) -> Value {
    let (headers, query) = (event::headers(head), event::query(head));
    let resource = exchange.method().map_or("", |method| &*method.resource_path);
    json!({
        "type": "REQUEST",
        "methodArn": arn,
        "resource": resource,
        "path": head.path(),
        "httpMethod": head.method.as_str(),
        "headers": headers.last,
        "multiValueHeaders": headers.all,
        "queryStringParameters": query.last,
        "multiValueQueryStringParameters": query.all,
        "pathParameters": event::path_parameters(exchange, head),
        "stageVariables": event::stage_variables(exchange),
        "requestContext": event::rest_context(exchange, head),
    })
}

/// Payload format 2.0, as authorizers of HTTP APIs are passed it.
fn second(exchange: &Exchange, head: &Head, arn: &str, sources: &[IdentitySource]) -> Value {
    let stage = exchange.stage.as_ref().map_or("", |stage| &stage.settings.name);
    let mut event = json!({
        "version": "2.0",
        "type": "REQUEST",
        "routeArn": arn,
        "identitySource": identity::values(exchange, sources, head),
        "routeKey": event::route_key(exchange),
        "rawPath": format!("/{stage}{}", head.path()),
        "rawQueryString": head.query().unwrap_or_default(),
        "headers": event::joined_headers(head),
        "requestContext": event::http_context(exchange, head),
    });
    // These are there only where there is something in them.
    let cookies: Value = event::cookies(head).into();
    for (name, value) in [
        ("cookies", cookies),
        ("queryStringParameters", event::joined_query(head).into()),
        ("pathParameters", event::path_parameters(exchange, head).into()),
        ("stageVariables", event::stage_variables(exchange).into()),
    ] {
        let empty = match &value {
            Value::Array(items) => items.is_empty(),
            Value::Object(members) => members.is_empty(),
            _ => false,
        };
        if let (false, Some(members)) = (empty, event.as_object_mut()) {
            members.insert(name.to_owned(), value);
        }
    }
    event
}
