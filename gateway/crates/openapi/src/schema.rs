//! References between schemas, in what is no document any more.

use serde_json::Value;

/// Gives each `$ref` of a schema another value where there is one. A property may be called `$ref` and is none; what is
/// data is not looked at.
pub(crate) fn references(schema: &mut Value, rename: &mut impl FnMut(&str) -> Option<String>) {
    walk(schema, false, rename);
}

fn walk(value: &mut Value, names: bool, rename: &mut impl FnMut(&str) -> Option<String>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                if let (false, "$ref", Value::String(name)) = (names, key.as_str(), &mut *value) {
                    if let Some(other) = rename(name) {
                        *name = other;
                    }
                } else if names || !crate::reference::is_data(key) {
                    walk(value, !names && key == "properties", rename);
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| walk(value, false, rename)),
        _ => {}
    }
}
