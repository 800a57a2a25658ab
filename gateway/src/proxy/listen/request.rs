//! From what hyper has read to a call.

use ::http::{HeaderMap, HeaderValue, Request, header};
use hyper::body::Incoming;

use super::{head, refused};
use crate::observe::metrics::Metrics;
use crate::proxy::body::{Body, PAYLOAD_LIMIT};
use crate::proxy::call::{Call, Head};
use crate::proxy::host::Host;
use crate::proxy::patience::Pace;
use crate::proxy::refusal::Refusal;

/// The call that a request is, whose body may come as slowly as that.
///
/// # Errors
///
/// It is refused before any stage sees it, or no stage could answer it.
pub(super) fn call(metrics: &Metrics, request: Request<Incoming>, pace: Pace) -> Result<Call, Refusal> {
    let (mut parts, body) = request.into_parts();
    join_cookies(&mut parts.headers);
    let field = head::check(&parts).map_err(|reason| {
        metrics.refused_request(reason);
        refused::refusal(reason)
    })?;
    let authority = parts.uri.authority().and_then(Host::of_authority);
    let host = authority.or_else(|| Host::of_field(field?));
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
    // No name is there twice.
    if headers.len() == headers.keys_len() {
        return;
    }
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
