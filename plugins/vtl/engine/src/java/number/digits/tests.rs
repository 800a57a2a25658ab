use proptest::prelude::*;

use super::*;

/// The digits in the integers of the widest kind.
fn widely(scaled: &Scaled, compatible: bool) -> (Vec<u8>, i64) {
    let parts = Wide {
        b: BigUint::from(scaled.mantissa) * power(scaled.five_b, scaled.two_b),
        s: power(scaled.five_s, scaled.two_s),
        m: power(scaled.five_b, scaled.two_m),
        tens: power(scaled.five_s, scaled.two_s) * 10_u8,
    };
    scaled.run(parts, compatible)
}

/// As `Digits::develop` begins.
fn scaled(value: f64) -> Scaled {
    let bits = value.to_bits();
    let fraction = bits & ((1 << FRACTION_BITS) - 1);
    let exponent = i64::try_from((bits >> FRACTION_BITS) & 0x7ff).unwrap() - 1023;
    let mantissa = fraction | 1 << FRACTION_BITS;
    let zeros = i64::from(mantissa.trailing_zeros());
    let bits = FRACTION_BITS + 1 - zeros;
    Scaled::new(exponent, mantissa, 53, zeros, bits, (bits - exponent - 1).max(0))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn integers_of_all_widths_give_the_same_digits(
        whole in 0..1_000_000_000_u64,
        places in 0..12,
        exponent in -40..40,
        compatible: bool,
    ) {
        #[expect(clippy::cast_precision_loss, reason = "any number will do")]
        let whole = whole as f64 + 1.0;
        for value in [whole / 10_f64.powi(places), whole * 2_f64.powi(exponent)] {
            let scaled = scaled(value);
            let narrow = scaled.small().map(|parts| scaled.run(parts, compatible));
            let short = scaled.short().map(|parts| scaled.run(parts, compatible));
            if let (Some(narrow), Some(short)) = (&narrow, short) {
                prop_assert_eq!(narrow, &short, "{}", value);
            }
            if let (Some(narrow), Word::Big) = (narrow, scaled.word) {
                prop_assert_eq!(narrow, widely(&scaled, compatible), "{}", value);
            }
        }
    }
}

#[test]
fn short_integers_are_used_where_they_do() {
    for value in [0.5, 9.5, 12.25, 16.5, 1023.75] {
        assert!(scaled(value).short().is_some(), "{value}");
    }
}
