//! JSON text, as json-smart prints it.

use crate::bounds::{Bounds, Exceeded, Failure};
use crate::java;
use crate::value::{List, Map, Value};

/// Which of json-smart's styles. Both escape quotes, backslashes, control characters (U+0000 to U+001F, U+007F to
/// U+009F) and U+2000 to U+20FF, with hexadecimal digits in upper case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// `JSONStyle.NO_COMPRESS`, in which lists print themselves: `/` is escaped too.
    Web,
    /// `JSONStyle.LT_COMPRESS`, in which Jayway's provider prints: `/` stays.
    Plain,
}

/// How deep values may nest: deeper than any document, less than the native stack bears.
const MAX_DEPTH: usize = 512;

/// Appends `value` as JSON.
///
/// # Errors
///
/// A limit, also where the value nests without end, on which Java's stack overflows.
pub fn print(value: &Value, out: &mut String, style: Style, bounds: &mut Bounds) -> Result<(), Failure> {
    Printer {
        out,
        style,
        bounds,
        depth: 0,
    }
    .value(value)
}

struct Printer<'a> {
    out: &'a mut String,
    style: Style,
    bounds: &'a mut Bounds,
    depth: usize,
}

impl Printer<'_> {
    fn value(&mut self, value: &Value) -> Result<(), Failure> {
        self.bounds.steps(1)?;
        match value {
            Value::Null => self.out.push_str("null"),
            Value::Text(text) => return self.text(text),
            Value::List(list) => return self.nested(|printer| printer.list(list)),
            Value::Map(map) => return self.nested(|printer| printer.map(map)),
            Value::Double(double) if double.is_infinite() => self.out.push_str("null"),
            Value::Object(object) => {
                let text = object.to_text(self.bounds)?;
                return self.text(&text);
            }
            other => return java::write_text(other, self.out, self.bounds),
        }
        Ok(())
    }

    fn nested(&mut self, print: impl FnOnce(&mut Self) -> Result<(), Failure>) -> Result<(), Failure> {
        if self.depth >= MAX_DEPTH {
            return Err(Exceeded::Depth.into());
        }
        self.depth += 1;
        print(self)?;
        self.depth -= 1;
        Ok(())
    }

    fn list(&mut self, list: &List) -> Result<(), Failure> {
        self.out.push('[');
        for (at, item) in list.items().iter().enumerate() {
            if at > 0 {
                self.out.push(',');
            }
            self.value(item)?;
        }
        self.out.push(']');
        Ok(())
    }

    fn map(&mut self, map: &Map) -> Result<(), Failure> {
        self.out.push('{');
        for (at, (key, value)) in map.entries().iter().enumerate() {
            if at > 0 {
                self.out.push(',');
            }
            match key {
                Value::Text(key) => self.text(key)?,
                other => {
                    let key = java::to_text(other, self.bounds)?;
                    self.text(&key)?;
                }
            }
            self.out.push(':');
            self.value(value)?;
        }
        self.out.push('}');
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), Failure> {
        self.bounds.steps(text.len() / 16)?;
        if self.out.len() + text.len() > self.bounds.limits().string {
            return Err(Exceeded::String.into());
        }
        self.out.push('"');
        quote(text, self.style, self.out);
        self.out.push('"');
        Ok(())
    }
}

/// Appends `text` with its escapes, without quotes around it.
fn quote(text: &str, style: Style, out: &mut String) {
    let mut rest = text;
    while let Some((at, length)) = special(rest, style) {
        out.push_str(rest.get(..at).unwrap_or_default());
        if let Some(character) = rest.get(at..).and_then(|rest| rest.chars().next()) {
            escape(character, out);
        }
        rest = rest.get(at + length..).unwrap_or_default();
    }
    out.push_str(rest);
}

/// What a byte says of the character that it begins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Plain,
    Escaped,
    Slash,
    /// It begins U+0080 to U+00BF.
    Latin,
    /// It begins U+2000 to U+2FFF.
    Punctuation,
}

static CLASSES: [Class; 256] = classes();

#[expect(clippy::indexing_slicing, reason = "the compiler evaluates it")]
const fn classes() -> [Class; 256] {
    let mut classes = [Class::Plain; 256];
    let mut byte = 0;
    while byte < 0x20 {
        classes[byte] = Class::Escaped;
        byte += 1;
    }
    classes[b'"' as usize] = Class::Escaped;
    classes[b'\\' as usize] = Class::Escaped;
    classes[0x7F] = Class::Escaped;
    classes[b'/' as usize] = Class::Slash;
    classes[0xC2] = Class::Latin;
    classes[0xE2] = Class::Punctuation;
    classes
}

/// The first character that needs an escape: where it is and how many bytes it has.
fn special(text: &str, style: Style) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let next = |at: usize| bytes.get(at + 1).copied().unwrap_or(0);
    bytes
        .iter()
        .enumerate()
        .find_map(|(at, byte)| match CLASSES.get(usize::from(*byte)) {
            None | Some(Class::Plain) => None,
            Some(Class::Escaped) => Some((at, 1)),
            Some(Class::Slash) => (style == Style::Web).then_some((at, 1)),
            Some(Class::Latin) => (next(at) <= 0x9F).then_some((at, 2)),
            Some(Class::Punctuation) => (next(at) <= 0x83).then_some((at, 3)),
        })
}

fn escape(character: char, out: &mut String) {
    let short = match character {
        '"' => '"',
        '\\' => '\\',
        '/' => '/',
        '\u{8}' => 'b',
        '\u{c}' => 'f',
        '\n' => 'n',
        '\r' => 'r',
        '\t' => 't',
        other => {
            out.push_str("\\u");
            for shift in [12, 8, 4, 0] {
                let digit = char::from_digit(u32::from(other) >> shift & 0xF, 16).unwrap_or('0');
                out.push(digit.to_ascii_uppercase());
            }
            return;
        }
    };
    out.push('\\');
    out.push(short);
}
