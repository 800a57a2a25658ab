//! Quoted strings with escapes.

use super::Error;

/// json-smart takes this character of a text for its end.
pub(super) const END: u8 = 0x1A;

/// Where a quoted string ends, or has its first escape. Eight bytes are looked at at once, as few as most strings have.
pub(super) fn end(bytes: &[u8], quote: u8) -> Option<usize> {
    let (words, rest) = bytes.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let found = zeros(word ^ each(quote)) | zeros(word ^ each(b'\\'));
        if found != 0 {
            return Some(8 * at + (found.trailing_zeros() / 8) as usize);
        }
    }
    let at = rest.iter().position(|byte| *byte == quote || *byte == b'\\')?;
    Some(8 * words.len() + at)
}

/// A word of this byte eight times.
const fn each(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// The highest bit of each byte that is zero; behind the first one it may be set for others too.
const fn zeros(word: u64) -> u64 {
    word.wrapping_sub(each(1)) & !word & each(0x80)
}

/// A string under way, in which surrogates of escapes may yet find their pair.
struct Unescaped {
    out: String,
    high: Option<u16>,
}

impl Unescaped {
    fn push(&mut self, text: &str) {
        if !text.is_empty() {
            self.flush();
            self.out.push_str(text);
        }
    }

    fn flush(&mut self) {
        if self.high.take().is_some() {
            self.out.push('?');
        }
    }

    fn push_unit(&mut self, unit: u16) {
        match (self.high.take(), unit) {
            (Some(high), 0xDC00..=0xDFFF) => {
                let pair = char::decode_utf16([high, unit]).next();
                self.out.push(pair.and_then(Result::ok).unwrap_or('?'));
            }
            (before, _) => {
                if before.is_some() {
                    self.out.push('?');
                }
                match unit {
                    0xD800..=0xDBFF => self.high = Some(unit),
                    _ => self.out.push(char::from_u32(u32::from(unit)).unwrap_or('?')),
                }
            }
        }
    }
}

/// Reads from `start`, just behind the opening quote, to behind the closing one; the string and the next byte.
///
/// A string with any escape in it loses its control characters, and unknown escapes vanish; both as in json-smart.
pub(super) fn unescape(text: &str, start: usize, quote: u8) -> Result<(String, usize), Error> {
    let bytes = text.as_bytes();
    let mut made = Unescaped {
        out: String::new(),
        high: None,
    };
    let mut run = start;
    let mut at = start;
    loop {
        let byte = bytes.get(at).copied().unwrap_or(END);
        if byte >= b' ' && byte != quote && byte != b'\\' && byte != 0x7F {
            at += 1;
            continue;
        }
        made.push(text.get(run..at).unwrap_or_default());
        if byte == END {
            return Err(Error::Ends);
        }
        at += 1;
        if byte == quote {
            made.flush();
            return Ok((made.out, at));
        }
        if byte == b'\\' {
            at = escape(bytes, at, &mut made)?;
        }
        run = at;
    }
}

/// Reads one escape behind its backslash; the byte that follows it.
fn escape(bytes: &[u8], at: usize, made: &mut Unescaped) -> Result<usize, Error> {
    let byte = bytes.get(at).copied().unwrap_or(END);
    let plain = match byte {
        b't' => "\t",
        b'n' => "\n",
        b'r' => "\r",
        b'f' => "\u{c}",
        b'b' => "\u{8}",
        b'\\' => "\\",
        b'/' => "/",
        b'\'' => "'",
        b'"' => "\"",
        b'u' => return hexadecimal(bytes, at + 1, 4, made),
        b'x' => return hexadecimal(bytes, at + 1, 2, made),
        // It is a character of several bytes: all of them vanish.
        0x80.. => return Ok(at + 1 + continuation(bytes, at + 1)),
        _ => "",
    };
    made.push(plain);
    Ok(at + 1)
}

/// How many bytes from `at` on continue a character.
fn continuation(bytes: &[u8], at: usize) -> usize {
    bytes
        .get(at..)
        .unwrap_or_default()
        .iter()
        .take_while(|byte| (0x80..0xC0).contains(*byte))
        .count()
}

fn hexadecimal(bytes: &[u8], start: usize, count: usize, made: &mut Unescaped) -> Result<usize, Error> {
    let mut unit = 0_u16;
    for at in start..start + count {
        let byte = bytes.get(at).copied().unwrap_or(END);
        let digit = char::from(byte)
            .to_digit(16)
            .and_then(|digit| u16::try_from(digit).ok());
        match digit {
            Some(digit) => unit = unit << 4 | digit,
            None if byte == END => return Err(Error::Ends),
            None => return Err(Error::Unexpected(at)),
        }
    }
    made.push_unit(unit);
    Ok(start + count)
}
