//! Patterns, on an engine of linear time.

use std::collections::BTreeMap;

use jsonschema::{Draft, PatternOptions, ValidationOptions, Validator};
use serde_json::{Value, json};

use crate::limit;

/// The options of all validators: draft 4, no fetching, formats asserted, patterns in linear time.
pub(crate) fn options<'a>() -> ValidationOptions<'a> {
    jsonschema::options()
        .with_draft(Draft::Draft4)
        .should_validate_formats(true)
        .with_pattern_options(PatternOptions::regex().size_limit(limit::PATTERN_BYTES))
        .offline()
}

/// Patterns that are compiled already, by their text.
#[derive(Debug, Default)]
pub(crate) struct Patterns(BTreeMap<String, Validator>);

impl Patterns {
    /// Compiles a pattern; false where the engine has no such pattern, or where it is too large.
    pub(crate) fn add(&mut self, pattern: &str) -> bool {
        if self.0.contains_key(pattern) {
            return true;
        }
        let Ok(validator) = options().build(&json!({ "pattern": pattern })) else {
            return false;
        };
        self.0.insert(pattern.into(), validator);
        true
    }

    /// Whether a pattern that was compiled is found in a text.
    pub(crate) fn matches(&self, pattern: &str, text: &str) -> bool {
        self.0
            .get(pattern)
            .is_none_or(|validator| validator.is_valid(&Value::String(text.into())))
    }
}
