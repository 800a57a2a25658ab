//! Which headers pass to an HTTP backend and back
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html>, "Important notes").

use http::header::Entry;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use smallvec::SmallVec;

use crate::proxy::exchange::Exchange;
use crate::proxy::trace;

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

/// Whether a header of a client's never reaches a backend. (`Host` is the backend's own.)
fn is_withheld(name: &str) -> bool {
    // No such name begins so, and most of a client's own do.
    !name.starts_with('x')
        && matches!(
            name,
            "connection"
                | "content-encoding"
                | "content-md5"
                | "expect"
                | "keep-alive"
                | "max-forwards"
                | "proxy-authenticate"
                | "proxy-authorization"
                | "proxy-connection"
                | "server"
                | "te"
                | "trailer"
                | "transfer-encoding"
                | "upgrade"
                | "via"
                | "www-authenticate"
        )
}

/// Whether no mapping and no template may set a header
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html>).
pub fn is_illegal(name: &str) -> bool {
    ILLEGAL.contains(&name)
}

/// Headers that no mapping and no template may set: every request is a 500 then.
pub const ILLEGAL: [&str; 4] = [
    "content-length",
    "transfer-encoding",
    "x-amzn-apigateway-api-id",
    "x-amzn-trace-id",
];

/// Whether a header never reaches a backend even where it is mapped. The others that are withheld from a client's own, such
/// as `Host` and `Content-Encoding`, do.
pub fn is_dropped(name: &str) -> bool {
    matches!(
        name,
        "connection"
            | "expect"
            | "keep-alive"
            | "proxy-authenticate"
            | "proxy-connection"
            | "te"
            | "trailer"
            | "transfer-encoding"
            | "upgrade"
            | "via"
    )
}

/// Whether a backend's header of that name comes to the client as it is.
pub fn is_passed(name: &str) -> bool {
    matches!(fate(name), Fate::Passed)
}

/// Whether a client's header of that name comes to the backend.
pub fn is_sent(name: &str) -> bool {
    !is_withheld(name)
}

/// What becomes of a backend's header.
enum Fate {
    Passed,
    Dropped,
    /// Comes back to the client under this name, `x-amzn-Remapped-{name}`.
    Renamed(HeaderName),
    /// Comes back under both names: it frames the body here too.
    Copied(HeaderName),
}

/// A name that is made when this is compiled.
macro_rules! named {
    ($name:literal) => {{
        const NAME: HeaderName = HeaderName::from_static($name);
        NAME
    }};
}

fn fate(name: &str) -> Fate {
    match name {
        "authorization" => Fate::Renamed(named!("x-amzn-remapped-authorization")),
        "connection" => Fate::Renamed(named!("x-amzn-remapped-connection")),
        "content-length" => Fate::Copied(named!("x-amzn-remapped-content-length")),
        "content-md5" => Fate::Renamed(named!("x-amzn-remapped-content-md5")),
        "date" => Fate::Renamed(named!("x-amzn-remapped-date")),
        "expect" => Fate::Renamed(named!("x-amzn-remapped-expect")),
        "host" => Fate::Renamed(named!("x-amzn-remapped-host")),
        "max-forwards" => Fate::Renamed(named!("x-amzn-remapped-max-forwards")),
        "proxy-authenticate" => Fate::Renamed(named!("x-amzn-remapped-proxy-authenticate")),
        "server" => Fate::Renamed(named!("x-amzn-remapped-server")),
        "trailer" => Fate::Renamed(named!("x-amzn-remapped-trailer")),
        "upgrade" => Fate::Renamed(named!("x-amzn-remapped-upgrade")),
        "user-agent" => Fate::Renamed(named!("x-amzn-remapped-user-agent")),
        "www-authenticate" => Fate::Renamed(named!("x-amzn-remapped-www-authenticate")),
        "x-amzn-requestid" => Fate::Renamed(named!("x-amzn-remapped-x-amzn-requestid")),
        "keep-alive" | "proxy-connection" | "te" | "transfer-encoding" | "x-amz-apigw-id" => Fate::Dropped,
        _ => Fate::Passed,
    }
}

const X_AMZN_APIGATEWAY_API_ID: HeaderName = HeaderName::from_static("x-amzn-apigateway-api-id");
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PORT: HeaderName = HeaderName::from_static("x-forwarded-port");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Whether whoever sent these headers takes trailers (RFC 9110 section 10.1.4).
pub fn takes_trailers(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::TE).iter();
    let mut codings = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    codings.any(|coding| coding.trim().eq_ignore_ascii_case("trailers"))
}

/// Makes a client's headers those of the request to the backend.
pub fn to_backend(exchange: &Exchange, host: &HeaderValue, headers: &mut HeaderMap) {
    // `Connection` itself is withheld: where nothing is, nothing is named by it.
    let withheld: Vec<HeaderName> = headers
        .keys()
        .filter(|name| is_withheld(name.as_str()))
        .cloned()
        .collect();
    if !withheld.is_empty() {
        remove_named_by_connection(headers);
    }
    for name in &withheld {
        headers.remove(name);
    }
    // A signature is for this gateway alone.
    if exchange.signer.is_some() || is_signature(headers) {
        headers.remove(header::AUTHORIZATION);
    }
    headers.insert(header::HOST, host.clone());
    if let Some(stage) = &exchange.stage {
        headers.insert(X_AMZN_APIGATEWAY_API_ID, stage.settings.api_id.clone());
        headers
            .entry(header::USER_AGENT)
            .or_insert_with(|| stage.settings.user_agent.clone());
    }
    forwarded(exchange, headers);
}

