//! `java.util.regex.Pattern` of Java 17: its syntax, and its way to a match.
//!
//! Patterns work on characters where Java's work on UTF-16 units, which only a lone surrogate could tell.

mod class;
mod machine;
mod node;
mod parse;
mod program;
mod property;
mod replace;
#[cfg(test)]
mod tests;
mod text;

use std::fmt;

use crate::bounds::{Bounds, Exceeded, Failure};
use machine::Machine;
use program::Program;

/// Why a pattern cannot be compiled: Java's `PatternSyntaxException`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    description: String,
    index: usize,
    pattern: String,
}

impl Error {
    fn new(description: &str, index: usize, pattern: &str) -> Self {
        Self {
            description: description.to_owned(),
            index,
            pattern: pattern.to_owned(),
        }
    }

    /// What is wrong, in Java's words.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The place in the pattern, in characters, about where Java tells it.
    #[must_use]
    pub fn index(&self) -> usize {
        self.index
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} near index {}\n{}",
            self.description, self.index, self.pattern
        )
    }
}

impl std::error::Error for Error {}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Thrown(error.to_string())
    }
}

/// Where a match and its groups lie, as byte offsets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Captures {
    start: usize,
    end: usize,
    groups: Vec<Option<(usize, usize)>>,
}

impl Captures {
    #[must_use]
    pub fn start(&self) -> usize {
        self.start
    }

    #[must_use]
    pub fn end(&self) -> usize {
        self.end
    }

    /// A group, with 0 for the whole match; `None` where it did not take part, or does not exist.
    #[must_use]
    pub fn group(&self, number: usize) -> Option<(usize, usize)> {
        self.groups.get(number).copied().flatten()
    }

    /// How many groups there are, the whole match among them.
    #[must_use]
    pub fn groups(&self) -> usize {
        self.groups.len()
    }
}

/// A compiled pattern.
#[derive(Debug)]
pub struct Regex {
    program: Program,
    groups: usize,
    names: Vec<(String, usize)>,
    /// The pattern itself where no character of it means anything but itself.
    literal: Option<String>,
}

impl Regex {
    /// # Errors
    ///
    /// What Java's `Pattern.compile` throws; a pattern beyond 65,536 characters or 200 nested groups, too.
    pub fn compile(pattern: &str) -> Result<Self, Error> {
        let parsed = parse::parse(pattern)?;
        let plain = !pattern.is_empty() && pattern.len() < 1 << 16 && !pattern.contains(is_special);
        Ok(Self {
            program: program::compile(&parsed.node, parsed.groups),
            groups: parsed.groups,
            names: parsed.names,
            literal: plain.then(|| pattern.to_owned()),
        })
    }

    /// [`compile`](Self::compile) within the bounds of a rendering.
    ///
    /// # Errors
    ///
    /// A limit; within, what `compile` gives.
    pub fn compile_within(pattern: &str, bounds: &mut Bounds) -> Result<Result<Self, Error>, Exceeded> {
        bounds.steps(pattern.len().saturating_mul(4))?;
        Ok(Self::compile(pattern))
    }

    /// Whether the pattern matches all of `text`: `Matcher.matches`.
    ///
    /// # Errors
    ///
    /// A limit.
    pub fn matches(&self, text: &str, bounds: &mut Bounds) -> Result<bool, Failure> {
        if let Some(literal) = &self.literal {
            return Ok(literal == text);
        }
        Ok(Machine::new(&self.program, text, true).matches(bounds)?)
    }

    /// The first match that starts at byte `start` of `text` or later: `Matcher.find(int)`.
    ///
    /// # Errors
    ///
    /// A limit.
    pub fn find_at(
        &self,
        text: &str,
        start: usize,
        bounds: &mut Bounds,
    ) -> Result<Option<Captures>, Failure> {
        if !text.is_char_boundary(start) {
            return Ok(None);
        }
        Matches {
            last: start,
            ..Matches::new(self, text)
        }
        .next_from(start, bounds)
    }

    /// `String.replaceAll`
    ///
    /// # Errors
    ///
    /// What Java throws for `replacement`, if anything matches, or a limit.
    pub fn replace_all(&self, text: &str, replacement: &str, bounds: &mut Bounds) -> Result<String, Failure> {
        self.replace(text, replacement, usize::MAX, bounds)
    }

    /// `String.replaceFirst`
    ///
    /// # Errors
    ///
    /// What Java throws for `replacement`, if anything matches, or a limit.
    pub fn replace_first(
        &self,
        text: &str,
        replacement: &str,
        bounds: &mut Bounds,
    ) -> Result<String, Failure> {
        self.replace(text, replacement, 1, bounds)
    }

