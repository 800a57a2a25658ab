//! The characters of a path or filter, and where its compiler stands in them.

/// Why a text does not compile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// `InvalidPathException`, on which a filter tries another reading.
    Invalid,
    /// Any other exception: reading beyond the end, a malformed number or regular expression.
    Other,
}

pub(super) struct Cursor<'a> {
    characters: &'a [char],
    at: usize,
    /// The end of what is to be read, at most that of the characters.
    end: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(characters: &'a [char]) -> Self {
        Self {
            characters,
            at: 0,
            end: characters.len(),
        }
    }

    pub(super) fn position(&self) -> usize {
        self.at
    }

    pub(super) fn end(&self) -> usize {
        self.end
    }

    pub(super) fn set(&mut self, at: usize) {
        self.at = at;
    }

    pub(super) fn advance(&mut self, count: usize) {
        self.at += count;
    }

    pub(super) fn within(&self, at: usize) -> bool {
        at < self.end
    }

    pub(super) fn in_bounds(&self) -> bool {
        self.within(self.at)
    }

    /// Whether nothing but one last character is left, which is the end of a path for Jayway.
    pub(super) fn is_tail(&self) -> bool {
        self.at + 1 >= self.end
    }

    pub(super) fn character(&self, at: usize) -> Result<char, Fault> {
        self.characters.get(at).copied().ok_or(Fault::Other)
    }

    pub(super) fn current(&self) -> Result<char, Fault> {
        self.character(self.at)
    }

    pub(super) fn current_is(&self, character: char) -> Result<bool, Fault> {
        self.current().map(|current| current == character)
    }

    pub(super) fn last_is(&self, character: char) -> bool {
        self.end.checked_sub(1).and_then(|at| self.characters.get(at)) == Some(&character)
    }

    pub(super) fn slice(&self, from: usize, to: usize) -> Result<&'a [char], Fault> {
        self.characters.get(from..to).ok_or(Fault::Other)
    }

    pub(super) fn text(&self, from: usize, to: usize) -> Result<String, Fault> {
        Ok(self.slice(from, to)?.iter().collect())
    }

    /// Skips spaces, but not the last character.
    pub(super) fn skip_blanks(&mut self) {
        while self.at + 1 < self.end && self.characters.get(self.at) == Some(&' ') {
            self.at += 1;
        }
    }

    pub(super) fn trim(&mut self) {
        self.skip_blanks();
        while self.at + 1 < self.end && self.last_is(' ') {
            self.end -= 1;
        }
    }

    /// Where the next character behind `at` is that is no space.
    fn significant_after(&self, at: usize) -> usize {
        let mut next = at + 1;
        while self.within(next) && self.characters.get(next) == Some(&' ') {
            next += 1;
        }
        next
    }

    /// The next character behind `at` that is no space; a space at the end.
    pub(super) fn next_significant(&self, at: usize) -> char {
        let next = self.significant_after(at);
        if self.within(next) {
            self.characters.get(next).copied().unwrap_or(' ')
        } else {
            ' '
        }
    }

    /// Where `character` is, if it is the next one behind `at` that is no space.
    pub(super) fn find_significant(&self, at: usize, character: char) -> Result<Option<usize>, Fault> {
        let next = self.significant_after(at);
        Ok((self.character(next)? == character).then_some(next))
    }

    pub(super) fn find(&self, from: usize, character: char) -> Option<usize> {
        let rest = self.characters.get(from..self.end)?;
        rest.iter()
            .position(|other| *other == character)
            .map(|at| from + at)
    }

    /// The next `character` behind `at` that has no backslash before it.
    pub(super) fn find_unescaped(&self, at: usize, character: char) -> Option<usize> {
        let mut escaped = false;
        for (offset, current) in self.characters.get(at + 1..self.end)?.iter().enumerate() {
            if escaped {
                escaped = false;
            } else if *current == '\\' {
                escaped = true;
            } else if *current == character {
                return Some(at + 1 + offset);
            }
        }
        None
    }

    /// Where the bracket that is open at `start` closes, strings skipped and, if asked, regular expressions.
    pub(super) fn find_closing(
        &self,
        start: usize,
        open: char,
        close: char,
        patterns: bool,
    ) -> Result<Option<usize>, Fault> {
        let mut opened = 1_usize;
        let mut at = start + 1;
        while self.within(at) {
            let quote = self.character(at)?;
            if quote == '\'' || quote == '"' {
                at = self.find_unescaped(at, quote).ok_or(Fault::Invalid)? + 1;
            }
            if patterns && self.character(at)? == '/' {
                at = self.find_unescaped(at, '/').ok_or(Fault::Invalid)? + 1;
            }
            let current = self.character(at)?;
            if current == open {
                opened += 1;
            }
            if current == close {
                opened -= 1;
                if opened == 0 {
                    return Ok(Some(at));
                }
            }
            at += 1;
        }
        Ok(None)
    }

    /// Where the last character before the position is that is no space.
    pub(super) fn previous_significant(&self) -> Option<usize> {
        let before = self.characters.get(..self.at)?;
        before.iter().rposition(|character| *character != ' ')
    }

    /// Reads `word` behind spaces, or stays.
    pub(super) fn accept(&mut self, word: &str) -> bool {
        let before = self.at;
        self.skip_blanks();
        let length = word.chars().count();
        let read = self.characters.get(self.at..self.at + length).unwrap_or_default();
        if self.within(self.at + length - 1) && read.iter().copied().eq(word.chars()) {
            self.at += length;
            return true;
        }
        self.at = before;
        false
    }
}

/// Undoes the escapes of a string in a path.
pub(super) fn unescape(text: &[char]) -> Result<String, Fault> {
    let mut units: Vec<u16> = Vec::with_capacity(text.len());
    let mut rest = text.iter().copied();
    while let Some(character) = rest.next() {
        let plain = match character {
            '\\' => match rest.next() {
                None => '\\',
                Some('r') => '\r',
                Some('f') => '\u{c}',
                Some('t') => '\t',
                Some('n') => '\n',
                Some('b') => '\u{8}',
                Some('u') => {
                    let digits: String = rest.by_ref().take(4).collect();
                    if digits.len() == 4 {
                        units.push(u16::from_str_radix(&digits, 16).map_err(|_| Fault::Other)?);
                    }
                    continue;
                }
                Some(other) => other,
            },
            other => other,
        };
        units.extend_from_slice(plain.encode_utf16(&mut [0; 2]));
    }
    Ok(char::decode_utf16(units)
        .map(|read| read.unwrap_or('?'))
        .collect())
}
