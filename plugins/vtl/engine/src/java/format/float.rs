use super::specifier::{Flags, Specifier};
use crate::bounds::{Bounds, Failure};
use crate::java::number::{Digits, decimal_digits, round_up};
use crate::value::Value;

/// `%e`, `%f` and `%g`, which Java rounds half up from the digits that it would print.
pub(super) fn format(specifier: &Specifier, value: &Value, bounds: &mut Bounds) -> Result<String, Failure> {
    let (number, negative) = match value {
        Value::Double(value) if !value.is_finite() => return not_finite(*value, specifier, bounds),
        Value::Double(value) if *value == 0.0 => (zero(), value.is_sign_negative()),
        Value::Double(value) => (Digits::new(value.abs(), false), value.is_sign_negative()),
        Value::Decimal(text) => decimal_digits(text).unwrap_or_else(|| (zero(), false)),
        _ => return Err(specifier.mismatch(value)),
    };
    let precision = specifier.precision.unwrap_or(6);
    let whole = usize::try_from(number.exponent.max(0)).unwrap_or(usize::MAX);
    bounds.string(precision.saturating_add(if specifier.conversion == 'f' { whole } else { 0 }))?;
    let mut magnitude = match specifier.conversion {
        'f' => fixed(number, precision),
        'e' | 'E' => scientific(number, precision),
        _ => general(number, precision.max(1)),
    };
    if specifier.flags.contains(Flags::ALTERNATE) && precision == 0 {
        let place = magnitude.find('e').unwrap_or(magnitude.len());
        magnitude.insert(place, '.');
    }
    super::signed(&magnitude, negative, specifier, bounds)
}

fn zero() -> Digits {
    Digits {
        digits: vec![0],
        exponent: 1,
    }
}

/// Zeros before it would say nothing.
fn not_finite(value: f64, specifier: &Specifier, bounds: &mut Bounds) -> Result<String, Failure> {
    if value.is_nan() {
        return Ok("NaN".to_owned());
    }
    let plain = Specifier {
        width: None,
        ..specifier.clone()
    };
    super::signed("Infinity", value < 0.0, &plain, bounds)
}

/// Keeps `count` digits; fewer than none leaves nothing.
fn rounded(mut number: Digits, count: i64) -> Digits {
    let Ok(count) = usize::try_from(count) else {
        return zero();
    };
    let Some(next) = number.digits.get(count).copied() else {
        return number;
    };
    number.digits.truncate(count);
    if next >= 5 {
        if count == 0 {
            return Digits {
                digits: vec![1],
                exponent: number.exponent + 1,
            };
        }
        if round_up(&mut number.digits) {
            number.exponent += 1;
        }
    } else if count == 0 {
        return zero();
    }
    number
}

fn fixed(number: Digits, precision: usize) -> String {
    let count = number
        .exponent
        .saturating_add(i64::try_from(precision).unwrap_or(i64::MAX));
    plain(&rounded(number, count), precision)
}

fn plain(number: &Digits, precision: usize) -> String {
    let mut digits = number.digits.iter().map(|digit| char::from(b'0' + digit));
    let mut out = String::new();
    if number.exponent <= 0 {
        out.push('0');
    }
    for _ in 0..number.exponent {
        out.push(digits.next().unwrap_or('0'));
    }
    if precision > 0 {
        out.push('.');
    }
    let zeros = usize::try_from(-number.exponent).unwrap_or(0).min(precision);
    out.extend(std::iter::repeat_n('0', zeros));
    for _ in zeros..precision {
        out.push(digits.next().unwrap_or('0'));
    }
    out
}

fn scientific(number: Digits, precision: usize) -> String {
    let count = i64::try_from(precision).unwrap_or(i64::MAX).saturating_add(1);
    let number = rounded(number, count);
    let exponent = number.exponent - 1;
    let sign = if exponent < 0 { '-' } else { '+' };
    let mantissa = plain(
        &Digits {
            exponent: 1,
            ..number
        },
        precision,
    );
    format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs())
}

/// `precision` digits in all, as a plain number from 10^-4 up to 10^precision.
fn general(number: Digits, precision: usize) -> String {
    let count = i64::try_from(precision).unwrap_or(i64::MAX);
    let number = rounded(number, count);
    if number.exponent - 1 < -4 || number.exponent > count {
        return scientific(number, precision - 1);
    }
    let places = usize::try_from(count - number.exponent).unwrap_or(0);
    plain(&number, places)
}
