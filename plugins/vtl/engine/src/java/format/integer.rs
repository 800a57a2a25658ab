use num_bigint::{BigInt, Sign};

use super::specifier::{Flags, Specifier};
use crate::bounds::{Bounds, Failure};
use crate::value::Value;

/// `%d`, `%o` and `%x`.
pub(super) fn format(specifier: &Specifier, value: &Value, bounds: &mut Bounds) -> Result<String, Failure> {
    match value {
        Value::Int(value) => fixed(
            (*value).into(),
            u64::from(value.cast_unsigned()),
            specifier,
            bounds,
        ),
        Value::Long(value) => fixed(*value, value.cast_unsigned(), specifier, bounds),
        Value::Big(value) => big(value, specifier, bounds),
        _ => Err(specifier.mismatch(value)),
    }
}

/// `bits` is what the other bases show of a negative number.
fn fixed(value: i64, bits: u64, specifier: &Specifier, bounds: &mut Bounds) -> Result<String, Failure> {
    let digits = match specifier.conversion {
        'd' => return super::signed(&value.unsigned_abs().to_string(), value < 0, specifier, bounds),
        'o' => format!("{bits:o}"),
        _ => format!("{bits:x}"),
    };
    for flag in [Flags::PLUS, Flags::BLANK, Flags::PARENTHESES] {
        if specifier.flags.contains(flag) {
            return Err(specifier.unsuited(flag));
        }
    }
    with_prefix(&digits, false, specifier, bounds)
}

fn big(value: &BigInt, specifier: &Specifier, bounds: &mut Bounds) -> Result<String, Failure> {
    bounds.string(usize::try_from(value.bits() / 3).unwrap_or(usize::MAX))?;
    let negative = value.sign() == Sign::Minus;
    let radix = match specifier.conversion {
        'd' => return super::signed(&value.magnitude().to_string(), negative, specifier, bounds),
        'o' => 8,
        _ => 16,
    };
    with_prefix(
        &value.magnitude().to_str_radix(radix),
        negative,
        specifier,
        bounds,
    )
}

/// The prefix of the base stands between the sign and the zeros.
fn with_prefix(
    digits: &str,
    negative: bool,
    specifier: &Specifier,
    bounds: &mut Bounds,
) -> Result<String, Failure> {
    let prefix = match specifier.conversion {
        _ if !specifier.flags.contains(Flags::ALTERNATE) => "",
        'o' => "0",
        _ => "0x",
    };
    if !specifier.flags.contains(Flags::ZEROS) {
        return super::signed(&format!("{prefix}{digits}"), negative, specifier, bounds);
    }
    let signs = super::signed(
        "",
        negative,
        &Specifier {
            width: None,
            ..specifier.clone()
        },
        bounds,
    )?;
    let taken = signs.len() + prefix.len() + digits.len();
    let zeros = specifier.width.unwrap_or(0).saturating_sub(taken);
    bounds.string(zeros)?;
    super::signed(
        &format!("{prefix}{}{digits}", "0".repeat(zeros)),
        negative,
        specifier,
        bounds,
    )
}
