//! What may stand in a path and a query, in HTTP/1 and HTTP/2 alike (RFC 3986 sections 3.3 and 3.4).

use crate::Reason;
use crate::byte::{PathBytes, is_odd, is_target};

/// Whether a path could be read in two ways, or lead elsewhere than its parts say.
///
/// Refused are dot segments however they are written, encoded once or twice; backslashes and control characters, as they are
/// or encoded; overlong UTF-8 of ASCII; and what a path has only encoded: `"<>^{}` and the backtick. An encoded slash
/// passes: it is a part of a parameter's value.
///
/// # Errors
///
/// It could.
pub fn check_path(path: &str) -> Result<(), Reason> {
    let bytes = PathBytes::of(path);
    if bytes.has_odd() {
        return Err(match path.bytes().find(|byte| is_odd(*byte)) {
            Some(byte) if is_target(byte) => Reason::Path,
            _ => Reason::Target,
        });
    }
    // A part stands behind a slash or, of a `:path` that has none, at the beginning.
    let may_have = || path.starts_with('.') || path.as_bytes().windows(2).any(|pair| pair == b"/.");
    if bytes.has_dot() && may_have() && has_dot_segment(path.bytes()) {
        return Err(Reason::Path);
    }
    if bytes.has_escape() {
        check_decoded(path)?;
    }
    Ok(())
}

/// Whether a query has only bytes that one may have.
///
/// # Errors
///
/// It has others.
pub fn check_query(query: &str) -> Result<(), Reason> {
    if query.bytes().all(is_target) {
        Ok(())
    } else {
        Err(Reason::Target)
    }
}

fn check_decoded(path: &str) -> Result<(), Reason> {
    let decoded = || Decoded { from: path.bytes() };
    let mut before = 0;
    for byte in decoded() {
        let is_overlong = matches!((before, byte), (0xc0 | 0xc1, 0x80..=0xbf));
        if byte < b' ' || byte == 0x7f || byte == b'\\' || is_overlong {
            return Err(Reason::Path);
        }
        before = byte;
    }
    if has_dot_segment(decoded()) || has_dot_segment(Decoded { from: decoded() }) {
        return Err(Reason::Path);
    }
    Ok(())
}

/// Whether a part of a decoded path is `.` or `..`. A backslash counts as a slash and `;` ends a part, since some backends read
/// them so.
pub fn has_dot_segment(bytes: impl Iterator<Item = u8>) -> bool {
    /// Dots of a part so far; none where it has something else.
    const NO_DOTS: Option<u8> = None;
    let is_dots = |dots: Option<u8>| matches!(dots, Some(1 | 2));
    let mut dots = Some(0);
    let mut in_parameters = false;
    for byte in bytes {
        match byte {
            b'/' | b'\\' => {
                if is_dots(dots) {
                    return true;
                }
                (dots, in_parameters) = (Some(0), false);
            }
            _ if in_parameters => {}
            b';' => in_parameters = true,
            b'.' => dots = dots.map(|dots: u8| dots.saturating_add(1)),
            _ => dots = NO_DOTS,
        }
    }
    is_dots(dots)
}

/// Bytes with `%XX` decoded; what is no escape stays as it is.
#[derive(Clone)]
struct Decoded<I> {
    from: I,
}

impl<I: Iterator<Item = u8> + Clone> Iterator for Decoded<I> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        let byte = self.from.next()?;
        if byte != b'%' {
            return Some(byte);
        }
        let mut ahead = self.from.clone();
        let mut digit = || char::from(ahead.next()?).to_digit(16);
        match (digit(), digit()) {
            (Some(high), Some(low)) => {
                self.from = ahead;
                u8::try_from(high << 4 | low).ok()
            }
            _ => Some(byte),
        }
    }
}
