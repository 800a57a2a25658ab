//! The methods of `String` that look into it.

use std::cmp::Ordering;

use crate::bounds::{Bounds, Failure};
use crate::java::{Character, arguments, collection, regex::Regex, thrown, utf16};
use crate::value::Value;

pub(super) fn call(
    own: &str,
    method: &str,
    arguments: &[Value],
    bounds: &mut Bounds,
) -> Result<Option<Value>, Failure> {
    Ok(Some(match (method, arguments) {
        ("charAt", [Value::Int(at)]) => match unit(own, *at) {
            Some(unit) => Character::value(unit),
            None => return thrown::string_index(*at, utf16::length(own)),
        },
        ("codePointAt", [Value::Int(at)]) => point(own, *at, *at)?,
        ("codePointBefore", [Value::Int(at)]) => {
            let before = at.saturating_sub(1);
            match utf16::place(own, usize::try_from(*at).unwrap_or(usize::MAX)) {
                Some(utf16::Place::Before(byte)) if byte > 0 => {
                    let last = own.get(..byte).and_then(|text| text.chars().next_back());
                    Value::Int(last.and_then(|c| i32::try_from(u32::from(c)).ok()).unwrap_or(0))
                }
                _ => match unit(own, before) {
                    Some(unit) if usize::try_from(*at).is_ok_and(|at| at <= utf16::length(own)) => {
                        Value::Int(i32::from(unit))
                    }
                    _ => return thrown::string_index(*at, utf16::length(own)),
                },
            }
        }
        ("equals", [other]) => Value::Bool(matches!(other, Value::Text(other) if **other == *own)),
        ("equalsIgnoreCase", [other]) => match arguments::text(other) {
            Some(other) => {
                bounds.steps(folding(own))?;
                Value::Bool(other.is_some_and(|other| same_folded(own, other)))
            }
            None => return Ok(None),
        },
        ("compareTo", [other]) => match arguments::text(other) {
            Some(Some(other)) => Value::Int(compare(own, other)),
            Some(None) => return thrown::null_pointer(),
            None => return thrown::class_cast(),
        },
        (
            "compareToIgnoreCase"
            | "contains"
            | "contentEquals"
            | "endsWith"
            | "startsWith"
            | "indexOf"
            | "lastIndexOf"
            | "matches",
            [other],
        ) => match arguments::text(other) {
            Some(Some(other)) => search(own, method, other, bounds)?,
            Some(None) => return thrown::null_pointer(),
            None => match (method, other) {
                ("indexOf", Value::Int(c)) => index_of_point(own, *c, 0),
                ("lastIndexOf", Value::Int(c)) => last_index_of_point(own, *c, i32::MAX),
                _ => return Ok(None),
            },
        },
        ("indexOf" | "lastIndexOf" | "startsWith", [Value::Null, Value::Int(_)]) => {
            return thrown::null_pointer();
        }
        ("indexOf", [Value::Text(other), Value::Int(from)]) => index_of(own, other, *from),
        ("indexOf", [Value::Int(c), Value::Int(from)]) => index_of_point(own, *c, *from),
        ("lastIndexOf", [Value::Text(other), Value::Int(from)]) => last_index_of(own, other, *from),
        ("lastIndexOf", [Value::Int(c), Value::Int(from)]) => last_index_of_point(own, *c, *from),
        ("startsWith", [Value::Text(other), Value::Int(from)]) => {
            let at = usize::try_from(*from)
                .ok()
                .and_then(|from| utf16::place(own, from));
            Value::Bool(match at {
                Some(utf16::Place::Before(at)) => {
                    own.get(at..).is_some_and(|rest| rest.starts_with(&**other))
                }
                _ => false,
            })
        }
        ("codePointCount", [Value::Int(from), Value::Int(to)]) => match range(own, *from, *to) {
            Some(part) => collection::size(part.chars().count()),
            None => return thrown::thrown("java.lang.IndexOutOfBoundsException"),
        },
        ("offsetByCodePoints", [Value::Int(at), Value::Int(by)]) => offset(own, *at, *by)?,
        ("regionMatches", [Value::Int(at), other, Value::Int(from), Value::Int(len)]) => {
            bounds.steps(own.len() / 16)?;
            return region(own, false, *at, other, *from, *len);
        }
        (
            "regionMatches",
            [
                Value::Bool(fold),
                Value::Int(at),
                other,
                Value::Int(from),
                Value::Int(len),
            ],
        ) => {
            bounds.steps(folding(own))?;
            return region(own, *fold, *at, other, *from, *len);
        }
        _ => return Ok(None),
    }))
}

fn search(own: &str, method: &str, other: &str, bounds: &mut Bounds) -> Result<Value, Failure> {
    Ok(match method {
        "compareToIgnoreCase" => {
            bounds.steps(folding(own))?;
            Value::Int(compare_folded(own, other))
        }
        "contains" => Value::Bool(own.contains(other)),
        "contentEquals" => Value::Bool(own == other),
        "endsWith" => Value::Bool(own.ends_with(other)),
        "startsWith" => Value::Bool(own.starts_with(other)),
        "indexOf" => index_of(own, other, 0),
        "lastIndexOf" => last_index_of(own, other, i32::MAX),
        _ => match Regex::compile_within(other, bounds)? {
            Ok(regex) => Value::Bool(regex.matches(own, bounds)?),
            Err(error) => return super::edit::bad_pattern(&error),
        },
    })
}

fn unit(own: &str, at: i32) -> Option<u16> {
    usize::try_from(at).ok().and_then(|at| utf16::unit_at(own, at))
}

fn point(own: &str, at: i32, named: i32) -> Result<Value, Failure> {
    let point = usize::try_from(at).ok().and_then(|at| utf16::point_at(own, at));
    match point.and_then(|point| i32::try_from(point).ok()) {
        Some(point) => Ok(Value::Int(point)),
        None => thrown::string_index(named, utf16::length(own)),
    }
}

