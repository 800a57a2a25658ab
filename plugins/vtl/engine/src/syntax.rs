//! The language of Velocity 1.7: its tokens, its grammar and the tree that a template is compiled to.

mod directive;
mod expression;
mod lexer;
mod lookahead;
mod parser;
mod reference;
mod scan;
mod string;
mod token;
pub(crate) mod tree;

#[cfg(test)]
mod tests;

use std::fmt;

pub(crate) use parser::{Known, compile};

/// Why a template is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// Counted from 1.
    pub line: u32,
    /// Counted from 1, in characters.
    pub column: u32,
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl SyntaxError {
    pub(crate) fn at(source: &str, place: usize, message: impl Into<String>) -> Self {
        let (line, column) = position(source, place);
        Self {
            line,
            column,
            message: message.into(),
            hint: None,
        }
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for SyntaxError {}

/// The line and column of a byte, counted from 1, the column in characters.
pub(crate) fn position(source: &str, place: usize) -> (u32, u32) {
    let before = source.get(..place).unwrap_or(source);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
    (
        u32::try_from(line).unwrap_or(u32::MAX),
        u32::try_from(column).unwrap_or(u32::MAX),
    )
}
