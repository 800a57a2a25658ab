//! Strings. Most of those in a rendering come from its payload, so a string may be a part of a longer one: reading a
//! document copies no text and allocates nothing for it.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Deref, Range};
use std::rc::Rc;

/// A string; cheap to clone.
///
/// A part keeps the whole in memory. That is no more than the rendering was given, or has taken its steps for.
#[derive(Clone)]
pub struct Text(Form);

/// The tag is a word, which makes a [`Value`](super::Value)'s one too: a value is moved in whole words, which the
/// processor can read back at once.
#[derive(Clone)]
#[repr(usize)]
enum Form {
    Static(&'static str),
    Own(Rc<str>),
    Part {
        whole: Rc<String>,
        start: u32,
        length: u32,
    },
}

/// Shorter strings are copied, which is quicker than to keep their buffer and takes less memory.
const SHORT: usize = 256;

impl Text {
    #[must_use]
    pub const fn constant(text: &'static str) -> Self {
        Self(Form::Static(text))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Form::Static(text) => text,
            Form::Own(text) => text,
            Form::Part { whole, start, length } => {
                let (start, length) = (*start as usize, *length as usize);
                whole.get(start..start + length).unwrap_or_default()
            }
        }
    }

    /// The bytes: quicker to get at than the string, since no part must be asked where its characters begin.
    #[inline]
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Form::Static(text) => text.as_bytes(),
            Form::Own(text) => text.as_bytes(),
            Form::Part { whole, start, length } => {
                let (start, length) = (*start as usize, *length as usize);
                whole.as_bytes().get(start..start + length).unwrap_or_default()
            }
        }
    }

    /// The same string, which keeps no other in memory: for what outlives a rendering.
    #[must_use]
    pub(crate) fn alone(&self) -> Self {
        match &self.0 {
            Form::Part { whole, length, .. } if whole.len() > *length as usize => Self::from(self.as_str()),
            _ => self.clone(),
        }
    }

    #[inline]
    fn length(&self) -> usize {
        match &self.0 {
            Form::Static(text) => text.len(),
            Form::Own(text) => text.len(),
            Form::Part { length, .. } => *length as usize,
        }
    }

    /// Whether both are the same place in memory, so that they are equal without a look.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        std::ptr::eq(self.as_bytes(), other.as_bytes())
    }

    /// What parts are made of.
    pub(crate) fn source(&self) -> Source {
        match &self.0 {
            Form::Part { whole, start, .. } => Source {
                whole: Rc::clone(whole),
                offset: *start as usize,
            },
            _ => Source {
                whole: Rc::new(self.as_str().to_owned()),
                offset: 0,
            },
        }
    }
}

/// A text of which many parts are made.
#[derive(Debug)]
pub(crate) struct Source {
    whole: Rc<String>,
    /// Where the text begins in it.
    offset: usize,
}

impl Source {
    /// A part of the text, which is copied where the numbers are too large.
    #[inline]
    pub(crate) fn part(&self, range: Range<usize>) -> Text {
        let start = self.offset + range.start;
        match (u32::try_from(start), u32::try_from(range.len())) {
            (Ok(start), Ok(length)) => Text(Form::Part {
                whole: Rc::clone(&self.whole),
                start,
                length,
            }),
            _ => Text::from(self.whole.get(start..start + range.len()).unwrap_or_default()),
        }
    }
}

impl Default for Text {
    fn default() -> Self {
        Self::constant("")
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        if text.is_empty() {
            return Self::default();
        }
        Self(Form::Own(Rc::from(text)))
    }
}

/// Takes a long string as it is, without a copy.
impl From<String> for Text {
    fn from(mut text: String) -> Self {
        match u32::try_from(text.len()) {
            Ok(length) if text.len() >= SHORT => {
                if text.capacity() - text.len() > text.len() / 8 {
                    text.shrink_to_fit();
                }
                Self(Form::Part {
                    whole: Rc::new(text),
                    start: 0,
                    length,
                })
            }
            _ => Self::from(text.as_str()),
        }
    }
}

impl Deref for Text {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        self
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        self
    }
}

impl PartialEq for Text {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.length() == other.length() && self.as_bytes() == other.as_bytes()
    }
}

impl PartialEq<str> for Text {
    #[inline]
    fn eq(&self, other: &str) -> bool {
        self.length() == other.len() && self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Text {}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

/// As a string hashes.
impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_str(), f)
    }
}

#[cfg(test)]
mod tests;
