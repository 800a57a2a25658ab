//! A text, read at places that lie between its characters.

use super::node::{Assertion, Fold};

#[derive(Debug, Clone, Copy)]
pub(super) struct Input<'a> {
    text: &'a str,
}

impl<'a> Input<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text }
    }

    pub(super) fn len(self) -> usize {
        self.text.len()
    }

    #[inline]
    pub(super) fn after(self, position: usize) -> Option<char> {
        match self.text.as_bytes().get(position) {
            Some(byte) if byte.is_ascii() => Some(char::from(*byte)),
            Some(_) => self.text.get(position..)?.chars().next(),
            None => None,
        }
    }

    #[inline]
    pub(super) fn before(self, position: usize) -> Option<char> {
        match self.text.as_bytes().get(position.checked_sub(1)?) {
            Some(byte) if byte.is_ascii() => Some(char::from(*byte)),
            Some(_) => self.text.get(..position)?.chars().next_back(),
            None => None,
        }
    }

    /// One character back; 0 at the start.
    #[inline]
    pub(super) fn back(self, position: usize) -> usize {
        position - self.before(position).map_or(0, char::len_utf8)
    }

    pub(super) fn holds(self, assertion: Assertion, position: usize, last: usize) -> bool {
        match assertion {
            Assertion::Start => position == 0,
            Assertion::End => position == self.len(),
            Assertion::LastMatch => position == last,
            Assertion::LineStart { unix } => self.starts_line(position, unix),
            Assertion::LineEnd { unix } => self.ends_line(position, unix),
            Assertion::LastEnd { unix } => self.ends_line(position, unix) && self.is_last(position, unix),
            Assertion::Word => self.is_boundary(position),
            Assertion::NotWord => !self.is_boundary(position),
        }
    }

    /// Never at the end of the text, not even of an empty one.
    fn starts_line(self, position: usize, unix: bool) -> bool {
        let Some(next) = self.after(position) else {
            return false;
        };
        match self.before(position) {
            None => true,
            Some('\r') if next == '\n' && !unix => false,
            Some(c) => ends_line(c, unix),
        }
    }

    fn ends_line(self, position: usize, unix: bool) -> bool {
        match self.after(position) {
            None => true,
            Some('\n') if !unix => self.before(position) != Some('\r'),
            Some(c) => ends_line(c, unix),
        }
    }

    /// Whether only one line terminator follows.
    fn is_last(self, position: usize, unix: bool) -> bool {
        let rest = self.text.get(position..).unwrap_or("");
        rest.chars().nth(1).is_none() || rest == "\r\n" && !unix
    }

    fn is_boundary(self, position: usize) -> bool {
        let word = |c: Option<char>| c.is_some_and(|c| c == '_' || c.is_alphanumeric());
        word(self.before(position)) != word(self.after(position))
    }

    /// Where the text of `group` ends if it stands at `position` once more.
    pub(super) fn repeated(self, group: (usize, usize), position: usize, fold: Fold) -> Option<usize> {
        let wanted = self.text.get(group.0..group.1)?;
        let rest = self.text.get(position..)?;
        if fold == Fold::None {
            return rest.starts_with(wanted).then(|| position + wanted.len());
        }
        let mut found = rest.chars();
        for c in wanted.chars() {
            let other = found.next()?;
            let same = match fold {
                Fold::Unicode => super::class::folded(c) == super::class::folded(other),
                _ => c.eq_ignore_ascii_case(&other),
            };
            if c != other && !same {
                return None;
            }
        }
        Some(self.len() - found.as_str().len())
    }
}

fn ends_line(c: char, unix: bool) -> bool {
    c == '\n' || !unix && matches!(c, '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}
