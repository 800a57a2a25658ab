//! Which headers pass to an HTTP backend and back
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html>, "Important notes").

use std::fmt::Write as _;

use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::proxy::exchange::Exchange;

/// Headers about one connection alone (RFC 9110 section 7.6.1).
pub const HOP_BY_HOP: [HeaderName; 8] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    header::PROXY_AUTHENTICATE,
    HeaderName::from_static("proxy-connection"),
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Never reach a backend of HTTP_PROXY, beside the hop-by-hop ones.
const WITHHELD: [HeaderName; 9] = [
    header::HOST,
    header::CONTENT_ENCODING,
    HeaderName::from_static("content-md5"),
    header::EXPECT,
    header::MAX_FORWARDS,
    header::PROXY_AUTHORIZATION,
    header::SERVER,
    header::VIA,
    header::WWW_AUTHENTICATE,
];

/// Come back to the client as `x-amzn-Remapped-{name}`.
const REMAPPED: [(HeaderName, HeaderName); 14] = [
    remapped(header::AUTHORIZATION, "x-amzn-remapped-authorization"),
    remapped(header::CONNECTION, "x-amzn-remapped-connection"),
    remapped(header::CONTENT_LENGTH, "x-amzn-remapped-content-length"),
    remapped(
        HeaderName::from_static("content-md5"),
        "x-amzn-remapped-content-md5",
    ),
    remapped(header::DATE, "x-amzn-remapped-date"),
    remapped(header::EXPECT, "x-amzn-remapped-expect"),
    remapped(header::HOST, "x-amzn-remapped-host"),
    remapped(header::MAX_FORWARDS, "x-amzn-remapped-max-forwards"),
    remapped(header::PROXY_AUTHENTICATE, "x-amzn-remapped-proxy-authenticate"),
    remapped(header::SERVER, "x-amzn-remapped-server"),
    remapped(header::TRAILER, "x-amzn-remapped-trailer"),
    remapped(header::UPGRADE, "x-amzn-remapped-upgrade"),
    remapped(header::USER_AGENT, "x-amzn-remapped-user-agent"),
    remapped(header::WWW_AUTHENTICATE, "x-amzn-remapped-www-authenticate"),
];

const fn remapped(name: HeaderName, to: &'static str) -> (HeaderName, HeaderName) {
    (name, HeaderName::from_static(to))
}

const X_AMZN_REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const X_AMZN_REMAPPED_REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-remapped-x-amzn-requestid");
const X_AMZ_APIGW_ID: HeaderName = HeaderName::from_static("x-amz-apigw-id");
const X_AMZN_APIGATEWAY_API_ID: HeaderName = HeaderName::from_static("x-amzn-apigateway-api-id");
const X_AMZN_TRACE_ID: HeaderName = HeaderName::from_static("x-amzn-trace-id");
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PORT: HeaderName = HeaderName::from_static("x-forwarded-port");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Makes a client's headers those of the request to the backend.
pub fn to_backend(exchange: &Exchange, headers: &mut HeaderMap) {
    remove_named_by_connection(headers);
    for name in HOP_BY_HOP.iter().chain(&WITHHELD) {
        headers.remove(name);
    }
    let api = exchange
        .stage
        .as_ref()
        .map_or("", |pinned| &*pinned.plan.settings.api);
    if let Ok(api_id) = HeaderValue::from_str(api) {
        headers.insert(X_AMZN_APIGATEWAY_API_ID, api_id);
    }
    if !headers.contains_key(header::USER_AGENT) {
        insert(headers, header::USER_AGENT, &format!("AmazonAPIGateway_{api}"));
    }
    if !headers.contains_key(X_AMZN_TRACE_ID) {
        let time = exchange.gateway.clock.wall().as_secs() & 0xffff_ffff;
        let random = fastrand::u128(..) >> 32;
        insert(
            headers,
            X_AMZN_TRACE_ID,
            &format!("Root=1-{time:08x}-{random:024x}"),
        );
    }
    forwarded(exchange, headers);
}

fn forwarded(exchange: &Exchange, headers: &mut HeaderMap) {
    let peer = exchange.connection.peer.ip().to_canonical();
    let mut chain = String::new();
    for value in headers.get_all(X_FORWARDED_FOR) {
        if let Ok(text) = value.to_str() {
            chain.push_str(text);
            chain.push_str(", ");
        }
    }
    // Writing to a String cannot fail.
    let _ = write!(chain, "{peer}");
    insert(headers, X_FORWARDED_FOR, &chain);
    headers.insert(
        X_FORWARDED_PORT,
        HeaderValue::from(exchange.connection.local.port()),
    );
    headers.insert(X_FORWARDED_PROTO, HeaderValue::from_static("http"));
}

/// Makes a backend's headers those of the response to the client.
///
/// The length of the body stays: it frames the response here too.
pub fn to_client(headers: &mut HeaderMap) {
    let connection = headers.get(header::CONNECTION).cloned();
    remove_named_by_connection(headers);
    if let Some(connection) = connection {
        headers.insert(header::CONNECTION, connection);
    }
    for (name, to) in &REMAPPED {
        if *name == header::CONTENT_LENGTH {
            copy(headers, name, to);
        } else if headers.contains_key(name) {
            copy(headers, name, to);
            headers.remove(name);
        }
    }
    copy(headers, &X_AMZN_REQUEST_ID, &X_AMZN_REMAPPED_REQUEST_ID);
    for name in HOP_BY_HOP.iter().chain(&[X_AMZN_REQUEST_ID, X_AMZ_APIGW_ID]) {
        headers.remove(name);
    }
}

/// Removes the headers that `Connection` says are for one connection alone.
fn remove_named_by_connection(headers: &mut HeaderMap) {
    if !headers.contains_key(header::CONNECTION) {
        return;
    }
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named.iter().filter(|name| **name != header::CONTENT_LENGTH) {
        headers.remove(name);
    }
}

fn copy(headers: &mut HeaderMap, name: &HeaderName, to: &HeaderName) {
    let values: Vec<HeaderValue> = headers.get_all(name).iter().cloned().collect();
    for (index, value) in values.into_iter().enumerate() {
        if index == 0 {
            headers.insert(to, value);
        } else {
            headers.append(to, value);
        }
    }
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(fields: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn a_backends_own_headers_come_back_renamed() {
        let mut headers = map(&[
            ("date", "Thu, 01 Jan 2026 00:00:00 GMT"),
            ("server", "nginx"),
            ("connection", "x-hop, keep-alive"),
            ("x-hop", "1"),
            ("content-length", "3"),
            ("x-amzn-requestid", "theirs"),
            ("transfer-encoding", "chunked"),
            ("set-cookie", "a=1"),
            ("set-cookie", "b=2"),
        ]);
        to_client(&mut headers);
        let expected = map(&[
            ("content-length", "3"),
            ("set-cookie", "a=1"),
            ("set-cookie", "b=2"),
            ("x-amzn-remapped-connection", "x-hop, keep-alive"),
            ("x-amzn-remapped-content-length", "3"),
            ("x-amzn-remapped-date", "Thu, 01 Jan 2026 00:00:00 GMT"),
            ("x-amzn-remapped-server", "nginx"),
            ("x-amzn-remapped-x-amzn-requestid", "theirs"),
        ]);
        assert_eq!(headers, expected);
    }
}
