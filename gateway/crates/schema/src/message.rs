//! The messages about a body, in the words of the validator that API Gateway uses, as its answers show
//! (`github.com/java-json-tools/json-schema-validator`, `validation.properties`).

use serde_json::{Number, Value};

use crate::limit::{MESSAGE_BYTES, VALUE_BYTES};

/// The beginning of a text that is too long, at a character's end.
pub(crate) fn cut(text: &str, bytes: usize) -> String {
    const MARK: &str = "…";
    if text.len() <= bytes {
        return text.to_owned();
    }
    let mut end = bytes.saturating_sub(MARK.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{MARK}", text.get(..end).unwrap_or_default())
}

/// A whole message within its bound.
pub(crate) fn bounded(message: &str) -> String {
    cut(message, MESSAGE_BYTES)
}

fn value(value: &Value) -> String {
    cut(&value.to_string(), VALUE_BYTES)
}

fn text(text: &str) -> String {
    cut(text, VALUE_BYTES)
}

/// Names as a list in JSON.
pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    Value::from_iter(names).to_string()
}

pub(crate) fn not_json(error: &serde_json::Error) -> String {
    bounded(&format!("the request body is not JSON: {error}"))
}

pub(crate) fn too_deep(levels: usize) -> String {
    format!("the request body has more than {levels} levels")
}

pub(crate) fn unexplained() -> String {
    all_of(0, 1)
}

pub(crate) fn additional_items(allowed: usize, found: usize) -> String {
    format!("schema only allows {allowed} elements in array but instance has {found} elements")
}

pub(crate) fn additional_properties(unwanted: &[&str]) -> String {
    let unwanted = list(unwanted.iter().copied());
    format!("object instance has properties which are not allowed by the schema: {unwanted}")
}

pub(crate) fn all_of(matched: usize, of: usize) -> String {
    format!("instance failed to match all required schemas (matched only {matched} out of {of})")
}

pub(crate) fn any_of(of: usize) -> String {
    format!("instance failed to match at least one required schema among {of}")
}

pub(crate) fn one_of(matched: usize, of: usize) -> String {
    format!("instance failed to match exactly one schema (matched {matched} out of {of})")
}

pub(crate) fn not() -> String {
    "instance matched a schema which it should not have".into()
}

pub(crate) fn dependency(property: &str, required: &[&str], missing: &[&str]) -> String {
    let (required, missing) = (list(required.iter().copied()), list(missing.iter().copied()));
    format!(
        "property {property:?} of object has missing property dependencies \
         (schema requires {required}; missing: {missing})"
    )
}

pub(crate) fn not_in_enum(found: &Value, possible: &Value) -> String {
    format!(
        "instance value ({}) not found in enum (possible values: {possible})",
        value(found)
    )
}

pub(crate) fn format(name: &str, found: &str) -> String {
    let found = text(found);
    match name {
        "date-time" => format!(
            "string \"{found}\" is invalid against requested date format(s) \
             [yyyy-MM-dd'T'HH:mm:ssZ, yyyy-MM-dd'T'HH:mm:ss.[0-9]{{1,12}}Z]"
        ),
        "email" => format!("string \"{found}\" is not a valid email address"),
        "hostname" => format!("string \"{found}\" is not a valid hostname"),
        "ipv4" => format!("string \"{found}\" is not a valid IPv4 address"),
        "ipv6" => format!("string \"{found}\" is not a valid IPv6 address"),
        _ => format!("string \"{found}\" is not a valid URI"),
    }
}

pub(crate) fn too_long_array(found: usize, limit: &Number) -> String {
    format!("array is too long: must have at most {limit} elements but instance has {found} elements")
}

pub(crate) fn too_short_array(found: usize, limit: &Number) -> String {
    format!("array is too short: must have at least {limit} elements but instance has {found} elements")
}

pub(crate) fn not_unique() -> String {
    "array must not contain duplicate elements".into()
}

pub(crate) fn too_long(found: &str, length: usize, limit: &Number) -> String {
    format!(
        "string \"{}\" is too long (length: {length}, maximum allowed: {limit})",
        text(found)
    )
}

pub(crate) fn too_short(found: &str, length: usize, limit: &Number) -> String {
    format!(
        "string \"{}\" is too short (length: {length}, required minimum: {limit})",
        text(found)
    )
}

pub(crate) fn pattern(pattern: &str, found: &str) -> String {
    format!(
        "ECMA 262 regex \"{}\" does not match input string \"{}\"",
        cut(pattern, 1_024),
        text(found)
    )
}

pub(crate) fn too_many_properties(found: usize, limit: &Number) -> String {
    format!("object has too many properties (found {found} but schema requires at most {limit})")
}

pub(crate) fn too_few_properties(found: usize, limit: &Number) -> String {
    format!("object has too few properties (found {found} but schema requires at least {limit})")
}

pub(crate) fn missing(names: &[&str]) -> String {
    format!(
        "object has missing required properties ({})",
        list(names.iter().copied())
    )
}

pub(crate) fn above(found: &Number, limit: &Number) -> String {
    format!("numeric instance is greater than the required maximum (maximum: {limit}, found: {found})")
}

pub(crate) fn not_below(limit: &Number) -> String {
    format!("numeric instance is not strictly lower than the required maximum {limit}")
}

pub(crate) fn below(found: &Number, limit: &Number) -> String {
    format!("numeric instance is lower than the required minimum (minimum: {limit}, found: {found})")
}

pub(crate) fn not_above(limit: &Number) -> String {
    format!("numeric instance is not strictly greater than the required minimum {limit}")
}

pub(crate) fn remainder(found: &Number, divisor: &Number) -> String {
    format!("remainder of division is not zero ({found} / {divisor})")
}

pub(crate) fn wrong_type(found: &str, allowed: &[&str]) -> String {
    let allowed = list(allowed.iter().copied());
    format!("instance type ({found}) does not match any allowed primitive type (allowed: {allowed})")
}
