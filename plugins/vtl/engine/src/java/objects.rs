//! `java.lang.Object`, and which methods have no parameters.

use crate::bounds::{Bounds, Failure};
use crate::value::{ListKind, Value};

use super::character::Character;
use super::iteration::Iterator;
use super::views::{Entry, View};
use super::{class, equality, printing};

/// The methods that every object has.
pub(super) fn call(
    receiver: &Value,
    method: &str,
    arguments: &[Value],
    bounds: &mut Bounds,
) -> Result<Option<Value>, Failure> {
    Ok(match (method, arguments) {
        ("toString", []) => Some(Value::Text(printing::to_text(receiver, bounds)?)),
        ("equals", [other]) => Some(Value::Bool(equality::same_value(receiver, other, bounds)?)),
        ("hashCode", []) => Some(Value::Int(equality::hash_within(receiver, bounds)?)),
        ("getClass", []) => Some(class::of(receiver)),
        _ => None,
    })
}

/// Whether the class of `receiver` has a `method` without parameters: Velocity 1.7 finds it for any arguments, and it
/// then throws.
pub(super) fn has_without_parameters(receiver: &Value, method: &str) -> bool {
    if matches!(
        method,
        "toString" | "hashCode" | "getClass" | "notify" | "notifyAll" | "wait"
    ) {
        return true;
    }
    let own: &[&str] = match receiver {
        Value::Text(_) => TEXT,
        Value::Int(_) | Value::Long(_) => NUMBER,
        Value::Double(_) if matches!(method, "isInfinite" | "isNaN") => return true,
        Value::Double(_) => NUMBER,
        Value::Big(_) => BIG,
        Value::Decimal(_) => DECIMAL,
        Value::Bool(_) => &["booleanValue", "describeConstable"],
        Value::List(list) => match list.kind() {
            ListKind::Json => JSON_ARRAY,
            ListKind::Java => LIST,
            ListKind::Array(_) => WRAPPED,
        },
        Value::Map(_) => &[
            "clear", "clone", "entrySet", "isEmpty", "keySet", "size", "values",
        ],
        Value::Object(object) => {
            let any = object.as_any();
            if any.is::<View>() {
                VIEW
            } else if any.is::<Entry>() {
                &["getKey", "getValue"]
            } else if any.is::<Iterator>() {
                &["hasNext", "next", "remove"]
            } else if any.is::<Character>() {
                &["charValue", "describeConstable"]
            } else {
                &[]
            }
        }
        Value::Null => &[],
    };
    own.contains(&method)
}

const TEXT: &[&str] = &[
    "chars",
    "codePoints",
    "describeConstable",
    "getBytes",
    "intern",
    "isBlank",
    "isEmpty",
    "length",
    "lines",
    "strip",
    "stripIndent",
    "stripLeading",
    "stripTrailing",
    "toCharArray",
    "toLowerCase",
    "toUpperCase",
    "translateEscapes",
    "trim",
];

const NUMBER: &[&str] = &[
    "byteValue",
    "describeConstable",
    "doubleValue",
    "floatValue",
    "intValue",
    "longValue",
    "shortValue",
];

const BIG: &[&str] = &[
    "abs",
    "bitCount",
    "bitLength",
    "byteValue",
    "byteValueExact",
    "doubleValue",
    "floatValue",
    "getLowestSetBit",
    "intValue",
    "intValueExact",
    "longValue",
    "longValueExact",
    "negate",
    "nextProbablePrime",
    "not",
    "shortValue",
    "shortValueExact",
    "signum",
    "sqrt",
    "sqrtAndRemainder",
    "toByteArray",
];

const DECIMAL: &[&str] = &[
    "abs",
    "byteValue",
    "byteValueExact",
    "doubleValue",
    "floatValue",
    "intValue",
    "intValueExact",
    "longValue",
    "longValueExact",
    "negate",
    "plus",
    "precision",
    "scale",
    "shortValue",
    "shortValueExact",
    "signum",
    "stripTrailingZeros",
    "toBigInteger",
    "toBigIntegerExact",
    "toEngineeringString",
    "toPlainString",
    "ulp",
    "unscaledValue",
];

const LIST: &[&str] = &[
    "clear",
    "clone",
    "isEmpty",
    "iterator",
    "listIterator",
    "parallelStream",
    "size",
    "spliterator",
    "stream",
    "trimToSize",
];

const JSON_ARRAY: &[&str] = &[
    "clear",
    "clone",
    "isEmpty",
    "iterator",
    "listIterator",
    "parallelStream",
    "size",
    "spliterator",
    "stream",
    "toJSONString",
    "trimToSize",
];

const WRAPPED: &[&str] = &[
    "clear",
    "isEmpty",
    "iterator",
    "listIterator",
    "parallelStream",
    "size",
    "spliterator",
    "stream",
];

const VIEW: &[&str] = &[
    "clear",
    "isEmpty",
    "iterator",
    "parallelStream",
    "size",
    "spliterator",
    "stream",
];