fn range(own: &str, from: i32, to: i32) -> Option<&str> {
    let from = utf16::byte_of(own, usize::try_from(from).ok()?)?;
    own.get(from..utf16::byte_of(own, usize::try_from(to).ok()?)?)
}

fn offset(own: &str, at: i32, by: i32) -> Result<Value, Failure> {
    let start = usize::try_from(at).ok().and_then(|at| utf16::byte_of(own, at));
    let count = usize::try_from(by.unsigned_abs()).unwrap_or(usize::MAX);
    let moved = start.and_then(|start| {
        if count == 0 {
            return Some(start);
        }
        if by > 0 {
            let rest = own.get(start..)?;
            rest.char_indices()
                .nth(count - 1)
                .map(|(i, c)| start + i + c.len_utf8())
        } else {
            own.get(..start)?
                .char_indices()
                .rev()
                .nth(count - 1)
                .map(|(i, _)| i)
        }
    });
    match moved {
        Some(byte) => Ok(collection::size(utf16::index_of_byte(own, byte))),
        None => thrown::thrown("java.lang.IndexOutOfBoundsException"),
    }
}

fn found(own: &str, byte: Option<usize>) -> Value {
    match byte {
        Some(byte) => collection::size(utf16::index_of_byte(own, byte)),
        None => Value::Int(-1),
    }
}

fn index_of(own: &str, other: &str, from: i32) -> Value {
    let from = usize::try_from(from).unwrap_or(0);
    let Some(start) = utf16::byte_of(own, from) else {
        return if other.is_empty() {
            collection::size(utf16::length(own))
        } else {
            Value::Int(-1)
        };
    };
    found(
        own,
        own.get(start..)
            .and_then(|rest| rest.find(other))
            .map(|at| start + at),
    )
}

fn last_index_of(own: &str, other: &str, from: i32) -> Value {
    let Ok(from) = usize::try_from(from) else {
        return Value::Int(-1);
    };
    let start = match utf16::place(own, from) {
        Some(utf16::Place::Before(at) | utf16::Place::Inside(at)) => at,
        None => own.len(),
    };
    let end = start.saturating_add(other.len()).min(own.len());
    // A match starts at `start` at most; an end inside a character belongs to no match.
    let end = (end..=own.len())
        .find(|end| own.is_char_boundary(*end))
        .unwrap_or(own.len());
    let mut at = own.get(..end).and_then(|text| text.rfind(other));
    if at.is_some_and(|at| at > start) {
        at = own.get(..start).and_then(|text| text.rfind(other));
    }
    found(own, at)
}

fn to_char(point: i32) -> Option<char> {
    u32::try_from(point).ok().and_then(char::from_u32)
}

fn index_of_point(own: &str, point: i32, from: i32) -> Value {
    match to_char(point) {
        Some(c) => match utf16::byte_of(own, usize::try_from(from).unwrap_or(0)) {
            Some(start) => found(
                own,
                own.get(start..)
                    .and_then(|rest| rest.find(c))
                    .map(|at| start + at),
            ),
            None => Value::Int(-1),
        },
        None => Value::Int(-1),
    }
}

fn last_index_of_point(own: &str, point: i32, from: i32) -> Value {
    let mut text = [0; 4];
    match to_char(point) {
        Some(c) => last_index_of(own, c.encode_utf8(&mut text), from),
        None => Value::Int(-1),
    }
}

/// The steps of overlooking case, which beyond ASCII is looked up.
fn folding(own: &str) -> usize {
    if own.is_ascii() { own.len() / 16 } else { own.len() }
}

fn same_folded(left: &str, right: &str) -> bool {
    if left.is_ascii() && right.is_ascii() {
        return left.eq_ignore_ascii_case(right);
    }
    left.chars().map(utf16::fold).eq(right.chars().map(utf16::fold))
}

fn compare(left: &str, right: &str) -> i32 {
    difference(
        left.encode_utf16().map(i32::from),
        right.encode_utf16().map(i32::from),
        || (utf16::length(left), utf16::length(right)),
    )
}

fn compare_folded(left: &str, right: &str) -> i32 {
    let point = |c: char| i32::try_from(u32::from(utf16::fold(c))).unwrap_or(0);
    difference(left.chars().map(point), right.chars().map(point), || {
        (utf16::length(left), utf16::length(right))
    })
}

/// The first difference of two sequences, or that of their lengths.
fn difference(
    left: impl Iterator<Item = i32>,
    right: impl Iterator<Item = i32>,
    lengths: impl Fn() -> (usize, usize),
) -> i32 {
    for (left, right) in left.zip(right) {
        if left.cmp(&right) != Ordering::Equal {
            return left - right;
        }
    }
    let (left, right) = lengths();
    let signed = |length: usize| i32::try_from(length).unwrap_or(i32::MAX);
    signed(left) - signed(right)
}

fn region(
    own: &str,
    fold: bool,
    at: i32,
    other: &Value,
    from: i32,
    len: i32,
) -> Result<Option<Value>, Failure> {
    let other = match arguments::text(other) {
        Some(Some(other)) => other,
        Some(None) => return thrown::null_pointer(),
        None => return Ok(None),
    };
    let part = |text: &str, start: i32| {
        let start = usize::try_from(start).ok()?;
        let end = start.checked_add(usize::try_from(len).unwrap_or(0))?;
        utf16::slice(text, start, end)
    };
    Ok(Some(Value::Bool(match (part(own, at), part(other, from)) {
        (Some(left), Some(right)) if fold => same_folded(&left, &right),
        (Some(left), Some(right)) => left == right,
        _ => false,
    })))
}
