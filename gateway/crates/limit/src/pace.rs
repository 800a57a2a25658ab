//! A rate as an exact count of tokens.

/// Bits of a token's fraction.
const FRACTION: u32 = 14;
/// One token, in the unit of counts.
pub(crate) const TOKEN: u64 = 1 << FRACTION;
/// Bits of a count; the others of a bucket's word are its era's.
pub(crate) const COUNT_BITS: u32 = 56;
/// The bits of a count.
pub(crate) const COUNT: u64 = (1 << COUNT_BITS) - 1;

/// The largest burst: what API Gateway's integers hold.
pub const BURST: u64 = i32::MAX as u64;

/// A rate and a burst.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limit {
    rate: f64,
    burst: u64,
}

impl Limit {
    /// So many tokens a second, at most so many at once; nothing where the rate is negative or no number, or the burst is
    /// above [`BURST`]. With a rate or a burst of 0 nothing ever passes.
    pub fn new(rate: f64, burst: u64) -> Option<Self> {
        (rate.is_finite() && rate >= 0.0 && burst <= BURST).then_some(Self { rate, burst })
    }

    /// The limit that is said in parts. A rate alone lets as many pass at once as in a second, a burst alone as many in a
    /// second as at once; with neither there is no limit, which is `Ok(None)`.
    ///
    /// # Errors
    ///
    /// What is said is no limit, as for [`Limit::new`].
    pub fn of(rate: Option<f64>, burst: Option<u64>) -> Result<Option<Self>, NoLimit> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "bounds are checked by `new`, and what is larger saturates"
        )]
        let second = |rate: f64| (rate.ceil() as u64).min(BURST);
        #[expect(clippy::cast_precision_loss, reason = "small, or refused")]
        let limit = match (rate, burst) {
            (None, None) => return Ok(None),
            (Some(rate), None) => Self::new(rate, second(rate)),
            (None, Some(burst)) => Self::new(burst as f64, burst),
            (Some(rate), Some(burst)) => Self::new(rate, burst),
        };
        limit.map(Some).ok_or(NoLimit)
    }

    /// Tokens a second.
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// Tokens at once.
    pub fn burst(&self) -> u64 {
        self.burst
    }
}

/// Not a limit: a rate that is negative or no number, or a burst above [`BURST`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoLimit;

/// A limit, ready to be counted with.
///
/// A rate is `mantissa / 2^shift` units a nanosecond. What a rate has given up to a moment is made of the moment at once and
/// not of steps, so that roundings do not add up; the mantissa is rounded up, so that a token is there at its nanosecond.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    mantissa: u64,
    shift: u32,
    /// In units.
    pub(crate) burst: u64,
    /// What the rate gives in the time that the clocks of two threads may be apart, in units.
    pub(crate) apart: u64,
}

/// How late a thread may be that has asked for the time and then takes a token, in nanoseconds: it was put aside meanwhile.
const APART: u64 = 60_000_000_000;

impl Pace {
    pub(crate) fn of(limit: Limit) -> Self {
        let (mantissa, shift) = if limit.burst == 0 {
            (0, 0)
        } else {
            per_nanosecond(limit.rate)
        };
        let pace = Self {
            mantissa,
            shift,
            // Without a rate nothing passes, not even a burst.
            burst: if mantissa == 0 { 0 } else { limit.burst * TOKEN },
            apart: 0,
        };
        Self {
            apart: pace.given(APART),
            ..pace
        }
    }

    /// Units that the rate has given up to a moment, in nanoseconds since whatever the clock began with; modulo 2^56.
    pub(crate) fn given(&self, now: u64) -> u64 {
        let product = u128::from(now) * u128::from(self.mantissa);
        #[expect(clippy::cast_possible_truncation, reason = "modulo, as said")]
        let units = (product >> self.shift) as u64;
        units & COUNT
    }
}

/// `rate / 10^9` units as a mantissa and a shift, exact but for the mantissa's last bit; (0, 0) for less than a token in some
/// thousand years.
fn per_nanosecond(rate: f64) -> (u64, u32) {
    const NANOS: u128 = 1_000_000_000;
    /// Bits of the dividend: those of 10^9, and 63 or 64 for the mantissa.
    const DIVIDEND: i32 = 93;
    let bits = rate.to_bits();
    let exponent = i32::try_from((bits >> 52) & 0x7ff).unwrap_or(0);
    if exponent == 0 {
        return (0, 0);
    }
    // rate = significand * 2^(exponent - 1075), with a significand of 53 bits (IEEE 754, binary64).
    let significand = (bits & ((1 << 52) - 1)) | (1 << 52);
    let up = DIVIDEND - 53;
    let shift = up - (exponent - 1_075) - FRACTION.cast_signed();
    let dividend = u128::from(significand) << up;
    match (u64::try_from(dividend.div_ceil(NANOS)), u32::try_from(shift)) {
        (Ok(mantissa), Ok(shift)) if shift < u128::BITS => (mantissa, shift),
        _ => (0, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn pace(rate: f64) -> Pace {
        Pace::of(Limit::new(rate, 10).unwrap())
    }

    #[test]
    fn a_token_is_there_at_its_nanosecond_and_not_before() {
        for (rate, period) in [
            (1.0, SECOND),
            (10.0, SECOND / 10),
            (1_000.0, SECOND / 1_000),
            (0.5, 2 * SECOND),
            (0.0625, 16 * SECOND),
            (8_000.0, 125_000),
            (1_000_000.0, 1_000),
        ] {
            let pace = pace(rate);
            for tokens in [1, 2, 3, 7, 1_000, 86_400] {
                let at = tokens * period;
                assert_eq!(pace.given(at) / TOKEN, tokens, "{tokens} at {rate}/s");
                assert_eq!(pace.given(at - 1) / TOKEN, tokens - 1, "{tokens} at {rate}/s");
            }
        }
    }

    #[test]
    fn a_year_of_an_odd_rate_is_exact() {
        const YEAR: u64 = 365 * 86_400;
        for rate in [3.0, 7.0, 333.0, 9_999.0] {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small")]
            let expected = YEAR * rate as u64;
            assert_eq!(pace(rate).given(YEAR * SECOND) / TOKEN, expected, "{rate}");
        }
    }

    #[test]
    fn what_gives_nothing_lets_nothing_pass() {
        for (rate, burst) in [(0.0, 10), (10.0, 0), (f64::MIN_POSITIVE, 10), (1e-300, 10)] {
            let pace = Pace::of(Limit::new(rate, burst).unwrap());
            assert_eq!((pace.burst, pace.given(u64::MAX / 4)), (0, 0), "{rate}, {burst}");
        }
        assert_eq!(Limit::of(None, None), Ok(None));
        assert_eq!(Limit::of(Some(2.5), None), Ok(Limit::new(2.5, 3)));
        assert_eq!(Limit::of(Some(0.0), None), Ok(Limit::new(0.0, 0)));
        assert_eq!(Limit::of(None, Some(7)), Ok(Limit::new(7.0, 7)));
        assert_eq!(Limit::of(Some(-1.0), None), Err(NoLimit));
        for (rate, burst) in [(-1.0, 1), (f64::NAN, 1), (f64::INFINITY, 1), (1.0, BURST + 1)] {
            assert_eq!(Limit::new(rate, burst), None, "{rate}, {burst}");
        }
    }
}
