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
    let (headers, query) = (event::headers(&head.headers), event::query(head));
    let resource = exchange.method().map_or("", |method| &*method.resource_path);
    json!({
        "type": "REQUEST",
        "methodArn": arn,
        "resource": resource,
        "path": exchange.event_path(head),
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
    let mut event = event::http_event(exchange, head, &head.headers);
    for (name, value) in [
        ("type", "REQUEST".into()),
        ("routeArn", arn.into()),
        ("identitySource", identity::values(exchange, sources, head).into()),
    ] {
        event.insert(name.to_owned(), value);
    }
    event.into()
}
