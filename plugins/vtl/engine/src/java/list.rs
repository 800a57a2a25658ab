//! `java.util.ArrayList`, `net.minidev.json.JSONArray`, and arrays, which Velocity wraps as lists of a fixed size.

use std::cmp::Ordering;

use crate::bounds::{Bounds, Failure};
use crate::value::{Element, List, ListKind, Value};

use super::iteration::{Iteration, Iterator};
use super::{collection, number, printing, thrown};

pub(super) fn call(
    list: &List,
    method: &str,
    arguments: &[Value],
    bounds: &mut Bounds,
) -> Result<Option<Value>, Failure> {
    if let Some(value) = read(list, method, arguments, bounds)? {
        return Ok(Some(value));
    }
    match list.kind() {
        ListKind::Array(_) => write_array(list, method, arguments, bounds),
        ListKind::Java | ListKind::Json => write(list, method, arguments, bounds),
    }
}

fn read(
    list: &List,
    method: &str,
    arguments: &[Value],
    bounds: &mut Bounds,
) -> Result<Option<Value>, Failure> {
    Ok(Some(match (method, arguments) {
        ("get", [Value::Int(index)]) => get(list, *index)?,
        ("size", []) => collection::size(list.len()),
        ("isEmpty", []) => Value::Bool(list.is_empty()),
        ("contains", [value]) => Value::Bool(collection::contains(&list.items(), value, bounds)?),
        ("indexOf", [value]) => at(collection::position(list.items().iter(), value, bounds)?),
        ("lastIndexOf", [value]) => {
            let items = list.items();
            let back = collection::position(items.iter().rev(), value, bounds)?;
            at(back.map(|back| items.len() - 1 - back))
        }
        ("containsAll", [other]) => {
            let Some(others) = collection::argument(other, bounds)? else {
                return Ok(None);
            };
            let Some(others) = others else {
                return thrown::null_pointer();
            };
            for other in &others {
                if !collection::contains(&list.items(), other, bounds)? {
                    return Ok(Some(Value::Bool(false)));
                }
            }
            Value::Bool(true)
        }
        ("iterator" | "listIterator", []) => Iterator::value(Iteration::of_list(list)),
        ("listIterator", [Value::Int(at)]) => match usize::try_from(*at) {
            Ok(start) if start <= list.len() => Iterator::value(Iteration::of_list_from(list, start)),
            _ => return thrown::index_out_of_bounds(*at, list.len()),
        },
        ("subList", [Value::Int(from), Value::Int(to)]) => sub_list(list, *from, *to, bounds)?,
        ("clone", []) if !matches!(list.kind(), ListKind::Array(_)) => {
            bounds.list(list.len())?;
            Value::List(List::new(list.kind(), list.items().clone()))
        }
        ("toArray", arguments) => return collection::to_array(&list.items(), arguments, bounds),
        ("toJSONString", []) if list.kind() == ListKind::Json => {
            let mut out = String::new();
            printing::write_text(&Value::List(list.clone()), &mut out, bounds)?;
            Value::from(out)
        }
        ("forEach" | "removeIf" | "replaceAll", [Value::Null]) => return thrown::null_pointer(),
        _ => return Ok(None),
    }))
}

/// `get(int)`.
pub(super) fn get(list: &List, index: i32) -> Result<Value, Failure> {
    match usize::try_from(index).ok().and_then(|index| list.get(index)) {
        Some(value) => Ok(value),
        None => thrown::index_out_of_bounds(index, list.len()),
    }
}

/// `set(int, Object)`: the old item.
pub(super) fn set(list: &List, index: i32, value: Value, bounds: &mut Bounds) -> Result<Value, Failure> {
    bounds.note(|| Value::List(list.clone()), &value)?;
    let fits = match list.kind() {
        ListKind::Array(Element::Text) => matches!(value, Value::Text(_) | Value::Null),
        ListKind::Array(Element::Char | Element::Byte) => false,
        ListKind::Array(Element::Any) | ListKind::Java | ListKind::Json => true,
    };
    if !fits {
        return thrown::illegal_argument("array element type mismatch");
    }
    let mut items = list.items_mut();
    let len = items.len();
    match usize::try_from(index).ok().and_then(|index| items.get_mut(index)) {
        Some(item) => Ok(std::mem::replace(item, value)),
        None => thrown::index_out_of_bounds(index, len),
    }
}

