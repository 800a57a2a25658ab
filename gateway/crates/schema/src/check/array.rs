//! Arrays.

use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::{Map, Value, json};

use super::{Checker, Report, bound, exceeds, falls_short};
use crate::{message, pattern};

/// Finds duplicates in time that grows with the array; nothing where it cannot be made, which a test shows it can.
static UNIQUE: LazyLock<Option<Validator>> =
    LazyLock::new(|| pattern::options().build(&json!({ "uniqueItems": true })).ok());

pub(super) fn additional(schema: &Map<String, Value>, items: &[Value], report: &mut Report) {
    if let (Some(Value::Array(schemas)), Some(Value::Bool(false))) =
        (schema.get("items"), schema.get("additionalItems"))
        && items.len() > schemas.len()
    {
        report.say(&message::additional_items(schemas.len(), items.len()));
    }
}

pub(super) fn bounds(schema: &Map<String, Value>, instance: &Value, items: &[Value], report: &mut Report) {
    if let Some(limit) = bound(schema, "maxItems").filter(|limit| exceeds(items.len(), limit)) {
        report.say(&message::too_long_array(items.len(), limit));
    }
    if let Some(limit) = bound(schema, "minItems").filter(|limit| falls_short(items.len(), limit)) {
        report.say(&message::too_short_array(items.len(), limit));
    }
    if schema.get("uniqueItems") == Some(&Value::Bool(true))
        && UNIQUE.as_ref().is_some_and(|unique| !unique.is_valid(instance))
    {
        report.say(&message::not_unique());
    }
}

impl<'e> Checker<'e> {
    /// The elements of an array.
    pub(super) fn items(&mut self, schema: &'e Map<String, Value>, items: &[Value], report: &mut Report) {
        let (listed, others) = match schema.get("items") {
            Some(Value::Array(schemas)) => (schemas.as_slice(), schema.get("additionalItems")),
            other => (Default::default(), other),
        };
        for (index, item) in items.iter().enumerate() {
            if report.is_full() {
                return;
            }
            if let Some(schema) = listed.get(index).or(others) {
                self.check(schema, item, report);
            }
        }
    }
}
