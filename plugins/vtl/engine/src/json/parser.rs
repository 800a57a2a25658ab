//! The permissive parser: a scanner of bytes with a stack of its own, so that no nesting meets the native one.

use std::ops::Range;

use super::string::{self, END, unescape};
use super::twins::{self, Marks};
use super::{Error, MAX_DEPTH, number};
use crate::bounds::Bounds;
use crate::value::{List, ListKind, Map, Order, Slot, Source, Text, Value};

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

/// A list or object that is open.
struct Open {
    is_array: bool,
    /// Where its own begin among all items or entries that are read.
    start: usize,
    /// Of an object: what tells its keys apart.
    marks: Marks,
}

/// Takes what is from `start` on, into memory that fits it: the whole of a vector would bring all of its room along.
fn split_off<T>(values: &mut Vec<T>, start: usize) -> Vec<T> {
    values.drain(start..).collect()
}

pub(super) struct Parser<'a, 'b> {
    text: &'a str,
    bytes: &'a [u8],
    /// The text again, to make strings of.
    source: &'a Source,
    at: usize,
    open: Vec<Open>,
    /// The items of all open lists.
    items: Vec<Value>,
    /// The entries of all open objects; the last one of each has its key only, until its value is read.
    entries: Vec<Slot>,
    /// The value of the whole text, once it is read.
    root: Option<Value>,
    bounds: &'b mut Bounds,
}

impl<'a, 'b> Parser<'a, 'b> {
    /// A parser of `text`, which `source` holds.
    pub(super) fn new(text: &'a str, source: &'a Source, bounds: &'b mut Bounds) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            source,
            at: 0,
            open: Vec::with_capacity(8),
            items: Vec::new(),
            entries: Vec::with_capacity(16),
            root: None,
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
        self.root.ok_or(Error::Ends)
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
        let is_array = self.peek() == b'[';
        self.open.push(Open {
            is_array,
            start: if is_array {
                self.items.len()
            } else {
                self.entries.len()
            },
            marks: Marks::default(),
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
        let value = if open.is_array {
            Value::List(self.list(open.start)?)
        } else {
            Value::Map(self.map(&open)?)
        };
        self.put(value);
        match self.open.last() {
            Some(Open { is_array: false, .. }) => self.after_entry(),
            _ => Ok(()),
        }
    }

    fn list(&mut self, start: usize) -> Result<List, Error> {
        let count = self.items.len() - start;
        self.bounds.items(count)?;
        // Half as much again for the strings that have escapes: they are no parts of the text.
        self.bounds.list(count + count / 2)?;
        Ok(List::new(ListKind::Json, split_off(&mut self.items, start)))
    }

    fn map(&mut self, open: &Open) -> Result<Map, Error> {
        let count = self.entries.len() - open.start;
        self.bounds.items(2 * count)?;
        self.bounds.map(count)?;
        let mut entries = split_off(&mut self.entries, open.start);
        twins::unify(&mut entries, &open.marks, self.bounds)?;
        Ok(Map::from_slots(Order::Insertion, entries))
    }

    /// Puts a value where it belongs: into the innermost list or object.
    #[inline(always)]
    fn put(&mut self, value: Value) {
        match self.open.last() {
            Some(open) if open.is_array => self.items.push(value),
            Some(_) => {
                if let Some(Some((_, last))) = self.entries.last_mut() {
                    *last = value;
                }
            }
            None => self.root = Some(value),
        }
    }

    fn key(&mut self) -> Result<(), Error> {
        let quote = self.peek();
        let key = if quote == b'"' || quote == b'\'' {
            match self.simple(quote)? {
                Some(range) => self.source.part(range),
                None => self.escaped(quote)?,
            }
        } else {
            let range = self.bare(self.at, Stop::Key);
            self.source.part(range)
        };
        if let Some(open) = self.open.last_mut() {
            open.marks.add(&key);
        }
        self.entries.push(Some((Value::Text(key), Value::Null)));
        Ok(())
    }

    /// A quoted string without escapes, else `None`, the scanner not moved.
    #[inline(always)]
    fn simple(&mut self, quote: u8) -> Result<Option<Range<usize>>, Error> {
        let start = self.at + 1;
        let rest = self.bytes.get(start..).unwrap_or_default();
        let Some(length) = string::end(rest, quote) else {
            return Err(Error::Ends);
        };
        if rest.get(length) == Some(&b'\\') {
            return Ok(None);
        }
        self.at = start + length + 1;
        Ok(Some(start..start + length))
    }

    fn escaped(&mut self, quote: u8) -> Result<Text, Error> {
        let (text, next) = unescape(self.text, self.at + 1, quote)?;
        self.at = next;
        Ok(Text::from(text))
    }

    /// Each kind of value is put where it is made: what comes together first would be copied once more.
    fn scalar(&mut self, stop: Stop) -> Result<(), Error> {
        match self.peek() {
            quote @ (b'"' | b'\'') => match self.simple(quote)? {
                Some(range) => self.put(Value::Text(self.source.part(range))),
                None => {
                    let text = self.escaped(quote)?;
                    self.put(Value::Text(text));
                }
            },
            b'0'..=b'9' | b'-' => self.number(stop)?,
            // A word is one only where it begins at once, not behind a control character.
            ..=b' ' => self.bare_text(self.at, stop),
            _ => self.word(stop),
        }
        Ok(())
    }

    fn word(&mut self, stop: Stop) {
        let range = self.bare(self.at, stop);
        match self.text.get(range.clone()) {
            Some("null") => self.put(Value::Null),
            Some("true") => self.put(Value::Bool(true)),
            Some("false") => self.put(Value::Bool(false)),
            Some("NaN") => self.put(Value::Double(f64::NAN)),
            _ => self.put(Value::Text(self.source.part(range))),
        }
    }

    fn bare_text(&mut self, start: usize, stop: Stop) {
        let range = self.bare(start, stop);
        self.put(Value::Text(self.source.part(range)));
    }

    /// The text from `start` to the next stop at or behind the scanner, without blanks and controls around it.
    fn bare(&mut self, start: usize, stop: Stop) -> Range<usize> {
        while !stop.at(self.peek()) {
            self.at += 1;
        }
        self.trimmed(start)
    }

    /// The text from `start` to the scanner, without blanks and controls around it.
    fn trimmed(&self, start: usize) -> Range<usize> {
        let (mut from, mut to) = (start, self.at);
        let blank = |at: usize| self.bytes.get(at).is_some_and(|byte| *byte <= b' ');
        while from < to && blank(from) {
            from += 1;
        }
        while to > from && blank(to - 1) {
            to -= 1;
        }
        from..to
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
                self.bare_text(start, stop);
                return Ok(());
            }
            self.at += 1;
            self.skip_digits();
        }
        self.skip_controls();
        let next = self.peek();
        // A number runs on into text; a tilde or anything beyond ASCII ends it, for json-smart's table is that short.
        if next < b'~' && !stop.at(next) {
            self.bare_text(start, stop);
            return Ok(());
        }
        let literal = self.text.get(self.trimmed(start)).unwrap_or_default();
        if !whole {
            let value = number::float(literal, start)?;
            self.put(value);
        } else if let Some(small) = number::small(literal) {
            self.put(Value::Int(small));
        } else {
            let value = number::integer(literal, self.bounds)?;
            self.put(value);
        }
        Ok(())
    }
}
