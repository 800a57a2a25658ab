//! Paths into JSON documents, in the dialect of Jayway JsonPath 2.4.

mod arrays;
mod brackets;
mod compile;
mod cursor;
mod evaluate;
mod filter;
mod function;
mod literal;
mod node;
mod operator;
mod parameters;
mod scan;

#[cfg(test)]
mod tests;

use std::fmt;

use crate::bounds::{Bounds, Exceeded, Failure};
use crate::value::{List, ListKind, Text, Value};

use arrays::Slice;
use evaluate::{Mode, Walk};
use filter::Expression;
use function::Function;

/// Why a text is no path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(String);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a JSONPath: {}", self.0)
    }
}

impl std::error::Error for Error {}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Thrown(error.to_string())
    }
}

/// The longest path that is compiled, in characters.
const LONGEST: usize = 4_096;

/// A compiled path.
#[derive(Debug)]
pub struct Path {
    steps: Vec<Step>,
    /// Whether it begins with `$`, not `@`.
    root: bool,
}

/// One step of a path.
#[derive(Debug)]
enum Step {
    Property(Text),
    /// `['a','b']`: at the end an object of these, else each in turn.
    Properties(Vec<Text>),
    Index(i32),
    Indexes(Vec<i32>),
    Slice(Slice),
    /// `*` or `[*]`
    Wildcard,
    /// `..`
    Scan,
    /// `[?(…)]`
    Filter(Expression),
    /// `name(…)`
    Function(Function),
}

impl Path {
    /// Compiles a path, which may lack its leading `$.`.
    ///
    /// # Errors
    ///
    /// Where Jayway throws `InvalidPathException` or, for the empty text, `IllegalArgumentException`; and a path of
    /// more than 4,096 characters.
    pub fn compile(text: &str) -> Result<Self, Error> {
        compile::compile(text, 0).map_err(|_| Error(text.chars().take(100).collect()))
    }

    /// Whether it leads to one place at most: then it yields a value, otherwise a list of values.
    #[must_use]
    pub fn is_definite(&self) -> bool {
        let last = self.steps.len().saturating_sub(1);
        self.steps
            .iter()
            .enumerate()
            .all(|(at, step)| step.is_definite(at == last))
    }

    fn is_function(&self) -> bool {
        matches!(self.steps.last(), Some(Step::Function(_)))
    }

    /// What the path finds in `root`: a value, or a list where the path is not definite. `None` where a definite path
    /// leads nowhere, or would throw while it is evaluated: Jayway's `SUPPRESS_EXCEPTIONS`.
    ///
    /// # Errors
    ///
    /// A limit.
    pub fn read(&self, root: &Value, bounds: &mut Bounds) -> Result<Option<Value>, Failure> {
        bounds.steps(1 + self.steps.len())?;
        match self.evaluate(root, root, Mode::Lenient, 0, bounds) {
            Ok(found) => Ok(found),
            Err(Stop::Limit(exceeded)) => Err(exceeded.into()),
            Err(_) if self.is_definite() => Ok(None),
            Err(_) => Ok(Some(Value::List(List::new(ListKind::Json, Vec::new())))),
        }
    }

    /// As [`read`](Self::read), for a path within another one, with the exceptions.
    fn evaluate(
        &self,
        item: &Value,
        root: &Value,
        mode: Mode,
        depth: usize,
        bounds: &mut Bounds,
    ) -> Result<Option<Value>, Stop> {
        let mut walk = Walk {
            path: self,
            root,
            mode,
            depth,
            bounds,
            results: Vec::new(),
        };
        walk.walk(0, item)?;
        let mut results = walk.results;
        if self.is_definite() {
            return Ok(results.pop());
        }
        bounds.items(results.len())?;
        Ok(Some(Value::List(List::new(ListKind::Json, results))))
    }
}

impl Step {
    fn is_definite(&self, last: bool) -> bool {
        match self {
            Self::Property(_) | Self::Index(_) | Self::Function(_) => true,
            Self::Properties(_) => last,
            Self::Indexes(_) | Self::Slice(_) | Self::Wildcard | Self::Scan | Self::Filter(_) => false,
        }
    }
}

/// Why an evaluation ends.
#[derive(Debug)]
enum Stop {
    Limit(Exceeded),
    /// `PathNotFoundException`
    NotFound,
    /// `InvalidPathException`, which makes a filter false.
    Invalid,
    /// Any other exception of Java's, which ends the evaluation altogether.
    Thrown,
}

impl From<Exceeded> for Stop {
    fn from(exceeded: Exceeded) -> Self {
        Self::Limit(exceeded)
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Limit(exceeded) => Self::Limit(exceeded),
            Failure::Thrown(_) => Self::Thrown,
        }
    }
}
