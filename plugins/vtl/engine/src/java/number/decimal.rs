//! `java.math.BigDecimal`, as much of it as arithmetic in a template can reach.

use std::cmp::Ordering;

use num_bigint::{BigInt, Sign};

use crate::bounds::{Bounds, Exceeded, Failure};

/// `unscaled · 10^-scale`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decimal {
    unscaled: BigInt,
    scale: i64,
}

impl Decimal {
    pub(super) fn from_big(value: BigInt) -> Self {
        Self {
            unscaled: value,
            scale: 0,
        }
    }

    /// The exact value of a double; `None` for an infinite one or none at all.
    pub(super) fn from_double(value: f64) -> Option<Self> {
        if !value.is_finite() {
            return None;
        }
        let bits = value.to_bits();
        let biased = i64::try_from(bits >> 52 & 0x7ff).ok()?;
        let fraction = bits & ((1 << 52) - 1);
        let mut mantissa = if biased == 0 {
            fraction << 1
        } else {
            fraction | 1 << 52
        };
        if mantissa == 0 {
            return Some(Self::from_big(BigInt::from(0)));
        }
        let zeros = mantissa.trailing_zeros();
        mantissa >>= zeros;
        let exponent = biased - 1075 + i64::from(zeros);
        let signed = if value < 0.0 {
            -BigInt::from(mantissa)
        } else {
            BigInt::from(mantissa)
        };
        Some(match u32::try_from(-exponent) {
            Ok(scale) => Self {
                unscaled: signed * BigInt::from(5).pow(scale),
                scale: i64::from(scale),
            },
            Err(_) => Self::from_big(signed << u64::try_from(exponent).ok()?),
        })
    }

    /// Reads what `BigDecimal(String)` reads.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (number, exponent) = match text.split_once(['e', 'E']) {
            Some((number, exponent)) => (number, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let mut digits = String::with_capacity(number.len());
        digits.push_str(whole.strip_prefix('+').unwrap_or(whole));
        digits.push_str(fraction);
        let scale = i64::try_from(fraction.len()).ok()? - i64::from(exponent);
        Some(Self {
            unscaled: digits.parse().ok()?,
            scale,
        })
    }

    pub(super) fn is_zero(&self) -> bool {
        self.unscaled.sign() == Sign::NoSign
    }

    pub(super) fn add(&self, other: &Self, bounds: &mut Bounds) -> Result<Self, Failure> {
        let (left, right, scale) = self.aligned(other, bounds)?;
        Ok(Self {
            unscaled: left + right,
            scale,
        })
    }

    pub(super) fn subtract(&self, other: &Self, bounds: &mut Bounds) -> Result<Self, Failure> {
        let (left, right, scale) = self.aligned(other, bounds)?;
        Ok(Self {
            unscaled: left - right,
            scale,
        })
    }

    pub(super) fn multiply(&self, other: &Self, bounds: &mut Bounds) -> Result<Self, Failure> {
        let unscaled = super::arithmetic::product(&self.unscaled, &other.unscaled, bounds)?;
        Ok(Self {
            unscaled,
            scale: self.scale + other.scale,
        })
    }

    /// `divide(other, ROUND_HALF_DOWN)`: the quotient keeps the scale of `self`; `other` is not zero.
    pub(super) fn divide(&self, other: &Self, bounds: &mut Bounds) -> Result<Self, Failure> {
        let grown =
            |value: &BigInt, by: i64, bounds: &mut Bounds| Ok::<_, Failure>(value * ten_to(by, bounds)?);
        let left = grown(&self.unscaled, other.scale.max(0), bounds)?;
        let right = grown(&other.unscaled, (-other.scale).max(0), bounds)?;
        super::arithmetic::charge(&left, &right, bounds)?;
        let (mut quotient, rest) = (&left / &right, &left % &right);
        let twice = BigInt::from(rest.magnitude() * 2_u8);
        if twice.magnitude() > right.magnitude() {
            quotient += if left.sign() == right.sign() { 1 } else { -1 };
        }
        Ok(Self {
            unscaled: quotient,
            scale: self.scale,
        })
    }

