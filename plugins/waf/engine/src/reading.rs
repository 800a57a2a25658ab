//! What a value may mean to whoever reads it: decoded once or more, and without what hides a word.
//!
//! All ways of writing a character are taken off at once, one layer at a time, and every layer is looked at: percent and
//! `%u` encoding, entities of HTML, escapes of JSON and JavaScript, overlong UTF-8. Each layer is then made plain: lower
//! case, one kind of blank, no characters that nobody sees.

/// The value is still encoded behind the last layer that is taken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EncodedTooOften;

/// Asks about each reading of a value, until there is a finding.
pub(crate) fn find<T>(
    value: &str,
    layers: u32,
    mut look: impl FnMut(&str) -> Option<T>,
) -> Result<Option<T>, EncodedTooOften> {
    if is_one_word(value) {
        return Ok(None);
    }
    let mut decoded = None;
    for layer in 0..=layers {
        let text: &str = decoded.as_deref().unwrap_or(value);
        if let Some(found) = plain_readings(text, &mut look) {
            return Ok(Some(found));
        }
        match decode(text) {
            None => return Ok(None),
            Some(_) if layer == layers && is_percent_encoded(text) => return Err(EncodedTooOften),
            Some(next) => decoded = Some(next),
        }
    }
    Ok(None)
}

/// Neither a blank nor a sign that an attack needs: most values, and nothing is made of them.
fn is_one_word(value: &str) -> bool {
    value.bytes().all(|byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b':' | b'@' | b',' | b'/' | b'-' | b'?')
    }) && !value.contains("--")
        && !value.contains("@@")
}

fn plain_readings<T>(text: &str, look: &mut impl FnMut(&str) -> Option<T>) -> Option<T> {
    let plain = plain(text, None);
    let found = look(&plain);
    if found.is_some() {
        return found;
    }
    if text.contains('\0') {
        // Some leave it out, some end a word there.
        let found = look(&self::plain(&text.replace('\0', " "), None));
        if found.is_some() {
            return found;
        }
    }
    // What the gateway could not read as UTF-8 may be an overlong form of a sign, or a blank of Latin-1.
    if text.contains(char::REPLACEMENT_CHARACTER) {
        return ['\'', '<', ' ']
            .into_iter()
            .find_map(|sign| look(&self::plain(text, Some(sign))));
    }
    None
}

/// In lower case, with one kind of blank, without what nobody sees. Lines stay.
fn plain(text: &str, unreadable: Option<char>) -> String {
    let mut plain = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '\n' | '\r' => plain.push('\n'),
            '\0' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => {}
            char::REPLACEMENT_CHARACTER => match unreadable {
                Some(sign) if plain.ends_with(sign) => {}
                Some(sign) => plain.push(sign),
                None => plain.push(char),
            },
            _ if char.is_ascii_graphic() => plain.push(char.to_ascii_lowercase()),
            _ if char.is_whitespace() || char.is_control() => plain.push(' '),
            // What code pages take for an apostrophe, and the wide forms of ASCII.
            '\u{2b9}' | '\u{2bc}' | '\u{2032}' => plain.push('\''),
            '\u{ff01}'..='\u{ff5e}' => {
                let narrow = char::from_u32(u32::from(char) - 0xfee0).unwrap_or(char);
                plain.push(narrow.to_ascii_lowercase());
            }
            // Letters that become these in lower or upper case.
            '\u{17f}' => plain.push('s'),
            '\u{212a}' => plain.push('k'),
            '\u{131}' | '\u{130}' => plain.push('i'),
            _ => plain.push(char),
        }
    }
    plain
}

