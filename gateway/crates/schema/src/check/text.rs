//! Strings.

use std::{collections::BTreeMap, sync::LazyLock};

use jsonschema::Validator;
use serde_json::{Map, Value, json};

use super::{Report, bound, exceeds, falls_short};
use crate::{
    message,
    pattern::{self, Patterns},
};

/// The formats that are checked, by name.
static FORMATS: LazyLock<BTreeMap<&str, Validator>> = LazyLock::new(|| {
    let validator = |name| Some((name, pattern::options().build(&json!({ "format": name })).ok()?));
    crate::link::FORMATS.into_iter().filter_map(validator).collect()
});

pub(super) fn bounds(schema: &Map<String, Value>, found: &str, patterns: &Patterns, report: &mut Report) {
    if let Some(name) = schema.get("format").and_then(Value::as_str)
        && let Some(format) = FORMATS.get(name)
        && !format.is_valid(&Value::String(found.into()))
    {
        report.say(&message::format(name, found));
    }
    // Java counts code points here too.
    let length = found.chars().count();
    if let Some(limit) = bound(schema, "maxLength").filter(|limit| exceeds(length, limit)) {
        report.say(&message::too_long(found, length, limit));
    }
    if let Some(limit) = bound(schema, "minLength").filter(|limit| falls_short(length, limit)) {
        report.say(&message::too_short(found, length, limit));
    }
    if let Some(pattern) = schema.get("pattern").and_then(Value::as_str)
        && !patterns.matches(pattern, found)
    {
        report.say(&message::pattern(pattern, found));
    }
}
