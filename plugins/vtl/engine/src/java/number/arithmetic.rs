//! What Velocity 1.7's `+ - * / %` yield.
//!
//! Integers are reckoned as longs and keep the wider of the two types, one wider where the result does not fit; a
//! BigInteger never narrows back. Beside a double everything is one, beside a BigDecimal too.

use std::rc::Rc;

use num_bigint::{BigInt, Sign};

use super::decimal::Decimal;
use crate::bounds::{Bounds, Failure};
use crate::value::Value;

/// `left + right`; strings join with anything but null.
///
/// # Errors
///
/// A limit.
pub fn add(left: &Value, right: &Value, bounds: &mut Bounds) -> Result<Option<Value>, Failure> {
    if let (Value::Int(left), Value::Int(right)) = (left, right)
        && let Some(sum) = left.checked_add(*right)
    {
        return Ok(Some(Value::Int(sum)));
    }
    if matches!(left, Value::Text(_)) || matches!(right, Value::Text(_)) {
        return join(left, right, bounds);
    }
    super::weigh(left, right, bounds)?;
    Ok(match Operands::of(left, right)? {
        None => None,
        Some(Operands::Long(a, b, wide)) => Some(match a.checked_add(b) {
            Some(sum) => wrap(sum, wide),
            None => big(BigInt::from(a) + b),
        }),
        Some(Operands::Big(a, b)) => Some(sized(a + b, bounds)?),
        Some(Operands::Double(a, b)) => Some(Value::Double(a + b)),
        Some(Operands::Decimal(a, b)) => Some(decimal(&a.add(&b, bounds)?, bounds)?),
    })
}

/// `left - right`
///
/// # Errors
///
/// A limit.
pub fn subtract(left: &Value, right: &Value, bounds: &mut Bounds) -> Result<Option<Value>, Failure> {
    super::weigh(left, right, bounds)?;
    Ok(match Operands::of(left, right)? {
        None => None,
        Some(Operands::Long(a, b, wide)) => Some(match a.checked_sub(b) {
            Some(difference) => wrap(difference, wide),
            None => big(BigInt::from(a) - b),
        }),
        Some(Operands::Big(a, b)) => Some(sized(a - b, bounds)?),
        Some(Operands::Double(a, b)) => Some(Value::Double(a - b)),
        Some(Operands::Decimal(a, b)) => Some(decimal(&a.subtract(&b, bounds)?, bounds)?),
    })
}

/// `left * right`
///
/// # Errors
///
/// A limit.
pub fn multiply(left: &Value, right: &Value, bounds: &mut Bounds) -> Result<Option<Value>, Failure> {
    super::weigh(left, right, bounds)?;
    Ok(match Operands::of(left, right)? {
        None => None,
        // Velocity finds an overflow by dividing back, which misses this one.
        Some(Operands::Long(i64::MIN, -1, _)) => Some(Value::Long(i64::MIN)),
        Some(Operands::Long(a, b, wide)) => Some(match a.checked_mul(b) {
            Some(product) => wrap(product, wide),
            None => big(BigInt::from(a) * b),
        }),
        Some(Operands::Big(a, b)) => Some(sized(product(&a, &b, bounds)?, bounds)?),
        Some(Operands::Double(a, b)) => Some(Value::Double(a * b)),
        Some(Operands::Decimal(a, b)) => Some(decimal(&a.multiply(&b, bounds)?, bounds)?),
    })
}

/// `left / right`; a division by zero yields nothing, of doubles too.
///
/// # Errors
///
/// A limit.
pub fn divide(left: &Value, right: &Value, bounds: &mut Bounds) -> Result<Option<Value>, Failure> {
    super::weigh(left, right, bounds)?;
    if is_zero(right) {
        return Ok(None);
    }
    Ok(match Operands::of(left, right)? {
        None => None,
        Some(Operands::Long(a, b, wide)) => Some(wrap(a.wrapping_div(b), wide)),
        Some(Operands::Big(a, b)) => {
            charge(&a, &b, bounds)?;
            Some(sized(a / b, bounds)?)
        }
        Some(Operands::Double(a, b)) => Some(Value::Double(a / b)),
        Some(Operands::Decimal(a, b)) => Some(decimal(&a.divide(&b, bounds)?, bounds)?),
    })
}

/// `left % right`; a remainder by zero yields nothing.
///
/// # Errors
///
/// A limit, and what Java throws: for a negative BigInteger on the right, and for BigDecimals.
pub fn modulo(left: &Value, right: &Value, bounds: &mut Bounds) -> Result<Option<Value>, Failure> {
    super::weigh(left, right, bounds)?;
    if is_zero(right) {
        return Ok(None);
    }
    Ok(match Operands::of(left, right)? {
        None => None,
        Some(Operands::Long(a, b, wide)) => Some(wrap(a.wrapping_rem(b), wide)),
        Some(Operands::Big(_, b)) if b.sign() == Sign::Minus => {
            return Err(Failure::Thrown("BigInteger: modulus not positive".to_owned()));
        }
        Some(Operands::Big(a, b)) => {
            charge(&a, &b, bounds)?;
            let rest = &a % &b;
            Some(big(if rest.sign() == Sign::Minus {
                rest + b
            } else {
                rest
            }))
        }
        Some(Operands::Double(a, b)) => Some(Value::Double(a % b)),
        Some(Operands::Decimal(..)) => {
            return Err(Failure::Thrown(
                "Cannot calculate the modulo of BigDecimals.".to_owned(),
            ));
        }
    })
}

