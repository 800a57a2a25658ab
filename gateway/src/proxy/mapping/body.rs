//! Bodies of requests and responses that are mapped: whole, decoded, and turned as `contentHandling` says.

use bytes::Bytes;
use http::{HeaderMap, header};
use portcullis_content::{Action, decode, first_of_accept};

use crate::plan::{ContentHandling, StageLive};
use crate::proxy::body::PAYLOAD_LIMIT;
use crate::proxy::call::{Call, Head};
use crate::proxy::exchange::Exchange;
use crate::proxy::refusal::{Blame, Refusal};
use crate::proxy::view;

/// The media type of a message, in lower case; `application/json` where it names none.
pub fn media_type(headers: &HeaderMap) -> String {
    let named = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = named
        .and_then(|named| named.split(';').next())
        .map(str::trim)
        .filter(|essence| !essence.is_empty());
    essence.map_or_else(|| "application/json".to_owned(), str::to_ascii_lowercase)
}

/// Reads the request's body whole, takes its content coding off, and keeps it for the stations that follow.
pub async fn of_request(exchange: &Exchange, call: &mut Call) -> Result<Bytes, Refusal> {
    let body = std::mem::take(&mut call.body).whole().await;
    let mut body = body.map_err(|error| view::unreadable(&error))?;
    if let Some(coding) = call.head.headers.remove(header::CONTENT_ENCODING) {
        let limit = exchange
            .stage
            .as_ref()
            .map_or(PAYLOAD_LIMIT, |stage| stage.settings.max_request_body);
        body = decoded(coding.to_str().unwrap_or("?"), body, limit)?;
    }
    call.body = body.clone().into();
    Ok(body)
}

fn decoded(coding: &str, body: Bytes, limit: u64) -> Result<Bytes, Refusal> {
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    decode(coding, body, most).map_err(|error| {
        tracing::debug!("the request's body cannot be decoded: {error}");
        match error {
            portcullis_content::DecodeError::TooLarge => Refusal::too_large(),
            portcullis_content::DecodeError::Unsupported(_) => Refusal::unsupported_media_type(),
            portcullis_content::DecodeError::Corrupt => {
                Refusal::bad_request(r#"{"message": "Invalid request body"}"#)
            }
        }
    })
}

/// Turns a request's body for its integration
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings-workflow.html>).
pub fn turn_request(
    stage: &StageLive,
    head: &Head,
    handling: Option<ContentHandling>,
    body: Bytes,
) -> Result<Bytes, Refusal> {
    let is_binary = stage.base.binary.is_binary(&media_type(&head.headers));
    let action = portcullis_content::request_action(is_binary, of_model(handling));
    apply(action, body)
}

/// Turns a backend's body for the client. Only the first type that the client accepts counts.
pub fn turn_response(
    stage: &StageLive,
    head: &Head,
    headers: &HeaderMap,
    handling: Option<ContentHandling>,
    body: Bytes,
) -> Result<Bytes, Refusal> {
    let binary = &stage.base.binary;
    if binary.is_empty() && handling.is_none() {
        return Ok(body);
    }
    let accept = head
        .headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok());
    let accepts_binary = accept
        .and_then(first_of_accept)
        .is_some_and(|first| binary.is_binary(first));
    let action = portcullis_content::response_action(
        binary.is_binary(&media_type(headers)),
        accepts_binary,
        of_model(handling),
    );
    apply(action, body)
}

fn of_model(handling: Option<ContentHandling>) -> Option<portcullis_content::Handling> {
    handling.map(|handling| match handling {
        ContentHandling::ConvertToBinary => portcullis_content::Handling::ToBinary,
        ContentHandling::ConvertToText => portcullis_content::Handling::ToText,
    })
}

fn apply(action: Action, body: Bytes) -> Result<Bytes, Refusal> {
    action.apply(body).map_err(|_| {
        tracing::warn!(
            "Execution failed due to configuration error: the body is to be turned to bytes and is no base64"
        );
        Refusal::configuration(Blame::Gateway)
    })
}
