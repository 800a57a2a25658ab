//! What lists and views have in common.

use crate::bounds::{Bounds, Failure};
use crate::value::{Element, List, ListKind, Value};

use super::views::View;
use super::{equality, thrown};

/// A size as an `Integer`.
pub(super) fn size(len: usize) -> Value {
    Value::Int(i32::try_from(len).unwrap_or(i32::MAX))
}

/// Whether `items` hold one equal to `value`.
pub(super) fn contains(items: &[Value], value: &Value, bounds: &mut Bounds) -> Result<bool, Failure> {
    Ok(position(items.iter(), value, bounds)?.is_some())
}

/// Where in `items` the first one equal to `value` is.
pub(super) fn position<'a>(
    items: impl std::iter::Iterator<Item = &'a Value>,
    value: &Value,
    bounds: &mut Bounds,
) -> Result<Option<usize>, Failure> {
    for (at, item) in items.enumerate() {
        if equality::same_value(item, value, bounds)? {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

/// An argument for a `Collection` parameter: `Some(None)` is null, `None` no collection.
#[expect(clippy::option_option, reason = "the two say different things")]
pub(super) fn argument(value: &Value, bounds: &mut Bounds) -> Result<Option<Option<Vec<Value>>>, Failure> {
    Ok(match value {
        Value::Null => Some(None),
        Value::List(list) if !matches!(list.kind(), ListKind::Array(_)) => {
            bounds.list(list.len())?;
            Some(Some(list.items().clone()))
        }
        Value::Object(object) => match object.as_any().downcast_ref::<View>() {
            Some(view) => Some(Some(view.elements_within(bounds)?)),
            None => None,
        },
        _ => None,
    })
}

/// `toArray()` and `toArray(T[])`, whose argument Velocity makes an array if it is none.
pub(super) fn to_array(
    items: &[Value],
    arguments: &[Value],
    bounds: &mut Bounds,
) -> Result<Option<Value>, Failure> {
    let (element, least) = match arguments {
        [] => (Element::Any, 0),
        [Value::Null] => return thrown::null_pointer(),
        [Value::List(list)] => match list.kind() {
            ListKind::Array(element @ (Element::Text | Element::Any)) => (element, list.len()),
            ListKind::Array(_) => return Ok(None),
            ListKind::Java | ListKind::Json => (Element::Any, 1),
        },
        arguments => (Element::Any, arguments.len()),
    };
    if element == Element::Text
        && items
            .iter()
            .any(|item| !matches!(item, Value::Text(_) | Value::Null))
    {
        return thrown::thrown("java.lang.ArrayStoreException");
    }
    bounds.list(items.len().max(least))?;
    let mut array = items.to_vec();
    if array.len() < least {
        // A longer array is filled in place: a null follows the last item, and the rest stays.
        let rest: Vec<Value> = match arguments {
            [Value::List(list)] if matches!(list.kind(), ListKind::Array(_)) => list.items().clone(),
            arguments => arguments.to_vec(),
        };
        array.push(Value::Null);
        array.extend(rest.into_iter().skip(items.len() + 1));
    }
    Ok(Some(Value::List(List::new(ListKind::Array(element), array))))
}
