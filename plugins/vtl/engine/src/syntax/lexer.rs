//! The lexer of Velocity 1.7: a stack of lexical states that the tokens themselves push and pop.
//!
//! It follows the grammar's token manager step by step, since much of what a template prints follows from the
//! state in which a character happens to be read. Tokens are made only when the parser asks for them.

use super::SyntaxError;
use super::scan::{Match, Scan};
use super::token::{Kind, Token};

/// A lexical state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Default,
    /// After `$`.
    Reference,
    /// After the dot of a reference.
    Modifier,
    /// In the arguments of a method.
    Arguments,
    /// In the brackets of a reference.
    Index,
    /// After `#`.
    PreDirective,
    /// In the parentheses of a directive.
    Directive,
    TextBlock,
    Comment,
    FormalComment,
    LineComment,
}

/// A match that goes on: the token is what follows, with this before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum More {
    Reference,
    TextBlock,
    FormalComment,
    Comment,
    Directive,
    Any,
}

#[derive(Debug, Clone, Copy)]
struct Saved {
    state: State,
    open: usize,
    closed: usize,
}

#[derive(Debug)]
pub(super) struct Lexer<'s> {
    source: &'s str,
    scan: Scan<'s>,
    position: usize,
    state: State,
    stack: Vec<Saved>,
    /// Parentheses opened and closed in this state.
    open: usize,
    closed: usize,
    in_comment: bool,
    in_set: bool,
}

impl<'s> Lexer<'s> {
    pub(super) fn new(source: &'s str, escapes_set: bool) -> Self {
        Self {
            source,
            scan: Scan::new(source, escapes_set),
            position: 0,
            state: State::Default,
            stack: Vec::new(),
            open: 0,
            closed: 0,
            in_comment: false,
            in_set: false,
        }
    }

    /// The name of a directive was read: whether its parentheses follow.
    pub(super) fn enter_directive(&mut self) -> bool {
        self.state = State::Directive;
        let rest = self.source.as_bytes().get(self.position..).unwrap_or_default();
        let next = rest
            .iter()
            .find(|byte| !matches!(byte, b' ' | b'\n' | b'\r' | b'\t'));
        if next == Some(&b'(') {
            return true;
        }
        self.pop();
        false
    }

    /// A `#set` is over.
    pub(super) fn leave_set(&mut self) {
        self.in_set = false;
    }

