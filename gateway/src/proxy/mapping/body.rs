//! Bodies of requests and responses that are mapped: whole, decoded, and turned as `contentHandling` says.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use portcullis_content::compression::{DecodeError, decode};
use portcullis_content::handling::{self, Action, Handling};
use portcullis_content::media_type;

use crate::plan::{ContentHandling, StageLive};
use crate::proxy::body::PAYLOAD_LIMIT;
use crate::proxy::call::{Call, Head};
use crate::proxy::exchange::Exchange;
use crate::proxy::refusal::{Blame, Refusal};
use crate::proxy::view;

/// The media type of a message, in lower case; `application/json` where it names none.
pub fn media_type(headers: &HeaderMap) -> String {
    let named = text(headers, header::CONTENT_TYPE).map(media_type::essence);
    let named = named.filter(|essence| !essence.is_empty());
    named.unwrap_or(media_type::DEFAULT).to_ascii_lowercase()
}

/// Reads the request's body whole, takes its content coding off, and keeps it for the stations that follow.
pub async fn of_request(exchange: &Exchange, call: &mut Call) -> Result<Bytes, Refusal> {
    let body = std::mem::take(&mut call.body);
    let body = body.held(&exchange.gateway.buffered).await;
    let mut body = body.map_err(|error| view::unreadable(&error))?;
    if let Some(coding) = call.head.headers.remove(header::CONTENT_ENCODING) {
        let limit = exchange
            .stage
            .as_ref()
            .map_or(PAYLOAD_LIMIT, |stage| stage.settings.max_request_body);
        body = decoded(coding.to_str().unwrap_or("?"), body, limit)?;
        measure(&mut call.head.headers, &body);
    }
    call.body = body.clone().into();
    Ok(body)
}

/// What was decoded or turned is no longer as long as the client said. An HTTP_PROXY passes that on.
pub fn measure(headers: &mut HeaderMap, body: &Bytes) {
    if headers.contains_key(header::CONTENT_LENGTH) {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    }
}

fn decoded(coding: &str, body: Bytes, limit: u64) -> Result<Bytes, Refusal> {
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    decode(coding, body, most).map_err(|error| {
        tracing::debug!("the request's body cannot be decoded: {error}");
        match error {
            DecodeError::TooLarge { .. } => Refusal::too_large(),
            DecodeError::Unsupported { .. } | DecodeError::Corrupt { .. } => {
                Refusal::unsupported_media_type()
            }
        }
    })
}

/// Turns a request's body for its integration
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings-workflow.html>).
pub fn turn_request(
    (exchange, stage): (&Exchange, &StageLive),
    head: &Head,
    handling: Option<ContentHandling>,
    body: Bytes,
) -> Result<Bytes, Refusal> {
    let is_binary = stage
        .base
        .binary
        .is_binary(text(&head.headers, header::CONTENT_TYPE));
    let action = handling::of_request(is_binary, of_model(handling));
    apply(exchange, action, body)
}

/// Turns a backend's body for the client, and tells whether it is text then. Only the first type that the client accepts
/// counts.
pub fn turn_response(
    (exchange, stage): (&Exchange, &StageLive),
    head: &Head,
    headers: &HeaderMap,
    handling: Option<ContentHandling>,
    body: Bytes,
) -> Result<(Bytes, bool), Refusal> {
    let binary = &stage.base.binary;
    let is_binary = binary.is_binary(text(headers, header::CONTENT_TYPE));
    let is_accepted = binary.is_accepted(text(&head.headers, header::ACCEPT));
    let action = handling::of_response(is_binary, is_accepted, of_model(handling));
    let is_text = matches!(action, Action::PassText | Action::EncodeBase64);
    Ok((apply(exchange, action, body)?, is_text))
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

fn of_model(handling: Option<ContentHandling>) -> Handling {
    match handling {
        None => Handling::Undefined,
        Some(ContentHandling::ConvertToBinary) => Handling::ToBinary,
        Some(ContentHandling::ConvertToText) => Handling::ToText,
    }
}

fn apply(exchange: &Exchange, action: Action, body: Bytes) -> Result<Bytes, Refusal> {
    handling::apply(action, body).map_err(|error| {
        exchange.log().misconfigured(format_args!(
            "the body is to be turned to bytes and is no base64: {}",
            error.reason
        ));
        Refusal::configuration(Blame::Gateway)
    })
}
