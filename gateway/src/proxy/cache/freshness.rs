//! The backend's `Cache-Control`, where a method's responses are kept as it says: beyond API Gateway, which passes it on and
//! does something else.

use std::time::Duration;

use http::{HeaderMap, header};

/// As long as API Gateway keeps anything.
const LONGEST: Duration = Duration::from_secs(3_600);

/// What a backend says of keeping its response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Freshness {
    /// Not in a cache that others read.
    NotShared,
    /// For so long.
    For(Duration),
}

/// What a response says; nothing where it does not.
pub(super) fn of(headers: &HeaderMap) -> Option<Freshness> {
    let (mut for_caches, mut for_all) = (None, None);
    let values = headers.get_all(header::CACHE_CONTROL).iter();
    let texts = values.filter_map(|value| value.to_str().ok());
    for directive in texts.flat_map(|text| text.split(',')) {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        let seconds = || {
            value
                .trim()
                .trim_matches('"')
                .parse()
                .ok()
                .map(Duration::from_secs)
        };
        match name.trim().to_ascii_lowercase().as_str() {
            "no-store" | "private" | "no-cache" => return Some(Freshness::NotShared),
            "s-maxage" => for_caches = seconds().or(Some(Duration::ZERO)),
            "max-age" => for_all = seconds().or(Some(Duration::ZERO)),
            _ => {}
        }
    }
    for_caches.or(for_all).map(Freshness::For)
}

/// For how long a response is kept; not at all where nothing is left.
pub(super) fn ttl(says: Option<Freshness>, of_method: Duration) -> Option<Duration> {
    let ttl = match says {
        None => of_method,
        Some(Freshness::For(time)) => time.min(LONGEST),
        Some(Freshness::NotShared) => Duration::ZERO,
    };
    (!ttl.is_zero()).then_some(ttl)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Source: RFC 9111, 5.2.2 (<https://www.rfc-editor.org/rfc/rfc9111#section-5.2.2>).
    #[test]
    fn a_backend_says_what_is_kept() {
        let of_method = Duration::from_secs(300);
        for (value, seconds) in [
            ("", Some(300)),
            ("public", Some(300)),
            ("max-age=10", Some(10)),
            ("Max-Age=\"10\"", Some(10)),
            ("max-age=10, s-maxage=20", Some(20)),
            ("s-maxage=20, max-age=10", Some(20)),
            ("max-age=0", None),
            ("max-age=much", None),
            ("max-age=90000", Some(3_600)),
            ("no-store", None),
            ("max-age=10, private", None),
            ("no-cache=\"set-cookie\"", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CACHE_CONTROL, value.parse().expect("a value"));
            let expected = seconds.map(Duration::from_secs);
            assert_eq!(ttl(of(&headers), of_method), expected, "{value}");
        }
        assert_eq!(of(&HeaderMap::new()), None);
    }
}
