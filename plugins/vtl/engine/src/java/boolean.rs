//! `java.lang.Boolean`.

use std::cmp::Ordering;

use crate::bounds::Failure;
use crate::value::Value;

use super::{arguments, thrown};

pub(super) fn call(own: bool, method: &str, arguments: &[Value]) -> Result<Option<Value>, Failure> {
    Ok(Some(match (method, arguments) {
        ("booleanValue", []) => Value::Bool(own),
        ("compareTo", [Value::Bool(other)]) => order(own, *other),
        ("compareTo", [Value::Null]) => return thrown::null_pointer(),
        ("compareTo", [_]) => return thrown::class_cast(),
        ("compare", [Value::Bool(left), Value::Bool(right)]) => order(*left, *right),
        ("logicalAnd", [Value::Bool(left), Value::Bool(right)]) => Value::Bool(left & right),
        ("logicalOr", [Value::Bool(left), Value::Bool(right)]) => Value::Bool(left | right),
        ("logicalXor", [Value::Bool(left), Value::Bool(right)]) => Value::Bool(left ^ right),
        ("valueOf", [Value::Bool(value)]) => Value::Bool(*value),
        ("toString", [Value::Bool(value)]) => Value::text(if *value { "true" } else { "false" }),
        ("hashCode", [Value::Bool(value)]) => Value::Int(if *value { 1231 } else { 1237 }),
        ("parseBoolean" | "valueOf", [text]) => match arguments::text(text) {
            Some(text) => Value::Bool(text.is_some_and(|text| text.eq_ignore_ascii_case("true"))),
            None => return Ok(None),
        },
        // A system property, of which there is none.
        ("getBoolean", [Value::Text(_) | Value::Null]) => Value::Bool(false),
        _ => return Ok(None),
    }))
}

fn order(left: bool, right: bool) -> Value {
    Value::Int(match left.cmp(&right) {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    })
}
