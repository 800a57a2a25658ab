//! What an execution log shows of a request's data: cut, on one line, and with its secrets blanked.

use std::fmt::Write as _;

use http::HeaderMap;
use serde_json::Value;

use super::access_log::is_break;
use crate::proxy::percent;

/// Bytes of headers, or of a body, that are told.
pub(super) const DATA_LIMIT: usize = 1_024;
/// Asterisks that a secret has at the most.
const ASTERISKS: usize = 64;

const SECRET_HEADERS: [&str; 6] = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "set-cookie",
    "x-amz-security-token",
    "x-api-key",
];
const SECRET_PARAMETERS: [&str; 3] = ["x-amz-credential", "x-amz-security-token", "x-amz-signature"];

/// What is blanked: the known secrets, and where the method's authorizer finds who calls.
#[derive(Debug, Default)]
pub(super) struct Secrets<'a> {
    pub(super) headers: Vec<&'a str>,
    pub(super) parameters: Vec<&'a str>,
}

impl Secrets<'_> {
    fn is_header(&self, name: &str) -> bool {
        SECRET_HEADERS.contains(&name)
            || self
                .headers
                .iter()
                .any(|secret| secret.eq_ignore_ascii_case(name))
    }

    fn is_parameter(&self, name: &str) -> bool {
        SECRET_PARAMETERS
            .iter()
            .any(|secret| secret.eq_ignore_ascii_case(name))
            || self.parameters.contains(&name)
    }

    pub(super) fn headers(&self, headers: &HeaderMap) -> String {
        let value = |name: &http::HeaderName| {
            let values = headers.get_all(name).iter();
            let values = values.map(|value| {
                let value = String::from_utf8_lossy(value.as_bytes());
                if self.is_header(name.as_str()) {
                    blanked(&value)
                } else {
                    value.into_owned()
                }
            });
            values.collect::<Vec<_>>().join(",")
        };
        listed(headers.keys().map(|name| (name.as_str(), value(name))))
    }

    pub(super) fn query(&self, query: Option<&str>) -> String {
        let pairs = query.into_iter().flat_map(percent::query_pairs);
        listed(pairs.map(|(name, value)| {
            let value = if self.is_parameter(&name) {
                blanked(&value)
            } else {
                value.into_owned()
            };
            (name, value)
        }))
    }

    /// A URI with what is secret in its query blanked.
    pub(super) fn uri(&self, uri: &str) -> String {
        let Some((path, query)) = uri.split_once('?') else {
            return uri.to_owned();
        };
        let pair = |pair: &str| match pair.split_once('=') {
            Some((name, value)) if self.is_parameter(&percent::decode(name)) => {
                format!("{name}={}", blanked(value))
            }
            _ => pair.to_owned(),
        };
        let query: Vec<String> = query.split('&').map(pair).collect();
        format!("{path}?{}", query.join("&"))
    }
}

/// Asterisks, and of a long secret its last characters, so that two can be told apart.
pub(super) fn blanked(secret: &str) -> String {
    let length = secret.chars().count();
    let shown = match length {
        0..16 => 0,
        16..32 => 4,
        _ => 6,
    };
    let end: String = secret.chars().skip(length - shown).collect();
    "*".repeat((length - shown).min(ASTERISKS)) + &end
}

/// `{a=1, b=2}`, cut.
pub(super) fn listed<N: AsRef<str>>(pairs: impl Iterator<Item = (N, String)>) -> String {
    let mut text = "{".to_owned();
    for (name, value) in pairs {
        if text.len() > 1 {
            text.push_str(", ");
        }
        text.push_str(name.as_ref());
        text.push('=');
        text.push_str(&value);
        if text.len() > DATA_LIMIT {
            break;
        }
    }
    text.push('}');
    cut(&text, text.len())
}

/// The beginning of a text of `length` bytes.
fn cut(text: &str, length: usize) -> String {
    if length <= DATA_LIMIT {
        return text.to_owned();
    }
    let beginning = text
        .get(..text.floor_char_boundary(DATA_LIMIT))
        .unwrap_or_default();
    format!("{beginning} [TRUNCATED]")
}

/// A body as text; what is no text is not shown.
pub(super) fn body_text(seen: &[u8]) -> String {
    match std::str::from_utf8(seen) {
        Ok(text) => cut(text, seen.len()),
        // The cut may be in the middle of a character.
        Err(error) if error.error_len().is_none() && seen.len() > DATA_LIMIT => {
            let text = seen.get(..error.valid_up_to()).unwrap_or_default();
            cut(&String::from_utf8_lossy(text), seen.len())
        }
        Err(_) => "[Binary Data]".to_owned(),
    }
}

