//! How arguments fit parameters, as in `IntrospectionUtils.isMethodInvocationConvertible` of Velocity 1.7.

use crate::value::{Text, Value};

use super::character::Character;

/// A `long` parameter.
pub(super) fn long(argument: &Value) -> Option<i64> {
    match argument {
        Value::Int(value) => Some(i64::from(*value)),
        Value::Long(value) => Some(*value),
        _ => None,
    }
}

/// A `double` parameter.
pub(super) fn double(argument: &Value) -> Option<f64> {
    match argument {
        Value::Int(value) => Some(f64::from(*value)),
        #[expect(clippy::cast_precision_loss, reason = "as Java widens")]
        Value::Long(value) => Some(*value as f64),
        Value::Double(value) => Some(*value),
        _ => None,
    }
}

/// A `char` parameter.
pub(super) fn char_unit(argument: &Value) -> Option<u16> {
    match argument {
        Value::Object(object) => object.as_any().downcast_ref::<Character>().map(Character::unit),
        _ => None,
    }
}

/// A `String` parameter: `Some(None)` is null.
pub(super) fn text(argument: &Value) -> Option<Option<&Text>> {
    match argument {
        Value::Text(text) => Some(Some(text)),
        Value::Null => Some(None),
        _ => None,
    }
}
