//! JSON (RFC 8259) to a tree, going on behind what is wrong wherever the rest still has one meaning.

use serde_json::Number;

use crate::node::{Member, Node, Value, quote};
use crate::position::Position;
use crate::reader::{Members, Reader, Stop};

pub(crate) fn read<'t>(reader: &mut Reader<'t>, text: &'t str) -> Result<Node, Stop> {
    let mut json = Json { reader, text, at: 0 };
    json.space();
    let node = json.value()?;
    json.space();
    match json.peek() {
        None => Ok(node),
        Some(_) => Err(json.unexpected("the end of the document")),
    }
}

struct Json<'r, 't> {
    reader: &'r mut Reader<'t>,
    text: &'t str,
    at: usize,
}

impl<'t> Json<'_, 't> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn here(&self) -> Position {
        self.reader.places.at(self.at)
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// Takes `byte` where it is next.
    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.at += 1;
        }
        found
    }

    fn unexpected(&mut self, expected: &str) -> Stop {
        let here = self.here();
        let message = match self.rest().chars().next() {
            None => format!("expected {expected}, found the end of the document"),
            Some('/') if self.rest().starts_with("//") || self.rest().starts_with("/*") => {
                format!("expected {expected}, found a comment, which JSON does not have")
            }
            Some(found) => format!("expected {expected}, found {}", quote(&found.to_string())),
        };
        self.reader.stop("syntax", here, message)
    }

    fn value(&mut self) -> Result<Node, Stop> {
        let position = self.here();
        self.reader.count(position)?;
        let value = match self.peek() {
            Some(b'{') => self.object()?,
            Some(b'[') => self.array()?,
            Some(b'"') => Value::String(self.string()?),
            Some(b'-' | b'+' | b'.' | b'0'..=b'9') => self.number()?,
            Some(byte) if byte.is_ascii_alphabetic() => self.word()?,
            _ => return Err(self.unexpected("a value")),
        };
        Ok(Node { position, value })
    }

    fn object(&mut self) -> Result<Value, Stop> {
        self.at += 1;
        let mut members = Members::default();
        self.space();
        if self.take(b'}') {
            return Ok(Value::Object(members.into_object()));
        }
        loop {
            self.member(&mut members)?;
            self.space();
            if self.take(b'}') {
                break;
            }
            if self.separator(b'}', b"\"", "`,` or `}`")? {
                break;
            }
        }
        Ok(Value::Object(members.into_object()))
    }

    fn member(&mut self, members: &mut Members) -> Result<(), Stop> {
        let key_position = self.here();
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("a key in double quotes"));
        }
        let key = self.string()?;
        self.reader.enter(key.as_str(), key_position)?;
        let first = members.claim(self.reader, &key, key_position);
        self.space();
        if !self.take(b':') {
            return Err(self.unexpected("`:`"));
        }
        self.space();
        let node = self.value()?;
        self.reader.leave();
        if first {
            members.push(Member {
                key,
                key_position,
                node,
            });
        }
        Ok(())
    }

    fn array(&mut self) -> Result<Value, Stop> {
        self.at += 1;
        let mut nodes = Vec::new();
        self.space();
        if self.take(b']') {
            return Ok(Value::Array(nodes));
        }
        loop {
            let here = self.here();
            self.reader.enter(nodes.len().to_string(), here)?;
            nodes.push(self.value()?);
            self.reader.leave();
            self.space();
            if self.take(b']') {
                break;
            }
            if self.separator(b']', b"\"{[-0123456789tfn", "`,` or `]`")? {
                break;
            }
        }
        Ok(Value::Array(nodes))
    }

    /// Takes the comma behind an element, and says whether the list ends here all the same. A comma too many and a
    /// comma that is missing before one of `starts` are reported and passed over.
    fn separator(&mut self, close: u8, starts: &[u8], expected: &str) -> Result<bool, Stop> {
        let here = self.here();
        if self.take(b',') {
            self.space();
            if self.take(close) {
                self.reader
                    .error("syntax", here, "a comma with nothing behind it");
                return Ok(true);
            }
            return Ok(false);
        }
        if self.peek().is_some_and(|byte| starts.contains(&byte)) {
            self.reader
                .error("syntax", here, format!("expected {expected}, a comma is missing"));
            return Ok(false);
        }
        Err(self.unexpected(expected))
    }

    fn word(&mut self) -> Result<Value, Stop> {
        let rest = self.rest();
        let end = rest
            .bytes()
            .position(|byte| !byte.is_ascii_alphanumeric())
            .unwrap_or(rest.len());
        let word = rest.get(..end).unwrap_or_default();
        let value = match word {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Null,
            _ => {
                let here = self.here();
                let message = format!("expected a value, found the word {}", quote(word));
                return Err(self.reader.stop("syntax", here, message));
            }
        };
        self.at += end;
        Ok(value)
    }

    fn number(&mut self) -> Result<Value, Stop> {
        let here = self.here();
        let rest = self.rest();
        let part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
        let end = rest.bytes().position(|byte| !part(byte)).unwrap_or(rest.len());
        let written = rest.get(..end).unwrap_or_default();
        self.at += end;
        match parse_number(written) {
            Some(number) => Ok(Value::Number(number)),
            None => {
                let message = format!("{} is not a number in JSON, or too large for one", quote(written));
                self.reader.error("syntax", here, message);
                Ok(Value::Null)
            }
        }
    }

    fn string(&mut self) -> Result<String, Stop> {
        let open = self.here();
        self.at += 1;
        let mut text = String::new();
        loop {
            let rest = self.rest();
            let plain = rest
                .bytes()
                .position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1F));
            let Some(end) = plain else {
                return Err(self.reader.stop("syntax", open, "a string that does not end"));
            };
            text.push_str(rest.get(..end).unwrap_or_default());
            self.at += end;
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => text.push(self.escape()),
                Some(b'\n') => {
                    return Err(self
                        .reader
                        .stop("syntax", open, "a string that does not end in its line"));
                }
                _ => self.control(),
            }
        }
        self.at += 1;
        Ok(text)
    }

    fn control(&mut self) {
        let here = self.here();
        let byte = self.peek().unwrap_or_default();
        let message = format!("the control character U+{byte:04X} must be written as an escape in a string");
        self.reader.error("syntax", here, message);
        self.at += 1;
    }

    /// Reads from a backslash on. A wrong escape is reported and stands for U+FFFD.
    fn escape(&mut self) -> char {
        let start = self.at;
        self.at += 1;
        let Some(letter) = self.rest().chars().next() else {
            return char::REPLACEMENT_CHARACTER;
        };
        let plain = match letter {
            '"' | '\\' | '/' => Some(letter),
            'b' => Some('\u{8}'),
            'f' => Some('\u{c}'),
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            _ => None,
        };
        if letter == 'u' || plain.is_some() {
            self.at += 1;
        }
        plain
            .or_else(|| if letter == 'u' { self.unicode() } else { None })
            .unwrap_or_else(|| self.bad_escape(start))
    }

    fn bad_escape(&mut self, start: usize) -> char {
        let position = self.reader.places.at(start);
        let written: String = self
            .text
            .get(start..)
            .unwrap_or_default()
            .chars()
            .take(2)
            .collect();
        let message = match written.as_str() {
            "\\u" => "`\\u` without the four hexadecimal digits of a character".to_owned(),
            _ => format!(
                "unknown escape `{}`",
                written.escape_default().to_string().replace("\\\\", "\\")
            ),
        };
        self.reader.error("syntax", position, message);
        char::REPLACEMENT_CHARACTER
    }

    /// The character of `\u`, which has been taken; a surrogate needs its other half behind it.
    fn unicode(&mut self) -> Option<char> {
        let first = self.hex()?;
        if !(0xD800..0xDC00).contains(&first) {
            return char::from_u32(first);
        }
        if !self.rest().starts_with("\\u") {
            return None;
        }
        self.at += 2;
        let second = self.hex().filter(|second| (0xDC00..0xE000).contains(second))?;
        char::from_u32(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.rest().get(..4)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }
}

/// A number as JSON writes it. `serde_json` knows what is one, but rounds long fractions not quite right.
fn parse_number(written: &str) -> Option<Number> {
    let number = serde_json::from_str::<Number>(written).ok()?;
    if number.is_f64() {
        Number::from_f64(written.parse().ok()?)
    } else {
        Some(number)
    }
}