fn is_percent_encoded(text: &str) -> bool {
    text.as_bytes().windows(3).any(
        |three| matches!(three, [b'%', high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit()),
    )
}

/// The text with one layer of each encoding taken off; none where there is none.
fn decode(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    if !bytes.iter().any(|byte| matches!(byte, b'%' | b'&' | b'\\')) {
        return None;
    }
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut changed = false;
    let mut rest = bytes;
    while let Some((first, after)) = rest.split_first() {
        let escape = match first {
            b'%' => percent(after),
            b'&' => entity(after),
            b'\\' => backslash(after),
            _ => None,
        };
        match escape {
            Some((what, length)) => {
                what.push(&mut decoded);
                changed = true;
                rest = after.get(length..).unwrap_or_default();
            }
            None => {
                decoded.push(*first);
                rest = after;
            }
        }
    }
    changed.then(|| text_of(&decoded))
}

/// What an escape stands for.
enum Escaped {
    Byte(u8),
    Char(char),
}

impl Escaped {
    fn push(self, into: &mut Vec<u8>) {
        match self {
            Self::Byte(byte) => into.push(byte),
            Self::Char(char) => into.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

/// With how many bytes belong to it.
type Escape = Option<(Escaped, usize)>;

fn percent(after: &[u8]) -> Escape {
    match after {
        [b'u' | b'U', code @ ..] => {
            let (code, length) = hexadecimal(code, 4)?;
            (length == 4).then_some((Escaped::Char(char::from_u32(code)?), 5))
        }
        _ => {
            let (code, length) = hexadecimal(after, 2)?;
            (length == 2).then_some((Escaped::Byte(u8::try_from(code).ok()?), 2))
        }
    }
}

fn entity(after: &[u8]) -> Escape {
    if let [b'#', number @ ..] = after {
        let (code, length) = match number {
            [b'x' | b'X', number @ ..] => {
                let zeros = number.iter().take_while(|byte| **byte == b'0').count();
                let (code, length) = hexadecimal(number.get(zeros..)?, 6).unwrap_or((0, 0));
                (code, 1 + zeros + length)
            }
            _ => decimal(number)?,
        };
        let ends = usize::from(number.get(length) == Some(&b';'));
        return Some((Escaped::Char(char::from_u32(code)?), 1 + length + ends));
    }
    const LONGEST: usize = 12;
    let length = after
        .iter()
        .take(LONGEST)
        .take_while(|byte| byte.is_ascii_alphanumeric())
        .count();
    let name = after.get(..length)?.to_ascii_lowercase();
    // Browsers take these without their semicolon too.
    for (old, char) in [("lt", '<'), ("gt", '>'), ("quot", '"'), ("amp", '&')] {
        if name.starts_with(old.as_bytes()) {
            let ends = usize::from(after.get(old.len()) == Some(&b';'));
            return Some((Escaped::Char(char), old.len() + ends));
        }
    }
    let ends = after.get(length) == Some(&b';');
    let char = match (name.as_slice(), ends) {
        (b"apos", true) => '\'',
        (b"nbsp", true) => ' ',
        (b"tab", true) => '\t',
        (b"newline", true) => '\n',
        (b"colon", true) => ':',
        (b"lpar", true) => '(',
        (b"rpar", true) => ')',
        (b"sol", true) => '/',
        (b"bsol", true) => '\\',
        (b"grave", true) => '`',
        (b"equals", true) => '=',
        (b"semi", true) => ';',
        (b"comma", true) => ',',
        (b"period", true) => '.',
        (b"num", true) => '#',
        (b"dollar", true) => '$',
        (b"lbrace" | b"lcub", true) => '{',
        (b"rbrace" | b"rcub", true) => '}',
        (b"lsqb" | b"lbrack", true) => '[',
        (b"rsqb" | b"rbrack", true) => ']',
        _ => return None,
    };
    Some((Escaped::Char(char), length + usize::from(ends)))
}

fn backslash(after: &[u8]) -> Escape {
    let (first, code) = after.split_first()?;
    Some(match first {
        b'u' => match code {
            [b'{', code @ ..] => {
                let (code, length) = hexadecimal(code, 6)?;
                let ends = after.get(2 + length) == Some(&b'}');
                (Escaped::Char(char::from_u32(code).filter(|_| ends)?), 3 + length)
            }
            _ => {
                let (code, length) = hexadecimal(code, 4)?;
                (Escaped::Char(char::from_u32(code).filter(|_| length == 4)?), 5)
            }
        },
        b'x' => {
            let (code, length) = hexadecimal(code, 2)?;
            (Escaped::Char(char::from_u32(code).filter(|_| length == 2)?), 3)
        }
        b'n' | b'r' => (Escaped::Byte(b'\n'), 1),
        b't' | b'f' | b'v' => (Escaped::Byte(b'\t'), 1),
        b'"' | b'\'' | b'/' | b'\\' | b'`' => (Escaped::Byte(*first), 1),
        _ => return None,
    })
}

/// A number of at most so many digits, with how many it has.
fn hexadecimal(bytes: &[u8], most: usize) -> Option<(u32, usize)> {
    let digits = bytes
        .iter()
        .take(most)
        .map_while(|byte| char::from(*byte).to_digit(16));
    let (number, length) = digits.fold((0, 0), |(number, length), digit| {
        (number * 16 + digit, length + 1)
    });
    (length > 0).then_some((number, length))
}

/// A number with zeros before it.
fn decimal(bytes: &[u8]) -> Option<(u32, usize)> {
    let zeros = bytes.iter().take_while(|byte| **byte == b'0').count();
    let digits = bytes
        .iter()
        .skip(zeros)
        .take(7)
        .map_while(|byte| char::from(*byte).to_digit(10));
    let (number, length) = digits.fold((0, 0), |(number, length), digit| {
        (number * 10 + digit, length + 1)
    });
    (zeros + length > 0).then_some((number, zeros + length))
}

/// Bytes as text: overlong forms as what they stand for, and what is no UTF-8 as Latin-1.
pub(crate) fn text_of(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    let mut rest = bytes;
    while !rest.is_empty() {
        let valid = match std::str::from_utf8(rest) {
            Ok(valid) => valid,
            Err(error) => rest
                .get(..error.valid_up_to())
                .and_then(|valid| std::str::from_utf8(valid).ok())
                .unwrap_or_default(),
        };
        text.push_str(valid);
        rest = rest.get(valid.len()..).unwrap_or_default();
        // Bytes up to the next one that could be valid, so that this stays linear.
        while let Some((first, after)) = rest.split_first() {
            if first.is_ascii() {
                break;
            }
            let (char, length) = overlong(rest).unwrap_or((char::from(*first), 1));
            if length == 1
                && std::str::from_utf8(rest.get(..4.min(rest.len())).unwrap_or_default())
                    .map_or_else(|error| error.valid_up_to() > 0, |_| true)
            {
                break;
            }
            text.push(char);
            rest = if length == 1 {
                after
            } else {
                rest.get(length..).unwrap_or_default()
            };
        }
    }
    text
}

/// A character in more bytes than it needs.
fn overlong(bytes: &[u8]) -> Option<(char, usize)> {
    let low = |byte: &u8| (byte & 0xc0 == 0x80).then_some(u32::from(byte & 0x3f));
    let (code, length) = match bytes {
        [first @ (0xc0 | 0xc1), second, ..] => (u32::from(first & 0x1f) << 6 | low(second)?, 2),
        [0xe0, second @ 0x80..=0x9f, third, ..] => (low(second)? << 6 | low(third)?, 3),
        [0xf0, second @ 0x80..=0x8f, third, fourth, ..] => {
            (low(second)? << 12 | low(third)? << 6 | low(fourth)?, 4)
        }
        _ => return None,
    };
    Some((char::from_u32(code)?, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_off_a_layer_of_each_encoding() {
        for (text, decoded) in [
            ("%27", Some("'")),
            ("%u0027", Some("'")),
            ("%2527", Some("%27")),
            ("%c0%a7", Some("'")),
            ("%e0%80%a7", Some("'")),
            ("%f0%80%80%a7", Some("'")),
            ("%c3%a9", Some("é")),
            ("%e9", Some("é")),
            ("&#39;", Some("'")),
            ("&#x27", Some("'")),
            ("&#0000039;", Some("'")),
            ("&lt;&GT;&quot", Some("<>\"")),
            (r"\u0027\x27\u{27}\'", Some("''''")),
            (r"\/\n", Some("/\n")),
            ("100%", None),
            ("a & b", None),
            ("&copy;", None),
            (r"\d+", None),
            ("%zz%1", None),
        ] {
            assert_eq!(decode(text).as_deref(), decoded, "{text}");
        }
    }

    #[test]
    fn makes_text_plain() {
        assert_eq!(plain("A\u{a0}B\tC\r\nD\0\u{200b}＜", None), "a b c\n\nd<");
        assert_eq!(plain("\u{fffd}\u{fffd}x", Some('\'')), "'x");
        assert_eq!(plain("\u{17f}elect \u{212a}", None), "select k");
    }

    #[test]
    fn bytes_that_are_no_text_are_latin_1() {
        assert_eq!(text_of(b"a\xff\xe9b\xc3\xa9\xe9"), "aÿéb\u{e9}é");
        assert_eq!(text_of(&[0xff; 3]), "ÿÿÿ");
    }

    #[test]
    fn says_what_is_encoded_too_often() {
        let none = |_: &str| None::<()>;
        assert_eq!(find("%25252541", 2, none), Err(EncodedTooOften));
        assert_eq!(find("%2541", 2, none), Ok(None));
        assert_eq!(find("100%", 0, none), Ok(None));
        let quote = |text: &str| text.contains('\'').then_some(());
        assert_eq!(find("%2527", 1, quote), Err(EncodedTooOften));
        assert_eq!(find("%2527", 2, quote), Ok(Some(())));
        assert_eq!(find("x \u{fffd}\u{fffd} y", 2, quote), Ok(Some(())));
    }
}
