//! Media types of headers, compared with patterns such as `image/png`, `image/*` and `*/*`.

/// What a body without a `Content-Type` is taken for, as API Gateway does.
pub const DEFAULT: &str = "application/json";

/// Whether a header's media type is one that a pattern means. Parameters and letter case do not count. A `*` in the
/// header is no wildcard: `image/*` in an `Accept` matches the patterns `image/*` and `*/*`, not `image/png`.
pub fn matches(header: &str, pattern: &str) -> bool {
    match (parse(header), parse(pattern)) {
        (Some(found), Some(pattern)) => is_one_of(found, pattern),
        _ => false,
    }
}

fn is_one_of((kind, subtype): (&str, &str), pattern: (&str, &str)) -> bool {
    let fits = |found: &str, pattern: &str| pattern == "*" || pattern.eq_ignore_ascii_case(found);
    fits(kind, pattern.0) && fits(subtype, pattern.1)
}

/// Whether a text can be a pattern: a type and a subtype, either of which may be `*`, the first only with the second.
pub fn is_pattern(text: &str) -> bool {
    let is_whole = !text.contains(';') && text.trim() == text;
    is_whole && parse(text).is_some_and(|(kind, subtype)| kind != "*" || subtype == "*")
}

/// Type and subtype, without parameters.
fn parse(text: &str) -> Option<(&str, &str)> {
    let (kind, subtype) = essence(text).split_once('/')?;
    (is_token(kind) && is_token(subtype)).then_some((kind, subtype))
}

/// The media type without its parameters, as it is written.
pub fn essence(header: &str) -> &str {
    header
        .split(';')
        .next()
        .unwrap_or_default()
        .trim_matches([' ', '\t'])
}

/// RFC 9110 §5.6.2.
fn is_token(text: &str) -> bool {
    let is_mark = |byte: u8| b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || is_mark(byte))
}

/// The first media type of an `Accept` header, without its parameters; API Gateway looks at no other
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings-workflow.html>).
/// Weights do not count.
pub fn first_of_accept(header: &str) -> Option<&str> {
    let mut elements = header.split(',').map(|element| element.trim_matches([' ', '\t']));
    // What comes before the first parameter holds no quoted comma.
    elements
        .find(|element| !element.is_empty())
        .map(essence)
        .filter(|essence| !essence.is_empty())
}

/// The media types of an API whose bodies are bytes (`binaryMediaTypes`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BinaryTypes(Vec<String>);

impl BinaryTypes {
    /// Takes the patterns of an API. One that is not valid, as [`is_pattern`] says, matches nothing.
    pub fn new(patterns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self(patterns.into_iter().map(Into::into).collect())
    }

    /// Whether there are none, so that all bodies are text.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a body with this `Content-Type` is bytes; one without is taken for [`DEFAULT`].
    pub fn is_binary(&self, content_type: Option<&str>) -> bool {
        self.has(content_type.unwrap_or(DEFAULT))
    }

    /// Whether a client with this `Accept` wants bytes; only its first media type counts, and one without accepts
    /// `*/*`, which the pattern `*/*` alone matches.
    pub fn is_accepted(&self, accept: Option<&str>) -> bool {
        self.has(accept.and_then(first_of_accept).unwrap_or("*/*"))
    }

    fn has(&self, header: &str) -> bool {
        self.0.iter().any(|pattern| matches(header, pattern))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares_headers_with_patterns() {
        let cases = [
            ("image/png", "image/png", true),
            ("IMAGE/PNG", "image/Png", true),
            ("image/png; q=1", "image/png", true),
            ("image/png ;charset=x", "image/*", true),
            ("image/png", "*/*", true),
            ("image/png", "image/jpeg", false),
            ("image/png", "video/*", false),
            ("image/*", "image/*", true),
            ("image/*", "image/png", false),
            ("*/*", "image/*", false),
            ("application/vnd.api+json", "application/json", false),
            ("image", "*/*", false),
            ("", "*/*", false),
            ("/", "*/*", false),
            ("image/p ng", "image/*", false),
            ("image/png/x", "image/*", false),
            ("image/png", "image", false),
            ("image/png", "", false),
        ];
        for (header, pattern, expected) in cases {
            assert_eq!(matches(header, pattern), expected, "{header:?} {pattern:?}");
        }
    }

    #[test]
    fn knows_patterns() {
        for good in ["image/png", "image/*", "*/*", "application/vnd.a+b"] {
            assert!(is_pattern(good), "{good:?}");
        }
        for bad in [
            "",
            "*",
            "image",
            "*/png",
            "image/png; q=1",
            " image/png",
            "a/b/c",
            "a b/c",
        ] {
            assert!(!is_pattern(bad), "{bad:?}");
        }
    }

    #[test]
    fn finds_the_first_media_type_of_accept() {
        let cases = [
            ("image/webp,image/*,*/*;q=0.8", Some("image/webp")),
            ("image/webp;q=0.1, image/png", Some("image/webp")),
            (" , image/png", Some("image/png")),
            ("a/b;x=\",c/d\"", Some("a/b")),
            ("image/png", Some("image/png")),
            ("", None),
            (" , ", None),
            (";q=1", None),
        ];
        for (header, expected) in cases {
            assert_eq!(first_of_accept(header), expected, "{header:?}");
        }
    }

    #[test]
    fn says_which_bodies_are_bytes() {
        let images = BinaryTypes::new(["image/png", "audio/*"]);
        assert!(images.is_binary(Some("image/png; x=y")));
        assert!(images.is_binary(Some("audio/mpeg")));
        assert!(!images.is_binary(Some("text/plain")));
        assert!(!images.is_binary(None));
        // The developer guide's example: the first media type of a browser's header is not in the list.
        assert!(!images.is_accepted(Some("image/webp,image/png")));
        assert!(images.is_accepted(Some("image/png,*/*")));
        assert!(!images.is_accepted(None));
        let all = BinaryTypes::new(["*/*"]);
        assert!(all.is_binary(None) && all.is_accepted(None) && all.is_binary(Some("application/json")));
        let none = BinaryTypes::default();
        assert!(none.is_empty() && !none.is_binary(Some("image/png")) && !none.is_accepted(Some("*/*")));
    }
}
