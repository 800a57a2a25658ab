//! `java.util.LinkedHashMap` and `java.util.HashMap`.

use crate::bounds::{Bounds, Failure};
use crate::value::{Map, Value};

use super::views::{View, ViewKind};
use super::{collection, equality, thrown};

pub(super) fn call(
    map: &Map,
    method: &str,
    arguments: &[Value],
    bounds: &mut Bounds,
) -> Result<Option<Value>, Failure> {
    if let Some(key) = arguments.first() {
        charge(map, key, bounds)?;
    }
    if let Some(value) = read(map, method, arguments, bounds)? {
        return Ok(Some(value));
    }
    write(map, method, arguments, bounds)
}

fn read(map: &Map, method: &str, arguments: &[Value], bounds: &mut Bounds) -> Result<Option<Value>, Failure> {
    Ok(Some(match (method, arguments) {
        ("get", [Value::Text(key)]) => map.get(key).unwrap_or_default(),
        ("get", [key]) => map.get_value(key).unwrap_or_default(),
        ("getOrDefault", [key, other]) => map.get_value(key).unwrap_or_else(|| other.clone()),
        ("containsKey", [key]) => Value::Bool(map.contains_key(key)),
        ("containsValue", [value]) => {
            let mut found = false;
            map.visit(|_, other| {
                found = found || equality::same_value(value, other, bounds)?;
                Ok::<(), Failure>(())
            })?;
            Value::Bool(found)
        }
        ("keySet", []) => View::value(map, ViewKind::Keys),
        ("values", []) => View::value(map, ViewKind::Values),
        ("entrySet", []) => View::value(map, ViewKind::Entries),
        ("size", []) => collection::size(map.len()),
        ("isEmpty", []) => Value::Bool(map.is_empty()),
        ("clone", []) => {
            bounds.map(map.len())?;
            Value::Map(Map::from_entries(map.order(), map.entries()))
        }
        ("forEach" | "replaceAll", [Value::Null])
        | ("compute" | "computeIfAbsent" | "computeIfPresent", [_, Value::Null])
        | ("merge", [_, _, Value::Null]) => return thrown::null_pointer(),
        _ => return Ok(None),
    }))
}

fn write(
    map: &Map,
    method: &str,
    arguments: &[Value],
    bounds: &mut Bounds,
) -> Result<Option<Value>, Failure> {
    Ok(Some(match (method, arguments) {
        ("put", [key, value]) => put(map, key, value, bounds)?,
        ("putIfAbsent", [key, value]) => match map.get_value(key) {
            Some(old) if !matches!(old, Value::Null) => old,
            _ => put(map, key, value, bounds)?,
        },
        ("putAll", [Value::Null]) => return thrown::null_pointer(),
        ("putAll", [Value::Map(other)]) => {
            bounds.map(other.len())?;
            for (key, value) in other.entries() {
                bounds.steps(1)?;
                put(map, &key, &value, bounds)?;
            }
            Value::text("")
        }
        ("replace", [key, value]) => {
            if map.contains_key(key) {
                put(map, key, value, bounds)?
            } else {
                Value::Null
            }
        }
        ("replace", [key, old, value]) => {
            let equal = holds(map, key, old, bounds)?;
            if equal {
                put(map, key, value, bounds)?;
            }
            Value::Bool(equal)
        }
        ("remove", [key]) => {
            bounds.steps(map.len() / 16)?;
            map.remove(key).unwrap_or_default()
        }
        ("remove", [key, value]) => {
            let equal = holds(map, key, value, bounds)?;
            if equal {
                map.remove(key);
            }
            Value::Bool(equal)
        }
        ("clear", []) => {
            map.clear();
            Value::text("")
        }
        _ => return Ok(None),
    }))
}

/// Takes steps for the search of a key: a long string is compared with some others, and what is neither a string nor a
/// scalar with all others.
pub(super) fn charge(map: &Map, key: &Value, bounds: &mut Bounds) -> Result<(), Failure> {
    match key {
        Value::Big(_) | Value::Decimal(_) | Value::List(_) | Value::Map(_) | Value::Object(_) => {
            let weight = equality::weight(key, bounds)?;
            Ok(bounds.steps(map.len().saturating_mul(weight))?)
        }
        Value::Text(text) => Ok(bounds.steps(text.len() / 16)?),
        _ => Ok(()),
    }
}

/// `put`: the old value, or null.
pub(super) fn put(map: &Map, key: &Value, value: &Value, bounds: &mut Bounds) -> Result<Value, Failure> {
    bounds.items(map.len().saturating_add(1))?;
    bounds.steps(2)?;
    for part in [key, value] {
        bounds.note(|| Value::Map(map.clone()), part)?;
    }
    Ok(map.put(key.clone(), value.clone()).unwrap_or_default())
}

fn holds(map: &Map, key: &Value, value: &Value, bounds: &mut Bounds) -> Result<bool, Failure> {
    match map.get_value(key) {
        Some(own) => equality::same_value(&own, value, bounds),
        None => Ok(false),
    }
}
