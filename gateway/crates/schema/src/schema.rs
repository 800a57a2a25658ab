//! A model that bodies are checked by.

use std::{fmt, sync::Arc};

use jsonschema::Validator;
use serde_json::Value;

use crate::{check, explain::Explanation, limit, message};

/// A compiled model. Cloning is cheap.
#[derive(Clone)]
pub struct Schema(Arc<Parts>);

struct Parts {
    /// Decides.
    validator: Validator,
    /// Says why not.
    explanation: Explanation,
    /// How deep bodies may be.
    levels: usize,
}

impl Schema {
    pub(crate) fn new(validator: Validator, explanation: Explanation, levels: usize) -> Self {
        Self(Arc::new(Parts {
            validator,
            explanation,
            levels,
        }))
    }

    /// Checks a body: JSON in UTF-8 and nothing after it, without a byte order mark and not deeper than
    /// [`limit::LEVELS`], that has the model's form. It does not block; its time grows with the body's size, its stack with its depth.
    ///
    /// # Errors
    ///
    /// What is wrong, in API Gateway's words: at least one message, at most [`limit::MESSAGES`], each of at most
    /// [`limit::MESSAGE_BYTES`] bytes. `$context.error.validationErrorString` is `[`, the messages with `, ` between
    /// them, and `]`.
    pub fn validate(&self, body: &[u8]) -> Result<(), Vec<String>> {
        let instance: Value =
            serde_json::from_slice(body).map_err(|error| vec![message::not_json(&error)])?;
        if self.0.levels < limit::LEVELS && is_deeper(&instance, self.0.levels) {
            return Err(vec![message::too_deep(self.0.levels)]);
        }
        if self.0.validator.is_valid(&instance) {
            return Ok(());
        }
        let mut messages = check::messages(&self.0.explanation, &instance);
        if messages.is_empty() {
            // Whoever decides knows better than whoever explains, or the explanation took too many steps.
            messages.push(message::unexplained());
        }
        messages.truncate(limit::MESSAGES);
        Err(messages)
    }
}

fn is_deeper(value: &Value, levels: usize) -> bool {
    let is_deeper = |value: &Value| {
        levels
            .checked_sub(1)
            .is_none_or(|levels| is_deeper(value, levels))
    };
    match value {
        Value::Array(items) => levels == 0 || items.iter().any(is_deeper),
        Value::Object(members) => levels == 0 || members.values().any(is_deeper),
        _ => false,
    }
}

#[cfg(test)]
impl Schema {
    /// What would be said of a value, whatever is decided.
    pub(crate) fn explain(&self, instance: &Value) -> Vec<String> {
        check::messages(&self.0.explanation, instance)
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("Schema")
            .field(&self.0.explanation.root())
            .finish()
    }
}
