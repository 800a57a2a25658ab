//! Who a request is from, where a trusted load balancer says so.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::call::Connection;
use crate::config::{ForwardedHeader, Peers};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PORT: HeaderName = HeaderName::from_static("x-forwarded-port");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Addresses that are looked at, from the right: no chain of load balancers is longer.
const MOST_HOPS: usize = 32;

/// Whom a listener believes, and what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Believed {
    /// Load balancers.
    pub peers: Peers,
    /// The header that they name their clients by.
    pub header: ForwardedHeader,
}

/// A client as somebody who is trusted knows it: the seam for every trusted source of that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Its address.
    pub address: IpAddr,
    /// Whether it spoke TLS; where nothing is said, as the connection itself does.
    pub is_secure: Option<bool>,
    /// The port that it connected to; where nothing is said, the connection's own.
    pub port: Option<HeaderValue>,
}

/// The client that a request's headers name, where its connection is from a load balancer that is believed.
pub fn client(connection: &Connection, headers: &HeaderMap) -> Option<Box<Client>> {
    let believed = connection.listener.believed()?;
    if !connection.is_from(&believed.peers) {
        return None;
    }
    match believed.header {
        ForwardedHeader::XForwardedFor => by_x_forwarded(&believed.peers, headers),
        ForwardedHeader::Forwarded => by_forwarded(&believed.peers, headers),
    }
    .map(Box::new)
}

fn by_x_forwarded(peers: &Peers, headers: &HeaderMap) -> Option<Client> {
    let hops = elements(headers, &X_FORWARDED_FOR);
    let (address, ()) = first_stranger(peers, hops.map(|hop| (address(hop), ())))?;
    // The last one is that of whoever is trusted.
    let proto = last(headers, &X_FORWARDED_PROTO);
    let port = last(headers, &X_FORWARDED_PORT);
    Some(Client {
        address,
        is_secure: proto.and_then(is_secure),
        port: port
            .filter(|port| port.parse::<u16>().is_ok())
            .and_then(|port| HeaderValue::from_str(port).ok()),
    })
}

fn by_forwarded(peers: &Peers, headers: &HeaderMap) -> Option<Client> {
    let hops = elements(headers, &header::FORWARDED).map(|hop| {
        let from = parameter(hop, "for").and_then(|from| address(&from));
        (from, parameter(hop, "proto").as_deref().and_then(is_secure))
    });
    let (address, is_secure) = first_stranger(peers, hops)?;
    Some(Client {
        address,
        is_secure,
        port: None,
    })
}

/// From the right the first address that is not trusted to name others; what is left of it anybody may have written. Where
/// all are trusted it is the leftmost. What is no address ends the chain: then it is the one before, which is trusted.
fn first_stranger<T>(peers: &Peers, hops: impl Iterator<Item = (Option<IpAddr>, T)>) -> Option<(IpAddr, T)> {
    let mut last = None;
    for (address, more) in hops.take(MOST_HOPS) {
        let Some(address) = address else { break };
        let is_trusted = peers.have(address);
        last = Some((address, more));
        if !is_trusted {
            break;
        }
    }
    last
}

/// The elements of a list in all headers of a name, from the right.
fn elements<'h>(headers: &'h HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'h str> + use<'h> {
    let mut values: Vec<&str> = Vec::new();
    for value in headers.get_all(name) {
        // A value that is no text has no elements, and nothing left of it counts.
        match value.to_str() {
            Ok(text) => values.push(text),
            Err(_) => values = vec![""],
        }
    }
    let elements = values.into_iter().rev().flat_map(|value| value.rsplit(','));
    elements.map(str::trim)
}

fn last<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    elements(headers, name).next()
}

/// A parameter of one element of `Forwarded`, without its quotes.
fn parameter(element: &str, wanted: &str) -> Option<String> {
    let mut pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted))?;
    let value = value.trim();
    let bare = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    Some(bare.unwrap_or(value).to_owned())
}

/// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:80`.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let address = bare.unwrap_or(text).parse::<IpAddr>().ok();
    let address = address.or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))?;
    Some(address.to_canonical())
}

fn is_secure(proto: &str) -> Option<bool> {
    match proto {
        _ if proto.eq_ignore_ascii_case("https") => Some(true),
        _ if proto.eq_ignore_ascii_case("http") => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peers() -> Peers {
        let networks = serde_json::json!({"lb": {"cidrs": ["10.0.0.0/8", "2001:db8::/32"]}});
        let networks = serde_json::from_value(networks).expect("networks");
        Peers::of(&["lb".to_owned()], &networks)
    }

    fn map(name: &'static str, values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name, HeaderValue::from_bytes(value.as_bytes()).expect("a value"));
        }
        headers
    }

    #[test]
    fn the_rightmost_stranger_is_the_client() {
        for (values, expected) in [
            (&["192.0.2.1"][..], Some("192.0.2.1")),
            (&["6.6.6.6, 192.0.2.1"], Some("192.0.2.1")),
            (&["6.6.6.6", "192.0.2.1"], Some("192.0.2.1")),
            (&["6.6.6.6, 192.0.2.1, 10.0.0.1"], Some("192.0.2.1")),
            (&["192.0.2.1", "10.0.0.1", "2001:db8::7"], Some("192.0.2.1")),
            (&["10.0.0.2, 10.0.0.1"], Some("10.0.0.2")),
            (&["6.6.6.6, x, 10.0.0.1"], Some("10.0.0.1")),
            (&["6.6.6.6, "], None),
            (&["6.6.6.6", "\u{e9}"], None),
            (&["::ffff:192.0.2.1"], Some("192.0.2.1")),
            (&["[2001:db9::1]:80"], Some("2001:db9::1")),
            (&["192.0.2.1:80"], Some("192.0.2.1")),
            (&[], None),
        ] {
            let found = by_x_forwarded(&peers(), &map("x-forwarded-for", values));
            let found = found.map(|client| client.address.to_string());
            assert_eq!(found.as_deref(), expected, "{values:?}");
        }
    }

    #[test]
    fn forwarded_is_read_as_its_rfc_says() {
        for (values, expected) in [
            (
                &["for=192.0.2.1;proto=https"][..],
                Some(("192.0.2.1", Some(true))),
            ),
            (&["For=\"[2001:db9::1]:4711\""], Some(("2001:db9::1", None))),
            (
                &["for=6.6.6.6, for=192.0.2.1; proto=http"],
                Some(("192.0.2.1", Some(false))),
            ),
            (
                &["for=192.0.2.1;proto=https", "for=10.0.0.1;proto=http"],
                Some(("192.0.2.1", Some(true))),
            ),
            (
                &["for=6.6.6.6, for=_hidden, for=10.0.0.1"],
                Some(("10.0.0.1", None)),
            ),
            (&["for=unknown"], None),
            (&["proto=https"], None),
        ] {
            let found = by_forwarded(&peers(), &map("forwarded", values));
            let found = found.map(|client| (client.address.to_string(), client.is_secure));
            let expected = expected.map(|(address, secure)| (address.to_owned(), secure));
            assert_eq!(found, expected, "{values:?}");
        }
    }

    #[test]
    fn protocol_and_port_are_those_that_the_last_hop_told() {
        let mut headers = map("x-forwarded-for", &["192.0.2.1"]);
        headers.insert("x-forwarded-proto", HeaderValue::from_static("http, https"));
        headers.insert("x-forwarded-port", HeaderValue::from_static("80, 443"));
        let client = by_x_forwarded(&peers(), &headers).expect("a client");
        assert_eq!(client.is_secure, Some(true));
        assert_eq!(client.port.expect("a port"), "443");
        headers.insert("x-forwarded-port", HeaderValue::from_static("x"));
        assert_eq!(by_x_forwarded(&peers(), &headers).expect("a client").port, None);
    }
}
