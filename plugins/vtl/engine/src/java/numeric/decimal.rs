//! `java.math.BigDecimal`, of which a template sees little: only a number that a double cannot hold becomes one.

use std::rc::Rc;

use num_bigint::{BigInt, Sign};

use crate::bounds::{Bounds, Exceeded, Failure};
use crate::java::{arguments, equality, integer, number, thrown};
use crate::value::Value;

/// Digits past which a number is not written out.
const DIGITS: usize = 20_000;

/// An integer and how many of its digits are behind the point.
struct Parts {
    unscaled: BigInt,
    scale: i64,
}

fn parts(text: &str) -> Option<Parts> {
    let (number, exponent) = match text.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, exponent.parse::<i64>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = [whole, fraction].concat();
    let scale = i64::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
    Some(Parts {
        unscaled: digits.parse().ok()?,
        scale,
    })
}

/// `BigDecimal.hashCode`.
pub(in crate::java) fn hash(text: &str) -> i32 {
    let Some(Parts { unscaled, scale }) = parts(text) else {
        return 0;
    };
    #[expect(clippy::cast_possible_truncation, reason = "a scale is an int")]
    let scale = scale as i32;
    match i64::try_from(&unscaled) {
        // A small number has another hash than a `BigInteger` in the sign only.
        Ok(value) => {
            let bits = value.unsigned_abs();
            let (high, low) = (
                u32::try_from(bits >> 32).unwrap_or(0),
                u32::try_from(bits & 0xffff_ffff).unwrap_or(0),
            );
            let code = high.wrapping_mul(31).wrapping_add(low).cast_signed();
            let signed = if value < 0 { code.wrapping_neg() } else { code };
            signed.wrapping_mul(31).wrapping_add(scale)
        }
        Err(_) => equality::hash_big(&unscaled).wrapping_mul(31).wrapping_add(scale),
    }
}

pub(super) fn call(
    own: &Rc<str>,
    method: &str,
    arguments: &[Value],
    bounds: &mut Bounds,
) -> Result<Option<Value>, Failure> {
    // Digits take time in proportion to the square of their number.
    bounds.steps(1 + own.len().saturating_mul(own.len() / 64))?;
    let double = || number::parse_double(own).unwrap_or(f64::NAN);
    #[expect(clippy::cast_possible_truncation, reason = "as Java narrows")]
    Ok(Some(match (method, arguments) {
        ("doubleValue", []) => Value::Double(double()),
        ("floatValue", []) => integer::float(double() as f32),
        ("toEngineeringString", []) if !own.contains(['E', 'e']) => Value::text(own),
        ("plus", []) => Value::Decimal(own.clone()),
        ("negate", []) => Value::Decimal(negated(own)),
        ("abs", []) => Value::Decimal(if own.starts_with('-') {
            negated(own)
        } else {
            own.clone()
        }),
        ("valueOf", [value]) => match arguments::long(value) {
            Some(value) => Value::Decimal(value.to_string().into()),
            None => match value {
                Value::Double(value) if value.is_finite() => {
                    let mut out = String::new();
                    number::write_double(*value, &mut out);
                    Value::Decimal(out.into())
                }
                _ => return Ok(None),
            },
        },
        (_, []) => return plain(own, method),
        _ => return Ok(None),
    }))
}

fn negated(text: &Rc<str>) -> Rc<str> {
    match text.strip_prefix('-') {
        Some(rest) => Rc::from(rest),
        None if text.chars().all(|c| matches!(c, '0' | '.')) => text.clone(),
        None => ["-", &**text].concat().into(),
    }
}

fn plain(own: &Rc<str>, method: &str) -> Result<Option<Value>, Failure> {
    let Some(Parts { unscaled, scale }) = parts(own) else {
        return Ok(None);
    };
    let narrow = |bits: u32| -> Result<i64, Failure> {
        let whole = whole(&unscaled, scale)?;
        let digit = (&whole & BigInt::from(u64::MAX))
            .iter_u64_digits()
            .next()
            .unwrap_or(0)
            .cast_signed();
        Ok(digit << (64 - bits) >> (64 - bits))
    };
    let int = |value: i64| Value::Int(i32::try_from(value).unwrap_or(0));
    Ok(Some(match method {
        "intValue" => int(narrow(32)?),
        "shortValue" => int(narrow(16)?),
        "byteValue" => int(narrow(8)?),
        "longValue" => Value::Long(narrow(64)?),
        "toBigInteger" => Value::Big(whole(&unscaled, scale)?.into()),
        "intValueExact" | "longValueExact" | "shortValueExact" | "byteValueExact" | "toBigIntegerExact" => {
            return thrown::arithmetic("Rounding necessary");
        }
        "unscaledValue" => Value::Big(unscaled.into()),
        "scale" => int(scale),
        "precision" => int(i64::try_from(unscaled.magnitude().to_string().len()).unwrap_or(0)),
        "signum" => Value::Int(match unscaled.sign() {
            Sign::Minus => -1,
            Sign::NoSign => 0,
            Sign::Plus => 1,
        }),
        "toPlainString" => Value::from(written_out(&unscaled, scale)?),
        _ => return Ok(None),
    }))
}

fn whole(unscaled: &BigInt, scale: i64) -> Result<BigInt, Failure> {
    let text = written_out(unscaled, scale)?;
    let whole = text.split('.').next().unwrap_or("0");
    Ok(whole.parse().unwrap_or_default())
}

/// `toPlainString`.
fn written_out(unscaled: &BigInt, scale: i64) -> Result<String, Failure> {
    let Some(places) = usize::try_from(scale.unsigned_abs())
        .ok()
        .filter(|places| *places <= DIGITS)
    else {
        return Err(Failure::Limit(Exceeded::String));
    };
    let sign = if unscaled.sign() == Sign::Minus { "-" } else { "" };
    let mut digits = unscaled.magnitude().to_string();
    if scale <= 0 {
        if unscaled.sign() != Sign::NoSign {
            digits.extend(std::iter::repeat_n('0', places));
        }
        return Ok([sign, &digits].concat());
    }
    if digits.len() <= places {
        digits.insert_str(0, &"0".repeat(places + 1 - digits.len()));
    }
    let (whole, fraction) = digits
        .split_at_checked(digits.len() - places)
        .unwrap_or((&digits, ""));
    Ok([sign, whole, ".", fraction].concat())
}
