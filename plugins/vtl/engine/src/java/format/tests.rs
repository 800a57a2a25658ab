#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use proptest::prelude::*;

use super::format;
use crate::bounds::{Bounds, Failure, Limits};
use crate::java::number::tests::tagged;
use crate::value::Value;

/// What Java 17 answers: pattern, arguments, and the text after `=` or the exception after `!`.
const ROWS: &str = include_str!("tests/java17.tsv");

#[test]
fn it_formats_as_java_does() {
    let mut wrong = Vec::new();
    for row in ROWS.lines() {
        let [pattern, arguments, expected] = row.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{row}")
        };
        let arguments: Vec<Value> = arguments
            .split('|')
            .filter(|tag| !tag.is_empty())
            .map(tagged)
            .collect();
        let got = match format(pattern, &arguments, &mut Bounds::new(Limits::default())) {
            Ok(text) => format!("={}", text.replace('\n', "\\n")),
            Err(failure) => format!("!{failure}"),
        };
        if got != expected {
            wrong.push(format!("{row}\n    got {got}"));
        }
    }
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn no_width_outgrows_the_bounds() {
    for pattern in [
        "%2000000000d",
        "%.2000000000f",
        "%02000000000d",
        "%-2000000000s",
        "%.2000000000e",
        "%2000000000%",
    ] {
        let argument = if pattern.ends_with(['f', 'e']) {
            Value::Double(1.5)
        } else {
            Value::Int(1)
        };
        let result = format(pattern, &[argument], &mut Bounds::new(Limits::default()));
        assert!(matches!(result, Err(Failure::Limit(_))), "{pattern}");
    }
    let far = Value::Decimal("1E+2000000000".into());
    assert!(format("%f", &[far], &mut Bounds::new(Limits::default())).is_err());
}

proptest! {
    #[test]
    fn no_pattern_panics(
        pattern in "(%|[0-9]|\\$|[-#+ 0,(<]|\\.|[a-zA-Z]|é){0,12}",
        number: i64,
        double: f64,
    ) {
        let limits = Limits { string: 10_000, ..Limits::default() };
        for value in [Value::Long(number), Value::Double(double), Value::text("é"), Value::Null] {
            let _ = format(&pattern, &[value], &mut Bounds::new(limits));
        }
    }
}
