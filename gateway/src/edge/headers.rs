//! The headers of a request towards a region, and of a response towards a client.

use http::{HeaderMap, HeaderName, HeaderValue, Version, header};

use super::device::Device;
use super::settings::Settings;
use crate::proxy::Connection;
use crate::proxy::integrate::http::headers::{HOP_BY_HOP, remove_named_by_connection};
use crate::proxy::viewer::{
    ADDRESS, CF_ID, COUNTRY, FORWARDED_PROTO, HTTP_VERSION, SERVER_NAME, TLS, is_viewers,
};

const ANDROID: HeaderName = HeaderName::from_static("cloudfront-is-android-viewer");
const DESKTOP: HeaderName = HeaderName::from_static("cloudfront-is-desktop-viewer");
const IOS: HeaderName = HeaderName::from_static("cloudfront-is-ios-viewer");
const MOBILE: HeaderName = HeaderName::from_static("cloudfront-is-mobile-viewer");
const SMART_TV: HeaderName = HeaderName::from_static("cloudfront-is-smarttv-viewer");
const TABLET: HeaderName = HeaderName::from_static("cloudfront-is-tablet-viewer");

/// What a response came from: `X-Cache`, in CloudFront's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum From {
    Hit,
    RefreshHit,
    Miss,
    Error,
}

impl From {
    fn text(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Hit => "Hit from portcullis",
            Self::RefreshHit => "RefreshHit from portcullis",
            Self::Miss => "Miss from portcullis",
            Self::Error => "Error from portcullis",
        })
    }
}

/// A request's id here: 40 random bytes, in base64 for URLs as CloudFront's look. Unique, not secret.
pub(super) fn new_id() -> HeaderValue {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut id = [b'='; 56];
    for place in id.iter_mut().take(54) {
        *place = ALPHABET.get(fastrand::usize(..64)).copied().unwrap_or(b'A');
    }
    HeaderValue::from_bytes(&id).unwrap_or_else(|_| HeaderValue::from_static("unknown"))
}

/// Whether a request asks for another protocol on its connection.
pub(super) fn is_upgrade(headers: &HeaderMap) -> bool {
    let connection = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let mut named = connection.flat_map(|value| value.split(','));
    headers.contains_key(header::UPGRADE)
        && named.any(|name| name.trim().eq_ignore_ascii_case("upgrade"))
        // What a client may ask for and be answered without (RFC 9113, section 3.1).
        && headers.get(header::UPGRADE).is_none_or(|value| !value.as_bytes().eq_ignore_ascii_case(b"h2c"))
}

/// Whether a request has been here before.
pub(super) fn is_loop(settings: &Settings, headers: &HeaderMap) -> bool {
    let own = |entry: &str| {
        let mut words = entry.split_whitespace();
        words.nth(1) == Some(&*settings.name) && words.next() == Some("(portcullis)")
    };
    let values = headers
        .get_all(header::VIA)
        .iter()
        .filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(own)
}

/// Makes a client's headers those of the request to a region.
pub(super) fn to_region(
    settings: &Settings,
    connection: &Connection,
    version: Version,
    id: &HeaderValue,
    headers: &mut HeaderMap,
) {
    let wants_trailers = wants_trailers(headers);
    hop_by_hop(headers);
    headers.remove(header::HOST);
    headers.remove(header::EXPECT);
    let claimed: Vec<HeaderName> = headers
        .keys()
        .filter(|name| is_viewers(name.as_str()))
        .cloned()
        .collect();
    for name in &claimed {
        headers.remove(name);
    }
    if wants_trailers {
        // RFC 9113, section 8.2.2: the one value that HTTP/2 has.
        headers.insert(header::TE, HeaderValue::from_static("trailers"));
    }
    viewer(settings, connection, version, headers);
    headers.append(header::VIA, settings.via.clone());
    headers.insert(CF_ID, id.clone());
}

/// What is told of the client
/// (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/adding-cloudfront-headers.html>).
fn viewer(settings: &Settings, connection: &Connection, version: Version, headers: &mut HeaderMap) {
    let address = connection.peer.ip().to_canonical();
    let mut put = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    // An IPv6 address has no brackets there: the port stands behind the last colon.
    put(ADDRESS, &format!("{address}:{}", connection.peer.port()));
    put(
        FORWARDED_PROTO,
        if connection.tls.is_some() { "https" } else { "http" },
    );
    put(HTTP_VERSION, version_text(version));
    if let Some(tls) = &connection.tls {
        put(TLS, &format!("{}:{}:fullHandshake", tls.version, tls.cipher));
        if let Some(name) = &tls.server_name {
            put(SERVER_NAME, name);
        }
    }
    if let Some(country) = settings.countries.find(address) {
        headers.insert(COUNTRY, country.clone());
    }
    let agent = headers
        .get(header::USER_AGENT)
        .and_then(|agent| agent.to_str().ok());
    let device = Device::of(agent.unwrap_or_default());
    for (name, is) in [
        (ANDROID, device.android),
        (DESKTOP, device.desktop),
        (IOS, device.ios),
        (MOBILE, device.mobile),
        (SMART_TV, device.smart_tv),
        (TABLET, device.tablet),
    ] {
        headers.insert(name, HeaderValue::from_static(if is { "true" } else { "false" }));
    }
}

fn version_text(version: Version) -> &'static str {
    match version {
        Version::HTTP_10 => "1.0",
        Version::HTTP_2 => "2.0",
        _ => "1.1",
    }
}

fn wants_trailers(headers: &HeaderMap) -> bool {
    let values = headers
        .get_all(header::TE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(','))
        .any(|coding| coding.trim().eq_ignore_ascii_case("trailers"))
}

/// Makes a region's headers those of the response to a client.
pub(super) fn to_client(settings: &Settings, id: &HeaderValue, from: From, headers: &mut HeaderMap) {
    hop_by_hop(headers);
    headers.append(header::VIA, settings.via.clone());
    headers.insert(CF_ID, id.clone());
    told(from, headers);
}

/// Says where a response came from.
pub(super) fn told(from: From, headers: &mut HeaderMap) {
    headers.insert(HeaderName::from_static("x-cache"), from.text());
}

/// Removes what is about one connection alone (RFC 9110, section 7.6.1).
pub(super) fn hop_by_hop(headers: &mut HeaderMap) {
    remove_named_by_connection(headers);
    for name in &HOP_BY_HOP {
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
    fn hop_by_hop_fields_end_here() {
        let mut headers = map(&[
            ("connection", "x-hop, keep-alive"),
            ("x-hop", "1"),
            ("keep-alive", "5"),
            ("te", "gzip"),
            ("upgrade", "h2c"),
            ("x-other", "2"),
        ]);
        hop_by_hop(&mut headers);
        assert_eq!(headers, map(&[("x-other", "2")]));
    }

    #[test]
    fn upgrades_are_seen() {
        for (fields, expected) in [
            (
                &[("connection", "keep-alive, Upgrade"), ("upgrade", "websocket")][..],
                true,
            ),
            (&[("connection", "upgrade"), ("upgrade", "h2c")], false),
            (&[("upgrade", "websocket")], false),
            (&[("connection", "upgrade")], false),
        ] {
            assert_eq!(is_upgrade(&map(fields)), expected, "{fields:?}");
        }
    }

    #[test]
    fn ids_look_like_cloudfronts() {
        let id = new_id();
        assert!(id.len() == 56 && id.as_bytes().ends_with(b"=="), "{id:?}");
        assert_ne!(id, new_id());
    }
}
