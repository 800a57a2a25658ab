//! `java.lang.Integer` and `java.lang.Long`, with their static methods, which a template reaches through any number.

use crate::bounds::{Bounds, Failure};
use crate::value::Value;

use super::{arguments, number, thrown};

macro_rules! order {
    ($left:expr, $right:expr) => {
        Value::Int(match $left.cmp(&$right) {
            std::cmp::Ordering::Less => -1,
            std::cmp::Ordering::Equal => 0,
            std::cmp::Ordering::Greater => 1,
        })
    };
}

/// The static methods of one and of two integers, which both classes have.
macro_rules! statics {
    ($name:ident, $type:ty, $unsigned:ty, $value:path) => {
        fn $name(method: &str, one: $type, other: Option<$type>) -> Result<Option<Value>, Failure> {
            let Some(other) = other else {
                let count = |count: u32| Value::Int(i32::try_from(count).unwrap_or(0));
                return Ok(Some(match method {
                    "valueOf" => $value(one),
                    "toString" => Value::from(one.to_string()),
                    "toUnsignedString" => Value::from(one.cast_unsigned().to_string()),
                    "toBinaryString" => Value::from(format!("{one:b}")),
                    "toHexString" => Value::from(format!("{one:x}")),
                    "toOctalString" => Value::from(format!("{one:o}")),
                    "bitCount" => count(one.count_ones()),
                    "numberOfLeadingZeros" => count(one.leading_zeros()),
                    "numberOfTrailingZeros" => count(one.trailing_zeros()),
                    "signum" => order!(one, 0),
                    "hashCode" => Value::Int(super::equality::hash_code(&$value(one))),
                    "reverse" => $value(one.reverse_bits()),
                    "reverseBytes" => $value(one.swap_bytes()),
                    "lowestOneBit" => $value(one & one.wrapping_neg()),
                    "highestOneBit" => {
                        let top = (1 as $unsigned)
                            .rotate_right(1)
                            .checked_shr(one.leading_zeros());
                        $value(top.unwrap_or(0).cast_signed())
                    }
                    _ => return Ok(None),
                }));
            };
            let (left, right) = (one.cast_unsigned(), other.cast_unsigned());
            Ok(Some(match method {
                "compare" => order!(one, other),
                "compareUnsigned" => order!(left, right),
                "max" => $value(one.max(other)),
                "min" => $value(one.min(other)),
                "sum" => $value(one.wrapping_add(other)),
                "divideUnsigned" | "remainderUnsigned" if right == 0 => {
                    return thrown::arithmetic("/ by zero")
                }
                "divideUnsigned" => $value(left.checked_div(right).unwrap_or(0).cast_signed()),
                "remainderUnsigned" => $value(left.checked_rem(right).unwrap_or(0).cast_signed()),
                _ => return Ok(None),
            }))
        }
    };
}

statics!(int_statics, i32, u32, Value::Int);
statics!(long_statics, i64, u64, Value::Long);

