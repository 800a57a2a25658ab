//! Decimal numbers, compared exactly.

use std::cmp::Ordering;

/// A decimal number of any length. Floating point would take 2^53 and 2^53 + 1 for the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decimal {
    negative: bool,
    /// Without zeros at its start.
    whole: String,
    /// Without zeros at its end.
    fraction: String,
}

impl Decimal {
    /// Reads `-12.50`. Exponents are not read.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(whole) || !is_number(fraction) {
            return None;
        }
        let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
        // There is one zero.
        let negative = negative && !(whole.is_empty() && fraction.is_empty());
        Some(Self {
            negative,
            whole: whole.to_owned(),
            fraction: fraction.to_owned(),
        })
    }

    fn magnitude(&self) -> (usize, &str, &str) {
        (self.whole.len(), &self.whole, &self.fraction)
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let magnitude = self.magnitude().cmp(&other.magnitude());
        match (self.negative, other.negative) {
            (true, true) => magnitude.reverse(),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => magnitude,
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn orders_as_numbers_do(a in -10_000i64..10_000, b in -10_000i64..10_000) {
            let text = |number: i64| format!("{}{}.{:02}", if number < 0 { "-" } else { "" }, number.abs() / 100, number.abs() % 100);
            let (first, second) = (Decimal::parse(&text(a)).unwrap(), Decimal::parse(&text(b)).unwrap());
            prop_assert_eq!(first.cmp(&second), a.cmp(&b));
        }
    }

    #[test]
    fn reads_and_refuses() {
        assert_eq!(Decimal::parse("-0.0"), Decimal::parse("0"));
        assert_eq!(Decimal::parse("+007.50"), Decimal::parse("7.5"));
        assert!(Decimal::parse("9007199254740993") > Decimal::parse("9007199254740992"));
        for text in ["", "-", ".", "1.", ".5", "1e3", "0x1", "1_0", " 1", "１"] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }
}