fn at(position: Option<usize>) -> Value {
    Value::Int(
        position
            .and_then(|position| i32::try_from(position).ok())
            .unwrap_or(-1),
    )
}

/// A snapshot: Java's is a live view, which a template could tell only by changing either.
fn sub_list(list: &List, from: i32, to: i32, bounds: &mut Bounds) -> Result<Value, Failure> {
    let items = list.items();
    let part = match (usize::try_from(from), usize::try_from(to)) {
        (Ok(from), Ok(to)) => items.get(from..to),
        _ => None,
    };
    match part {
        Some(part) => {
            bounds.list(part.len())?;
            Ok(Value::List(List::new(ListKind::Java, part.to_vec())))
        }
        None => thrown::index_out_of_bounds(if from < 0 { from } else { to }, items.len()),
    }
}

/// The methods that would change an array throw, unless there is nothing to change.
fn write_array(
    list: &List,
    method: &str,
    arguments: &[Value],
    bounds: &mut Bounds,
) -> Result<Option<Value>, Failure> {
    Ok(Some(match (method, arguments) {
        ("set", [Value::Int(index), value]) => set(list, *index, value.clone(), bounds)?,
        ("add", [_] | [Value::Int(_), _]) => return thrown::unsupported(),
        ("addAll", [other]) => match collection::argument(other, bounds)? {
            Some(Some(others)) if others.is_empty() => Value::Bool(false),
            Some(_) => return thrown::unsupported(),
            None => return Ok(None),
        },
        ("addAll", [Value::Int(_), other]) => match collection::argument(other, bounds)? {
            Some(Some(others)) if others.is_empty() => Value::Bool(false),
            Some(Some(_)) => return thrown::unsupported(),
            Some(None) => return thrown::null_pointer(),
            None => return Ok(None),
        },
        ("removeAll" | "retainAll", [other]) => match collection::argument(other, bounds)? {
            Some(Some(others)) => {
                let kept = method == "retainAll";
                for item in list.items().iter() {
                    if collection::contains(&others, item, bounds)? != kept {
                        return thrown::unsupported();
                    }
                }
                Value::Bool(false)
            }
            Some(None) => return thrown::null_pointer(),
            None => return Ok(None),
        },
        ("clear", []) if list.is_empty() => Value::text(""),
        ("clear", []) | ("remove", [Value::Int(_)]) => return thrown::unsupported(),
        ("remove", [value]) => {
            if collection::contains(&list.items(), value, bounds)? {
                return thrown::unsupported();
            }
            Value::Bool(false)
        }
        ("sort", [Value::Null]) => {
            sort(list, bounds)?;
            Value::text("")
        }
        _ => return Ok(None),
    }))
}

fn write(
    list: &List,
    method: &str,
    arguments: &[Value],
    bounds: &mut Bounds,
) -> Result<Option<Value>, Failure> {
    Ok(Some(match (method, arguments) {
        ("add", [value]) => {
            bounds.items(list.len().saturating_add(1))?;
            bounds.steps(1)?;
            bounds.note(|| Value::List(list.clone()), value)?;
            list.items_mut().push(value.clone());
            list.changed();
            Value::Bool(true)
        }
        ("add", [Value::Int(index), value]) => {
            insert(list, *index, vec![value.clone()], bounds)?;
            Value::text("")
        }
        ("set", [Value::Int(index), value]) => set(list, *index, value.clone(), bounds)?,
        ("addAll", [other]) => {
            let Some(others) = collection::argument(other, bounds)? else {
                return Ok(None);
            };
            let Some(others) = others else {
                return thrown::null_pointer();
            };
            let end = i32::try_from(list.len()).unwrap_or(i32::MAX);
            Value::Bool(insert(list, end, others, bounds)?)
        }
        ("addAll", [Value::Int(index), other]) => {
            let Some(others) = collection::argument(other, bounds)? else {
                return Ok(None);
            };
            let Some(others) = others else {
                return thrown::null_pointer();
            };
            Value::Bool(insert(list, *index, others, bounds)?)
        }
        ("remove", [Value::Int(index)]) => {
            get(list, *index)?;
            remove(list, usize::try_from(*index).unwrap_or(0), bounds)?
        }
        ("remove", [value]) => {
            let found = collection::position(list.items().iter(), value, bounds)?;
            if let Some(at) = found {
                remove(list, at, bounds)?;
            }
            Value::Bool(found.is_some())
        }
        ("removeAll" | "retainAll", [other]) => {
            let Some(others) = collection::argument(other, bounds)? else {
                return Ok(None);
            };
            let Some(others) = others else {
                return thrown::null_pointer();
            };
            Value::Bool(keep(list, &others, method == "retainAll", bounds)?)
        }
        ("clear", []) => {
            list.items_mut().clear();
            list.changed();
            Value::text("")
        }
        ("ensureCapacity", [Value::Int(_)]) | ("trimToSize", []) => Value::text(""),
        ("sort", [Value::Null]) => {
            sort(list, bounds)?;
            list.changed();
            Value::text("")
        }
        _ => return Ok(None),
    }))
}

