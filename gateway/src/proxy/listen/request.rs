//! From what hyper has read to a call.

use ::http::{HeaderMap, HeaderValue, Request, header};
use hyper::body::Incoming;

use crate::proxy::body::{Body, PAYLOAD_LIMIT};
use crate::proxy::call::{Call, Head};
use crate::proxy::patience::Pace;
use crate::proxy::refusal::Refusal;

/// The call that a request is, whose body may come as slowly as that.
///
/// # Errors
///
/// No stage could answer it.
pub(super) fn call(request: Request<Incoming>, pace: Pace) -> Result<Call, Refusal> {
    let (mut parts, body) = request.into_parts();
    join_cookies(&mut parts.headers);
    if parts.headers.get_all(header::HOST).iter().nth(1).is_some() {
        // RFC 9112 section 3.2: more than one Host is a 400.
        return Err(Refusal::bad_request(r#"{"message": "Bad Request"}"#));
    }
    let authority = parts.uri.authority().map(|authority| authority.as_str());
    let host = authority.or_else(|| parts.headers.get(header::HOST)?.to_str().ok());
    let host = host.map(str::to_owned);
    if host.is_none() && parts.version == ::http::Version::HTTP_11 {
        // RFC 9112 section 3.2: so is none at all in HTTP/1.1.
        return Err(Refusal::bad_request(r#"{"message": "Bad Request"}"#));
    }
    // `OPTIONS *` and CONNECT have no path: no stage has them.
    let Some(target) = parts.uri.into_parts().path_and_query else {
        return Err(Refusal::unknown_stage());
    };
    let head = Head {
        method: parts.method,
        target,
        below_stage: 0,
        host,
        version: parts.version,
        headers: parts.headers,
    };
    Ok(Call {
        head,
        body: Body::bounded(body, PAYLOAD_LIMIT, pace),
    })
}

/// HTTP/2 may send a cookie in pieces; what does not speak it must see them as one (RFC 9113 section 8.2.3).
fn join_cookies(headers: &mut HeaderMap) {
    let pieces: Vec<&[u8]> = headers
        .get_all(header::COOKIE)
        .iter()
        .map(HeaderValue::as_bytes)
        .collect();
    if pieces.len() > 1
        && let Ok(joined) = HeaderValue::from_bytes(&pieces.join(&b"; "[..]))
    {
        headers.insert(header::COOKIE, joined);
    }
}