/// The event of a function, as it is told: where it is made of the request, without what may have secrets, and any other as it
/// is.
pub(super) fn event_text(event: &[u8]) -> String {
    const WITHHELD: [&str; 7] = [
        "headers",
        "multiValueHeaders",
        "queryStringParameters",
        "multiValueQueryStringParameters",
        "rawQueryString",
        "cookies",
        "requestContext",
    ];
    match serde_json::from_slice::<Value>(event) {
        Ok(Value::Object(mut members)) if members.contains_key("requestContext") => {
            for name in WITHHELD {
                members.shift_remove(name);
            }
            body_text(Value::from(members).to_string().as_bytes())
        }
        _ => body_text(event),
    }
}

/// The answer of an authorizer's function, in which an API key may be.
pub(super) fn authorizer_answer(payload: &[u8]) -> String {
    let Ok(Value::Object(mut answer)) = serde_json::from_slice(payload) else {
        return body_text(payload);
    };
    if let Some(key) = answer.get_mut("usageIdentifierKey") {
        *key = blanked(key.as_str().unwrap_or_default()).into();
    }
    body_text(Value::Object(answer).to_string().as_bytes())
}

/// A client's bytes must not make lines of their own.
pub(super) fn clean(line: &str) -> String {
    let mut cleaned = String::with_capacity(line.len());
    for c in line.chars() {
        match c {
            '\n' => cleaned.push_str("\\n"),
            '\r' => cleaned.push_str("\\r"),
            '\t' => cleaned.push_str("\\t"),
            c if is_break(c) => {
                // Writing to a string cannot fail.
                let _ = write!(cleaned, "\\u{:04x}", u32::from(c));
            }
            c => cleaned.push(c),
        }
    }
    cleaned
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    /// Source: execution logs of the real service, where `Authorization` is asterisks and its last six characters.
    #[test]
    fn secrets_are_asterisks_and_their_last_characters() {
        for (secret, expected) in [
            ("", ""),
            ("short", "*****"),
            ("0123456789abcdef", "************cdef"),
            (
                "0123456789abcdef0123456789abcdéf",
                "**************************abcdéf",
            ),
        ] {
            assert_eq!(blanked(secret), expected);
        }
        assert_eq!(blanked(&"x".repeat(4_000)).len(), ASTERISKS + 6);
    }

    #[test]
    fn nothing_secret_is_told() {
        let secrets = Secrets {
            headers: vec!["X-Token"],
            parameters: vec!["token"],
        };
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("accept", "a"),
            ("accept", "b"),
            ("authorization", "Bearer 1"),
            ("cookie", "a=1"),
            ("proxy-authorization", "Basic"),
            ("set-cookie", "a=1"),
            ("x-amz-security-token", "st"),
            ("x-api-key", "key"),
            ("x-token", "t"),
        ] {
            headers.append(name, HeaderValue::from_static(value));
        }
        assert_eq!(
            secrets.headers(&headers),
            "{accept=a,b, authorization=********, cookie=***, proxy-authorization=*****, set-cookie=***, \
             x-amz-security-token=**, x-api-key=***, x-token=*}"
        );
        let query = "q=a%20b&X-Amz-Signature=s%3D&x-amz-credential=c&X-Amz-Security-Token=t&token=u&flag";
        assert_eq!(
            secrets.query(Some(query)),
            "{q=a b, X-Amz-Signature=**, x-amz-credential=*, X-Amz-Security-Token=*, token=*, flag=}"
        );
        assert_eq!(
            secrets.uri(&format!("http://h/p?{query}")),
            "http://h/p?q=a%20b&X-Amz-Signature=****&x-amz-credential=*&X-Amz-Security-Token=*&token=*&flag"
        );
        assert_eq!(secrets.query(None), "{}");
    }

    #[test]
    fn data_is_cut_and_makes_no_lines() {
        let long = "é".repeat(600);
        assert_eq!(
            body_text(long.as_bytes()),
            format!("{} [TRUNCATED]", "é".repeat(512))
        );
        let odd = format!("a{long}");
        let odd = &odd.as_bytes()[..DATA_LIMIT + 1];
        assert_eq!(body_text(odd), format!("a{} [TRUNCATED]", "é".repeat(511)));
        assert_eq!(body_text(b"a\xffb"), "[Binary Data]");
        assert_eq!(body_text(b"{\"a\": 1}"), "{\"a\": 1}");
        assert_eq!(
            clean("a\r\n\tb\u{1b}[0m\u{2028}\\"),
            "a\\r\\n\\tb\\u001b[0m\\u2028\\"
        );
        let pairs = (0..500).map(|n| (format!("name-{n}"), "v".to_owned()));
        let text = listed(pairs);
        assert!(text.ends_with(" [TRUNCATED]"), "{text}");
        assert_eq!(text.len(), DATA_LIMIT + " [TRUNCATED]".len());
    }
}
