//! The static methods of `String`, which a template reaches through any string.

use crate::bounds::{Bounds, Failure};
use crate::java::{arguments, collection, format, printing, thrown};
use crate::value::{ListKind, Text, Value};

use super::edit::spread;

pub(super) fn call(
    own: &Text,
    method: &str,
    arguments: &[Value],
    bounds: &mut Bounds,
) -> Result<Option<Value>, Failure> {
    match (method, arguments) {
        ("format", arguments) => format_with(arguments, bounds),
        ("formatted", []) => Ok(Some(Value::from(format::format(own, &[], bounds)?))),
        ("join", arguments) => join(arguments, bounds),
        (
            "valueOf",
            [value @ (Value::Null | Value::Bool(_) | Value::Int(_) | Value::Long(_) | Value::Double(_))],
        ) => Ok(Some(Value::Text(printing::to_text(value, bounds)?))),
        ("valueOf" | "copyValueOf", arguments) => value_of(method == "valueOf", arguments, bounds),
        _ => Ok(None),
    }
}

/// `format(String, Object...)`, or with a locale before it, which can be null only.
fn format_with(arguments: &[Value], bounds: &mut Bounds) -> Result<Option<Value>, Failure> {
    let (pattern, rest) = match arguments {
        [Value::Null, Value::Text(pattern), rest @ ..] | [Value::Text(pattern), rest @ ..] => (pattern, rest),
        [Value::Null, ..] => return thrown::null_pointer(),
        _ => return Ok(None),
    };
    Ok(Some(Value::from(format::format(pattern, &spread(rest), bounds)?)))
}

/// `join(CharSequence, CharSequence...)` and `join(CharSequence, Iterable)`.
fn join(arguments: &[Value], bounds: &mut Bounds) -> Result<Option<Value>, Failure> {
    let Some((delimiter, rest)) = arguments.split_first() else {
        return Ok(None);
    };
    let Some(delimiter) = arguments::text(delimiter) else {
        return Ok(None);
    };
    let (items, any) = match rest {
        // Either method would do.
        [Value::Null] => return Ok(None),
        [Value::List(list)] if list.kind() == ListKind::Array(crate::value::Element::Text) => {
            (list.items().clone(), false)
        }
        [one] => match collection::argument(one, bounds)? {
            Some(Some(items)) => (items, true),
            _ => (vec![one.clone()], false),
        },
        rest => (rest.to_vec(), false),
    };
    if items
        .iter()
        .any(|item| !matches!(item, Value::Text(_) | Value::Null))
    {
        return if any { thrown::class_cast() } else { Ok(None) };
    }
    let Some(delimiter) = delimiter else {
        return thrown::null_pointer();
    };
    let mut length = delimiter.len().saturating_mul(items.len().saturating_sub(1));
    for item in &items {
        length = length.saturating_add(if let Value::Text(text) = item {
            text.len()
        } else {
            4
        });
    }
    bounds.string(length)?;
    let mut out = String::with_capacity(length);
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push_str(delimiter);
        }
        out.push_str(if let Value::Text(text) = item {
            text
        } else {
            "null"
        });
    }
    Ok(Some(Value::from(out)))
}

/// `valueOf(Object)`, and `valueOf(char[])`, for which Velocity makes characters an array.
fn value_of(any: bool, arguments: &[Value], bounds: &mut Bounds) -> Result<Option<Value>, Failure> {
    let units: Option<Vec<u16>> = match arguments {
        [Value::List(list)] if list.kind() == ListKind::Array(crate::value::Element::Char) => {
            Some(list.items().iter().filter_map(arguments::char_unit).collect())
        }
        [Value::Null] | [Value::Null, Value::Int(_), Value::Int(_)] => return thrown::null_pointer(),
        [Value::List(list), Value::Int(from), Value::Int(count)]
            if list.kind() == ListKind::Array(crate::value::Element::Char) =>
        {
            let items = list.items();
            let part = usize::try_from(*from).ok().zip(usize::try_from(*count).ok());
            match part.and_then(|(from, count)| items.get(from..from.checked_add(count)?)) {
                Some(part) => Some(part.iter().filter_map(arguments::char_unit).collect()),
                None => return thrown::thrown("java.lang.StringIndexOutOfBoundsException"),
            }
        }
        arguments => arguments.iter().map(arguments::char_unit).collect(),
    };
    match (units, arguments) {
        (Some(units), _) => {
            bounds.string(units.len())?;
            let decoded = char::decode_utf16(units).map(|unit| unit.unwrap_or('?'));
            Ok(Some(Value::from(decoded.collect::<String>())))
        }
        (None, [value]) if any => Ok(Some(Value::Text(printing::to_text(value, bounds)?))),
        _ => Ok(None),
    }
}
