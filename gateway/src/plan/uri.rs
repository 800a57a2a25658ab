//! A backend's URI with places for path parameters; stage variables are folded in before.

use std::convert::Infallible;

use http::uri::{Authority, PathAndQuery, Scheme};

/// A URI split at its placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UriTemplate {
    /// `http` or `https`.
    pub scheme: Scheme,
    /// Host and port.
    pub authority: Authority,
    parts: Vec<Part>,
    has_query: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Literal(String),
    /// What fills it, by its place among the slots.
    Slot(usize),
}

/// Why a URI cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum UriError {
    /// Neither `http://host…` nor `https://host…`.
    #[error("`{0}` is not an http:// or https:// URI with a host")]
    NotHttp(String),
    /// A placeholder in the host.
    #[error("a placeholder stands in the host of `{0}`; only its path may have them")]
    PlaceholderInHost(String),
    /// A placeholder in the query: what a client sends there could add parameters of its own.
    #[error("a placeholder stands in the query of `{0}`; only its path may have them")]
    PlaceholderInQuery(String),
    /// A placeholder that no path parameter fills.
    #[error("nothing fills the placeholder {{{0}}}")]
    Unfilled(String),
    /// A brace without its partner, or characters that a URI cannot have.
    #[error("`{0}` is not a well-formed URI")]
    Malformed(String),
}

impl UriTemplate {
    /// Splits a URI. `slot` gives the place of what fills a placeholder.
    pub fn parse(uri: &str, mut slot: impl FnMut(&str) -> Option<usize>) -> Result<Self, UriError> {
        let (scheme, rest) = match uri.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => (Scheme::HTTP, rest),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => (Scheme::HTTPS, rest),
            _ => return Err(UriError::NotHttp(uri.to_owned())),
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (host, path) = rest.split_at(end);
        if host.contains(['{', '}']) {
            return Err(UriError::PlaceholderInHost(uri.to_owned()));
        }
        if path
            .split_once('?')
            .is_some_and(|(_, query)| query.contains(['{', '}']))
        {
            return Err(UriError::PlaceholderInQuery(uri.to_owned()));
        }
        let authority: Authority = host.parse().map_err(|_| UriError::NotHttp(uri.to_owned()))?;
        if authority.host().is_empty() || host.contains('@') {
            return Err(UriError::NotHttp(uri.to_owned()));
        }
        let parts = split(path, &mut slot).ok_or_else(|| UriError::Malformed(uri.to_owned()))??;
        let template = Self {
            scheme,
            authority,
            parts,
            has_query: path.contains('?'),
        };
        // What is written here must be a URI; filled-in values are checked when they are filled in.
        let Ok(filled) = template.fill(
            |_, into| {
                into.push('x');
                Ok::<_, Infallible>(())
            },
            None,
        );
        PathAndQuery::try_from(filled).map_err(|_| UriError::Malformed(uri.to_owned()))?;
        Ok(template)
    }

    /// The port where the authority has none.
    pub fn default_port(&self) -> u16 {
        if self.scheme == Scheme::HTTPS { 443 } else { 80 }
    }

    /// The path and query of a request, as text: placeholders filled by `value`, which knows them by their slot and writes
    /// what is encoded already, and a query joined.
    pub fn fill<E>(
        &self,
        mut value: impl FnMut(usize, &mut String) -> Result<(), E>,
        query: Option<&str>,
    ) -> Result<String, E> {
        let mut filled = String::with_capacity(64 + query.map_or(0, str::len));
        if !matches!(self.parts.first(), Some(Part::Literal(literal)) if literal.starts_with('/')) {
            filled.push('/');
        }
        for part in &self.parts {
            match part {
                Part::Literal(literal) => filled.push_str(literal),
                Part::Slot(slot) => value(*slot, &mut filled)?,
            }
        }
        if let Some(query) = query.filter(|query| !query.is_empty()) {
            filled.push(if self.has_query { '&' } else { '?' });
            filled.push_str(query);
        }
        Ok(filled)
    }
}

