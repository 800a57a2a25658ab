//! What a path may mean to the backend that reads it.

/// More rounds of percent-encoding than anything but an attack has.
const ROUNDS: usize = 4;

/// The path still changed after the last round of decoding.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct EncodedTooOften;

/// Whether some reading of the path fulfils the condition: decoded once or more, with or without `;parameters`.
pub(crate) fn any_reading(
    path: &str,
    case_sensitive: bool,
    fulfils: impl Fn(&[&[u8]]) -> bool,
) -> Result<bool, EncodedTooOften> {
    let mut decoded = decode(path.as_bytes());
    for _ in 0..ROUNDS {
        let mut text = decoded.clone();
        if !case_sensitive {
            text.make_ascii_lowercase();
        }
        if fulfils(&segments(&text, false)) || text.contains(&b';') && fulfils(&segments(&text, true)) {
            return Ok(true);
        }
        let again = decode(&decoded);
        if again == decoded {
            return Ok(false);
        }
        decoded = again;
    }
    Err(EncodedTooOften)
}

/// Decodes once. What is no encoding stays as it is.
fn decode(text: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        match after {
            [high, low, after @ ..]
                if *first == b'%' && high.is_ascii_hexdigit() && low.is_ascii_hexdigit() =>
            {
                decoded.push(digit(*high) << 4 | digit(*low));
                rest = after;
            }
            _ => {
                decoded.push(*first);
                rest = after;
            }
        }
    }
    decoded
}

fn digit(hexadecimal: u8) -> u8 {
    char::from(hexadecimal)
        .to_digit(16)
        .and_then(|digit| digit.try_into().ok())
        .unwrap_or(0)
}

/// The segments that are left after `.`, `..` and empty ones.
fn segments(path: &[u8], without_parameters: bool) -> Vec<&[u8]> {
    let mut segments = Vec::new();
    for segment in path.split(|byte| matches!(byte, b'/' | b'\\')) {
        let name = segment.split(|byte| *byte == b';').next().unwrap_or_default();
        match if without_parameters { name } else { segment } {
            b"" | b"." => (),
            b".." => drop(segments.pop()),
            segment => segments.push(segment),
        }
    }
    segments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_once() {
        for (text, decoded) in [
            ("%61", "a"),
            ("%2561", "%61"),
            ("%", "%"),
            ("%6", "%6"),
            ("%zz%61", "%zza"),
            ("%%61", "%a"),
            ("", ""),
        ] {
            assert_eq!(decode(text.as_bytes()), decoded.as_bytes(), "{text}");
        }
    }

    #[test]
    fn splits_into_segments() {
        assert_eq!(
            segments(b"/a/./b//c/../d;x=1/", false),
            [&b"a"[..], b"b", b"d;x=1"]
        );
        assert_eq!(segments(b"/a/..;x/b;y/..", true), [&b""[..]; 0]);
        assert_eq!(segments(b"/../..", false), [&b""[..]; 0]);
    }
}
