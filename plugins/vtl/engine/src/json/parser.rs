//! The permissive parser: a scanner of bytes with a stack of its own, so that no nesting meets the native one.

use super::string::{END, unescape};
use super::{Error, MAX_DEPTH, number, twins};
use crate::bounds::Bounds;
use crate::value::{List, ListKind, Map, Order, Text, Value};

/// Slots of keys seen before, so that objects of one shape share them.
const KEYS: usize = 64;

/// Where a string without quotes ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stop {
    Document,
    Array,
    Object,
    Key,
}

impl Stop {
    fn at(self, byte: u8) -> bool {
        match byte {
            END => true,
            b',' => matches!(self, Self::Array | Self::Object),
            b']' => self == Self::Array,
            b'}' => self == Self::Object,
            b':' => self == Self::Key,
            _ => false,
        }
    }
}

/// A list or object that is open, and where its items begin among all that are read.
#[derive(Clone, Copy)]
struct Open {
    is_array: bool,
    start: usize,
}

pub(super) struct Parser<'a, 'b> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    open: Vec<Open>,
    /// The items of all open lists, and the keys and values of all open objects in turn.
    items: Vec<Value>,
    keys: [Option<Text>; KEYS],
    bounds: &'b mut Bounds,
}

impl<'a, 'b> Parser<'a, 'b> {
    pub(super) fn new(text: &'a str, bounds: &'b mut Bounds) -> Self {
        let keys = [const { None }; KEYS];
        let (open, items) = (Vec::with_capacity(8), Vec::with_capacity(40));
        Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
            open,
            items,
            keys,
            bounds,
        }
    }

    pub(super) fn document(mut self) -> Result<Value, Error> {
        self.skip_blanks();
        match self.peek() {
            b':' | b'}' | b']' => return Err(self.unexpected()),
            b'{' | b'[' => self.containers()?,
            _ => self.scalar(Stop::Document)?,
        }
        self.items.pop().ok_or(Error::Ends)
    }

    #[inline]
    fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(END)
    }

    fn unexpected(&self) -> Error {
        if self.peek() == END {
            Error::Ends
        } else {
            Error::Unexpected(self.at)
        }
    }

    /// Skips what may stand between tokens.
    #[inline]
    fn skip_blanks(&mut self) {
        while matches!(self.peek(), b' ' | b'\r' | b'\n' | b'\t') {
            self.at += 1;
        }
    }

    /// Skips what may stand behind a value or key: any control character.
    #[inline]
    fn skip_controls(&mut self) {
        while self.peek() <= b' ' && self.peek() != END {
            self.at += 1;
        }
    }

    /// Reads the list or object here, and all in it.
    fn containers(&mut self) -> Result<(), Error> {
        self.begin()?;
        while let Some(open) = self.open.last() {
            if open.is_array {
                self.in_array()?
            } else {
                self.in_object()?
            }
        }
        Ok(())
    }

    /// Enters the list or object here.
    fn begin(&mut self) -> Result<(), Error> {
        if self.open.len() >= MAX_DEPTH {
            return Err(Error::Deep);
        }
        self.open.push(Open {
            is_array: self.peek() == b'[',
            start: self.items.len(),
        });
        self.at += 1;
        Ok(())
    }

    /// Goes one token further in a list.
    fn in_array(&mut self) -> Result<(), Error> {
        self.skip_blanks();
        match self.peek() {
            b']' => self.end(),
            b',' => {
                self.at += 1;
                Ok(())
            }
            b':' | b'}' | END => Err(self.unexpected()),
            b'[' | b'{' => self.begin(),
            _ => self.scalar(Stop::Array),
        }
    }

    /// Goes one key and value further in an object.
    fn in_object(&mut self) -> Result<(), Error> {
        self.skip_blanks();
        match self.peek() {
            b'}' => return self.end(),
            b',' => {
                self.at += 1;
                return Ok(());
            }
            b':' | b']' | b'[' | b'{' => return Err(self.unexpected()),
            _ => {}
        }
        self.key()?;
        self.skip_controls();
        if self.peek() != b':' {
            return Err(self.unexpected());
        }
        self.at += 1;
        self.skip_blanks();
        match self.peek() {
            b':' | b'}' | b']' | END => Err(self.unexpected()),
            b'[' | b'{' => self.begin(),
            _ => {
                self.scalar(Stop::Object)?;
                self.after_entry()
            }
        }
    }

    /// A comma or the end must follow a value in an object.
    fn after_entry(&mut self) -> Result<(), Error> {
        self.skip_controls();
        match self.peek() {
            b'}' | b',' => Ok(()),
            _ => Err(self.unexpected()),
        }
    }

    /// Closes the innermost list or object.
    fn end(&mut self) -> Result<(), Error> {
        self.at += 1;
        let Some(open) = self.open.pop() else {
            return Err(Error::Ends);
        };
        self.bounds.items(self.items.len() - open.start)?;
        let value = if open.is_array {
            let count = self.items.len() - open.start;
            // Most items are strings of their own.
            self.bounds.list(count + count / 2)?;
            Value::List(List::new(ListKind::Json, self.items.split_off(open.start)))
        } else {
            self.bounds.map((self.items.len() - open.start) / 2)?;
            let entries = self.entries(open.start)?;
            Value::Map(Map::from_entries(Order::Insertion, entries))
        };
        self.items.push(value);
        match self.open.last() {
            Some(Open { is_array: false, .. }) => self.after_entry(),
            _ => Ok(()),
        }
    }

    /// Takes the entries of an object, with distinct keys.
    fn entries(&mut self, start: usize) -> Result<Vec<(Value, Value)>, Error> {
        let mut entries = Vec::with_capacity((self.items.len() - start) / 2);
        let mut read = self.items.drain(start..);
        while let (Some(key), Some(value)) = (read.next(), read.next()) {
            entries.push((key, value));
        }
        drop(read);
        twins::unify(&mut entries, self.bounds)?;
        Ok(entries)
    }

    fn key(&mut self) -> Result<(), Error> {
        let quote = self.peek();
        let text = if quote == b'"' || quote == b'\'' {
            self.simple(quote)?
        } else {
            Some(self.bare(self.at, Stop::Key))
        };
        let key = match text {
            Some(text) => self.shared(text),
            None => self.escaped(quote)?,
        };
        self.items.push(Value::Text(key));
        Ok(())
    }

    /// The key, made once where it came just before.
    fn shared(&mut self, text: &str) -> Text {
        let bytes = text.as_bytes();
        let mix = bytes.first().map_or(0, |byte| usize::from(*byte) * 5)
            + bytes.last().map_or(0, |byte| usize::from(*byte) * 3)
            + bytes.get(bytes.len() / 2).map_or(0, |byte| usize::from(*byte))
            + text.len();
        let Some(slot) = self.keys.get_mut(mix % KEYS) else {
            return Text::from(text);
        };
        match slot {
            Some(key) if **key == *text => key.clone(),
            _ => {
                let key = Text::from(text);
                *slot = Some(key.clone());
                key
            }
        }
    }

    /// A quoted string without escapes, else `None`, the scanner not moved.
    fn simple(&mut self, quote: u8) -> Result<Option<&'a str>, Error> {
        let start = self.at + 1;
        let rest = self.bytes.get(start..).unwrap_or_default();
        let Some(length) = rest.iter().position(|byte| *byte == quote || *byte == b'\\') else {
            return Err(Error::Ends);
        };
        if rest.get(length) == Some(&b'\\') {
            return Ok(None);
        }
        self.at = start + length + 1;
        Ok(Some(self.text.get(start..start + length).unwrap_or_default()))
    }

    fn escaped(&mut self, quote: u8) -> Result<Text, Error> {
        let (text, next) = unescape(self.text, self.at + 1, quote)?;
        self.at = next;
        Ok(Text::from(text))
    }

    fn scalar(&mut self, stop: Stop) -> Result<(), Error> {
        match self.peek() {
            quote @ (b'"' | b'\'') => {
                let text = match self.simple(quote)? {
                    Some(text) => Text::from(text),
                    None => self.escaped(quote)?,
                };
                self.items.push(Value::Text(text));
            }
            b'0'..=b'9' | b'-' => self.number(stop)?,
            // A word is one only where it begins at once, not behind a control character.
            ..=b' ' => {
                let text = self.bare(self.at, stop);
                self.items.push(Value::text(text));
            }
            _ => match self.bare(self.at, stop) {
                "null" => self.items.push(Value::Null),
                "true" => self.items.push(Value::Bool(true)),
                "false" => self.items.push(Value::Bool(false)),
                "NaN" => self.items.push(Value::Double(f64::NAN)),
                text => self.items.push(Value::text(text)),
            },
        }
        Ok(())
    }

    /// The text from `start` to the next stop at or behind the scanner, without blanks and controls around it.
    fn bare(&mut self, start: usize, stop: Stop) -> &'a str {
        while !stop.at(self.peek()) {
            self.at += 1;
        }
        self.trimmed(start)
    }

    /// The text from `start` to the scanner, without blanks and controls around it.
    fn trimmed(&self, start: usize) -> &'a str {
        let (mut from, mut to) = (start, self.at);
        let blank = |at: usize| self.bytes.get(at).is_some_and(|byte| *byte <= b' ');
        while from < to && blank(from) {
            from += 1;
        }
        while to > from && blank(to - 1) {
            to -= 1;
        }
        self.text.get(from..to).unwrap_or_default()
    }

    fn skip_digits(&mut self) {
        while self.peek().is_ascii_digit() {
            self.at += 1;
        }
    }

    fn number(&mut self, stop: Stop) -> Result<(), Error> {
        let start = self.at;
        self.at += 1;
        self.skip_digits();
        let mut whole = true;
        if self.peek() == b'.' {
            whole = false;
            self.at += 1;
            self.skip_digits();
        }
        if matches!(self.peek(), b'e' | b'E') {
            whole = false;
            self.at += 1;
            if !matches!(self.peek(), b'+' | b'-' | b'0'..=b'9') {
                let text = self.bare(start, stop);
                self.items.push(Value::text(text));
                return Ok(());
            }
            self.at += 1;
            self.skip_digits();
        }
        self.skip_controls();
        let next = self.peek();
        // A number runs on into text; a tilde or anything beyond ASCII ends it, for json-smart's table is that short.
        let value = if next < b'~' && !stop.at(next) {
            Value::text(self.bare(start, stop))
        } else {
            let literal = self.trimmed(start);
            if whole {
                number::integer(literal, self.bounds)?
            } else {
                number::float(literal, start)?
            }
        };
        self.items.push(value);
        Ok(())
    }
}
