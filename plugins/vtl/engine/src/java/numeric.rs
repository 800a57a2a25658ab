//! `java.lang.Double`, `java.math.BigInteger` and `java.math.BigDecimal`.

mod big;
mod decimal;
mod double;

use crate::bounds::{Bounds, Failure};
use crate::value::Value;

use super::{integer, number, thrown};

pub(super) use decimal::hash as hash_decimal;

pub(super) fn call(
    own: &Value,
    method: &str,
    arguments: &[Value],
    bounds: &mut Bounds,
) -> Result<Option<Value>, Failure> {
    if let Some(value) = arithmetic(own, method, arguments, bounds)? {
        return Ok(Some(value));
    }
    match own {
        Value::Double(value) => double::call(*value, method, arguments, bounds),
        Value::Big(value) => big::call(value, method, arguments, bounds),
        Value::Decimal(text) => decimal::call(text, method, arguments, bounds),
        _ => Ok(None),
    }
}

/// Whether both are of one class.
fn alike(left: &Value, right: &Value) -> bool {
    std::mem::discriminant(left) == std::mem::discriminant(right)
}

/// What numbers of one class do with each other.
fn arithmetic(
    own: &Value,
    method: &str,
    arguments: &[Value],
    bounds: &mut Bounds,
) -> Result<Option<Value>, Failure> {
    let [other] = arguments else { return Ok(None) };
    if method == "compareTo" {
        if !alike(own, other) {
            return integer::not_comparable(other);
        }
        if let (Value::Double(left), Value::Double(right)) = (own, other) {
            return Ok(Some(Value::Int(double::compare(*left, *right))));
        }
        return Ok(number::compare(own, other).map(|order| Value::Int(order as i32)));
    }
    if matches!(own, Value::Double(_)) || !matches!(method, "add" | "subtract" | "multiply" | "max" | "min") {
        return Ok(None);
    }
    if matches!(other, Value::Null) {
        return thrown::null_pointer();
    }
    if !alike(own, other) {
        return Ok(None);
    }
    match method {
        "add" => number::add(own, other, bounds),
        "subtract" => number::subtract(own, other, bounds),
        "multiply" => number::multiply(own, other, bounds),
        _ => {
            let order = number::compare(own, other);
            let takes_other = match method {
                "max" => order == Some(std::cmp::Ordering::Less),
                _ => order == Some(std::cmp::Ordering::Greater),
            };
            Ok(Some(if takes_other { other.clone() } else { own.clone() }))
        }
    }
}