/// None: malformed.
fn split(path: &str, mut slot: impl FnMut(&str) -> Option<usize>) -> Option<Result<Vec<Part>, UriError>> {
    let mut parts = Vec::new();
    let mut rest = path;
    while let Some((literal, after)) = rest.split_once('{') {
        if literal.contains('}') {
            return None;
        }
        if !literal.is_empty() {
            parts.push(Part::Literal(literal.to_owned()));
        }
        let (name, after) = after.split_once('}')?;
        let name = name.strip_suffix('+').unwrap_or(name);
        match slot(name) {
            Some(slot) => parts.push(Part::Slot(slot)),
            None => return Some(Err(UriError::Unfilled(name.to_owned()))),
        }
        rest = after;
    }
    if rest.contains(['}', '#']) {
        return None;
    }
    if !rest.is_empty() {
        parts.push(Part::Literal(rest.to_owned()));
    }
    Some(Ok(parts))
}

/// Replaces `${stageVariables.NAME}` by the stage's variables.
///
/// Errors with the name of a variable that the stage does not have.
pub fn fold_stage_variables<'a>(
    text: &str,
    variable: impl Fn(&str) -> Option<&'a str>,
) -> Result<String, String> {
    const OPEN: &str = "${stageVariables.";
    let mut folded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(OPEN) {
        folded.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            folded.push_str(OPEN);
            rest = after;
            continue;
        };
        folded.push_str(variable(name).ok_or_else(|| name.to_owned())?);
        rest = after;
    }
    folded.push_str(rest);
    Ok(folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(uri: &str, values: &[&'static str], query: Option<&str>) -> String {
        let template = UriTemplate::parse(uri, |name| match name {
            "a" => Some(0),
            "proxy" => Some(1),
            _ => None,
        })
        .expect("a good template");
        let value = |slot: usize, into: &mut String| {
            into.push_str(values[slot]);
            Ok::<_, Infallible>(())
        };
        let Ok(filled) = template.fill(value, query);
        filled
    }

    #[test]
    fn fills_placeholders_and_joins_queries() {
        for (uri, query, expected) in [
            ("http://h/x", None, "/x"),
            ("http://h", None, "/"),
            ("http://h", Some("q=1"), "/?q=1"),
            ("http://h?k=1", Some("q=1"), "/?k=1&q=1"),
            ("http://h/{a}/y/{proxy}", Some("q=%20&q=2"), "/7/y/b/c?q=%20&q=2"),
            ("http://h/{proxy+}", Some(""), "/b/c"),
        ] {
            assert_eq!(fill(uri, &["7", "b/c"], query), expected, "{uri}");
        }
    }

    #[test]
    fn refuses_what_is_no_backend() {
        let parse = |uri: &str| UriTemplate::parse(uri, |_| None).expect_err(uri);
        assert!(matches!(parse("ftp://h/"), UriError::NotHttp(_)));
        assert!(matches!(parse("https://"), UriError::NotHttp(_)));
        assert!(matches!(parse("h/x"), UriError::NotHttp(_)));
        assert!(matches!(parse("http://"), UriError::NotHttp(_)));
        assert!(matches!(parse("http://user@h/"), UriError::NotHttp(_)));
        assert!(matches!(parse("http://{h}/"), UriError::PlaceholderInHost(_)));
        assert_eq!(parse("http://h/{b}"), UriError::Unfilled("b".into()));
        assert!(matches!(
            parse("http://h/x?id={b}"),
            UriError::PlaceholderInQuery(_)
        ));
        for uri in ["http://h/{b", "http://h/b}", "http://h/a b", "http://h/#x"] {
            assert!(matches!(parse(uri), UriError::Malformed(_)), "{uri}");
        }
    }

    #[test]
    fn knows_its_scheme() {
        for (uri, scheme, authority) in [
            ("http://h:81/x", Scheme::HTTP, "h:81"),
            ("https://h/x", Scheme::HTTPS, "h"),
            ("HTTPS://[::1]:8443", Scheme::HTTPS, "[::1]:8443"),
        ] {
            let template = UriTemplate::parse(uri, |_| None).expect(uri);
            assert_eq!(
                (template.scheme, template.authority.as_str()),
                (scheme, authority),
                "{uri}"
            );
        }
    }

    #[test]
    fn folds_stage_variables() {
        let variable = |name: &str| (name == "host").then_some("backend:80");
        let folded = fold_stage_variables("http://${stageVariables.host}/x/${stageVariables.host}", variable);
        assert_eq!(folded.as_deref(), Ok("http://backend:80/x/backend:80"));
        assert_eq!(
            fold_stage_variables("${stageVariables.nope}", variable),
            Err("nope".to_owned())
        );
        assert_eq!(
            fold_stage_variables("a${stageVariables.host", variable).as_deref(),
            Ok("a${stageVariables.host")
        );
    }
}
