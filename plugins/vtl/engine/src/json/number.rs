//! A document's numbers: `Integer`, `Long`, `BigInteger`, `Double` or `BigDecimal` by length and size.

use std::rc::Rc;

use num_bigint::BigInt;

use super::Error;
use super::decimal::Decimal;
use crate::bounds::{Bounds, Exceeded};
use crate::value::Value;

/// Digits of the greatest `long`: longer literals are `BigInteger`s even where zeros lead them.
const LONG_DIGITS: usize = 19;
/// As many digits always make an `int`.
const SMALL: usize = 9;
/// A longer literal with a fraction or exponent keeps its precision, as a `BigDecimal`.
const DOUBLE_LENGTH: usize = 18;

/// A literal of a few digits, as most are.
#[inline]
pub(super) fn small(text: &str) -> Option<i32> {
    if text.len() > SMALL {
        return None;
    }
    text.bytes().try_fold(0, |value, byte| {
        let digit = byte.is_ascii_digit().then(|| i32::from(byte - b'0'))?;
        Some(value * 10 + digit)
    })
}

/// A literal of an optional `-` and digits; a lone `-` is 0.
pub(super) fn integer(text: &str, bounds: &mut Bounds) -> Result<Value, Error> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() {
        return Ok(Value::Int(0));
    }
    if digits.len() <= LONG_DIGITS
        && let Ok(long) = text.parse::<i64>()
    {
        return Ok(i32::try_from(long).map_or(Value::Long(long), Value::Int));
    }
    // Reading takes time in the square of the length.
    bounds.steps(digits.len().saturating_mul(digits.len()) / 4096)?;
    match BigInt::parse_bytes(text.as_bytes(), 10) {
        Some(big) => Ok(Value::Big(Rc::new(big))),
        None => Err(Error::Limit(Exceeded::String)),
    }
}

/// A literal with a fraction or an exponent, at byte `at` of the document.
pub(super) fn float(text: &str, at: usize) -> Result<Value, Error> {
    if text.len() <= DOUBLE_LENGTH {
        return text
            .parse::<f64>()
            .map(Value::Double)
            .map_err(|_| Error::Number(at));
    }
    match Decimal::parse(text) {
        Some(decimal) => Ok(Value::Decimal(Rc::from(decimal.to_text()))),
        None => Err(Error::Number(at)),
    }
}
