//! What one rendering may cost: no template runs or grows without end.

use std::fmt;

use crate::value::Value;

/// The most that one rendering may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Units of work: nodes evaluated, characters walked by a regular expression, elements copied.
    pub steps: u64,
    /// Bytes of the rendered text.
    pub output: usize,
    /// Bytes of any one string that the template makes.
    pub string: usize,
    /// Elements of any one list or map that the template makes.
    pub items: usize,
    /// Nested directives, parentheses, values and calls.
    pub depth: usize,
    /// Rounds of one `#foreach`.
    pub rounds: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            steps: 10_000_000,
            output: 10 << 20,
            string: 10 << 20,
            items: 1_000_000,
            depth: 128,
            rounds: 1_000,
        }
    }
}

/// What a list costs beside its elements.
const LIST: usize = 3;
/// What a map costs beside its entries.
const MAP: usize = 8;
/// What an entry of a map costs.
const ENTRY: usize = 3;

/// The limit that a rendering reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exceeded {
    Steps,
    Output,
    String,
    Items,
    Depth,
}

impl fmt::Display for Exceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Steps => "it takes too many steps",
            Self::Output => "its output grows too large",
            Self::String => "it makes too long a string",
            Self::Items => "it makes too large a list or map",
            Self::Depth => "it nests too deep",
        })
    }
}

impl std::error::Error for Exceeded {}

/// Why an operation on values failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    Limit(Exceeded),
    /// What Java would throw, such as an index out of range: the template errs.
    Thrown(String),
}

impl From<Exceeded> for Failure {
    fn from(exceeded: Exceeded) -> Self {
        Self::Limit(exceeded)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Limit(exceeded) => exceeded.fmt(f),
            Self::Thrown(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for Failure {}

/// What is left of one rendering's [`Limits`]. Everything that walks, grows or nests asks here first.
#[derive(Debug, Clone)]
pub struct Bounds {
    limits: Limits,
    steps: u64,
    depth: usize,
    /// The lists and maps that were given another list, map or object to hold.
    holders: Vec<Value>,
}

impl Bounds {
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            steps: limits.steps,
            depth: 0,
            holders: Vec::new(),
        }
    }

    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Takes `count` steps.
    ///
    /// # Errors
    ///
    /// [`Exceeded::Steps`] where fewer are left.
    #[inline]
    pub fn steps(&mut self, count: usize) -> Result<(), Exceeded> {
        match self.steps.checked_sub(count as u64) {
            Some(left) => {
                self.steps = left;
                Ok(())
            }
            None => Err(Exceeded::Steps),
        }
    }

    /// Asks whether a string of `bytes` bytes may be made, and takes a step for every 16 bytes.
    ///
    /// # Errors
    ///
    /// [`Exceeded::String`] or [`Exceeded::Steps`].
    pub fn string(&mut self, bytes: usize) -> Result<(), Exceeded> {
        if bytes > self.limits.string {
            return Err(Exceeded::String);
        }
        self.steps(1 + bytes / 16)
    }

    /// Takes the steps of comparing two strings: only equally long ones are compared at all.
    ///
    /// # Errors
    ///
    /// [`Exceeded::Steps`].
    #[inline]
    pub fn compared(&mut self, left: &str, right: &str) -> Result<(), Exceeded> {
        if left.len() == right.len() {
            self.steps(left.len() / 128)?;
        }
        Ok(())
    }

    /// Asks whether a string may have `bytes` bytes, where what it costs is taken elsewhere.
    ///
    /// # Errors
    ///
    /// [`Exceeded::String`].
    pub fn fits(&self, bytes: usize) -> Result<(), Exceeded> {
        if bytes > self.limits.string {
            Err(Exceeded::String)
        } else {
            Ok(())
        }
    }

    /// Takes the steps of making a list of `count` elements: what a step pays for is some twenty bytes of memory.
    ///
    /// # Errors
    ///
    /// [`Exceeded::Steps`].
    pub fn list(&mut self, count: usize) -> Result<(), Exceeded> {
        self.steps(count.saturating_add(LIST))
    }

    /// Takes the steps of making a map of `count` entries, as of [`list`](Self::list).
    ///
    /// # Errors
    ///
    /// [`Exceeded::Steps`].
    pub fn map(&mut self, count: usize) -> Result<(), Exceeded> {
        self.steps(count.saturating_mul(ENTRY).saturating_add(MAP))
    }

    /// Asks whether a list or map of `count` elements may be made.
    ///
    /// # Errors
    ///
    /// [`Exceeded::Items`].
    pub fn items(&self, count: usize) -> Result<(), Exceeded> {
        if count > self.limits.items {
            Err(Exceeded::Items)
        } else {
            Ok(())
        }
    }

    /// Goes one level deeper; every `enter` that succeeded is paired with a [`leave`](Self::leave), on errors too where
    /// the rendering goes on after them.
    ///
    /// # Errors
    ///
    /// [`Exceeded::Depth`].
    pub fn enter(&mut self) -> Result<(), Exceeded> {
        if self.depth >= self.limits.depth {
            return Err(Exceeded::Depth);
        }
        self.depth += 1;
        Ok(())
    }

    pub fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// Notes that `holder` is given `value` to hold, which may be how it comes to hold itself.
    ///
    /// # Errors
    ///
    /// [`Exceeded::Steps`].
    pub(crate) fn note(&mut self, holder: impl FnOnce() -> Value, value: &Value) -> Result<(), Exceeded> {
        if matches!(value, Value::List(_) | Value::Map(_) | Value::Object(_)) {
            self.steps(1)?;
            self.holders.push(holder());
        }
        Ok(())
    }

    /// Empties the lists and maps that were noted: what holds itself would stay in memory for good. For the end of a
    /// rendering, when nothing is looked at any more.
    pub(crate) fn release(&mut self) {
        for holder in self.holders.drain(..) {
            match holder {
                Value::List(list) => list.items_mut().clear(),
                Value::Map(map) => map.clear(),
                _ => {}
            }
        }
    }

    /// How deep it is now, for [`return_to`](Self::return_to).
    #[must_use]
    pub fn level(&self) -> usize {
        self.depth
    }

    /// Leaves all levels deeper than `level`, where what was entered was not left one by one.
    pub fn return_to(&mut self, level: usize) {
        self.depth = self.depth.min(level);
    }
}
