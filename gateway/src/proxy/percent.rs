//! Percent-decoding of path parts and query strings.

use std::borrow::Cow;

use portcullis_http1::target::has_dot_segment as has_dots;

/// Decodes `%XX`; what is not a valid escape stays as it is, and bytes that are not UTF-8 become U+FFFD.
pub fn decode(text: &str) -> Cow<'_, str> {
    if text.contains('%') {
        Cow::Owned(decoded(text, false))
    } else {
        Cow::Borrowed(text)
    }
}

/// The same, with bytes that are not UTF-8 as they are.
pub fn decode_bytes(text: &str) -> Vec<u8> {
    decoded_bytes(text, false)
}

/// Decodes a name or a value of a query string: as [`decode`], and `+` is a blank.
pub fn decode_query(text: &str) -> Cow<'_, str> {
    if text.contains(['%', '+']) {
        Cow::Owned(decoded(text, true))
    } else {
        Cow::Borrowed(text)
    }
}

fn decoded(text: &str, plus_is_blank: bool) -> String {
    let bytes = decoded_bytes(text, plus_is_blank);
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

fn decoded_bytes(text: &str, plus_is_blank: bool) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' if plus_is_blank => bytes.push(b' '),
            b'%' => match escape(rest.clone()) {
                Some(value) => {
                    bytes.push(value);
                    rest.nth(1);
                }
                None => bytes.push(b'%'),
            },
            _ => bytes.push(byte),
        }
    }
    bytes
}

fn escape(mut following: impl Iterator<Item = u8>) -> Option<u8> {
    let high = char::from(following.next()?).to_digit(16)?;
    let low = char::from(following.next()?).to_digit(16)?;
    u8::try_from(high * 16 + low).ok()
}

/// The pairs of a query string, decoded, in order.
pub fn query_pairs(query: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode_query(name), decode_query(value))
    })
}

/// Encodes all but RFC 3986's unreserved characters, for a query string made here.
pub fn encode(text: &str, into: &mut String) {
    for byte in text.bytes() {
        encode_byte(byte, into);
    }
}

fn encode_byte(byte: u8, into: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
        into.push(char::from(byte));
    } else {
        into.push('%');
        for nibble in [byte >> 4, byte & 15] {
            into.push(char::from(HEX.get(usize::from(nibble)).copied().unwrap_or(b'0')));
        }
    }
}

/// A path with all encoded but RFC 3986's unreserved characters and slashes: what was sent encoded, too, where it need not be.
pub fn canonical_path(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len() + 16);
    for byte in decoded_bytes(path, false) {
        match byte {
            b'/' => encoded.push('/'),
            byte => encode_byte(byte, &mut encoded),
        }
    }
    encoded
}

/// Whether a path holds a part that a backend may read as a step up or in place: `.` or `..`, encoded or not.
///
/// Such a part, filled into a backend's URI, could leave the prefix that the URI names. A backslash counts as a slash
/// and `;` ends a part, since some backends read them so.
pub fn has_dot_segment(path: &str) -> bool {
    has_dots(decode(path).bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_escapes_and_keeps_what_is_none() {
        for (text, path, query) in [
            ("plain", "plain", "plain"),
            ("a%20b", "a b", "a b"),
            ("a+b", "a+b", "a b"),
            ("100%", "100%", "100%"),
            ("%2", "%2", "%2"),
            ("%zz", "%zz", "%zz"),
            ("%C3%A9", "é", "é"),
            ("%ff", "\u{fffd}", "\u{fffd}"),
            ("%2525", "%25", "%25"),
        ] {
            assert_eq!(decode(text), path, "{text}");
            assert_eq!(decode_query(text), query, "{text}");
        }
    }

    #[test]
    fn splits_queries_in_order_with_repeats() {
        let pairs: Vec<_> = query_pairs("a=1&b&a=2&&c=x%3Dy=z").collect();
        let expected = [("a", "1"), ("b", ""), ("a", "2"), ("c", "x=y=z")];
        assert_eq!(pairs, expected.map(|(name, value)| (name.into(), value.into())));
    }

    #[test]
    fn sees_dot_segments_however_they_are_written() {
        for path in [
            "..",
            "a/../b",
            "a/%2e%2E/b",
            "a/./b",
            "..%2fx",
            "x/..;a=1/y",
            "a\\..\\b",
            "a%5c..%5cb",
        ] {
            assert!(has_dot_segment(path), "{path}");
        }
        for path in ["a/b", "a/...", "a..b", ".hidden", "a/b.", "%252e%252e"] {
            assert!(!has_dot_segment(path), "{path}");
        }
    }

    #[test]
    fn encodes_what_is_not_unreserved() {
        let mut text = String::new();
        encode("a b&é~", &mut text);
        assert_eq!(text, "a%20b%26%C3%A9~");
    }
}