pub(super) fn call_int(
    own: i32,
    method: &str,
    arguments: &[Value],
    _bounds: &mut Bounds,
) -> Result<Option<Value>, Failure> {
    if let Some(value) = common(i64::from(own), method, arguments)? {
        return Ok(Some(value));
    }
    match (method, arguments) {
        ("compareTo", [Value::Int(other)]) => Ok(Some(order!(own, *other))),
        ("compareTo", [other]) => not_comparable(other),
        ("resolveConstantDesc", [Value::Null]) => Ok(Some(Value::Int(own))),
        ("toUnsignedLong", [Value::Int(one)]) => Ok(Some(Value::Long(i64::from(one.cast_unsigned())))),
        ("toString" | "toUnsignedString", [Value::Int(one), Value::Int(radix)]) => {
            let value = if method == "toString" {
                i64::from(*one)
            } else {
                i64::from(one.cast_unsigned())
            };
            Ok(Some(Value::from(in_radix(i128::from(value), *radix))))
        }
        ("rotateLeft", [Value::Int(one), Value::Int(by)]) => {
            Ok(Some(Value::Int(one.rotate_left(distance(*by, 32)))))
        }
        ("rotateRight", [Value::Int(one), Value::Int(by)]) => {
            Ok(Some(Value::Int(one.rotate_right(distance(*by, 32)))))
        }
        ("getInteger", [Value::Text(_) | Value::Null]) => Ok(Some(Value::Null)),
        (
            "getInteger",
            [
                Value::Text(_) | Value::Null,
                default @ (Value::Int(_) | Value::Null),
            ],
        ) => Ok(Some(default.clone())),
        (_, [Value::Int(one)]) => int_statics(method, *one, None),
        (_, [Value::Int(one), Value::Int(other)]) => int_statics(method, *one, Some(*other)),
        ("parseInt" | "valueOf" | "parseUnsignedInt" | "decode", arguments) => {
            let parsed = match parse(method, arguments)? {
                Some(parsed) => parsed,
                None => return Ok(None),
            };
            let range = if method == "parseUnsignedInt" {
                0..=i64::from(u32::MAX)
            } else {
                -0x8000_0000..=0x7fff_ffff
            };
            match i64::try_from(parsed).ok().filter(|parsed| range.contains(parsed)) {
                #[expect(clippy::cast_possible_truncation, reason = "an unsigned number wraps")]
                Some(parsed) => Ok(Some(Value::Int(parsed as i32))),
                None => thrown::number_format(&parsed.to_string()),
            }
        }
        _ => Ok(None),
    }
}

pub(super) fn call_long(
    own: i64,
    method: &str,
    arguments: &[Value],
    _bounds: &mut Bounds,
) -> Result<Option<Value>, Failure> {
    if let Some(value) = common(own, method, arguments)? {
        return Ok(Some(value));
    }
    match (method, arguments) {
        ("compareTo", [Value::Long(other)]) => return Ok(Some(order!(own, *other))),
        ("compareTo", [other]) => return not_comparable(other),
        ("resolveConstantDesc", [Value::Null]) => return Ok(Some(Value::Long(own))),
        ("getLong", [Value::Text(_) | Value::Null]) => return Ok(Some(Value::Null)),
        ("getLong", [Value::Text(_) | Value::Null, default]) => {
            return Ok(match default {
                Value::Int(default) => Some(Value::Long(i64::from(*default))),
                Value::Long(_) => Some(default.clone()),
                _ => None,
            });
        }
        ("parseLong" | "valueOf" | "parseUnsignedLong" | "decode", [Value::Text(_) | Value::Null, ..]) => {
            let parsed = match parse(method, arguments)? {
                Some(parsed) => parsed,
                None => return Ok(None),
            };
            let unsigned = u64::try_from(parsed)
                .ok()
                .filter(|_| method == "parseUnsignedLong");
            return match i64::try_from(parsed).ok().or(unsigned.map(u64::cast_signed)) {
                Some(parsed) => Ok(Some(Value::Long(parsed))),
                None => thrown::number_format(&parsed.to_string()),
            };
        }
        _ => {}
    }
    match arguments {
        [one] => match arguments::long(one) {
            Some(one) => long_statics(method, one, None),
            None => Ok(None),
        },
        [one, other] => match (arguments::long(one), other) {
            (Some(one), Value::Int(by))
                if matches!(
                    method,
                    "rotateLeft" | "rotateRight" | "toString" | "toUnsignedString"
                ) =>
            {
                Ok(Some(match method {
                    "rotateLeft" => Value::Long(one.rotate_left(distance(*by, 64))),
                    "rotateRight" => Value::Long(one.rotate_right(distance(*by, 64))),
                    "toString" => Value::from(in_radix(i128::from(one), *by)),
                    _ => Value::from(in_radix(i128::from(one.cast_unsigned()), *by)),
                }))
            }
            (Some(one), other) => match arguments::long(other) {
                Some(other) => long_statics(method, one, Some(other)),
                None => Ok(None),
            },
            _ => Ok(None),
        },
        _ => Ok(None),
    }
}

