//! `java.math.BigInteger`.

use std::rc::Rc;

use num_bigint::{BigInt, Sign};

use crate::bounds::{Bounds, Exceeded, Failure};
use crate::java::{arguments, integer, number, thrown};
use crate::value::Value;

/// Bits past which no number is made here.
const BITS: u64 = 1 << 16;

pub(super) fn call(
    own: &Rc<BigInt>,
    method: &str,
    arguments: &[Value],
    bounds: &mut Bounds,
) -> Result<Option<Value>, Failure> {
    let words = usize::try_from(own.bits() / 64).unwrap_or(usize::MAX);
    bounds.steps(1 + words.saturating_mul(words))?;
    match arguments {
        [] => Ok(plain(own, method)?),
        [Value::Null] if OF_BIG.contains(&method) => thrown::null_pointer(),
        [Value::Big(other)] => with_big(own, method, other, bounds),
        [Value::Int(other)] => with_int(own, method, *other),
        [other] if method == "valueOf" => Ok(arguments::long(other).map(|value| big(BigInt::from(value)))),
        _ => Ok(None),
    }
}

/// The methods that take another one.
const OF_BIG: [&str; 11] = [
    "and",
    "andNot",
    "divide",
    "divideAndRemainder",
    "gcd",
    "mod",
    "modInverse",
    "or",
    "remainder",
    "xor",
    "modPow",
];

fn big(value: BigInt) -> Value {
    Value::Big(Rc::new(value))
}

fn plain(own: &Rc<BigInt>, method: &str) -> Result<Option<Value>, Failure> {
    let narrow = || own.iter_u64_digits().next().unwrap_or(0);
    let low = || {
        let low = narrow().cast_signed();
        if own.sign() == Sign::Minus {
            low.wrapping_neg()
        } else {
            low
        }
    };
    #[expect(clippy::cast_possible_truncation, reason = "as Java narrows")]
    Ok(Some(match method {
        "intValue" => Value::Int(low() as i32),
        "longValue" => Value::Long(low()),
        "shortValue" => Value::Int(i32::from(low() as i16)),
        "byteValue" => Value::Int(i32::from(low() as i8)),
        "doubleValue" => Value::Double(double(own)),
        "floatValue" => integer::float(double(own) as f32),
        "intValueExact" | "shortValueExact" | "byteValueExact" | "longValueExact" => {
            return exact(own, method).map(Some);
        }
        "abs" => big(BigInt::from(own.magnitude().clone())),
        "negate" => big(-(**own).clone()),
        "not" => big(-(**own).clone() - 1),
        "signum" => Value::Int(match own.sign() {
            Sign::Minus => -1,
            Sign::NoSign => 0,
            Sign::Plus => 1,
        }),
        "sqrt" if own.sign() == Sign::Minus => return thrown::arithmetic("Negative BigInteger"),
        "sqrt" => big(own.sqrt()),
        "bitLength" => {
            let bits = if own.sign() == Sign::Minus {
                (&**own + BigInt::from(1)).bits()
            } else {
                own.bits()
            };
            Value::Int(i32::try_from(bits).unwrap_or(i32::MAX))
        }
        "getLowestSetBit" => Value::Int(
            own.trailing_zeros()
                .map_or(-1, |zeros| i32::try_from(zeros).unwrap_or(i32::MAX)),
        ),
        _ => return Ok(None),
    }))
}

/// The nearest double, from the decimal text, which rounds as Java does.
pub(super) fn double(own: &BigInt) -> f64 {
    number::parse_double(&own.to_string()).unwrap_or(f64::NAN)
}

fn exact(own: &BigInt, method: &str) -> Result<Value, Failure> {
    let value = i64::try_from(own).ok().and_then(|value| match method {
        "longValueExact" => Some(Value::Long(value)),
        "intValueExact" => i32::try_from(value).ok().map(Value::Int),
        "shortValueExact" => i16::try_from(value).ok().map(|value| Value::Int(value.into())),
        _ => i8::try_from(value).ok().map(|value| Value::Int(value.into())),
    });
    match value {
        Some(value) => Ok(value),
        None => thrown::arithmetic("BigInteger out of range"),
    }
}

fn with_big(
    own: &Rc<BigInt>,
    method: &str,
    other: &Rc<BigInt>,
    bounds: &mut Bounds,
) -> Result<Option<Value>, Failure> {
    let words = |value: &BigInt| usize::try_from(value.bits() / 64).unwrap_or(usize::MAX) + 1;
    bounds.steps(words(own).saturating_mul(words(other)))?;
    let zero = other.sign() == Sign::NoSign;
    Ok(Some(match method {
        "divide" | "remainder" if zero => return thrown::arithmetic("BigInteger divide by zero"),
        "mod" if other.sign() != Sign::Plus => return thrown::arithmetic("BigInteger: modulus not positive"),
        "divide" => big(&**own / &**other),
        "remainder" => big(&**own % &**other),
        "mod" => {
            let rest = &**own % &**other;
            big(if rest.sign() == Sign::Minus {
                rest + &**other
            } else {
                rest
            })
        }
        "and" => big(&**own & &**other),
        "or" => big(&**own | &**other),
        "xor" => big(&**own ^ &**other),
        "andNot" => big(&**own & (-(**other).clone() - 1)),
        "gcd" => {
            let (mut left, mut right) = (own.magnitude().clone(), other.magnitude().clone());
            while right.bits() > 0 {
                bounds.steps(words(own))?;
                (left, right) = (right.clone(), left % right);
            }
            big(BigInt::from(left))
        }
        _ => return Ok(None),
    }))
}

fn with_int(own: &Rc<BigInt>, method: &str, other: i32) -> Result<Option<Value>, Failure> {
    let count = other.unsigned_abs();
    Ok(Some(match method {
        "valueOf" => big(BigInt::from(other)),
        "pow" | "testBit" | "setBit" | "clearBit" | "flipBit" if other < 0 => {
            return thrown::arithmetic("Negative exponent or bit");
        }
        "pow" => {
            if own.bits().saturating_mul(u64::from(count)) > BITS {
                return Err(Failure::Limit(Exceeded::String));
            }
            big(own.pow(count))
        }
        "testBit" => Value::Bool(own.bit(u64::from(count))),
        "setBit" | "clearBit" | "flipBit" => {
            if u64::from(count) > BITS {
                return Err(Failure::Limit(Exceeded::String));
            }
            let mut value = (**own).clone();
            let set = match method {
                "setBit" => true,
                "clearBit" => false,
                _ => !value.bit(u64::from(count)),
            };
            value.set_bit(u64::from(count), set);
            big(value)
        }
        "shiftLeft" | "shiftRight" => {
            if (method == "shiftLeft") == (other > 0) {
                if own.bits().saturating_add(u64::from(count)) > BITS {
                    return Err(Failure::Limit(Exceeded::String));
                }
                big(&**own << count)
            } else {
                big(&**own >> count)
            }
        }
        "toString" => {
            let radix = if (2..=36).contains(&count) && other > 0 {
                count
            } else {
                10
            };
            Value::from(own.to_str_radix(radix))
        }
        _ => return Ok(None),
    }))
}
