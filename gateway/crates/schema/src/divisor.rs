//! What numbers may have to be multiples of.

use std::collections::BTreeMap;

use jsonschema::Validator;
use serde_json::{Number, Value, json};

use crate::pattern;

/// Divisors that are compiled already, by how they are written. The validator divides exactly, as decimals; whoever
/// explains asks it, since doubles tell 231141570849664.88 from a multiple of 1 only where nothing is allowed for
/// rounding, and 0.3 from a multiple of 0.1 only where something is.
#[derive(Debug, Default)]
pub(crate) struct Divisors(BTreeMap<String, Validator>);

impl Divisors {
    /// Compiles a divisor. One that is none to the validator is a problem of the schema, told elsewhere.
    pub(crate) fn add(&mut self, divisor: &Number) {
        let known = self.0.contains_key(&divisor.to_string());
        if !known && let Ok(validator) = pattern::options().build(&json!({ "multipleOf": divisor })) {
            self.0.insert(divisor.to_string(), validator);
        }
    }

    /// Whether a number is a multiple of a divisor that was compiled.
    pub(crate) fn divide(&self, divisor: &Number, number: &Number) -> bool {
        self.0
            .get(&divisor.to_string())
            .is_none_or(|validator| validator.is_valid(&Value::Number(number.clone())))
    }
}
