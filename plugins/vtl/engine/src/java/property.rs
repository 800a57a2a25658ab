//! Properties, in the order in which Velocity 1.7 looks: `getName()`, `Map.get`, `get("name")`, `isName()`.

use crate::bounds::{Bounds, Failure};
use crate::value::{ListKind, Value};

use super::views::View;
use super::{class, map, string, utf16};

/// Reads `receiver.name`.
///
/// `None` where there is no such property, which makes the reference invalid.
///
/// # Errors
///
/// What the Java getter throws, or a limit.
pub fn property(receiver: &Value, name: &str, bounds: &mut Bounds) -> Result<Option<Value>, Failure> {
    if let Value::Object(object) = receiver
        && let Some(value) = object.property(name, bounds)?
    {
        return Ok(Some(value));
    }
    if is(name, "Class") && !matches!(receiver, Value::Null) {
        return Ok(Some(class::of(receiver)));
    }
    Ok(match receiver {
        Value::Map(map) => Some(map.get(name).unwrap_or_default()),
        Value::Text(text) if is(name, "Empty") => Some(Value::Bool(text.is_empty())),
        Value::Text(text) if is(name, "Blank") => Some(Value::Bool(text.chars().all(utf16::is_white))),
        Value::Text(text) if is(name, "Bytes") => Some(string::bytes(text, bounds)?),
        Value::List(list) if is(name, "Empty") && !matches!(list.kind(), ListKind::Array(_)) => {
            Some(Value::Bool(list.is_empty()))
        }
        Value::Double(value) if is(name, "NaN") => Some(Value::Bool(value.is_nan())),
        Value::Double(value) if is(name, "Infinite") => Some(Value::Bool(value.is_infinite())),
        Value::Object(object) if is(name, "Empty") => object
            .as_any()
            .downcast_ref::<View>()
            .map(|view| Value::Bool(view.map().is_empty())),
        _ => None,
    })
}

/// Whether `name` means the getter of `property`, given with its capital: the first letter may be in either case.
pub(super) fn is(name: &str, property: &str) -> bool {
    // A letter whose capital is ASCII has three bytes at the most: most names are told apart by their length.
    if name.len().wrapping_sub(property.len()) > 2 {
        return false;
    }
    let (Some((first, rest)), Some((capital, others))) = (split_first(name), split_first(property)) else {
        return false;
    };
    rest == others && (first == capital || (first.is_lowercase() && utf16::upper(first) == capital))
}

fn split_first(text: &str) -> Option<(char, &str)> {
    let mut chars = text.chars();
    Some((chars.next()?, chars.as_str()))
}

/// Writes `receiver.name`; whether there is such a property.
///
/// # Errors
///
/// What the Java setter throws, or a limit.
pub fn set_property(
    receiver: &Value,
    name: &str,
    value: Value,
    bounds: &mut Bounds,
) -> Result<bool, Failure> {
    match receiver {
        Value::Map(map) => {
            map::put(map, &Value::text(name), &value, bounds)?;
            Ok(true)
        }
        Value::Object(object) => object.set_property(name, value, bounds),
        _ => Ok(false),
    }
}
