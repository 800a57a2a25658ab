//! Why a command did not do what it was told.

use super::{exit, print};

/// What is printed, and the exit code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    code: u8,
    message: String,
    hint: Option<String>,
    /// The control plane's name for it, where it refused.
    kind: Option<String>,
}

impl Failure {
    /// What was given is wrong.
    pub(super) fn problem(message: impl Into<String>) -> Self {
        Self::new(exit::PROBLEMS, message)
    }

    /// The command line is wrong.
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self::new(exit::USAGE, message)
    }

    /// Something failed while running.
    pub(super) fn runtime(message: impl Into<String>) -> Self {
        Self::new(exit::RUNTIME, message)
    }

    fn new(code: u8, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            hint: None,
            kind: None,
        }
    }

    /// What to do about it.
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// What the control plane calls it.
    pub(super) fn of(mut self, kind: &str) -> Self {
        self.kind = Some(kind.to_owned());
        self
    }

    /// Whether the control plane refused by this name.
    pub(super) fn is(&self, kind: &str) -> bool {
        self.kind.as_deref() == Some(kind)
    }
}

/// The exit code; a failure is told.
pub(super) fn code(done: Result<(), Failure>) -> u8 {
    let Err(failure) = done else {
        return 0;
    };
    let mut lines = failure.message.lines().map(|line| print::one_line(line.trim()));
    print::err(&format!("error: {}", lines.next().unwrap_or_default()));
    for line in lines {
        print::err(&format!("  {line}"));
    }
    if let Some(hint) = &failure.hint {
        print::err(&format!("  hint: {}", print::one_line(hint)));
    }
    failure.code
}
