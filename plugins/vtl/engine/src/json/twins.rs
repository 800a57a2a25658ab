//! Keys that come twice in an object.

use std::rc::Rc;

use super::Error;
use crate::bounds::Bounds;
use crate::value::{Map, Order, Value};

/// Objects of up to this many entries are searched for a key one by one.
const FEW: usize = 16;

/// Makes keys distinct: the first place, the last value.
pub(super) fn unify(entries: &mut Vec<(Value, Value)>, bounds: &mut Bounds) -> Result<(), Error> {
    if !has_twins(entries, bounds)? {
        return Ok(());
    }
    let unified = Map::new(Order::Insertion);
    for (key, value) in entries.drain(..) {
        if let Value::Text(key) = key {
            unified.put_text(key, value);
        }
    }
    *entries = unified.entries();
    Ok(())
}

fn has_twins(entries: &[(Value, Value)], bounds: &mut Bounds) -> Result<bool, Error> {
    if entries.len() <= FEW {
        if are_plainly_distinct(entries) {
            return Ok(false);
        }
        let mut rest = entries;
        while let Some(((key, _), others)) = rest.split_first() {
            if others.iter().any(|(other, _)| same_key(key, other)) {
                return Ok(true);
            }
            rest = others;
        }
        return Ok(false);
    }
    bounds.steps(entries.len())?;
    let mut sorted: Vec<&str> = entries.iter().map(|(key, _)| text_of(key)).collect();
    sorted.sort_unstable();
    Ok(sorted.windows(2).any(|pair| pair.first() == pair.last()))
}

/// Whether length and two characters already tell all keys apart.
fn are_plainly_distinct(entries: &[(Value, Value)]) -> bool {
    let mut seen = 0_u128;
    entries.iter().all(|(key, _)| {
        let bytes = text_of(key).as_bytes();
        let end = |byte: Option<&u8>| byte.map_or(0, |byte| usize::from(*byte));
        let mix = bytes.len() * 31 + end(bytes.first()) * 7 + end(bytes.last());
        let bit = 1_u128 << (mix % 128);
        let new = seen & bit == 0;
        seen |= bit;
        new
    })
}

fn same_key(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Text(left), Value::Text(right)) => Rc::ptr_eq(left, right) || left == right,
        _ => false,
    }
}

fn text_of(value: &Value) -> &str {
    match value {
        Value::Text(text) => text,
        _ => "",
    }
}
