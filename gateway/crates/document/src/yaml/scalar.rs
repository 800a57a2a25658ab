//! What a scalar means in YAML 1.2's core schema.

use serde_json::Number;

use crate::node::Value;

/// A plain scalar's value; `None` for a number that JSON cannot hold (`.inf`, `.nan`).
pub(super) fn resolve(text: &str) -> Option<Value> {
    Some(match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ if is_infinite_or_nan(text) => return None,
        _ => match number(text)? {
            Some(number) => Value::Number(number),
            None => Value::String(text.to_owned()),
        },
    })
}

fn is_infinite_or_nan(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN")
}

/// `None` where the text is a number that is too large, `Some(None)` where it is none.
fn number(text: &str) -> Option<Option<Number>> {
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8);
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16);
    }
    if !looks_like_decimal(text) {
        return Some(None);
    }
    let plain = text.strip_prefix('+').unwrap_or(text);
    if let Ok(whole) = plain.parse::<i64>() {
        // JSON writes minus zero as a float.
        return Some(Some(Number::from(whole)));
    }
    if let Ok(whole) = plain.parse::<u64>() {
        return Some(Some(Number::from(whole)));
    }
    plain.parse::<f64>().ok().and_then(Number::from_f64).map(Some)
}

fn radix(digits: &str, radix: u32) -> Option<Option<Number>> {
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return Some(None);
    }
    u64::from_str_radix(digits, radix)
        .ok()
        .map(|whole| Some(Number::from(whole)))
}

/// `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
fn looks_like_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let exponent_fits = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty()) && exponent_fits
}
