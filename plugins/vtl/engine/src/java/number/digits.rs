//! The decimal digits that Java 17 prints of a double.
//!
//! Java's algorithm before version 19 is not always the shortest: it is followed step by step, with its two ways of
//! deciding that enough digits stand, one for numbers that fit a machine word and one for the others.

use num_bigint::BigUint;

const FRACTION_BITS: i64 = 52;

/// Bits of 5^n, as far as Java tabulates them.
const FIVE_BITS: [i64; 27] = [
    0, 3, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28, 31, 33, 35, 38, 40, 42, 45, 47, 49, 52, 54, 56, 59, 61,
];

/// A positive finite double as `0.d1d2d3… · 10^exponent`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Digits {
    /// Values 0 to 9, without zeros at the end save for a lone first digit.
    pub(crate) digits: Vec<u8>,
    pub(crate) exponent: i64,
}

impl Digits {
    /// The digits of a positive finite `value`; `compatible` is how `Double.toString` asks, without it how
    /// `String.format` does.
    pub(crate) fn new(value: f64, compatible: bool) -> Self {
        let bits = value.to_bits();
        let fraction = bits & ((1 << FRACTION_BITS) - 1);
        let biased = i64::try_from((bits >> FRACTION_BITS) & 0x7ff).unwrap_or_default();
        if biased != 0 {
            return Self::develop(biased - 1023, fraction | 1 << FRACTION_BITS, 53, compatible);
        }
        let shift = i64::from(fraction.leading_zeros()) - (63 - FRACTION_BITS);
        Self::develop(-1022 - shift, fraction << shift, 53 - shift, compatible)
    }

    /// `mantissa` has its highest bit at place 52.
    fn develop(exponent: i64, mantissa: u64, significant: i64, compatible: bool) -> Self {
        let tail_zeros = i64::from(mantissa.trailing_zeros());
        let bits = FRACTION_BITS + 1 - tail_zeros;
        let tiny = (bits - exponent - 1).max(0);
        if tiny == 0 && (-21..=62).contains(&exponent) && bits < 64 {
            return Self::whole(exponent, mantissa, significant);
        }
        let scaled = Scaled::new(exponent, mantissa, significant, tail_zeros, bits, tiny);
        let (digits, exponent) = scaled.digits(compatible);
        Self {
            digits,
            exponent: exponent + 1,
        }
    }

    /// A number without a fraction that fits a `long`.
    fn whole(exponent: i64, mantissa: u64, significant: i64) -> Self {
        let mut value = if exponent >= FRACTION_BITS {
            mantissa << (exponent - FRACTION_BITS)
        } else {
            mantissa >> (FRACTION_BITS - exponent)
        };
        let mut dropped = 0;
        if exponent > significant {
            // As many digits as the bits below the mantissa are worth: floor(bits · log10 2).
            dropped = (exponent - significant - 1) * 30_103 / 100_000;
            let unit = 10_u64.pow(u32::try_from(dropped).unwrap_or_default());
            let rest = value % unit;
            value /= unit;
            if dropped > 0 && rest >= unit / 2 {
                value += 1;
            }
        }
        let mut digits: Vec<u8> = value.to_string().bytes().map(|byte| byte - b'0').collect();
        let exponent = i64::try_from(digits.len()).unwrap_or_default() + dropped;
        while digits.len() > 1 && digits.last() == Some(&0) {
            digits.pop();
        }
        Self { digits, exponent }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Int,
    Long,
    Big,
}

/// The value as `b / s · 10^exponent` with half its last place as `m / s`, in powers of two and five.
struct Scaled {
    mantissa: u64,
    exponent: i64,
    five_b: i64,
    five_s: i64,
    two_b: i64,
    two_s: i64,
    two_m: i64,
    /// In which integers Java reckons.
    word: Word,
}

impl Scaled {
    fn new(exponent: i64, mantissa: u64, significant: i64, tail_zeros: i64, bits: i64, tiny: i64) -> Self {
        let decimal = estimate(exponent, mantissa);
        let five_b = (-decimal).max(0);
        let mut two_b = five_b + tiny + exponent;
        let five_s = decimal.max(0);
        let mut two_s = five_s + tiny;
        let mut two_m = two_b - significant;
        two_b -= bits - 1;
        let common = two_b.min(two_s);
        two_b -= common;
        two_s -= common;
        two_m -= common;
        if bits == 1 {
            two_m -= 1;
        }
        if two_m < 0 {
            two_b -= two_m;
            two_s -= two_m;
            two_m = 0;
        }
        let b_bits = bits + two_b + five_bits(five_b);
        let s_bits = two_s + 1 + five_bits(five_s + 1);
        let word = match b_bits.max(s_bits) {
            ..32 => Word::Int,
            32..64 => Word::Long,
            _ => Word::Big,
        };
        Self {
            mantissa: mantissa >> tail_zeros,
            exponent: decimal,
            five_b,
            five_s,
            two_b,
            two_s,
            two_m,
            word,
        }
    }

