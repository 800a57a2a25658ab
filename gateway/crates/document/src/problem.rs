//! What is wrong with a document, for people and for programs.

use std::fmt;
use std::sync::Arc;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::position::Position;

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The document cannot be used.
    Error,
    /// The document can be used, but not all of it does what one might expect.
    Warning,
}

impl Severity {
    /// `error` or `warning`.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// One thing that is wrong, and where.
///
/// Its `Display` is `file:line:column: error: message`, with a second line `  hint: …` where there is a hint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// A short name of the kind of problem that stays the same over versions.
    pub code: &'static str,
    /// The file, as the person named it.
    pub file: Arc<str>,
    /// Where in the file; `None` where the problem is the file itself.
    pub position: Option<Position>,
    /// A JSON pointer to what it is about; empty for the whole document.
    pub pointer: String,
    /// What failed, with the value, in lower case and without a full stop.
    pub message: String,
    /// What to try.
    pub hint: Option<String>,
}

impl Problem {
    /// An error about a file as a whole, such as one that cannot be read.
    pub fn in_file(file: &str, code: &'static str, message: impl Into<String>) -> Self {
        Self::at(
            Severity::Error,
            code,
            Arc::from(file),
            None,
            String::new(),
            message.into(),
        )
    }

    pub(crate) fn at(
        severity: Severity,
        code: &'static str,
        file: Arc<str>,
        position: Option<Position>,
        pointer: String,
        message: String,
    ) -> Self {
        Self {
            severity,
            code,
            file,
            position,
            pointer,
            message,
            hint: None,
        }
    }

    /// The same problem with something to try.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same problem, with `did you mean "…"?` as its hint where one of `candidates` is close to `unknown`.
    #[must_use]
    pub fn did_you_mean<I>(self, unknown: &str, candidates: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        match crate::suggest(unknown, candidates) {
            Some(candidate) => self.hint(format!("did you mean \"{candidate}\"?")),
            None => self,
        }
    }

    /// The same problem where the document can be used all the same.
    #[must_use]
    pub fn as_warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// Whether the document cannot be used because of it.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.file)?;
        if let Some(position) = self.position {
            write!(out, ":{position}")?;
        }
        write!(out, ": {}: {}", self.severity.as_str(), self.message)?;
        match &self.hint {
            Some(hint) => write!(out, "\n  hint: {hint}"),
            None => Ok(()),
        }
    }
}

/// One flat object; `line` and `column` are null for a problem of the file itself, `hint` where there is none.
impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Problem", 8)?;
        out.serialize_field("severity", self.severity.as_str())?;
        out.serialize_field("code", self.code)?;
        out.serialize_field("file", &*self.file)?;
        out.serialize_field("line", &self.position.map(|position| position.line))?;
        out.serialize_field("column", &self.position.map(|position| position.column))?;
        out.serialize_field("pointer", &self.pointer)?;
        out.serialize_field("message", &self.message)?;
        out.serialize_field("hint", &self.hint)?;
        out.end()
    }
}
