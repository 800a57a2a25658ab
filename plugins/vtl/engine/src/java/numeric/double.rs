//! `java.lang.Double`.

use crate::bounds::{Bounds, Failure};
use crate::java::{arguments, equality, integer, number, printing, thrown};
use crate::value::Value;

pub(super) fn call(
    own: f64,
    method: &str,
    arguments: &[Value],
    bounds: &mut Bounds,
) -> Result<Option<Value>, Failure> {
    match arguments {
        [] => Ok(plain(own, method)),
        [one] => match arguments::double(one) {
            Some(one) => statics(method, one, arguments, bounds),
            None => parse(method, one, own),
        },
        [left, right] => match (arguments::double(left), arguments::double(right)) {
            (Some(left), Some(right)) => Ok(Some(match method {
                "compare" => Value::Int(compare(left, right)),
                "max" => Value::Double(if compare(left, right) > 0 { left } else { right }),
                "min" => Value::Double(if compare(left, right) < 0 { left } else { right }),
                "sum" => Value::Double(left + right),
                _ => return Ok(None),
            })),
            _ => Ok(None),
        },
        _ => Ok(None),
    }
}

/// `Double.compare`: zero is more than minus zero, and what is no number more than all others.
pub(super) fn compare(left: f64, right: f64) -> i32 {
    let order = match left.partial_cmp(&right) {
        Some(order) if order != std::cmp::Ordering::Equal => order,
        _ => equality::double_bits(left)
            .cast_signed()
            .cmp(&equality::double_bits(right).cast_signed()),
    };
    order as i32
}

#[expect(clippy::cast_possible_truncation, reason = "as Java narrows")]
fn plain(own: f64, method: &str) -> Option<Value> {
    Some(match method {
        "intValue" => Value::Int(own as i32),
        "longValue" => Value::Long(own as i64),
        "doubleValue" => Value::Double(own),
        "floatValue" => integer::float(own as f32),
        "shortValue" => Value::Int(i32::from(own as i32 as i16)),
        "byteValue" => Value::Int(i32::from(own as i32 as i8)),
        "isNaN" => Value::Bool(own.is_nan()),
        "isInfinite" => Value::Bool(own.is_infinite()),
        _ => return None,
    })
}

fn statics(
    method: &str,
    one: f64,
    arguments: &[Value],
    bounds: &mut Bounds,
) -> Result<Option<Value>, Failure> {
    Ok(Some(match method {
        "valueOf" => Value::Double(one),
        "toString" => Value::Text(printing::to_text(&Value::Double(one), bounds)?),
        "isNaN" => Value::Bool(one.is_nan()),
        "isInfinite" => Value::Bool(one.is_infinite()),
        "isFinite" => Value::Bool(one.is_finite()),
        "hashCode" => Value::Int(equality::hash_code(&Value::Double(one))),
        "doubleToLongBits" | "doubleToRawLongBits" => Value::Long(equality::double_bits(one).cast_signed()),
        "longBitsToDouble" => match arguments.first().and_then(arguments::long) {
            Some(bits) => Value::Double(f64::from_bits(bits.cast_unsigned())),
            None => return Ok(None),
        },
        "toHexString" => Value::from(hexadecimal(one)),
        _ => return Ok(None),
    }))
}

fn parse(method: &str, text: &Value, own: f64) -> Result<Option<Value>, Failure> {
    match (method, text) {
        ("parseDouble" | "valueOf", Value::Text(text)) => match number::parse_double(text) {
            Some(value) => Ok(Some(Value::Double(value))),
            None => thrown::number_format(text),
        },
        ("parseDouble" | "valueOf", Value::Null) => thrown::null_pointer(),
        ("resolveConstantDesc", Value::Null) => Ok(Some(Value::Double(own))),
        _ => Ok(None),
    }
}

/// `toHexString`, such as `0x1.8p0`.
fn hexadecimal(value: f64) -> String {
    if value.is_nan() {
        return "NaN".into();
    }
    let sign = if value.is_sign_negative() { "-" } else { "" };
    if value.is_infinite() {
        return format!("{sign}Infinity");
    }
    let bits = value.to_bits();
    let fraction = format!("{:013x}", bits & ((1 << 52) - 1));
    let fraction = fraction.trim_end_matches('0');
    let fraction = if fraction.is_empty() { "0" } else { fraction };
    match (bits >> 52) & 0x7ff {
        0 if value == 0.0 => format!("{sign}0x0.0p0"),
        0 => format!("{sign}0x0.{fraction}p-1022"),
        exponent => format!("{sign}0x1.{fraction}p{}", exponent.cast_signed() - 1023),
    }
}