    pub(super) fn next(&mut self) -> Result<Token, SyntaxError> {
        let mut skipped = Vec::new();
        'token: loop {
            let start = self.position;
            if start >= self.source.len() {
                return Ok(Token {
                    kind: Kind::End,
                    start,
                    end: start,
                    skipped,
                });
            }
            loop {
                let Some((what, length)) = self.scan.longest(self.state, self.position) else {
                    return Err(self.unreadable());
                };
                self.position += length;
                match what {
                    Match::Token(kind) => return Ok(self.token(kind, start, skipped)),
                    Match::Skip => continue 'token,
                    Match::Terminator => {
                        skipped.push((start, self.position));
                        self.position -= length;
                        self.pop();
                        continue 'token;
                    }
                    Match::More(more) => {
                        self.more(more);
                        if self.position >= self.source.len() {
                            return Err(self.unfinished(start));
                        }
                    }
                }
            }
        }
    }

    fn push(&mut self, state: State) {
        self.stack.push(Saved {
            state: self.state,
            open: self.open,
            closed: self.closed,
        });
        self.open = 0;
        self.state = state;
    }

    fn pop(&mut self) -> bool {
        if let Some(saved) = self.stack.pop() {
            self.open = saved.open;
            self.closed = saved.closed;
            self.state = saved.state;
            return true;
        }
        self.open = 0;
        self.state = State::Default;
        false
    }

    fn more(&mut self, more: More) {
        if self.in_comment {
            return;
        }
        match more {
            More::Reference => {
                if self.state == State::Reference {
                    self.pop();
                }
                self.push(State::Reference);
            }
            More::Directive => {
                if matches!(self.state, State::Reference | State::Modifier) {
                    self.pop();
                }
                self.push(State::PreDirective);
            }
            More::TextBlock => self.comment(State::TextBlock),
            More::Comment => self.comment(State::Comment),
            More::FormalComment => {
                let last = self
                    .source
                    .get(..self.position)
                    .and_then(|before| before.chars().next_back());
                self.position -= last.map_or(0, char::len_utf8);
                self.comment(State::FormalComment);
            }
            More::Any => {}
        }
    }

    fn comment(&mut self, state: State) {
        self.in_comment = true;
        self.push(state);
    }

    fn token(&mut self, kind: Kind, mut start: usize, skipped: Vec<(usize, usize)>) -> Token {
        let mut end = self.position;
        match kind {
            Kind::IndexOpen => self.push(State::Index),
            Kind::IndexClose | Kind::FormalClose => {
                self.pop();
            }
            Kind::ParenOpen => self.open_parenthesis(),
            Kind::ParenClose => self.close_parenthesis(),
            Kind::MethodClose => self.state = State::Reference,
            Kind::Set => self.set(),
            Kind::LineComment => self.line_comment(),
            Kind::LineCommentEnd | Kind::FormalComment | Kind::Comment | Kind::TextBlock => {
                self.in_comment = false;
                self.pop();
            }
            Kind::String if self.state == State::Directive => self.bare_literal(),
            Kind::EndDirective | Kind::Else => {
                self.pop();
            }
            Kind::If | Kind::ElseIf => self.state = State::Directive,
            Kind::Integer => {
                if self
                    .source
                    .get(start..end)
                    .is_some_and(|image| image.ends_with(".."))
                {
                    self.position -= 2;
                    end -= 2;
                }
                if !matches!(self.state, State::Arguments | State::Index) {
                    self.bare_literal();
                }
            }
            Kind::Float if self.state != State::Arguments => self.bare_literal(),
            Kind::Dot => {
                self.position -= 1;
                end -= 1;
                // A `$!` before it is lost.
                start = end - 1;
                self.state = State::Modifier;
            }
            _ => {}
        }
        Token {
            kind,
            start,
            end,
            skipped,
        }
    }

    fn open_parenthesis(&mut self) {
        if !self.in_comment {
            self.open += 1;
        }
        if self.state == State::Modifier {
            self.state = State::Arguments;
        }
    }

    /// Drops to the state that has an open parenthesis.
    fn close_parenthesis(&mut self) {
        if self.in_comment {
            return;
        }
        loop {
            if self.open > 0 {
                if self.open == self.closed + 1 {
                    self.pop();
                } else {
                    self.closed += 1;
                }
                return;
            }
            if !self.pop() {
                return;
            }
        }
    }

    fn set(&mut self) {
        if !self.in_comment {
            self.push(State::Directive);
            self.in_set = true;
            self.open += 1;
        }
    }

    fn line_comment(&mut self) {
        if self.in_comment {
            return;
        }
        if self.state == State::Reference {
            self.pop();
        }
        self.comment(State::LineComment);
    }

    /// A literal outside of parentheses ends its directive.
    fn bare_literal(&mut self) {
        if self.open == 0 && !self.in_set {
            self.pop();
        }
    }

    fn unfinished(&self, start: usize) -> SyntaxError {
        let image = self.source.get(start..).unwrap_or_default();
        let (message, hint) = match self.state {
            State::TextBlock => ("`#[[` is not closed", "close it by `]]#`"),
            State::Comment | State::FormalComment => ("`#*` is not closed", "close it by `*#`"),
            _ if image.starts_with('#') => (
                "the template ends in a `#`",
                "write `#[[#]]#` for a `#` that is text",
            ),
            _ => (
                "the template ends in a `$`",
                "write `#[[$]]#` for a `$` that is text",
            ),
        };
        SyntaxError::at(self.source, start, message).with_hint(hint)
    }

    fn unreadable(&self) -> SyntaxError {
        let next = self
            .source
            .get(self.position..)
            .and_then(|rest| rest.chars().next())
            .unwrap_or(' ');
        let error = |message: String| SyntaxError::at(self.source, self.position, message);
        match self.state {
            _ if matches!(next, '"' | '\'') => {
                error(format!("this {next} opens a string that is not closed"))
                    .with_hint("close it; a quote within a string is doubled, not escaped by a backslash")
            }
            State::Arguments => error(format!("`{next}` cannot stand in the arguments of a method"))
                .with_hint("compute it by a `#set` before"),
            State::Index => error(format!("`{next}` cannot stand in an index"))
                .with_hint("an index is a string, a whole number or a reference"),
            _ => error(format!("`{next}` cannot stand here")),
        }
    }
}
