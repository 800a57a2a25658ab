//! The endpoint access mode `STRICT`: requests for a name come the way that it is for, over a connection that was made for it
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-security-policies.html#apigateway-security-policies-endpoint-access-mode>).

use super::tls::Secured;
use crate::domains::without_port;

/// Which way requests come; by TLS, and to the host that the handshake named, in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Strict {
    /// From their clients: of regional and private endpoints.
    Direct,
    /// Through points of presence: of edge-optimised ones.
    ByEdge,
    /// Either way.
    Either,
}

impl Strict {
    /// Of the type of an endpoint, as API Gateway names it; without one either way will do.
    pub fn of(endpoint: Option<&str>) -> Self {
        match endpoint {
            None => Self::Either,
            Some("EDGE") => Self::ByEdge,
            Some(_) => Self::Direct,
        }
    }

    /// Whether a request to a host may come by a connection.
    pub fn admits(self, host: &str, secured: Option<&Secured>) -> bool {
        let Some(secured) = secured else { return false };
        let is_its_way = match self {
            Self::Direct => !secured.by_edge,
            Self::ByEdge => secured.by_edge,
            Self::Either => true,
        };
        is_its_way && is_named(host, secured)
    }
}

/// Whether a handshake named the host of a request.
pub fn is_named(host: &str, secured: &Secured) -> bool {
    let named = secured.server_name.as_deref();
    named.is_some_and(|named| named.eq_ignore_ascii_case(without_port(host)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_and_the_name_count() {
        let secured = |name: Option<&str>, by_edge| Secured {
            server_name: name.map(Box::from),
            by_edge,
            ..Secured::default()
        };
        let host = "Api.Example.com:8443";
        for (name, by_edge, direct, through) in [
            (Some("api.example.com"), false, true, false),
            (Some("api.example.com"), true, false, true),
            (Some("other.example.com"), false, false, false),
            (Some("other.example.com"), true, false, false),
            (None, false, false, false),
        ] {
            let secured = secured(name, by_edge);
            let admits = |strict: Strict| strict.admits(host, Some(&secured));
            assert_eq!(
                (admits(Strict::Direct), admits(Strict::ByEdge)),
                (direct, through)
            );
            assert_eq!(admits(Strict::Either), direct || through);
        }
        assert!(
            !Strict::Either.admits(host, None),
            "in clear text nothing is named"
        );
        assert_eq!(
            [Some("EDGE"), Some("REGIONAL"), Some("PRIVATE"), None].map(Strict::of),
            [Strict::ByEdge, Strict::Direct, Strict::Direct, Strict::Either]
        );
    }
}
