//! JSON as json-smart 2 reads it in its permissive mode and prints it.

pub(crate) mod decimal;
mod number;
mod parser;
mod print;
mod string;
mod twins;

#[cfg(test)]
pub(crate) mod tests;

use std::fmt;

use crate::bounds::{Bounds, Exceeded, Failure};
use crate::value::{Text, Value};

pub use print::{Style, print};

/// Why a text is not JSON, even to a permissive parser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Error {
    /// What stands at this byte cannot.
    Unexpected(usize),
    /// The text ends within a value.
    Ends,
    /// A number that Java cannot read, such as `1e+`.
    Number(usize),
    /// Lists and objects nest deeper than [`MAX_DEPTH`].
    Deep,
    Limit(Exceeded),
}

/// How deep lists and objects may nest, as in json-smart since its fix of CVE-2023-1370.
pub const MAX_DEPTH: usize = 400;

impl From<Exceeded> for Error {
    fn from(exceeded: Exceeded) -> Self {
        Self::Limit(exceeded)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Limit(exceeded) => Self::Limit(exceeded),
            other => Self::Thrown(other.to_string()),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unexpected(at) => write!(f, "not JSON: unexpected character at byte {at}"),
            Self::Ends => f.write_str("not JSON: it ends within a value"),
            Self::Number(at) => write!(f, "not JSON: no number at byte {at}"),
            Self::Deep => f.write_str("JSON nested too deep"),
            Self::Limit(exceeded) => exceeded.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

/// Reads `text` as json-smart does in `MODE_PERMISSIVE`: keys and strings may lack quotes or have single ones, commas
/// may be too many, numbers may begin with zeros, and whatever follows the first value is ignored. Text that begins
/// like no JSON at all is a string, so that the empty text is the empty string.
///
/// Objects keep the order of their keys; of a key that comes twice the first place and the last value count. A
/// surrogate without its pair, which no UTF-8 can hold, becomes `?` as Java prints it. Strings without escapes are parts
/// of `text`.
///
/// # Errors
///
/// What even the permissive parser refuses, or a limit.
pub fn parse(text: &Text, bounds: &mut Bounds) -> Result<Value, Error> {
    bounds.steps(1 + text.len() / 8)?;
    parser::Parser::new(text, &text.source(), bounds).document()
}
