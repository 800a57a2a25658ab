//! Patches of a document's maps, where the service has words of its own.

use serde_json::{Map, Value};

use crate::error::ApiError;
use crate::patch::{ENTRY, Expected, Op, PatchOperation, REPLACE, Rule, Target, rule};

/// Recorded for response parameters that are not there.
pub(crate) const NO_PARAMETER: &str = "Invalid parameter name specified";
/// Recorded for models of content types that are not there.
pub(crate) const NO_TYPE: &str = "Content-Type specified was not found";

type Document = Map<String, Value>;

/// `true` is what reads so, anything else is `false` (recorded).
pub(crate) fn truth(operation: &PatchOperation) -> bool {
    let value = operation.value.as_deref().unwrap_or_default();
    value.eq_ignore_ascii_case("true")
}

/// The value of an entry that says whether something is required.
pub(crate) fn flag(operation: &PatchOperation) -> Value {
    Value::Bool(truth(operation))
}

/// The value of an entry that is a text.
pub(crate) fn text(operation: &PatchOperation) -> Value {
    Value::String(operation.value.clone().unwrap_or_default())
}

/// The value of an entry that is a template; an empty one is null.
pub(crate) fn template(operation: &PatchOperation) -> Value {
    let value = operation.value.clone().filter(|text| !text.is_empty());
    value.map_or(Value::Null, Value::String)
}

/// The entries of a map of the document, below its name.
pub(crate) const fn entries(
    path: &'static str,
    map: &'static str,
    absent: &'static str,
    value: fn(&PatchOperation) -> Value,
) -> Rule {
    let target = Target::Named { map, absent, value };
    rule(path, ENTRY, Expected::Text, target)
}

/// A member that `replace` with an empty value takes out.
pub(crate) const fn optional(path: &'static str, name: &'static str) -> Rule {
    rule(path, REPLACE, Expected::Text, Target::Optional(name))
}

/// `remove` and `replace` need an entry that is there. A map whose last entry goes, goes too (recorded).
pub(super) fn put(
    document: &mut Document,
    (name, absent): (&str, &str),
    captures: &[String],
    operation: &PatchOperation,
    value: Value,
) -> Result<(), ApiError> {
    let key = captures.first().map(String::as_str).unwrap_or_default();
    let map = document.entry(name).or_insert_with(|| Value::Object(Map::new()));
    let Some(map) = map.as_object_mut() else {
        return Err(crate::patch::absent(operation));
    };
    if operation.op != Op::Add && !map.contains_key(key) {
        return Err(ApiError::not_found(absent));
    }
    if operation.op == Op::Remove {
        map.remove(key);
        if map.is_empty() {
            document.remove(name);
        }
    } else {
        map.insert(key.to_owned(), value);
    }
    Ok(())
}

/// A member that an empty value takes out.
pub(crate) fn member(
    document: &mut Document,
    name: &str,
    operation: &PatchOperation,
) -> Result<(), ApiError> {
    match operation.value.as_deref() {
        Some(value) if operation.op != Op::Remove && !value.is_empty() => {
            document.insert(name.to_owned(), Value::from(value));
        }
        _ => drop(document.remove(name)),
    }
    Ok(())
}
