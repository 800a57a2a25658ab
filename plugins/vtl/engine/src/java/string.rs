//! `java.lang.String` of Java 17.

mod edit;
mod inspect;
mod statics;

use crate::bounds::{Bounds, Failure};
use crate::value::{Element, List, ListKind, Text, Value};

pub(super) fn call(
    own: &Text,
    method: &str,
    arguments: &[Value],
    bounds: &mut Bounds,
) -> Result<Option<Value>, Failure> {
    // What any method walks of its own text.
    bounds.steps(1 + own.len() / 64)?;
    let found = find(own, method, arguments, bounds)?;
    if let Some(Value::Text(made)) = &found
        && made.len() > SHORT
    {
        bounds.steps(made.len() / 16)?;
    }
    Ok(found)
}

/// Strings up to this length are paid for by the call.
const SHORT: usize = 32;

fn find(
    own: &Text,
    method: &str,
    arguments: &[Value],
    bounds: &mut Bounds,
) -> Result<Option<Value>, Failure> {
    match arguments {
        [] => plain(own, method, bounds),
        _ => match inspect::call(own, method, arguments, bounds)? {
            Some(value) => Ok(Some(value)),
            None => match edit::call(own, method, arguments, bounds)? {
                Some(value) => Ok(Some(value)),
                None => statics::call(own, method, arguments, bounds),
            },
        },
    }
}

/// `getBytes()`: in UTF-8, each a signed byte.
pub(super) fn bytes(own: &str, bounds: &mut Bounds) -> Result<Value, Failure> {
    bounds.items(own.len())?;
    bounds.list(own.len())?;
    let items = own
        .bytes()
        .map(|byte| Value::Int(i32::from(byte.cast_signed())))
        .collect();
    Ok(Value::List(List::new(ListKind::Array(Element::Byte), items)))
}

/// The methods without arguments.
fn plain(own: &Text, method: &str, bounds: &mut Bounds) -> Result<Option<Value>, Failure> {
    Ok(Some(match method {
        "toString" | "intern" => Value::Text(own.clone()),
        "length" => super::collection::size(super::utf16::length(own)),
        "isEmpty" => Value::Bool(own.is_empty()),
        "isBlank" => Value::Bool(own.chars().all(super::utf16::is_white)),
        "toLowerCase" => {
            bounds.steps(own.len() / 16)?;
            Value::from(own.to_lowercase())
        }
        "toUpperCase" => {
            bounds.steps(own.len() / 16)?;
            Value::from(own.to_uppercase())
        }
        "trim" => part(own, own.trim_matches(|c| c <= ' ')),
        "strip" => part(own, own.trim_matches(super::utf16::is_white)),
        "stripLeading" => part(own, own.trim_start_matches(super::utf16::is_white)),
        "stripTrailing" => part(own, own.trim_end_matches(super::utf16::is_white)),
        "toCharArray" => {
            bounds.items(own.len())?;
            // Each character is an object.
            bounds.list(own.len().saturating_mul(3))?;
            let items = own.encode_utf16().map(super::Character::value).collect();
            Value::List(List::new(ListKind::Array(Element::Char), items))
        }
        "getBytes" => bytes(own, bounds)?,
        _ => return statics::call(own, method, &[], bounds),
    }))
}

/// A part of `own`, which is `own` itself where they are equally long.
fn part(own: &Text, part: &str) -> Value {
    if part.len() == own.len() {
        Value::Text(own.clone())
    } else {
        Value::text(part)
    }
}
