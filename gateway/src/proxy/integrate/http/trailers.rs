//! Which trailers pass, of requests and of responses.

use http::{HeaderMap, HeaderName};

use super::headers::{is_passed, is_sent};

/// Whether a field may not come behind a body: it frames the message, routes it, says who asks, or how the body is to be
/// read, and all of that was decided when the head was there (RFC 9110 section 6.5.1).
fn is_of_head(name: &str) -> bool {
    let listed = matches!(
        name,
        "accept"
            | "age"
            | "authorization"
            | "cache-control"
            | "content-encoding"
            | "content-length"
            | "content-range"
            | "content-type"
            | "cookie"
            | "expires"
            | "forwarded"
            | "host"
            | "location"
            | "range"
            | "retry-after"
            | "set-cookie"
            | "vary"
            | "warning"
            | "x-api-key"
            | "x-real-ip"
    );
    // What the gateway itself tells a backend.
    listed || name.starts_with("x-forwarded-") || name.starts_with("x-amz") || name.starts_with("if-")
}

/// Leaves what may pass: what would as a header in either direction, and does not belong into a head.
pub fn clean(trailers: &mut HeaderMap) {
    let kept = |name: &str| is_passed(name) && is_sent(name) && !is_of_head(name);
    let dropped: Vec<HeaderName> = trailers
        .keys()
        .filter(|name| !kept(name.as_str()))
        .cloned()
        .collect();
    for name in dropped {
        trailers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn what_belongs_into_a_head_does_not_pass() {
        for (name, passes) in [
            ("grpc-status", true),
            ("grpc-message", true),
            ("grpc-status-details-bin", true),
            ("x-checksum", true),
            ("server-timing", true),
            ("transfer-encoding", false),
            ("content-length", false),
            ("connection", false),
            ("host", false),
            ("authorization", false),
            ("cookie", false),
            ("set-cookie", false),
            ("x-forwarded-for", false),
            ("x-amzn-requestid", false),
            ("te", false),
            ("trailer", false),
            ("if-match", false),
        ] {
            let mut trailers = HeaderMap::new();
            trailers.insert(HeaderName::from_static(name), HeaderValue::from_static("1"));
            clean(&mut trailers);
            assert_eq!(!trailers.is_empty(), passes, "{name}");
        }
    }
}
