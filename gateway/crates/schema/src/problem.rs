//! What is wrong with a model.

use crate::message::cut;

/// Something that keeps a model from being used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelProblem {
    /// The model's name.
    pub model: String,
    /// A JSON pointer into the model's schema; empty for the whole of it.
    pub pointer: String,
    /// What is wrong.
    pub message: String,
    /// How to put it right.
    pub hint: String,
}

/// Longer messages repeat too much of a schema to be read.
const MESSAGE_BYTES: usize = 400;

impl ModelProblem {
    pub(crate) fn new(
        model: &str,
        pointer: impl Into<String>,
        message: impl AsRef<str>,
        hint: impl Into<String>,
    ) -> Self {
        Self {
            model: model.into(),
            pointer: pointer.into(),
            message: cut(message.as_ref(), MESSAGE_BYTES),
            hint: hint.into(),
        }
    }
}