    /// The digits, rounded, and the exponent of the first one.
    fn digits(self, compatible: bool) -> (Vec<u8>, i64) {
        if let Some(parts) = self.short() {
            return self.run(parts, compatible);
        }
        match self.small() {
            Some(parts) => self.run(parts, compatible),
            None => {
                let b = BigUint::from(self.mantissa) * power(self.five_b, self.two_b);
                let s = power(self.five_s, self.two_s);
                let m = power(self.five_b, self.two_m);
                self.run(
                    Wide {
                        tens: &s * 10_u8,
                        b,
                        s,
                        m,
                    },
                    compatible,
                )
            }
        }
    }

    fn short(&self) -> Option<Short> {
        if self.word == Word::Big {
            return None;
        }
        let five = |count: i64| 5_u64.checked_pow(u32::try_from(count).ok()?);
        let shifted = |value: u64, by: i64| {
            let by = u32::try_from(by).ok()?;
            (by < value.leading_zeros()).then(|| value << by)
        };
        let b = shifted(five(self.five_b)?.checked_mul(self.mantissa)?, self.two_b)?;
        let s = shifted(five(self.five_s)?, self.two_s)?;
        let m = shifted(five(self.five_b)?, self.two_m)?;
        let tens = s.checked_mul(10)?;
        (b.max(tens) < LONG).then_some(Short { tens, b, s, m })
    }

    fn small(&self) -> Option<Narrow> {
        let five = |count: i64| 5_u128.checked_pow(u32::try_from(count).ok()?);
        let shifted = |value: u128, by: i64| {
            let by = u32::try_from(by).ok()?;
            // Four bits for the factor ten, one for a sum.
            (by < value.leading_zeros().saturating_sub(6)).then(|| value << by)
        };
        let b = shifted(
            five(self.five_b)?.checked_mul(u128::from(self.mantissa))?,
            self.two_b,
        )?;
        let s = shifted(five(self.five_s)?, self.two_s)?;
        let m = shifted(five(self.five_b)?, self.two_m)?;
        Some(Narrow {
            tens: s * 10,
            b,
            s,
            m,
        })
    }

    fn run(&self, mut parts: impl Parts, compatible: bool) -> (Vec<u8>, i64) {
        let mut exponent = self.exponent;
        let mut digits = Vec::with_capacity(18);
        let digit = parts.digit();
        let (mut low, mut high) = parts.ends(self.word);
        if digit == 0 && !high {
            exponent -= 1;
        } else {
            digits.push(digit);
        }
        if !compatible || !(-3..8).contains(&exponent) {
            (low, high) = (false, false);
        }
        while !low && !high {
            let digit = parts.digit();
            (low, high) = parts.ends(self.word);
            digits.push(digit);
        }
        let up = match parts.twice_against_tens() {
            _ if !high => false,
            _ if !low => true,
            std::cmp::Ordering::Equal => digits.last().is_some_and(|digit| digit % 2 == 1),
            order => order.is_gt(),
        };
        if up && round_up(&mut digits) {
            exponent += 1;
        }
        while digits.len() > 1 && digits.last() == Some(&0) {
            digits.pop();
        }
        (digits, exponent)
    }
}

/// Adds one to the last digit; whether the first one carried, which leaves `1000…`.
pub(crate) fn round_up(digits: &mut [u8]) -> bool {
    for digit in digits.iter_mut().rev() {
        if *digit < 9 {
            *digit += 1;
            return false;
        }
        *digit = 0;
    }
    if let Some(first) = digits.first_mut() {
        *first = 1;
    }
    true
}

/// What the digits are divided out of.
trait Parts {
    /// Takes the next digit, and scales by ten.
    fn digit(&mut self) -> u8;
    /// Whether the rest is below half a last place, and whether it is so far above.
    fn ends(&self, word: Word) -> (bool, bool);
    /// How twice the rest compares with ten, to round the last digit.
    fn twice_against_tens(&self) -> std::cmp::Ordering;
}

/// The first number that is no `long`.
const LONG: u64 = 1 << 63;

/// As [`Narrow`], where Java reckons in `int` or `long`: `b` stays below `tens`, and what `m` is worth no longer
/// matters once it is no `long`.
struct Short {
    b: u64,
    s: u64,
    m: u64,
    tens: u64,
}

impl Parts for Short {
    fn digit(&mut self) -> u8 {
        let digit = self.b / self.s;
        self.b = self.b % self.s * 10;
        self.m = self.m.saturating_mul(10);
        u8::try_from(digit).unwrap_or(9)
    }

