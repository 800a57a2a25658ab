#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::cmp::Ordering;
use std::rc::Rc;

use proptest::prelude::*;

use super::*;
use crate::bounds::{Bounds, Failure, Limits};
use crate::value::Value;

/// What Velocity 1.7 on Java 17 answers: operator, left, right, result.
const OPERATIONS: &str = include_str!("tests/number.tsv");
/// What Java 17's parsers answer: which one, text, radix, result or `!`.
const PARSED: &str = include_str!("tests/parse.tsv");
/// What `Double.toString` of Java 17 prints: the bits, the text.
const DOUBLES: &str = include_str!("tests/doubles.tsv");

fn bounds() -> Bounds {
    Bounds::new(Limits::default())
}

/// Reads a value that is marked with its type.
pub(crate) fn tagged(text: &str) -> Value {
    let (tag, text) = text.split_once(':').unwrap();
    match tag {
        "i" => Value::Int(text.parse().unwrap()),
        "l" => Value::Long(text.parse().unwrap()),
        "I" => Value::Big(Rc::new(text.parse().unwrap())),
        "d" => Value::Double(parse_double(text).unwrap()),
        "D" => Value::Decimal(text.into()),
        "b" => Value::Bool(text == "true"),
        "s" => Value::text(text),
        _ => Value::Null,
    }
}

fn tag(value: Option<Value>) -> String {
    match value.unwrap_or_default() {
        Value::Int(value) => format!("i:{value}"),
        Value::Long(value) => format!("l:{value}"),
        Value::Big(value) => format!("I:{value}"),
        Value::Double(value) => {
            let mut out = "d:".to_owned();
            write_double(value, &mut out);
            out
        }
        Value::Decimal(text) => format!("D:{text}"),
        Value::Bool(value) => format!("b:{value}"),
        Value::Text(text) => format!("s:{text}"),
        _ => "n:".to_owned(),
    }
}

fn operate(operator: &str, left: &Value, right: &Value) -> Result<Option<Value>, Failure> {
    let bounds = &mut bounds();
    match operator {
        "+" => add(left, right, bounds),
        "-" => subtract(left, right, bounds),
        "*" => multiply(left, right, bounds),
        "/" => divide(left, right, bounds),
        "%" => modulo(left, right, bounds),
        "<" => Ok(Some(Value::Bool(compare(left, right) == Some(Ordering::Less)))),
        _ => equals(left, right, bounds).map(|equal| Some(Value::Bool(equal))),
    }
}

#[test]
fn it_reckons_as_velocity_does() {
    let mut wrong = Vec::new();
    for row in OPERATIONS.lines() {
        let [operator, left, right, expected] = row.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{row}")
        };
        // The name of a reference that is null is the caller's to join.
        if operator == "+" && expected.contains('$') {
            continue;
        }
        let got = match operate(operator, &tagged(left), &tagged(right)) {
            Ok(value) => tag(value),
            Err(failure) => format!("!{failure}"),
        };
        if got != expected {
            wrong.push(format!("{row}\n    got {got}"));
        }
    }
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn it_reads_numbers_as_java_does() {
    let mut wrong = Vec::new();
    for row in PARSED.lines() {
        let [what, text, radix, expected] = row.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{row}")
        };
        let text = text.replace("\\t", "\t").replace("\\n", "\n");
        let radix = radix.parse().unwrap_or(10);
        let got = match what {
            "int" => parse_integer(&text, radix).map(|value| value.to_string()),
            "long" => parse_long(&text, radix).map(|value| value.to_string()),
            _ => parse_double(&text).map(|value| tag(Some(Value::Double(value)))[2..].to_owned()),
        };
        if got.as_deref().unwrap_or("!") != expected {
            wrong.push(format!("{row}\n    got {got:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn it_prints_doubles_as_java_does() {
    for row in DOUBLES.lines() {
        let (bits, expected) = row.split_once('\t').unwrap();
        let value = f64::from_bits(bits.parse().unwrap());
        assert_eq!(tag(Some(Value::Double(value))), format!("d:{expected}"));
        assert_eq!(parse_double(expected), Some(value));
    }
}

#[test]
fn a_product_cannot_grow_without_end() {
    let mut value = tagged("I:123456789012345678901234567890");
    let mut bounds = bounds();
    let failure = loop {
        match multiply(&value, &value, &mut bounds) {
            Ok(grown) => value = grown.unwrap(),
            Err(failure) => break failure,
        }
    };
    assert!(matches!(failure, Failure::Limit(_)));
}

#[test]
fn a_far_exponent_is_no_burden() {
    let far = Value::Decimal("1E+999999999".into());
    assert!(matches!(
        add(&far, &Value::Int(1), &mut bounds()),
        Err(Failure::Limit(_))
    ));
    assert_eq!(compare(&far, &Value::Int(1)), Some(Ordering::Greater));
    assert_eq!(
        compare(&Value::Decimal("-1E-999999999".into()), &Value::Int(0)),
        Some(Ordering::Less)
    );
}

proptest! {
    #[test]
    fn a_double_survives_its_text(bits: u64) {
        let value = f64::from_bits(bits);
        let mut text = String::new();
        write_double(value, &mut text);
        let read = parse_double(&text).unwrap();
        prop_assert!(read.to_bits() == bits || value.is_nan());
    }

    #[test]
    fn no_text_panics(text in ".{0,20}", number in "[-+0-9a-fxpPeE._dD]{0,24}", radix in 0..40_u32) {
        for text in [&text, &number] {
            let _ = (parse_double(text), parse_long(text, radix), parse_integer(text, radix));
        }
    }
}
