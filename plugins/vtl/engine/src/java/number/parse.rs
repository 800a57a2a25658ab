/// `Integer.parseInt(text, radix)`; `None` where Java throws.
#[must_use]
pub fn parse_integer(text: &str, radix: u32) -> Option<i32> {
    parse_long(text, radix).and_then(|value| i32::try_from(value).ok())
}

/// `Long.parseLong(text, radix)`; `None` where Java throws.
#[must_use]
pub fn parse_long(text: &str, radix: u32) -> Option<i64> {
    if !(2..=36).contains(&radix) {
        return None;
    }
    i64::from_str_radix(text, radix).ok()
}

/// `Double.parseDouble`: blanks around, a sign, digits, an exponent and a suffix, or a hexadecimal number; `None`
/// where Java throws.
#[must_use]
pub fn parse_double(text: &str) -> Option<f64> {
    let text = text.trim_matches(|c: char| c <= ' ');
    let (negative, magnitude) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let value = match magnitude {
        "NaN" => f64::NAN,
        "Infinity" => f64::INFINITY,
        _ => parse_magnitude(magnitude)?,
    };
    Some(if negative { -value } else { value })
}

fn parse_magnitude(text: &str) -> Option<f64> {
    let number = text.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(text);
    if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return parse_hexadecimal(
            hex.strip_suffix(['d', 'D', 'f', 'F'])
                .filter(|rest| has_exponent(rest))
                .unwrap_or(hex),
        );
    }
    // Rust takes names and a sign here too; what is left of them must be a digit or a point.
    let plain = number
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'));
    let starts = number.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    if plain && starts {
        number.parse().ok()
    } else {
        None
    }
}

fn has_exponent(text: &str) -> bool {
    text.contains(['p', 'P'])
}

/// `h.hhh` followed by `p` and a binary exponent, which is not optional.
fn parse_hexadecimal(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.split_once(['p', 'P'])?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut exponent: i64 = digits.parse().unwrap_or(i64::from(i32::MAX)).min(1 << 32)
        * if exponent.starts_with('-') { -1 } else { 1 };
    let mut value: u128 = 0;
    let places = whole
        .chars()
        .map(|c| (c, false))
        .chain(fraction.chars().map(|c| (c, true)));
    for (digit, behind) in places {
        let digit = u128::from(digit.to_digit(16)?);
        if value >> 120 == 0 {
            value = value << 4 | digit;
            exponent -= if behind { 4 } else { 0 };
        } else {
            // Only whether anything follows matters any more.
            value |= u128::from(digit != 0);
            exponent += if behind { 0 } else { 4 };
        }
    }
    Some(scale(value, exponent))
}

/// `value · 2^exponent`, rounded once to the nearest even.
fn scale(value: u128, exponent: i64) -> f64 {
    if value == 0 {
        return 0.0;
    }
    let top = 127 - i64::from(value.leading_zeros()) + exponent;
    if top > 1023 {
        return f64::INFINITY;
    }
    // The place of the last bit that is kept.
    let last = (top - 52).max(-1074);
    let drop = last - exponent;
    let kept = match u32::try_from(drop) {
        Ok(drop) if drop > 127 => 0,
        Ok(0) => value,
        Ok(drop) => {
            let (kept, rest, half) = (value >> drop, value & ((1 << drop) - 1), 1_u128 << (drop - 1));
            kept + u128::from(rest > half || rest == half && kept % 2 == 1)
        }
        Err(_) => value << u32::try_from(-drop).unwrap_or_default().min(127),
    };
    #[expect(clippy::cast_precision_loss, reason = "it has at most 53 bits and a carry")]
    let kept = kept as f64;
    // Two steps, since 2^-1074 alone is exact but 2^-1075 is not.
    let (first, second) = (last / 2, last - last / 2);
    kept * power_of_two(first) * power_of_two(second)
}

fn power_of_two(exponent: i64) -> f64 {
    f64::from_bits(u64::try_from(exponent + 1023).unwrap_or_default() << 52)
}