/// Two numbers at the type in which they are reckoned.
pub(super) enum Operands {
    /// With whether one of them is a Long.
    Long(i64, i64, bool),
    Big(BigInt, BigInt),
    Double(f64, f64),
    Decimal(Decimal, Decimal),
}

impl Operands {
    /// `None` where either is not a number.
    pub(super) fn of(left: &Value, right: &Value) -> Result<Option<Self>, Failure> {
        Ok(Some(match (left, right) {
            (Value::Int(a), Value::Int(b)) => Self::Long((*a).into(), (*b).into(), false),
            (Value::Double(a), Value::Double(b)) => Self::Double(*a, *b),
            _ if !is_number(left) || !is_number(right) => return Ok(None),
            _ => match (long(left), long(right)) {
                (Some(a), Some(b)) => Self::Long(a, b, true),
                _ => Self::wide(left, right)?,
            },
        }))
    }

    fn wide(left: &Value, right: &Value) -> Result<Self, Failure> {
        if let (Some(a), Some(b)) = (integer(left), integer(right)) {
            return Ok(Self::Big(a, b));
        }
        let exact = |value: &Value| matches!(value, Value::Big(_) | Value::Decimal(_));
        if exact(left) || exact(right) {
            return Ok(Self::Decimal(to_decimal(left)?, to_decimal(right)?));
        }
        Ok(Self::Double(to_double(left), to_double(right)))
    }
}

fn is_number(value: &Value) -> bool {
    matches!(
        value,
        Value::Int(_) | Value::Long(_) | Value::Big(_) | Value::Double(_) | Value::Decimal(_)
    )
}

fn long(value: &Value) -> Option<i64> {
    match value {
        Value::Int(value) => Some((*value).into()),
        Value::Long(value) => Some(*value),
        _ => None,
    }
}

fn integer(value: &Value) -> Option<BigInt> {
    match value {
        Value::Big(value) => Some((**value).clone()),
        _ => long(value).map(BigInt::from),
    }
}

/// `doubleValue()` of an Integer, Long or Double.
fn to_double(value: &Value) -> f64 {
    match value {
        Value::Int(value) => (*value).into(),
        #[expect(clippy::cast_precision_loss, reason = "as Java's conversion")]
        Value::Long(value) => *value as f64,
        Value::Double(value) => *value,
        _ => 0.0,
    }
}

/// By way of a double for everything but the exact types, as Velocity has it.
fn to_decimal(value: &Value) -> Result<Decimal, Failure> {
    let found = match value {
        Value::Decimal(text) => Decimal::parse(text),
        Value::Big(value) => Some(Decimal::from_big((**value).clone())),
        _ => Decimal::from_double(to_double(value)),
    };
    found.ok_or_else(|| Failure::Thrown("Infinite or NaN".to_owned()))
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Int(value) => *value == 0,
        Value::Long(value) => *value == 0,
        Value::Big(value) => value.sign() == Sign::NoSign,
        Value::Double(value) => *value == 0.0,
        Value::Decimal(text) => Decimal::parse(text).is_some_and(|value| value.is_zero()),
        _ => false,
    }
}

fn wrap(value: i64, wide: bool) -> Value {
    match i32::try_from(value) {
        Ok(narrow) if !wide => Value::Int(narrow),
        _ => Value::Long(value),
    }
}

fn big(value: BigInt) -> Value {
    Value::Big(Rc::new(value))
}

fn sized(value: BigInt, bounds: &mut Bounds) -> Result<Value, Failure> {
    bounds.string(usize::try_from(value.bits() / 8).unwrap_or(usize::MAX))?;
    Ok(big(value))
}

fn decimal(value: &Decimal, bounds: &mut Bounds) -> Result<Value, Failure> {
    Ok(Value::Decimal(value.to_text(bounds)?.into()))
}

/// Takes the steps of a multiplication or division of two numbers, which cost the product of their lengths.
pub(super) fn charge(left: &BigInt, right: &BigInt, bounds: &mut Bounds) -> Result<(), Failure> {
    let words = |value: &BigInt| usize::try_from(value.bits() / 64 + 1).unwrap_or(usize::MAX);
    bounds.steps(words(left).saturating_mul(words(right)) / 8)?;
    Ok(())
}

pub(super) fn product(left: &BigInt, right: &BigInt, bounds: &mut Bounds) -> Result<BigInt, Failure> {
    charge(left, right, bounds)?;
    Ok(left * right)
}

/// The text of both; Velocity puts the source of a null reference here, which only the caller knows.
fn join(left: &Value, right: &Value, bounds: &mut Bounds) -> Result<Option<Value>, Failure> {
    if matches!(left, Value::Null) || matches!(right, Value::Null) {
        return Ok(None);
    }
    let mut joined = String::new();
    for value in [left, right] {
        match value {
            Value::Text(text) => joined.push_str(text),
            _ => crate::java::write_text(value, &mut joined, bounds)?,
        }
        bounds.string(joined.len())?;
    }
    Ok(Some(Value::from(joined)))
}