    /// Both at the greater scale.
    fn aligned(&self, other: &Self, bounds: &mut Bounds) -> Result<(BigInt, BigInt, i64), Failure> {
        let scale = self.scale.max(other.scale);
        let left = &self.unscaled * ten_to(scale - self.scale, bounds)?;
        let right = &other.unscaled * ten_to(scale - other.scale, bounds)?;
        Ok((left, right, scale))
    }

    /// `compareTo`, which takes 1.0 and 1.00 for the same.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        let signs = |number: &Self| match number.unscaled.sign() {
            Sign::Minus => -1,
            Sign::NoSign => 0,
            Sign::Plus => 1,
        };
        let sign = signs(self);
        if sign != signs(other) || sign == 0 {
            return sign.cmp(&signs(other));
        }
        let order = self.compare_magnitude(other);
        if sign < 0 { order.reverse() } else { order }
    }

    /// By the place of the first digit, then digit by digit: no power of ten is made, however far the scales lie apart.
    fn compare_magnitude(&self, other: &Self) -> Ordering {
        let (left, right) = (
            self.unscaled.magnitude().to_string(),
            other.unscaled.magnitude().to_string(),
        );
        let place = |digits: &str, scale: i64| {
            i64::try_from(digits.len())
                .unwrap_or(i64::MAX)
                .saturating_sub(scale)
        };
        let trimmed = |digits: &str| digits.trim_end_matches('0').to_owned();
        place(&left, self.scale)
            .cmp(&place(&right, other.scale))
            .then_with(|| trimmed(&left).cmp(&trimmed(&right)))
    }

    /// `BigDecimal.toString`
    pub(super) fn to_text(&self, bounds: &mut Bounds) -> Result<String, Failure> {
        let bytes = usize::try_from(self.unscaled.bits() / 3).unwrap_or(usize::MAX);
        bounds.string(bytes.saturating_add(24))?;
        let digits = self.unscaled.magnitude().to_string();
        let sign = if self.unscaled.sign() == Sign::Minus {
            "-"
        } else {
            ""
        };
        let length = i64::try_from(digits.len()).unwrap_or(i64::MAX);
        let exponent = length - 1 - self.scale;
        if self.scale == 0 {
            return Ok(format!("{sign}{digits}"));
        }
        if self.scale > 0 && exponent >= -6 {
            let zeros = usize::try_from((self.scale - length + 1).max(0)).unwrap_or_default();
            let padded = format!("{}{digits}", "0".repeat(zeros));
            let point = padded.len() - usize::try_from(self.scale).unwrap_or_default().min(padded.len());
            let (whole, fraction) = padded.split_at_checked(point).unwrap_or((&padded, ""));
            return Ok(format!("{sign}{whole}.{fraction}"));
        }
        let (first, rest) = digits.split_at_checked(1).unwrap_or((&digits, ""));
        let point = if rest.is_empty() { "" } else { "." };
        Ok(match exponent {
            0 => format!("{sign}{first}{point}{rest}"),
            _ => format!("{sign}{first}{point}{rest}E{exponent:+}"),
        })
    }
}

fn ten_to(exponent: i64, bounds: &mut Bounds) -> Result<BigInt, Failure> {
    let count = usize::try_from(exponent).map_err(|_| Exceeded::String)?;
    bounds.string(count)?;
    // Making the power costs as much as the multiplication of its halves.
    bounds.steps((count / 64).saturating_mul(count / 64))?;
    Ok(BigInt::from(10).pow(u32::try_from(count).map_err(|_| Exceeded::String)?))
}

/// The digits of a BigDecimal's text, and whether it is negative.
pub(crate) fn decimal_digits(text: &str) -> Option<(super::Digits, bool)> {
    let number = Decimal::parse(text)?;
    let digits: Vec<u8> = number
        .unscaled
        .magnitude()
        .to_string()
        .bytes()
        .map(|byte| byte - b'0')
        .collect();
    let length = i64::try_from(digits.len()).ok()?;
    let exponent = if number.is_zero() {
        1
    } else {
        length - number.scale
    };
    Some((
        super::Digits { digits, exponent },
        number.unscaled.sign() == Sign::Minus,
    ))
}