/// A client's headers as a function is passed them
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html>): without what is about the
/// connection alone, and with where they are from.
pub fn to_function(exchange: &Exchange, client: &HeaderMap) -> HeaderMap {
    let mut headers = client.clone();
    remove_named_by_connection(&mut headers);
    if exchange.signer.is_some() || is_signature(&headers) {
        headers.remove(header::AUTHORIZATION);
    }
    let withheld: Vec<HeaderName> = headers
        .keys()
        // A function has the body whole, so that its length says nothing; what it came through it may know.
        .filter(|name| {
            (is_withheld(name.as_str()) && **name != header::VIA) || **name == header::CONTENT_LENGTH
        })
        .cloned()
        .collect();
    for name in &withheld {
        headers.remove(name);
    }
    forwarded(exchange, &mut headers);
    headers
}

/// Adds the trace, and where the request is from.
fn forwarded(exchange: &Exchange, headers: &mut HeaderMap) {
    exchange.trace(headers).put(headers);
    let connection = &exchange.connection;
    match headers.entry(X_FORWARDED_FOR) {
        Entry::Vacant(entry) => {
            entry.insert(connection.peer_text.clone());
        }
        Entry::Occupied(mut entry) => {
            let chain = forwarded_for(entry.iter(), &connection.peer_text);
            entry.insert(chain);
        }
    }
    headers.insert(X_FORWARDED_PORT, exchange.client_port().clone());
    let proto = if exchange.is_secure() { "https" } else { "http" };
    headers.insert(X_FORWARDED_PROTO, HeaderValue::from_static(proto));
}

/// Whether `Authorization` has a signature of AWS's kind. API Gateway drops it
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html>).
fn is_signature(headers: &HeaderMap) -> bool {
    let authorization = headers.get(header::AUTHORIZATION);
    authorization.is_some_and(|value| value.as_bytes().starts_with(b"AWS4-HMAC-SHA256"))
}

/// Adds what every request to a backend has to the headers of one that is mapped.
pub fn of_mapping(exchange: &Exchange, client: &HeaderMap, host: &HeaderValue, headers: &mut HeaderMap) {
    headers.entry(header::HOST).or_insert_with(|| host.clone());
    if let Some(stage) = &exchange.stage {
        headers.insert(X_AMZN_APIGATEWAY_API_ID, stage.settings.api_id.clone());
        headers
            .entry(header::USER_AGENT)
            .or_insert_with(|| stage.settings.user_agent.clone());
    }
    exchange.trace(client).put(headers);
    trace::carry(client, headers);
}

/// The addresses that came with the request, and the client's.
fn forwarded_for<'v>(sent: impl Iterator<Item = &'v HeaderValue>, peer: &HeaderValue) -> HeaderValue {
    let mut chain = Vec::new();
    for value in sent {
        chain.extend_from_slice(value.as_bytes());
        chain.extend_from_slice(b", ");
    }
    chain.extend_from_slice(peer.as_bytes());
    HeaderValue::from_bytes(&chain).unwrap_or_else(|_| peer.clone())
}

/// Makes a backend's headers those of the response to the client.
pub fn to_client(headers: &mut HeaderMap) {
    if let Some(connection) = headers.get(header::CONNECTION).cloned() {
        remove_named_by_connection(headers);
        headers.insert(header::CONNECTION, connection);
    }
    for (name, fate) in changed(headers) {
        match fate {
            Fate::Passed => {}
            Fate::Dropped => drop(headers.remove(&name)),
            Fate::Renamed(to) => rename(headers, &name, to),
            Fate::Copied(to) => {
                if let Some(value) = headers.get(&name).cloned() {
                    headers.insert(to, value);
                }
            }
        }
    }
}

/// Renames what a mapping sets and the gateway itself, or the connection, has under that name.
pub fn remap(headers: &mut HeaderMap) {
    for (name, fate) in changed(headers) {
        match fate {
            Fate::Passed => {}
            Fate::Dropped if name == header::TE => {}
            Fate::Dropped => drop(headers.remove(&name)),
            // The length of the body is not the mapping's to say.
            Fate::Renamed(to) | Fate::Copied(to) => rename(headers, &name, to),
        }
    }
}

/// The headers that do not pass as they are.
fn changed(headers: &HeaderMap) -> SmallVec<[(HeaderName, Fate); 4]> {
    let changed = headers.keys().filter_map(|name| match fate(name.as_str()) {
        Fate::Passed => None,
        fate => Some((name.clone(), fate)),
    });
    changed.collect()
}

fn rename(headers: &mut HeaderMap, name: &HeaderName, to: HeaderName) {
    let Entry::Occupied(entry) = headers.entry(name) else {
        return;
    };
    let (_, mut values) = entry.remove_entry_mult();
    let Some(first) = values.next() else { return };
    let others: Vec<HeaderValue> = values.collect();
    if others.is_empty() {
        headers.insert(to, first);
        return;
    }
    headers.insert(to.clone(), first);
    for value in others {
        headers.append(to.clone(), value);
    }
}

/// Removes the headers that `Connection` says are for one connection alone.
pub fn remove_named_by_connection(headers: &mut HeaderMap) {
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
