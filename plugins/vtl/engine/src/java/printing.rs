//! `toString()`.

use std::fmt::Write as _;

use crate::bounds::{Bounds, Exceeded, Failure};
use crate::java::number;
use crate::json;
use crate::value::{Element, List, ListKind, Map, Text, Value};

/// Java's `toString()`; null is `null`, as in a string concatenation.
///
/// # Errors
///
/// A limit.
pub fn to_text(value: &Value, bounds: &mut Bounds) -> Result<Text, Failure> {
    if let Value::Text(text) = value {
        return Ok(text.clone());
    }
    let mut out = String::new();
    write_text(value, &mut out, bounds)?;
    bounds.string(out.len())?;
    Ok(out.into())
}

/// Appends Java's `toString()`; null is `null`, as in a string concatenation.
///
/// # Errors
///
/// A limit, also where the value nests without end, on which Java's stack overflows.
pub fn write_text(value: &Value, out: &mut String, bounds: &mut Bounds) -> Result<(), Failure> {
    write_nested(value, out, bounds, 0)
}

/// Levels of lists and maps that count as one of the bounds' levels: a document nests deeper than a template.
const LEVELS: usize = 4;

fn write_nested(value: &Value, out: &mut String, bounds: &mut Bounds, depth: usize) -> Result<(), Failure> {
    match value {
        Value::Text(text) => out.push_str(text),
        Value::Int(value) => write_long(i64::from(*value), out),
        Value::Long(value) => write_long(*value, out),
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Big(value) => {
            // The digits take time in proportion to the square of their number.
            let words = usize::try_from(value.bits() / 64).unwrap_or(usize::MAX);
            bounds.steps(words.saturating_mul(words))?;
            let _ = write!(out, "{value}");
        }
        Value::Double(value) => number::write_double(*value, out),
        Value::Decimal(text) => out.push_str(text),
        Value::List(list) => write_list(list, out, bounds, depth)?,
        Value::Map(map) => write_map(map, out, bounds, depth)?,
        Value::Object(object) => {
            bounds.enter()?;
            let text = object.to_text(bounds)?;
            bounds.leave();
            out.push_str(&text);
        }
    }
    Ok(())
}

fn write_long(value: i64, out: &mut String) {
    if let Ok(digit @ 0..=9) = u8::try_from(value) {
        out.push(char::from(b'0' + digit));
        return;
    }
    let _ = write!(out, "{value}");
}

fn write_list(list: &List, out: &mut String, bounds: &mut Bounds, depth: usize) -> Result<(), Failure> {
    match list.kind() {
        ListKind::Java => {
            let own = |item: &Value| matches!(item, Value::List(other) if other.same(list));
            write_items(&list.items(), own, out, bounds, depth)
        }
        ListKind::Json => json::print(&Value::List(list.clone()), out, json::Style::Web, bounds),
        ListKind::Array(element) => {
            let _ = write!(out, "{}@{:x}", array_class(element), list.address() & 0x7fff_ffff);
            Ok(())
        }
    }
}

/// The name of an array's class.
pub(super) fn array_class(element: Element) -> &'static str {
    match element {
        Element::Text => "[Ljava.lang.String;",
        Element::Any => "[Ljava.lang.Object;",
        Element::Char => "[C",
        Element::Byte => "[B",
    }
}

/// `[a, b]`, as `java.util.AbstractCollection` prints.
pub(super) fn write_collection(
    items: &[Value],
    out: &mut String,
    bounds: &mut Bounds,
) -> Result<(), Failure> {
    write_items(items, |_| false, out, bounds, 0)
}

/// `own` tells the collection itself among its items.
fn write_items(
    items: &[Value],
    own: impl Fn(&Value) -> bool,
    out: &mut String,
    bounds: &mut Bounds,
    depth: usize,
) -> Result<(), Failure> {
    enter(depth, bounds)?;
    let start = out.len();
    out.push('[');
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        if own(item) {
            out.push_str("(this Collection)");
        } else {
            write_nested(item, out, bounds, depth + 1)?;
        }
        grown(start, out, bounds)?;
    }
    out.push(']');
    leave(depth, bounds);
    Ok(())
}

/// `{a=1, b=2}`, as `java.util.AbstractMap` prints.
fn write_map(map: &Map, out: &mut String, bounds: &mut Bounds, depth: usize) -> Result<(), Failure> {
    enter(depth, bounds)?;
    let start = out.len();
    let own = |value: &Value| matches!(value, Value::Map(other) if other.same(map));
    out.push('{');
    let mut first = true;
    map.visit(|key, value| {
        if !first {
            out.push_str(", ");
        }
        first = false;
        for (value, after) in [(key, "="), (value, "")] {
            if own(value) {
                out.push_str("(this Map)");
            } else {
                write_nested(value, out, bounds, depth + 1)?;
            }
            out.push_str(after);
        }
        grown(start, out, bounds)
    })?;
    out.push('}');
    leave(depth, bounds);
    Ok(())
}

fn enter(depth: usize, bounds: &mut Bounds) -> Result<(), Failure> {
    if depth.is_multiple_of(LEVELS) {
        bounds.enter()?;
    }
    Ok(())
}

fn leave(depth: usize, bounds: &mut Bounds) {
    if depth.is_multiple_of(LEVELS) {
        bounds.leave();
    }
}

/// Takes a step for an element printed, and asks whether the text may have this length.
fn grown(start: usize, out: &str, bounds: &mut Bounds) -> Result<(), Failure> {
    bounds.steps(1)?;
    if out.len().saturating_sub(start) > bounds.limits().string {
        return Err(Failure::Limit(Exceeded::String));
    }
    Ok(())
}
