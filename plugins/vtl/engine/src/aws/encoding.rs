//! The encodings of `$util`, as commons-lang 2 and Java have them.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::bounds::{Bounds, Failure};

/// `java.util.Base64`: padding may be missing, and bits beyond the last byte do not matter.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// `StringEscapeUtils.escapeJavaScript` of commons-lang 2: quotes, backslashes and slashes get a backslash, what is
/// beyond ASCII becomes `\uXXXX` in upper case, by UTF-16 units.
pub(super) fn escape_java_script(text: &str, bounds: &mut Bounds) -> Result<String, Failure> {
    bounds.string(text.len())?;
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| !is_plain(byte)) {
        out.push_str(rest.get(..at).unwrap_or_default());
        let mut characters = rest.get(at..).unwrap_or_default().chars();
        if let Some(character) = characters.next() {
            escape(character, &mut out);
        }
        rest = characters.as_str();
    }
    out.push_str(rest);
    bounds.string(out.len())?;
    Ok(out)
}

/// Whether a character of this byte stays as it is.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=0x7f) && !matches!(byte, b'\'' | b'"' | b'\\' | b'/')
}

fn escape(character: char, out: &mut String) {
    let short = match character {
        '\u{8}' => 'b',
        '\n' => 'n',
        '\t' => 't',
        '\u{c}' => 'f',
        '\r' => 'r',
        '\'' | '"' | '\\' | '/' => character,
        _ => {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{unit:04X}");
            }
            return;
        }
    };
    out.push('\\');
    out.push(short);
}

/// `java.net.URLEncoder` with UTF-8.
pub(super) fn url_encode(text: &str, bounds: &mut Bounds) -> Result<String, Failure> {
    bounds.string(text.len())?;
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            _ => {
                // Writing to a String cannot fail.
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    bounds.string(out.len())?;
    Ok(out)
}

/// `java.net.URLDecoder` with UTF-8: a malformed escape is an error, malformed UTF-8 becomes U+FFFD.
pub(super) fn url_decode(text: &str, bounds: &mut Bounds) -> Result<String, Failure> {
    bounds.string(text.len())?;
    let malformed = || Failure::Thrown("URLDecoder: Illegal hex characters in escape (%) pattern".to_owned());
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['%', '+']) {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        bytes.extend_from_slice(before.as_bytes());
        if from.starts_with('+') {
            bytes.push(b' ');
            rest = from.get(1..).unwrap_or_default();
        } else {
            let digits = from.get(1..3).ok_or_else(malformed)?;
            // `Integer.parseInt` reads a sign too.
            bytes.push(u8::from_str_radix(digits, 16).map_err(|_| malformed())?);
            rest = from.get(3..).unwrap_or_default();
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    Ok(utf8(bytes))
}

/// `Base64.getEncoder()` on UTF-8.
pub(super) fn base64_encode(text: &str, bounds: &mut Bounds) -> Result<String, Failure> {
    bounds.string(text.len() / 3 * 4 + 4)?;
    Ok(BASE64.encode(text))
}

/// `Base64.getDecoder()`, and the bytes as UTF-8: what is malformed becomes U+FFFD.
pub(super) fn base64_decode(text: &str, bounds: &mut Bounds) -> Result<String, Failure> {
    bounds.string(text.len())?;
    let malformed = || Failure::Thrown("Base64: illegal input".to_owned());
    if text.ends_with('=') && !text.len().is_multiple_of(4) {
        return Err(malformed());
    }
    let bytes = BASE64.decode(text).map_err(|_| malformed())?;
    Ok(utf8(bytes))
}

/// Bytes as UTF-8; what is malformed becomes U+FFFD, and half of a surrogate pair becomes one, as in Java.
fn utf8(mut bytes: Vec<u8>) -> String {
    const REPLACEMENT: [u8; 3] = [0xef, 0xbf, 0xbd];
    let is_half = |three: &[u8]| matches!(three, [0xed, 0xa0..=0xbf, 0x80..=0xbf]);
    for at in 0..bytes.len() {
        if let Some(three) = bytes.get_mut(at..at + 3)
            && is_half(three)
        {
            three.copy_from_slice(&REPLACEMENT);
        }
    }
    match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    }
}
