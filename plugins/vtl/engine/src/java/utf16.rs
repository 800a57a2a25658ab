//! Strings as Java counts them, in UTF-16 code units, over Rust's UTF-8. ASCII strings take the short way.

/// `String.length`.
pub(super) fn length(text: &str) -> usize {
    if text.is_ascii() {
        text.len()
    } else {
        text.chars().map(char::len_utf16).sum()
    }
}

/// The code unit at `index`, as in `charAt`.
pub(super) fn unit_at(text: &str, index: usize) -> Option<u16> {
    if text.is_ascii() {
        return text.as_bytes().get(index).map(|byte| u16::from(*byte));
    }
    text.encode_utf16().nth(index)
}

/// The code point at `index`, as in `codePointAt`: the low half of a pair stands for itself.
pub(super) fn point_at(text: &str, index: usize) -> Option<u32> {
    let unit = unit_at(text, index)?;
    if !(0xd800..0xdc00).contains(&unit) {
        return Some(u32::from(unit));
    }
    match place(text, index)? {
        Place::Before(at) => text.get(at..)?.chars().next().map(u32::from),
        Place::Inside(_) => Some(u32::from(unit)),
    }
}

/// Where an index into the code units falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Before the character that starts at this byte, or at the end.
    Before(usize),
    /// Between the halves of the character that starts at this byte.
    Inside(usize),
}

/// Where `index` falls in `text`; `None` past the end.
pub(super) fn place(text: &str, index: usize) -> Option<Place> {
    if text.is_ascii() {
        return (index <= text.len()).then_some(Place::Before(index));
    }
    let mut units = 0;
    for (at, c) in text.char_indices() {
        if units == index {
            return Some(Place::Before(at));
        }
        units += c.len_utf16();
        if units > index {
            return Some(Place::Inside(at));
        }
    }
    (units == index).then_some(Place::Before(text.len()))
}

/// The byte of `index`; one between the halves of a character counts as after it.
pub(super) fn byte_of(text: &str, index: usize) -> Option<usize> {
    Some(match place(text, index)? {
        Place::Before(at) => at,
        Place::Inside(at) => after(text, at),
    })
}

fn after(text: &str, at: usize) -> usize {
    let width = text
        .get(at..)
        .and_then(|rest| rest.chars().next())
        .map_or(0, char::len_utf8);
    at + width
}

/// The index of a byte that starts a character.
pub(super) fn index_of_byte(text: &str, byte: usize) -> usize {
    text.get(..byte).map_or(0, length)
}

/// `String.substring`; a half of a character becomes `?`, which is what Java writes for it in UTF-8.
pub(super) fn slice(text: &str, start: usize, end: usize) -> Option<String> {
    if start > end {
        return None;
    }
    let (from, to) = (place(text, start)?, place(text, end)?);
    if from == to {
        return Some(if start == end { String::new() } else { "?".into() });
    }
    let mut out = String::new();
    let first = match from {
        Place::Before(at) => at,
        Place::Inside(at) => {
            out.push('?');
            after(text, at)
        }
    };
    match to {
        Place::Before(at) => out.push_str(text.get(first..at)?),
        Place::Inside(at) => {
            out.push_str(text.get(first..at)?);
            out.push('?');
        }
    }
    Some(out)
}

/// A code unit as text; a half of a character is `?`, which is what Java writes for it in UTF-8.
pub(super) fn unit_text(unit: u16) -> String {
    char::from_u32(u32::from(unit)).unwrap_or('?').to_string()
}

/// `Character.isWhitespace`, which leaves out the non-breaking spaces.
pub(super) fn is_white(c: char) -> bool {
    match c {
        '\t'..='\r' | '\u{1c}'..='\u{1f}' | ' ' => true,
        '\u{85}' | '\u{a0}' | '\u{2007}' | '\u{202f}' => false,
        c => !c.is_ascii() && c.is_whitespace(),
    }
}

/// `Character.toUpperCase`, which knows no change of length.
pub(super) fn upper(c: char) -> char {
    let mut mapped = c.to_uppercase();
    match (mapped.next(), mapped.next()) {
        (Some(upper), None) => upper,
        _ => c,
    }
}

/// `Character.toLowerCase`, which knows no change of length.
pub(super) fn lower(c: char) -> char {
    if c == '\u{130}' {
        return 'i';
    }
    let mut mapped = c.to_lowercase();
    match (mapped.next(), mapped.next()) {
        (Some(lower), None) => lower,
        _ => c,
    }
}

/// How `equalsIgnoreCase` and `compareToIgnoreCase` see a character.
pub(super) fn fold(c: char) -> char {
    if c.is_ascii() {
        c.to_ascii_lowercase()
    } else {
        lower(upper(c))
    }
}
