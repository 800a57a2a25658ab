//! Who stands behind a point of presence: told by its headers, and believed of nobody else.
//!
//! The names are CloudFront's
//! (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/adding-cloudfront-headers.html>).

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue};

use super::call::Connection;
use super::refusal::Refusal;
use super::tls::Secured;

/// What a point of presence asks, to know how far a region is. No stage has such a name.
pub const PROBE: &str = "/_portcullis/health";

/// The client's address and port.
pub const ADDRESS: HeaderName = HeaderName::from_static("cloudfront-viewer-address");
/// Its country.
pub const COUNTRY: HeaderName = HeaderName::from_static("cloudfront-viewer-country");
/// `https` or `http`.
pub const FORWARDED_PROTO: HeaderName = HeaderName::from_static("cloudfront-forwarded-proto");
/// `1.1` or `2.0`.
pub const HTTP_VERSION: HeaderName = HeaderName::from_static("cloudfront-viewer-http-version");
/// Version, cipher suite and kind of handshake.
pub const TLS: HeaderName = HeaderName::from_static("cloudfront-viewer-tls");
/// The host that its handshake named. CloudFront tells no such thing: only regions read it.
pub const SERVER_NAME: HeaderName = HeaderName::from_static("x-portcullis-viewer-server-name");
/// The id that the point of presence has for the request.
pub const CF_ID: HeaderName = HeaderName::from_static("x-amz-cf-id");

/// Whether only a point of presence may say this.
pub fn is_viewers(name: &str) -> bool {
    name.starts_with("cloudfront-") || name == CF_ID.as_str() || name == SERVER_NAME.as_str()
}

/// The connection as the stations are to see it, where a point of presence made it: with the address and the TLS of the
/// client behind it. Others on a listener that knows points of presence lose what only these may say.
///
/// # Errors
///
/// A point of presence does not say whom it forwards for.
pub fn behind(connection: &Connection, headers: &mut HeaderMap) -> Result<Option<Arc<Connection>>, Refusal> {
    match connection.tls.as_ref().and_then(|tls| tls.is_edge) {
        None => Ok(None),
        Some(false) => {
            let claimed: Vec<HeaderName> = headers
                .keys()
                .filter(|name| is_viewers(name.as_str()))
                .cloned()
                .collect();
            for name in &claimed {
                headers.remove(name);
            }
            Ok(None)
        }
        Some(true) => match seen(connection, headers) {
            Some(seen) => {
                headers.remove(SERVER_NAME);
                Ok(Some(Arc::new(seen)))
            }
            None => Err(Refusal::bad_request(r#"{"message": "Bad Request"}"#)),
        },
    }
}

fn seen(connection: &Connection, headers: &HeaderMap) -> Option<Connection> {
    let peer = address(one(headers, &ADDRESS)?)?;
    let (tls, port) = match one(headers, &FORWARDED_PROTO)? {
        "https" => {
            let mut tls = secured(one(headers, &TLS)?)?;
            tls.server_name = one(headers, &SERVER_NAME).map(Box::from);
            (Some(Box::new(tls)), 443)
        }
        "http" => (None, 80),
        _ => return None,
    };
    let mut seen = Connection::new(peer, connection.local, connection.listener.clone());
    seen.local_port = HeaderValue::from(port);
    seen.tls = tls;
    seen.activity = connection.activity.clone();
    Some(seen)
}

fn one<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// `198.51.100.10:46532`; the port of an IPv6 address stands behind its last colon, without brackets.
fn address(text: &str) -> Option<SocketAddr> {
    let (ip, port) = text.rsplit_once(':')?;
    let ip: IpAddr = ip.parse().ok()?;
    Some(SocketAddr::new(ip, port.parse().ok()?))
}

/// `TLSv1.3:TLS_AES_128_GCM_SHA256:fullHandshake`.
fn secured(text: &str) -> Option<Secured> {
    let mut parts = text.split(':');
    let version = match parts.next()? {
        "TLSv1.3" => "TLSv1.3",
        "TLSv1.2" => "TLSv1.2",
        _ => return None,
    };
    let cipher = parts.next().filter(|cipher| cipher.len() <= 64)?;
    Some(Secured {
        version,
        cipher: cipher.to_owned(),
        by_edge: true,
        ..Secured::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proxy::call::Listener;

    fn connection(is_edge: Option<bool>) -> Connection {
        let address = SocketAddr::from(([10, 0, 0, 1], 1));
        let mut connection = Connection::new(address, address, Arc::<Listener>::default());
        connection.tls = Some(Box::new(Secured {
            version: "TLSv1.3",
            cipher: "of the point of presence".to_owned(),
            is_edge,
            is_http2: true,
            ..Secured::default()
        }));
        connection
    }

    fn map(fields: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn a_point_of_presence_says_for_whom_it_forwards() {
        const ADDRESS: (&str, &str) = ("cloudfront-viewer-address", "192.0.2.7:4711");
        const HTTPS: (&str, &str) = ("cloudfront-forwarded-proto", "https");
        const HTTP: (&str, &str) = ("cloudfront-forwarded-proto", "http");
        const TLS: (&str, &str) = ("cloudfront-viewer-tls", "TLSv1.2:TLS_X:fullHandshake");
        let v6 = ("cloudfront-viewer-address", "2001:db8::1:443");
        for (name, fields, expected) in [
            (
                "https",
                &[ADDRESS, HTTPS, TLS][..],
                Some("192.0.2.7:4711 TLSv1.2 TLS_X"),
            ),
            ("http", &[ADDRESS, HTTP], Some("192.0.2.7:4711 clear")),
            ("IPv6", &[v6, HTTP], Some("[2001:db8::1]:443 clear")),
            ("nothing", &[], None),
            ("no protocol", &[ADDRESS], None),
            ("no address", &[HTTP], None),
            ("two addresses", &[ADDRESS, ADDRESS, HTTP], None),
            ("no TLS with https", &[ADDRESS, HTTPS], None),
            (
                "no address at all",
                &[("cloudfront-viewer-address", "client:1"), HTTP],
                None,
            ),
            (
                "another protocol",
                &[ADDRESS, ("cloudfront-forwarded-proto", "gopher")],
                None,
            ),
        ] {
            let seen = behind(&connection(Some(true)), &mut map(fields));
            let told = seen.ok().flatten().map(|seen| match &seen.tls {
                Some(tls) => format!("{} {} {}", seen.peer, tls.version, tls.cipher),
                None => format!("{} clear", seen.peer),
            });
            assert_eq!(told.as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn of_others_it_is_not_believed() {
        let fields = [
            ("cloudfront-viewer-address", "192.0.2.7:1"),
            ("x-amz-cf-id", "x"),
            ("x-portcullis-viewer-server-name", "api.example.com"),
            ("x", "y"),
        ];
        let mut headers = map(&fields);
        assert!(behind(&connection(Some(false)), &mut headers).is_ok_and(|seen| seen.is_none()));
        assert_eq!(headers, map(&[("x", "y")]), "where points of presence are known");
        let mut headers = map(&fields);
        assert!(behind(&connection(None), &mut headers).is_ok_and(|seen| seen.is_none()));
        assert_eq!(
            headers,
            map(&fields),
            "where none are known, they are headers as any"
        );
    }
}
