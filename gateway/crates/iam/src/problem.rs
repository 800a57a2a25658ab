//! What is wrong with a policy.

use std::fmt;

/// Something that is wrong with a policy: where, what, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// A JSON pointer into the policy; empty for the whole.
    pub pointer: String,
    /// What is wrong.
    pub what: String,
    /// What to do; empty where that is plain.
    pub hint: String,
}

impl Problem {
    pub(crate) fn new(pointer: &str, what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            pointer: pointer.to_owned(),
            what: what.into(),
            hint: hint.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pointer = if self.pointer.is_empty() {
            "/"
        } else {
            &self.pointer
        };
        write!(to, "{pointer}: {}", self.what)?;
        if !self.hint.is_empty() {
            write!(to, "\nhint: {}", self.hint)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}