/// What every `Number` has.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "as Java narrows"
)]
fn common(own: i64, method: &str, arguments: &[Value]) -> Result<Option<Value>, Failure> {
    if !arguments.is_empty() {
        return Ok(None);
    }
    Ok(Some(match method {
        "intValue" => Value::Int(own as i32),
        "longValue" => Value::Long(own),
        "doubleValue" => Value::Double(own as f64),
        "floatValue" => float(own as f32),
        "shortValue" => Value::Int(i32::from(own as i16)),
        "byteValue" => Value::Int(i32::from(own as i8)),
        _ => return Ok(None),
    }))
}

/// A `Float`, as the `Double` that prints like it.
pub(super) fn float(value: f32) -> Value {
    Value::Double(value.to_string().parse().unwrap_or_else(|_| f64::from(value)))
}

pub(super) fn not_comparable<T>(other: &Value) -> Result<T, Failure> {
    if matches!(other, Value::Null) {
        thrown::null_pointer()
    } else {
        thrown::class_cast()
    }
}

fn distance(by: i32, bits: i32) -> u32 {
    by.rem_euclid(bits).cast_unsigned()
}

/// `toString(number, radix)`; a radix that is none is 10.
pub(super) fn in_radix(value: i128, radix: i32) -> String {
    let radix = if (2..=36).contains(&radix) {
        radix.cast_unsigned()
    } else {
        10
    };
    let mut rest = value.unsigned_abs();
    let mut digits = Vec::new();
    loop {
        let digit = u32::try_from(rest % u128::from(radix)).unwrap_or(0);
        digits.push(char::from_digit(digit, radix).unwrap_or('0'));
        rest /= u128::from(radix);
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        digits.push('-');
    }
    digits.iter().rev().collect()
}

/// `parseInt(text)`, `parseInt(text, radix)` and `decode(text)`, before the range is looked at.
fn parse(method: &str, arguments: &[Value]) -> Result<Option<i128>, Failure> {
    let (text, radix) = match arguments {
        [Value::Null] if method == "decode" => return thrown::null_pointer(),
        [Value::Null] | [Value::Null, Value::Int(_)] => return thrown::number_format("null"),
        [Value::Text(text)] => (text, 10),
        [Value::Text(text), Value::Int(radix)] if method != "decode" => (text, *radix),
        _ => return Ok(None),
    };
    if method == "decode" {
        return decode(text).map(Some);
    }
    let Some(radix) = u32::try_from(radix).ok().filter(|radix| (2..=36).contains(radix)) else {
        return thrown::number_format(text);
    };
    if method.starts_with("parseUnsigned") {
        let digits = text.strip_prefix('+').unwrap_or(text);
        return match u64::from_str_radix(digits, radix) {
            Ok(value) if !digits.starts_with('+') => Ok(Some(i128::from(value))),
            _ => thrown::number_format(text),
        };
    }
    match number::parse_long(text, radix) {
        Some(value) => Ok(Some(i128::from(value))),
        None => thrown::number_format(text),
    }
}

/// `decode`: `0x`, `#` and a leading zero tell the radix.
fn decode(text: &str) -> Result<i128, Failure> {
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let hexadecimal = ["0x", "0X", "#"]
        .iter()
        .find_map(|prefix| rest.strip_prefix(prefix));
    let (digits, radix) = match hexadecimal {
        Some(digits) => (digits, 16),
        None if rest.len() > 1 && rest.starts_with('0') => (rest.get(1..).unwrap_or(""), 8),
        None => (rest, 10),
    };
    match u64::from_str_radix(digits, radix) {
        Ok(value) if !digits.starts_with('+') => {
            let value = i128::from(value);
            Ok(if negative { -value } else { value })
        }
        _ => thrown::number_format(text),
    }
}