fn insert(list: &List, index: i32, values: Vec<Value>, bounds: &mut Bounds) -> Result<bool, Failure> {
    let len = list.len();
    let Some(at) = usize::try_from(index).ok().filter(|at| *at <= len) else {
        return thrown::index_out_of_bounds(index, len);
    };
    bounds.items(len.saturating_add(values.len()))?;
    bounds.steps((len - at) / 16 + values.len())?;
    for value in &values {
        bounds.note(|| Value::List(list.clone()), value)?;
    }
    let any = !values.is_empty();
    list.items_mut().splice(at..at, values);
    list.changed();
    Ok(any)
}

fn remove(list: &List, at: usize, bounds: &mut Bounds) -> Result<Value, Failure> {
    let mut items = list.items_mut();
    if at >= items.len() {
        return Ok(Value::Null);
    }
    bounds.steps((items.len() - at) / 16)?;
    let value = items.remove(at);
    list.changed();
    Ok(value)
}

fn keep(list: &List, others: &[Value], kept: bool, bounds: &mut Bounds) -> Result<bool, Failure> {
    let mut rest = Vec::new();
    for item in list.items().iter() {
        if collection::contains(others, item, bounds)? == kept {
            rest.push(item.clone());
        }
    }
    let changed = rest.len() != list.len();
    if changed {
        *list.items_mut() = rest;
        list.changed();
    }
    Ok(changed)
}

/// `sort(null)`: the natural order, of items of one class.
fn sort(list: &List, bounds: &mut Bounds) -> Result<(), Failure> {
    // Items are compared some twenty times each, and long numbers made of their text each time.
    let length = |item: &Value| match item {
        Value::Text(text) => text.len(),
        Value::Decimal(text) => text.len().saturating_mul(text.len()) / 128,
        _ => 0,
    };
    let lengths = list
        .items()
        .iter()
        .fold(0_usize, |sum, item| sum.saturating_add(length(item)));
    bounds.steps(list.len().saturating_mul(20).saturating_add(lengths))?;
    let mut items = list.items().clone();
    let mut failure = None;
    items.sort_by(|left, right| {
        natural(left, right).unwrap_or_else(|error| {
            failure = Some(error);
            Ordering::Equal
        })
    });
    match failure {
        Some(failure) => Err(failure),
        None => {
            *list.items_mut() = items;
            Ok(())
        }
    }
}

fn natural(left: &Value, right: &Value) -> Result<Ordering, Failure> {
    match (left, right) {
        (Value::Text(left), Value::Text(right)) => Ok(left.encode_utf16().cmp(right.encode_utf16())),
        (Value::Bool(left), Value::Bool(right)) => Ok(left.cmp(right)),
        (Value::Null, _) | (_, Value::Null) => thrown::null_pointer(),
        (Value::Double(left), Value::Double(right)) => Ok(left.total_cmp(right)),
        (Value::Int(_), Value::Int(_))
        | (Value::Long(_), Value::Long(_))
        | (Value::Big(_), Value::Big(_))
        | (Value::Decimal(_), Value::Decimal(_)) => match number::compare(left, right) {
            Some(order) => Ok(order),
            None => thrown::class_cast(),
        },
        _ => thrown::class_cast(),
    }
}
