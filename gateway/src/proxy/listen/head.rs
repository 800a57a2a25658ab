//! What a whole head must be, in HTTP/1 and HTTP/2 alike, before any station sees it.

use ::http::request::Parts;
use ::http::{HeaderMap, HeaderValue, Uri, Version, header};
use portcullis_http1::{Reason, authority, target};

/// Whether nothing in a head can be understood in two ways. Gives its field `Host`, if it has one.
pub(super) fn check(parts: &Parts) -> Result<Option<&HeaderValue>, Reason> {
    let host = check_host(parts)?;
    check_expectation(&parts.headers)?;
    if let Some(path_and_query) = parts.uri.path_and_query() {
        // `OPTIONS *` has an asterisk for a path.
        target::check_path(path_and_query.path())?;
        target::check_query(path_and_query.query().unwrap_or_default())?;
    }
    Ok(host)
}

/// One host, wherever it is named.
fn check_host(parts: &Parts) -> Result<Option<&HeaderValue>, Reason> {
    let headers = &parts.headers;
    let field = headers.get(header::HOST);
    let has_second = || headers.get_all(header::HOST).iter().nth(1).is_some();
    if headers.len() > headers.keys_len() && has_second() {
        // RFC 9112 section 3.2.
        return Err(Reason::Host);
    }
    if let Some(field) = field {
        authority::check(field.as_bytes())?;
    }
    let Some(named) = parts.uri.authority() else {
        // RFC 9112 section 3.2, RFC 9113 section 8.3.1. HTTP/1.0 has none.
        let must_be = parts.version > Version::HTTP_10;
        return if must_be && field.is_none() {
            Err(Reason::Host)
        } else {
            Ok(field)
        };
    };
    authority::check(named.as_str().as_bytes())?;
    let default_port = default_port(&parts.uri)?;
    match field.and_then(|field| field.to_str().ok()) {
        Some(text) if !authority::is_same(named.as_str(), text, default_port) => Err(Reason::OtherHost),
        _ => Ok(field),
    }
}

/// That of the scheme, which a request may have in HTTP/2 and in the absolute form of HTTP/1.
fn default_port(uri: &Uri) -> Result<&'static str, Reason> {
    match uri.scheme_str() {
        None | Some("http") => Ok("80"),
        Some("https") => Ok("443"),
        Some(_) => Err(Reason::Target),
    }
}

/// RFC 9110 section 10.1.1 knows one.
fn check_expectation(headers: &HeaderMap) -> Result<(), Reason> {
    let mut all = headers.get_all(header::EXPECT).iter();
    if all.all(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue")) {
        Ok(())
    } else {
        Err(Reason::Expectation)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use ::http::Request;

    use super::*;

    fn checked(version: Version, uri: &str, fields: &[(&str, &str)]) -> Result<(), Reason> {
        let mut request = Request::builder().version(version).uri(uri);
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        check(&request.body(()).unwrap().into_parts().0).map(drop)
    }

    #[test]
    fn names_one_host() {
        let (old, one, two) = (Version::HTTP_10, Version::HTTP_11, Version::HTTP_2);
        for (version, uri, hosts, expected) in [
            (one, "/", &["a"][..], Ok(())),
            (one, "/", &["[::1]:80"], Ok(())),
            (old, "/", &[], Ok(())),
            (one, "/", &[], Err(Reason::Host)),
            (two, "/", &[], Err(Reason::Host)),
            (one, "/", &["a", "a"], Err(Reason::Host)),
            (old, "/", &["a b"], Err(Reason::Host)),
            (two, "https://a/", &[], Ok(())),
            (two, "https://a/", &["A:443"], Ok(())),
            (two, "https://a/", &["a:80"], Err(Reason::OtherHost)),
            (two, "https://a/", &["b"], Err(Reason::OtherHost)),
            (one, "http://a/", &["a:80"], Ok(())),
            (one, "http://a/", &["b"], Err(Reason::OtherHost)),
            (two, "https://u@a/", &[], Err(Reason::Host)),
            (two, "ftp://a/", &[], Err(Reason::Target)),
        ] {
            let fields: Vec<_> = hosts.iter().map(|host| ("host", *host)).collect();
            assert_eq!(
                checked(version, uri, &fields),
                expected,
                "{version:?} {uri} {hosts:?}"
            );
        }
    }

    #[test]
    fn expects_what_is_known() {
        let checked = |value| checked(Version::HTTP_11, "/", &[("host", "a"), ("expect", value)]);
        assert_eq!(checked("100-Continue"), Ok(()));
        assert_eq!(checked("100-continue, x"), Err(Reason::Expectation));
        assert_eq!(checked("x"), Err(Reason::Expectation));
    }
}
