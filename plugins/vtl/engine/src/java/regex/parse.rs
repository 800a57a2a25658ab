//! Reads a pattern as `java.util.regex.Pattern` of Java 17 does, its oddities included.

mod class;
mod escape;
mod group;
mod source;

use std::sync::Arc;

use super::Error;
use super::class::{CharSet, Set};
use super::node::{Assertion, Fold, Greed, Node, One};
use super::property::Property;
use source::Source;

/// Nested groups and classes.
const DEPTH: usize = 200;

/// What the letters of `(?idmsuxU)` switch on.
#[derive(Debug, Clone, Copy, Default)]
struct Flags {
    fold: bool,
    unix: bool,
    lines: bool,
    dot_all: bool,
    unicode_fold: bool,
    comments: bool,
    unicode: bool,
}

impl Flags {
    fn folding(self) -> Fold {
        match (self.fold, self.unicode_fold) {
            (false, _) => Fold::None,
            (true, false) => Fold::Ascii,
            (true, true) => Fold::Unicode,
        }
    }
}

/// A pattern that was read.
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) node: Node,
    /// Groups that capture, the whole match among them.
    pub(super) groups: usize,
    pub(super) names: Vec<(String, usize)>,
}

struct Parser<'a> {
    source: Source<'a>,
    flags: Flags,
    groups: usize,
    names: Vec<(String, usize)>,
    depth: usize,
}

pub(super) fn parse(pattern: &str) -> Result<Parsed, Error> {
    let source = Source::new(pattern)?;
    let mut parser = Parser {
        source,
        flags: Flags::default(),
        groups: 1,
        names: Vec::new(),
        depth: 0,
    };
    let node = parser.alternation()?;
    if parser.peek().is_some() {
        return Err(parser.source.error_at_next("Unmatched closing ')'", 1));
    }
    Ok(Parsed {
        node,
        groups: parser.groups,
        names: parser.names,
    })
}

impl Parser<'_> {
    fn peek(&mut self) -> Option<char> {
        if self.flags.comments {
            self.source.skip_comments(self.flags.unix);
        }
        self.source.peek()
    }

    /// The next character if it means something, that is if it is not quoted.
    fn peek_meta(&mut self) -> Option<char> {
        let next = self.peek();
        next.filter(|_| !self.source.quoted())
    }

    /// Steps over the next character, which is `c`; whether it was there.
    fn eat(&mut self, c: char) -> bool {
        let found = self.peek_meta() == Some(c);
        if found {
            self.source.advance();
        }
        found
    }

    fn error(&self, description: &str) -> Error {
        self.source.error(description)
    }

    fn enter(&mut self) -> Result<(), Error> {
        self.depth += 1;
        if self.depth > DEPTH {
            Err(self.error("Pattern nests too deep"))
        } else {
            Ok(())
        }
    }

    fn alternation(&mut self) -> Result<Node, Error> {
        self.enter()?;
        let first = self.sequence()?;
        let mut branches = vec![first];
        while self.eat('|') {
            branches.push(self.sequence()?);
        }
        self.depth -= 1;
        Ok(match branches.pop() {
            Some(only) if branches.is_empty() => only,
            Some(last) => {
                branches.push(last);
                Node::Alternate(branches)
            }
            None => Node::Empty,
        })
    }

    fn sequence(&mut self) -> Result<Node, Error> {
        let mut nodes = Vec::new();
        while let Some(c) = self.peek() {
            let node = match c {
                _ if self.source.quoted() => {
                    self.source.advance();
                    self.literal(c)
                }
                '|' | ')' => break,
                '(' => match self.group()? {
                    Some(group) => group,
                    None => continue,
                },
                _ => self.atom(c)?,
            };
            nodes.push(self.quantified(node)?);
        }
        Ok(match nodes.len() {
            0 => Node::Empty,
            1 => nodes.pop().unwrap_or(Node::Empty),
            _ => Node::Concat(nodes),
        })
    }

    fn atom(&mut self, c: char) -> Result<Node, Error> {
        let flags = self.flags;
        // What it applies to is missing: Java repeats nothing.
        if c == '{' {
            return Ok(Node::Empty);
        }
        self.source.advance();
        Ok(match c {
            '[' => self.class(true).map(set)?,
            '\\' => self.escape()?,
            '^' if flags.lines => Node::Assert(Assertion::LineStart { unix: flags.unix }),
            '^' => Node::Assert(Assertion::Start),
            '$' if flags.lines => Node::Assert(Assertion::LineEnd { unix: flags.unix }),
            '$' => Node::Assert(Assertion::LastEnd { unix: flags.unix }),
            '.' if flags.dot_all => Node::One(One::Any),
            '.' if flags.unix => set(Set::Range('\n', '\n').not()),
            '.' => set(Set::Property(Property::LineEnd).not()),
            '?' | '*' | '+' => return Err(self.error(&format!("Dangling meta character '{c}'"))),
            _ => self.literal(c),
        })
    }

    fn literal(&self, c: char) -> Node {
        match self.flags.folding() {
            Fold::Ascii if c.is_ascii_alphabetic() => set(Set::single(c, Fold::Ascii)),
            Fold::Unicode => set(Set::single(c, Fold::Unicode)),
            _ => Node::One(One::Char(c)),
        }
    }

    fn quantified(&mut self, node: Node) -> Result<Node, Error> {
        let (min, max) = match self.peek_meta() {
            Some('?') => (0, Some(1)),
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('{') => self.counts()?,
            _ => return Ok(node),
        };
        self.source.advance();
        let greed = if self.eat('?') {
            Greed::Lazy
        } else if self.eat('+') {
            Greed::Possessive
        } else {
            Greed::Greedy
        };
        Ok(Node::Repeat {
            node: Box::new(node),
            min,
            max,
            greed,
        })
    }

    /// Reads `{n`, `{n,` or `{n,m` up to the closing brace.
    fn counts(&mut self) -> Result<(u32, Option<u32>), Error> {
        self.source.advance();
        if !self.source.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.source.advance();
            return Err(self.error("Illegal repetition"));
        }
        let min = self.count()?;
        let mut max = Some(min);
        if self.source.peek() == Some(',') {
            self.source.advance();
            max = if self.source.peek() == Some('}') {
                None
            } else {
                Some(self.count()?)
            };
        }
        if self.source.peek() != Some('}') {
            self.source.advance();
            return Err(self.error("Unclosed counted closure"));
        }
        if max.is_some_and(|max| max < min) {
            self.source.advance();
            return Err(self.error("Illegal repetition range"));
        }
        Ok((min, max))
    }

    fn count(&mut self) -> Result<u32, Error> {
        let mut count = 0_u32;
        while let Some(digit) = self.source.peek().and_then(|c| c.to_digit(10)) {
            self.source.advance();
            let grown = count.checked_mul(10).and_then(|count| count.checked_add(digit));
            count = grown
                .filter(|count| *count <= i32::MAX.unsigned_abs())
                .ok_or_else(|| self.error("Illegal repetition range"))?;
        }
        Ok(count)
    }
}

fn set(set: Set) -> Node {
    Node::One(One::Set(Arc::new(CharSet::new(set))))
}