    fn replace(
        &self,
        text: &str,
        replacement: &str,
        count: usize,
        bounds: &mut Bounds,
    ) -> Result<String, Failure> {
        let mut out = String::with_capacity(text.len());
        let mut matches = Matches::new(self, text);
        let mut copied = 0;
        for _ in 0..count {
            let Some(found) = matches.next(bounds)? else { break };
            out.push_str(text.get(copied..found.start).unwrap_or(""));
            replace::append(self, text, &found, replacement, &mut out, bounds)?;
            copied = found.end;
        }
        let rest = text.get(copied..).unwrap_or("");
        bounds.string(out.len() + rest.len())?;
        out.push_str(rest);
        Ok(out)
    }

    /// `String.split`: a limit of 0 drops empty strings at the end, a negative one keeps them, a positive one is the
    /// most pieces there are.
    ///
    /// # Errors
    ///
    /// A limit.
    pub fn split(&self, text: &str, limit: i32, bounds: &mut Bounds) -> Result<Vec<String>, Failure> {
        let most = usize::try_from(limit)
            .ok()
            .filter(|most| *most > 0)
            .unwrap_or(usize::MAX);
        let mut pieces = Vec::new();
        let mut matches = Matches::new(self, text);
        let mut index = 0;
        while pieces.len() < most - 1 {
            let Some(found) = matches.next(bounds)? else { break };
            // Nothing matched at the very start makes no empty piece.
            if found.end == 0 {
                continue;
            }
            pieces.push(text.get(index..found.start).unwrap_or("").to_owned());
            bounds.items(pieces.len())?;
            bounds.list(1)?;
            index = found.end;
        }
        bounds.string(text.len())?;
        if index == 0 && pieces.is_empty() {
            return Ok(vec![text.to_owned()]);
        }
        pieces.push(text.get(index..).unwrap_or("").to_owned());
        while limit == 0 && pieces.last().is_some_and(String::is_empty) {
            pieces.pop();
        }
        Ok(pieces)
    }
}

/// The matches of a text, one after the other: repeated `Matcher.find()`.
struct Matches<'a> {
    regex: &'a Regex,
    text: &'a str,
    machine: Option<Machine<'a>>,
    /// Where the last match ended.
    last: usize,
    /// Where to look next; `None` once there is nothing left.
    next: Option<usize>,
}

impl<'a> Matches<'a> {
    fn new(regex: &'a Regex, text: &'a str) -> Self {
        let machine = regex
            .literal
            .is_none()
            .then(|| Machine::new(&regex.program, text, false));
        Self {
            regex,
            text,
            machine,
            last: 0,
            next: Some(0),
        }
    }

    fn next(&mut self, bounds: &mut Bounds) -> Result<Option<Captures>, Failure> {
        let Some(start) = self.next else { return Ok(None) };
        let found = self.next_from(start, bounds)?;
        self.next = found.as_ref().and_then(|found| {
            self.last = found.end;
            if found.end > found.start {
                return Some(found.end);
            }
            // After an empty match, one character on.
            let skipped = self.text.get(found.end..)?.chars().next()?;
            Some(found.end + skipped.len_utf8())
        });
        Ok(found)
    }

    fn next_from(&mut self, start: usize, bounds: &mut Bounds) -> Result<Option<Captures>, Failure> {
        let Some(machine) = &mut self.machine else {
            return Ok(self.next_literal(start, bounds)?);
        };
        if !machine.find(start, self.last, bounds)? {
            return Ok(None);
        }
        let groups: Vec<_> = (0..self.regex.groups)
            .map(|number| machine.group(number))
            .collect();
        let (start, end) = groups.first().copied().flatten().unwrap_or((start, start));
        Ok(Some(Captures { start, end, groups }))
    }

    fn next_literal(
        &self,
        start: usize,
        bounds: &mut Bounds,
    ) -> Result<Option<Captures>, crate::bounds::Exceeded> {
        let literal = self.regex.literal.as_deref().unwrap_or("");
        let rest = self.text.get(start..).unwrap_or("");
        let found = rest.find(literal);
        bounds.steps(1 + found.unwrap_or(rest.len()) / 16)?;
        Ok(found.map(|offset| {
            let (start, end) = (start + offset, start + offset + literal.len());
            Captures {
                start,
                end,
                groups: vec![Some((start, end))],
            }
        }))
    }
}

fn is_special(c: char) -> bool {
    matches!(
        c,
        '\\' | '^' | '$' | '.' | '|' | '?' | '*' | '+' | '(' | ')' | '[' | ']' | '{' | '}'
    )
}
