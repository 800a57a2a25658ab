//! What Java's classes do, as far as a template can tell.
//!
//! Methods are found as Velocity 1.7 finds them, by name and the classes of the arguments: an `Integer` goes where an
//! `int`, `long`, `double` or `Object` is asked for, a `Long` not where an `int` is, null wherever no primitive is.
//! Its quirk that a method without parameters is found for any arguments, and then throws, is kept.

mod arguments;
mod boolean;
mod character;
mod class;
mod collection;
mod equality;
mod integer;
mod iteration;
mod list;
mod map;
mod numeric;
mod objects;
mod printing;
mod property;
mod string;
mod subscript;
mod thrown;
mod utf16;
mod views;

pub mod format;
pub mod number;
pub mod regex;

use crate::bounds::{Bounds, Failure};
use crate::value::Value;

pub use character::Character;
pub use equality::{equals, hash_code, hash_within, same_value};
pub use iteration::{Iteration, items, iterate};
pub use printing::{to_text, write_text};
pub use property::{property, set_property};
pub use subscript::{index, set_index};
pub use views::{Entry, View, ViewKind};

pub(crate) use equality::double_bits;

/// Calls `receiver.method(arguments)`. A method that returns nothing gives the empty string, as Velocity has it.
///
/// `None` where no such method is found for these arguments, which makes the reference invalid.
///
/// # Errors
///
/// What the Java method throws, or a limit.
pub fn call(
    receiver: &Value,
    method: &str,
    arguments: &[Value],
    bounds: &mut Bounds,
) -> Result<Option<Value>, Failure> {
    let found = match receiver {
        Value::Null => return Ok(None),
        Value::Text(text) => string::call(text, method, arguments, bounds)?,
        Value::List(list) => list::call(list, method, arguments, bounds)?,
        Value::Map(map) => map::call(map, method, arguments, bounds)?,
        Value::Int(value) => integer::call_int(*value, method, arguments, bounds)?,
        Value::Long(value) => integer::call_long(*value, method, arguments, bounds)?,
        Value::Bool(value) => boolean::call(*value, method, arguments)?,
        Value::Double(_) | Value::Big(_) | Value::Decimal(_) => {
            numeric::call(receiver, method, arguments, bounds)?
        }
        Value::Object(object) => object.call(method, arguments, bounds)?,
    };
    if found.is_some() {
        return Ok(found);
    }
    if let Some(value) = objects::call(receiver, method, arguments, bounds)? {
        return Ok(Some(value));
    }
    if !arguments.is_empty() && objects::has_without_parameters(receiver, method) {
        return thrown::illegal_argument("wrong number of arguments");
    }
    Ok(None)
}

/// The text of a value that prints without limits, for tests.
#[cfg(test)]
pub(crate) fn plain_text(value: &Value) -> String {
    let mut bounds = Bounds::new(crate::bounds::Limits::default());
    to_text(value, &mut bounds).map_or_else(|failure| format!("!{failure}"), |text| text.to_string())
}

#[cfg(test)]
mod tests;
