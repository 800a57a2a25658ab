//! Numbers.

use std::{cmp::Ordering, sync::LazyLock};

use jsonschema::Validator;
use serde_json::{Map, Number, Value, json};

use super::{Report, bound};
use crate::{divisor::Divisors, message, number::compare, pattern};

/// Knows integers that are too large for 64 bits, and so are kept as doubles.
static INTEGER: LazyLock<Option<Validator>> =
    LazyLock::new(|| pattern::options().build(&json!({ "type": "integer" })).ok());

pub(super) fn is_integer(instance: &Value) -> bool {
    INTEGER.as_ref().is_some_and(|integer| integer.is_valid(instance))
}

pub(super) fn bounds(schema: &Map<String, Value>, found: &Number, divisors: &Divisors, report: &mut Report) {
    let is_true = |keyword: &str| schema.get(keyword) == Some(&Value::Bool(true));
    if let Some(limit) = bound(schema, "maximum") {
        match compare(found, limit) {
            Some(Ordering::Greater) => report.say(&message::above(found, limit)),
            Some(Ordering::Equal) if is_true("exclusiveMaximum") => report.say(&message::not_below(limit)),
            _ => {}
        }
    }
    if let Some(limit) = bound(schema, "minimum") {
        match compare(found, limit) {
            Some(Ordering::Less) => report.say(&message::below(found, limit)),
            Some(Ordering::Equal) if is_true("exclusiveMinimum") => report.say(&message::not_above(limit)),
            _ => {}
        }
    }
    if let Some(divisor) = bound(schema, "multipleOf").filter(|divisor| !divisors.divide(divisor, found)) {
        report.say(&message::remainder(found, divisor));
    }
}
