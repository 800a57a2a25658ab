//! `java.math.BigDecimal`, as far as documents and paths need it: reading, comparing, printing.

use std::cmp::Ordering;
use std::fmt::Write as _;

/// The number `digits` × 10^-`scale`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decimal {
    negative: bool,
    /// Without leading zeros; `0` alone for zero.
    digits: String,
    scale: i64,
}

impl Decimal {
    /// Reads what the constructor from a string reads; `None` where it throws.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, unsigned) = match text.as_bytes().first()? {
            b'-' => (true, text.get(1..)?),
            b'+' => (false, text.get(1..)?),
            _ => (false, text),
        };
        let (significand, exponent) = match unsigned.find(['e', 'E']) {
            Some(at) => (unsigned.get(..at)?, exponent(unsigned.get(at + 1..)?)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = significand.split_once('.').unwrap_or((significand, ""));
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        if !whole
            .bytes()
            .chain(fraction.bytes())
            .all(|byte| byte.is_ascii_digit())
        {
            return None;
        }
        let scale = i64::try_from(fraction.len()).ok()? - exponent;
        i32::try_from(scale).ok()?;
        let mut digits = String::with_capacity(significand.len());
        digits.push_str(whole);
        digits.push_str(fraction);
        let zeros = digits.bytes().take_while(|byte| *byte == b'0').count();
        digits.drain(..zeros.min(digits.len().saturating_sub(1)));
        let negative = negative && digits != "0";
        Some(Self {
            negative,
            digits,
            scale,
        })
    }

    fn is_zero(&self) -> bool {
        self.digits == "0"
    }

    /// The power of ten of the first digit.
    fn magnitude(&self) -> i64 {
        self.digits.len() as i64 - 1 - self.scale
    }

    /// What `toString()` gives: plain where the exponent is within -6 and the scale not negative, else scientific.
    pub(crate) fn to_text(&self) -> String {
        let mut out = String::with_capacity(self.digits.len() + 8);
        if self.negative {
            out.push('-');
        }
        let magnitude = self.magnitude();
        if self.scale == 0 {
            out.push_str(&self.digits);
        } else if self.scale > 0 && magnitude >= -6 {
            self.write_plain(&mut out);
        } else {
            let (first, rest) = self.digits.split_at_checked(1).unwrap_or((&self.digits, ""));
            out.push_str(first);
            if !rest.is_empty() {
                out.push('.');
                out.push_str(rest);
            }
            if magnitude != 0 {
                // Writing to a String cannot fail.
                let _ = write!(out, "E{magnitude:+}");
            }
        }
        out
    }

    fn write_plain(&self, out: &mut String) {
        let whole = self.digits.len() as i64 - self.scale;
        if whole > 0 {
            let at = usize::try_from(whole).unwrap_or(0);
            let (whole, fraction) = self.digits.split_at_checked(at).unwrap_or((&self.digits, ""));
            out.push_str(whole);
            out.push('.');
            out.push_str(fraction);
        } else {
            out.push_str("0.");
            (whole..0).for_each(|_| out.push('0'));
            out.push_str(&self.digits);
        }
    }

    /// `compareTo`: by value, whatever the scales.
    pub(crate) fn compare(&self, other: &Self) -> Ordering {
        match (self.sign(), other.sign()) {
            (left, right) if left != right => left.cmp(&right),
            (0, _) => Ordering::Equal,
            (1, _) => self.compare_size(other),
            _ => other.compare_size(self),
        }
    }

    fn sign(&self) -> i8 {
        match (self.is_zero(), self.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        }
    }

    fn compare_size(&self, other: &Self) -> Ordering {
        let significant = |decimal: &'_ Self| decimal.digits.trim_end_matches('0').len();
        let by_digits = || {
            let (left, right) = (significant(self), significant(other));
            self.digits.get(..left).cmp(&other.digits.get(..right))
        };
        self.magnitude().cmp(&other.magnitude()).then_with(by_digits)
    }
}

/// An exponent of at most ten digits that is an `int`, as Java has it.
fn exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let significant = digits.trim_start_matches('0');
    if digits.is_empty() || significant.len() > 10 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.strip_prefix('+')
        .unwrap_or(text)
        .parse::<i32>()
        .ok()
        .map(i64::from)
}

impl From<i64> for Decimal {
    fn from(whole: i64) -> Self {
        Self {
            negative: whole < 0,
            digits: whole.unsigned_abs().to_string(),
            scale: 0,
        }
    }
}
