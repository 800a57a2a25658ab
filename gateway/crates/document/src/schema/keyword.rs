//! The keywords of a schema, and what it says in words.

use serde_json::{Map, Value as Json};

use crate::node::{Node, Value, quote};

/// Keywords that are checked.
const CHECKED: [&str; 24] = [
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "const",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "items",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "oneOf",
    "prefixItems",
    "properties",
    "required",
    "type",
    "unevaluatedProperties",
    "uniqueItems",
];

/// Keywords that say nothing about which documents are right.
const ANNOTATIONS: [&str; 14] = [
    "$anchor",
    "$comment",
    "$defs",
    "$id",
    "$schema",
    "default",
    "definitions",
    "deprecated",
    "description",
    "examples",
    "format",
    "readOnly",
    "title",
    "writeOnly",
];

/// Whether a keyword is checked or may be passed over. Extensions (`x-…`) are annotations.
pub(super) fn known(keyword: &str) -> bool {
    CHECKED.contains(&keyword) || ANNOTATIONS.contains(&keyword) || keyword.starts_with("x-")
}

/// The types that a schema allows by `type`, `const` or `enum`; `None` where it allows all.
pub(super) fn types(schema: &Map<String, Json>) -> Option<Vec<&str>> {
    match schema.get("type") {
        Some(Json::String(name)) => return Some(vec![name]),
        Some(Json::Array(names)) => return Some(names.iter().filter_map(Json::as_str).collect()),
        _ => {}
    }
    let values = allowed(schema)?;
    let mut names: Vec<&str> = values.into_iter().map(type_of).collect();
    names.dedup();
    Some(names)
}

/// The values that `const` or `enum` allow.
pub(super) fn allowed(schema: &Map<String, Json>) -> Option<Vec<&Json>> {
    match (schema.get("const"), schema.get("enum")) {
        (Some(value), _) => Some(vec![value]),
        (None, Some(Json::Array(values))) => Some(values.iter().collect()),
        _ => None,
    }
}

fn type_of(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "boolean",
        Json::Number(_) => "number",
        Json::String(_) => "string",
        Json::Array(_) => "array",
        Json::Object(_) => "object",
    }
}

/// Whether a node is of a type of JSON Schema. Only a number that is written whole is an integer, as serde wants it.
pub(super) fn is_of(node: &Node, name: &str) -> bool {
    match (&node.value, name) {
        (Value::Null, "null")
        | (Value::Bool(_), "boolean")
        | (Value::Number(_), "number")
        | (Value::String(_), "string")
        | (Value::Array(_), "array")
        | (Value::Object(_), "object") => true,
        (Value::Number(number), "integer") => !number.is_f64(),
        _ => false,
    }
}

/// A type in a sentence.
pub(super) fn type_word(name: &str, object_word: &'static str) -> &'static str {
    match name {
        "null" => "null",
        "boolean" => "true or false",
        "integer" => "a whole number",
        "number" => "a number",
        "string" => "a string",
        "array" => "an array",
        "object" => object_word,
        _ => "something else",
    }
}

/// A value of a schema in a sentence.
pub(super) fn literal(value: &Json) -> String {
    match value {
        Json::String(text) => quote(text),
        other => other.to_string(),
    }
}

/// `a`, `a or b`, `a, b or c`.
pub(super) fn or(words: &[String]) -> String {
    match words {
        [] => "nothing".to_owned(),
        [word] => word.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}