    fn ends(&self, word: Word) -> (bool, bool) {
        let limit = if word == Word::Int { 1 << 31 } else { LONG };
        let sum = self.b.saturating_add(self.m);
        let high = sum > self.tens;
        (self.b < self.m, high && sum < limit || self.m >= limit)
    }

    fn twice_against_tens(&self) -> std::cmp::Ordering {
        (self.b * 2).cmp(&self.tens)
    }
}

struct Narrow {
    b: u128,
    s: u128,
    m: u128,
    tens: u128,
}

impl Parts for Narrow {
    fn digit(&mut self) -> u8 {
        let digit = self.b / self.s;
        self.b = self.b % self.s * 10;
        self.m *= 10;
        u8::try_from(digit).unwrap_or(9)
    }

    fn ends(&self, word: Word) -> (bool, bool) {
        // In its machine words, Java overlooks a sum that overflows.
        let limit = match word {
            Word::Int => 1 << 31,
            Word::Long => 1 << 63,
            Word::Big => u128::MAX,
        };
        let sum = self.b + self.m;
        let high = sum > self.tens || word == Word::Big && sum == self.tens;
        (self.b < self.m, high && sum < limit || self.m >= limit)
    }

    fn twice_against_tens(&self) -> std::cmp::Ordering {
        (self.b * 2).cmp(&self.tens)
    }
}

struct Wide {
    b: BigUint,
    s: BigUint,
    m: BigUint,
    tens: BigUint,
}

impl Parts for Wide {
    fn digit(&mut self) -> u8 {
        let digit = &self.b / &self.s;
        self.b = (&self.b % &self.s) * 10_u8;
        self.m *= 10_u8;
        u8::try_from(digit).unwrap_or(9)
    }

    fn ends(&self, word: Word) -> (bool, bool) {
        let sum = &self.b + &self.m;
        (
            self.b < self.m,
            sum > self.tens || word == Word::Big && sum == self.tens,
        )
    }

    fn twice_against_tens(&self) -> std::cmp::Ordering {
        (&self.b * 2_u8).cmp(&self.tens)
    }
}

fn power(five: i64, two: i64) -> BigUint {
    BigUint::from(5_u8).pow(u32::try_from(five).unwrap_or_default()) << u64::try_from(two).unwrap_or_default()
}

fn five_bits(count: i64) -> i64 {
    usize::try_from(count)
        .ok()
        .and_then(|count| FIVE_BITS.get(count).copied())
        .unwrap_or(count * 3)
}

/// The exponent of ten, or one too many.
fn estimate(exponent: i64, mantissa: u64) -> i64 {
    let unit = f64::from_bits(1023 << FRACTION_BITS | mantissa & ((1 << FRACTION_BITS) - 1));
    #[expect(clippy::cast_precision_loss, reason = "an exponent is small")]
    let binary = exponent as f64;
    let decimal = (unit - 1.5) * 0.289_529_654 + 0.176_091_259 + binary * std::f64::consts::LOG10_2;
    #[expect(clippy::cast_possible_truncation, reason = "between -330 and 310")]
    let floor = decimal.floor() as i64;
    floor
}

#[cfg(test)]
mod tests;
