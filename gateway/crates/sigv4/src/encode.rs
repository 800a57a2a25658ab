//! Percent-encoding as AWS's `UriEncode` does it.

use std::borrow::Cow;

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// Whether a byte stands for itself: the unreserved characters of RFC 3986.
pub(crate) fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// Appends one byte as `%XX`.
pub(crate) fn push_escaped(byte: u8, to: &mut Vec<u8>) {
    let digit = |nibble: u8| HEX.get(usize::from(nibble)).copied().unwrap_or(b'0');
    to.extend([b'%', digit(byte >> 4), digit(byte & 15)]);
}

/// Appends bytes, all but the unreserved ones escaped.
pub(crate) fn push_encoded(bytes: &[u8], to: &mut Vec<u8>) {
    for &byte in bytes {
        if is_unreserved(byte) {
            to.push(byte)
        } else {
            push_escaped(byte, to)
        }
    }
}

/// The byte that `%XX` at the start of these bytes stands for.
pub(crate) fn escape_at(bytes: &[u8]) -> Option<u8> {
    let [b'%', high, low, ..] = bytes else { return None };
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    Some(digit(*high)? << 4 | digit(*low)?)
}

/// A name or a value of a query, decoded: `+` is a blank, and a `%` without two digits stands for itself.
pub(crate) fn query_decoded(mut bytes: &[u8]) -> Cow<'_, [u8]> {
    if !bytes.iter().any(|byte| matches!(byte, b'%' | b'+')) {
        return Cow::Borrowed(bytes);
    }
    let mut decoded = Vec::with_capacity(bytes.len());
    while let Some((&first, rest)) = bytes.split_first() {
        match escape_at(bytes) {
            Some(byte) => {
                decoded.push(byte);
                bytes = bytes.get(3..).unwrap_or_default();
            }
            None => {
                decoded.push(if first == b'+' { b' ' } else { first });
                bytes = rest;
            }
        }
    }
    Cow::Owned(decoded)
}

/// Appends a digest in lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8; 32]) -> String {
    let mut text = String::with_capacity(64);
    for byte in bytes {
        for nibble in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
        }
    }
    text
}
