//! Addresses of key sets and discovery documents, and which of them are used.

use std::net::IpAddr;

use http::Uri;
use http::uri::{Authority, Scheme};

/// An address that may be asked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Location {
    /// Whether by TLS.
    pub is_https: bool,
    /// Host and port.
    pub authority: Authority,
    /// Path and query.
    pub path: String,
}

/// Whether keys may come without TLS, where whoever is between could change them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    /// Never, as from an issuer whose own address is `https`.
    Https,
    /// From this machine.
    Loopback,
    /// From anywhere: the configuration says so.
    Http,
}

/// Why an address is not asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadLocation {
    /// It is none.
    #[error("`{}` is no absolute http:// or https:// URL without user, query and fragment", shown(.0))]
    NoUrl(String),
    /// It is one without TLS.
    #[error("`{}` is without TLS, so whoever is between could exchange the keys", shown(.0))]
    Clear(String),
}

/// An issuer's own words, fit for a log.
fn shown(text: &str) -> String {
    let start = text.get(..text.floor_char_boundary(256)).unwrap_or_default();
    start.escape_debug().to_string()
}

impl Location {
    /// The address that a text is, where the rule lets it be asked.
    ///
    /// # Errors
    ///
    /// It is none, or it is without TLS.
    pub fn parse(text: &str, rule: Rule) -> Result<Self, BadLocation> {
        let no_url = || BadLocation::NoUrl(text.to_owned());
        let uri: Uri = text.parse().map_err(|_| no_url())?;
        let is_https = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(scheme) if *scheme == Scheme::HTTP => false,
            _ => return Err(no_url()),
        };
        let authority = uri.authority().ok_or_else(no_url)?;
        if authority.as_str().contains('@') || text.contains('#') || authority.host().is_empty() {
            return Err(no_url());
        }
        let is_allowed = match rule {
            Rule::Https => is_https,
            Rule::Loopback => is_https || is_loopback(authority.host()),
            Rule::Http => true,
        };
        if !is_allowed {
            return Err(BadLocation::Clear(text.to_owned()));
        }
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        Ok(Self {
            is_https,
            authority: authority.clone(),
            path: path.to_owned(),
        })
    }

    /// Where an issuer's discovery document is (OpenID Connect Discovery 1.0, section 4): below its path, without the
    /// slash that it may end with.
    ///
    /// # Errors
    ///
    /// The issuer is no address, or one without TLS.
    pub fn discovery(issuer: &str, rule: Rule) -> Result<Self, BadLocation> {
        if issuer.contains('?') {
            return Err(BadLocation::NoUrl(issuer.to_owned()));
        }
        let base = issuer.strip_suffix('/').unwrap_or(issuer);
        Self::parse(&format!("{base}/.well-known/openid-configuration"), rule)
    }
}

impl std::fmt::Display for Location {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scheme = if self.is_https { "https" } else { "http" };
        write!(out, "{scheme}://{}{}", self.authority, self.path)
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let address: Option<IpAddr> = address.unwrap_or(host).parse().ok();
    host.eq_ignore_ascii_case("localhost") || address.is_some_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_by_tls_or_as_the_configuration_says() {
        let clear = |text: &str| Err(BadLocation::Clear(text.to_owned()));
        for (text, rule, expected) in [
            ("https://a.example.com/keys", Rule::Https, Ok("/keys")),
            ("https://a.example.com", Rule::Https, Ok("/")),
            (
                "http://a.example.com/keys",
                Rule::Https,
                clear("http://a.example.com/keys"),
            ),
            (
                "http://127.0.0.1:1/keys",
                Rule::Https,
                clear("http://127.0.0.1:1/keys"),
            ),
            ("http://127.0.0.1:1/keys?a=b", Rule::Loopback, Ok("/keys?a=b")),
            ("http://[::1]:1/keys", Rule::Loopback, Ok("/keys")),
            ("http://localhost:1/keys", Rule::Loopback, Ok("/keys")),
            (
                "http://localhost.evil.com/keys",
                Rule::Loopback,
                clear("http://localhost.evil.com/keys"),
            ),
            (
                "http://10.0.0.7/keys",
                Rule::Loopback,
                clear("http://10.0.0.7/keys"),
            ),
            ("http://10.0.0.7/keys", Rule::Http, Ok("/keys")),
        ] {
            let found = Location::parse(text, rule).map(|location| location.path);
            assert_eq!(found, expected.map(str::to_owned), "{text}");
        }
        for text in [
            "",
            "a",
            "/keys",
            "ftp://a/b",
            "https://",
            "https://u:p@a/b",
            "https://a/b#c",
            "file:///etc/passwd",
        ] {
            let found = Location::parse(text, Rule::Http);
            assert_eq!(found, Err(BadLocation::NoUrl(text.to_owned())), "{text}");
        }
    }

    #[test]
    fn a_discovery_document_is_below_its_issuer() {
        for (issuer, expected) in [
            ("https://a", Some("https://a/.well-known/openid-configuration")),
            ("https://a/", Some("https://a/.well-known/openid-configuration")),
            (
                "https://a/b/c",
                Some("https://a/b/c/.well-known/openid-configuration"),
            ),
            (
                "https://a/b/",
                Some("https://a/b/.well-known/openid-configuration"),
            ),
            ("https://a/b?c", None),
        ] {
            let found = Location::discovery(issuer, Rule::Https).ok();
            assert_eq!(
                found.map(|location| location.to_string()).as_deref(),
                expected,
                "{issuer}"
            );
        }
    }
}
