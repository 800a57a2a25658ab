//! `$list[0]` and `$map["key"]`, which Velocity 1.7 makes `get(0)` and `get("key")`.

use crate::bounds::{Bounds, Failure};
use crate::value::Value;

use super::{list, map};

/// Reads `receiver[index]`.
///
/// A negative index counts from the end, in maps too, as Velocity has it.
/// `None` where there is no `get` for this index, which makes the reference invalid.
///
/// # Errors
///
/// What `get` throws, such as for an index out of range, or a limit.
pub fn index(receiver: &Value, index: &Value, bounds: &mut Bounds) -> Result<Option<Value>, Failure> {
    match (receiver, from_end(receiver, index)) {
        (Value::List(list), Value::Int(index)) => list::get(list, index).map(Some),
        (Value::Map(map), Value::Text(key)) => {
            bounds.steps(key.len() / 16)?;
            Ok(Some(map.get(&key).unwrap_or_default()))
        }
        (Value::Map(_), index) => super::call(receiver, "get", &[index], bounds),
        (Value::Object(object), index) => object.call("get", &[index], bounds),
        _ => Ok(None),
    }
}

/// Writes `receiver[index]`; whether there is a `set` or `put` for it.
///
/// # Errors
///
/// What Java throws, such as for an index out of range, or a limit.
pub fn set_index(
    receiver: &Value,
    index: &Value,
    value: Value,
    bounds: &mut Bounds,
) -> Result<bool, Failure> {
    match (receiver, from_end(receiver, index)) {
        (Value::List(list), Value::Int(index)) => list::set(list, index, value, bounds).map(|_| true),
        (Value::Map(map), index) => {
            map::charge(map, &index, bounds)?;
            map::put(map, &index, &value, bounds).map(|_| true)
        }
        (Value::Object(object), index) => {
            let arguments = [index, value];
            if object.call("set", &arguments, bounds)?.is_some() {
                return Ok(true);
            }
            Ok(object.call("put", &arguments, bounds)?.is_some())
        }
        _ => Ok(false),
    }
}

fn from_end(receiver: &Value, index: &Value) -> Value {
    let Value::Int(at @ ..0) = index else {
        return index.clone();
    };
    let size = match receiver {
        Value::List(list) => list.len(),
        Value::Map(map) => map.len(),
        _ => return index.clone(),
    };
    Value::Int(i32::try_from(size).unwrap_or(i32::MAX).saturating_add(*at))
}
