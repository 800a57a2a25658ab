//! What a client is told whose bytes are refused before they are a request, or whose head is.

use std::time::UNIX_EPOCH;

use ::http::StatusCode;
use portcullis_http1::{Breach, Reason};

use crate::proxy::Gateway;
use crate::proxy::call::Connection;
use crate::proxy::exchange::RequestId;
use crate::proxy::refusal::Refusal;

/// Counts and logs what is refused before hyper has it. The response of ours, byte by byte: there is no request yet that a
/// station could answer.
pub(super) fn told(gateway: &Gateway, connection: &Connection, breach: Breach) -> Vec<u8> {
    let (id, reason) = (RequestId::random(), breach.reason);
    gateway.metrics.refused_request(reason);
    tracing::debug!(
        requestId = %id,
        peer = %connection.peer,
        offset = breach.offset,
        "refused before it is a request: {}",
        reason.label()
    );
    let refusal = refusal(reason);
    let (status, body) = (refusal.status, &refusal.body);
    let date = httpdate::fmt_http_date(UNIX_EPOCH + gateway.clock.wall());
    let allow = match reason {
        // RFC 9110 section 15.5.6 wants the field; there is no method for all paths.
        Reason::Connect => "allow:\r\n",
        _ => "",
    };
    format!(
        "HTTP/1.1 {status}\r\n\
         content-type: application/json\r\n\
         content-length: {length}\r\n\
         connection: close\r\n\
         date: {date}\r\n\
         {allow}\
         x-amzn-errortype: {error_type}\r\n\
         x-amzn-requestid: {id}\r\n\
         \r\n\
         {body}",
        length = body.len(),
        error_type = refusal.error_type,
    )
    .into_bytes()
}

/// A reason in API Gateway's words, where it has some.
pub(super) fn refusal(reason: Reason) -> Refusal {
    let (status, body) = match reason.status() {
        400 if reason == Reason::Path => (StatusCode::BAD_REQUEST, r#"{"message": "Invalid path"}"#),
        405 => (
            StatusCode::METHOD_NOT_ALLOWED,
            r#"{"message": "Method Not Allowed"}"#,
        ),
        414 => (StatusCode::URI_TOO_LONG, r#"{"message": "URI Too Long"}"#),
        417 => (
            StatusCode::EXPECTATION_FAILED,
            r#"{"message": "Expectation Failed"}"#,
        ),
        431 => (
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            r#"{"message": "Request Header Fields Too Large"}"#,
        ),
        501 => (StatusCode::NOT_IMPLEMENTED, r#"{"message": "Not Implemented"}"#),
        505 => (
            StatusCode::HTTP_VERSION_NOT_SUPPORTED,
            r#"{"message": "HTTP Version Not Supported"}"#,
        ),
        _ => (StatusCode::BAD_REQUEST, r#"{"message": "Bad Request"}"#),
    };
    let mut refusal = Refusal::bad_request(body);
    refusal.status = status;
    refusal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_has_its_status() {
        for reason in Reason::ALL {
            assert_eq!(
                refusal(reason).status.as_u16(),
                reason.status(),
                "{}",
                reason.label()
            );
        }
    }
}
