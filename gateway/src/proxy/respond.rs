//! Station 11: the one place where an outcome becomes a response.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, header};

use super::body::Body;
use super::call::Reply;
use super::exchange::{Exchange, ExchangeBody};
use super::refusal::{Blame, Refusal};

const X_AMZN_REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const X_AMZ_APIGW_ID: HeaderName = HeaderName::from_static("x-amz-apigw-id");
const X_AMZN_ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

/// The reply of an outcome.
pub fn reply(exchange: &Exchange, outcome: Result<Reply, Refusal>) -> Reply {
    outcome.unwrap_or_else(|refusal| refuse(exchange, &refusal))
}

/// A refusal as a reply; counted by type and blame, logged where it is not the client's doing.
pub fn refuse(exchange: &Exchange, refusal: &Refusal) -> Reply {
    exchange.refuse(refusal);
    exchange.log().refused(refusal);
    let kind = refusal.response_type.map_or("NONE", |kind| kind.name());
    if let Some(stage) = &exchange.stage {
        stage.metrics.refused(refusal.response_type, refusal.blame);
    }
    match refusal.blame {
        Blame::Client => tracing::debug!(requestId = %exchange.id, "refused: {kind} {}", refusal.status),
        _ => {
            tracing::warn!(requestId = %exchange.id, blame = ?refusal.blame, "refused: {kind} {}", refusal.status)
        }
    }
    let mut headers = HeaderMap::with_capacity(8);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(X_AMZN_ERROR_TYPE, HeaderValue::from_static(refusal.error_type));
    if refusal.retry {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    let body = match &refusal.body {
        std::borrow::Cow::Borrowed(text) => Bytes::from_static(text.as_bytes()),
        std::borrow::Cow::Owned(text) => Bytes::copy_from_slice(text.as_bytes()),
    };
    Reply {
        status: refusal.status,
        headers,
        body: Body::from(body),
    }
}

/// Sends a reply, with the ids that every response carries.
pub fn send(exchange: Exchange, reply: Reply) -> Response<ExchangeBody> {
    let Reply {
        status,
        mut headers,
        body,
    } = reply;
    if let Ok(id) = HeaderValue::from_str(exchange.id.as_str()) {
        headers.insert(X_AMZN_REQUEST_ID, id);
    }
    if let Ok(id) = HeaderValue::from_str(exchange.extended_id.as_str()) {
        headers.insert(X_AMZ_APIGW_ID, id);
    }
    let mut response = Response::new(ExchangeBody::new(exchange, status, &headers, body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}
