use std::any::Any;
use std::cmp::Ordering;

use super::arithmetic::Operands;
use crate::bounds::{Bounds, Exceeded, Failure};
use crate::value::{Object, Value};

/// How two numbers compare in Velocity 1.7's `< <= > >=`; `None` where either is none, which makes every comparison
/// false. NaN compares equal to everything, as it does there.
#[must_use]
pub fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    Some(match Operands::of(left, right).ok()?? {
        Operands::Long(a, b, _) => a.cmp(&b),
        Operands::Big(a, b) => a.cmp(&b),
        Operands::Double(a, b) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
        Operands::Decimal(a, b) => a.compare(&b),
    })
}

/// Velocity 1.7's `==`: numbers by value, objects of related classes by `equals`, others by their text; null equals
/// null alone.
///
/// # Errors
///
/// A limit.
pub fn equals(left: &Value, right: &Value, bounds: &mut Bounds) -> Result<bool, Failure> {
    match (left, right) {
        (Value::Text(a), Value::Text(b)) => {
            bounds.compared(a, b)?;
            return Ok(a == b);
        }
        (Value::Bool(a), Value::Bool(b)) => return Ok(a == b),
        (Value::Null, other) | (other, Value::Null) => return Ok(matches!(other, Value::Null)),
        _ => {}
    }
    weigh(left, right, bounds)?;
    if let Some(order) = compare(left, right) {
        return Ok(order.is_eq());
    }
    if related(left, right) {
        return match crate::java::same_value(left, right, bounds) {
            // Too deep to compare.
            Err(Failure::Limit(Exceeded::Depth)) => Ok(false),
            same => same,
        };
    }
    Ok(crate::java::to_text(left, bounds)? == crate::java::to_text(right, bounds)?)
}

/// Takes the steps of reckoning with long numbers, whose digits cost the square of their count.
///
/// # Errors
///
/// A limit.
pub fn weigh(left: &Value, right: &Value, bounds: &mut Bounds) -> Result<(), Exceeded> {
    for value in [left, right] {
        let digits = match value {
            Value::Decimal(text) => text.len(),
            Value::Big(value) => usize::try_from(value.bits() / 3).unwrap_or(usize::MAX),
            _ => continue,
        };
        bounds.steps(digits.saturating_mul(digits) / 4096)?;
    }
    Ok(())
}

/// Whether the class of one can be assigned to that of the other.
fn related(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::List(_), Value::List(_)) | (Value::Map(_), Value::Map(_)) => true,
        (Value::Object(a), Value::Object(b)) => class(&**a) == class(&**b),
        _ => false,
    }
}

fn class(object: &dyn Object) -> std::any::TypeId {
    let object: &dyn Any = object.as_any();
    object.type_id()
}
