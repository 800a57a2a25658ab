//! Every method against what Velocity's introspection and Java made of it.

use std::rc::Rc;

use super::*;

/// A value by its label: `s:` a string, `i:` an `Integer` and so on, or the name of a collection.
fn value(label: &str) -> Value {
    let (class, text) = label.split_once(':').unwrap_or((label, ""));
    match class {
        "s" => Value::text(text),
        "i" => Value::Int(text.parse().unwrap()),
        "l" => Value::Long(text.parse().unwrap()),
        "b" => Value::Big(Rc::new(text.parse().unwrap())),
        "d" => Value::Double(text.parse().unwrap()),
        "D" => Value::Decimal(text.into()),
        "c" => Character::value(text.encode_utf16().next().unwrap()),
        "null" => Value::Null,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        "jl0" => texts(ListKind::Java, &[]),
        "jl3" => texts(ListKind::Java, &["a", "b", "a"]),
        "jli" => list(ListKind::Java, [3, 1, 2].map(Value::Int).to_vec()),
        "jn0" => texts(ListKind::Json, &[]),
        "jn" => list(ListKind::Json, vec![Value::text("a"), Value::Int(1), Value::Null]),
        "arr" => texts(ListKind::Array(Element::Text), &["a", "b", ""]),
        "m0" => map(&[]),
        "m" => map(&[("a", Value::Int(1)), ("b", Value::text("x")), ("n", Value::Null)]),
        "ks" => run(&value("m"), "keySet", &[]),
        "vs" => run(&value("m"), "values", &[]),
        "es" => run(&value("m"), "entrySet", &[]),
        "en" => run(&run(&value("es"), "iterator", &[]), "next", &[]),
        "it" => run(&value("jl3"), "iterator", &[]),
        "sub" => run(&value("jl3"), "subList", &[Value::Int(0), Value::Int(2)]),
        other => panic!("no value is called {other}"),
    }
}

/// `class|text`, as the tables have it.
fn shown(value: &Value) -> String {
    if matches!(value, Value::Null) {
        return "NULL".into();
    }
    let class = plain_text(&run(&run(value, "getClass", &[]), "getName", &[]));
    let text = match value {
        // The tables have the items of arrays, whose own text is an address.
        Value::List(own) if matches!(own.kind(), ListKind::Array(_)) => {
            plain_text(&list(ListKind::Java, own.items().clone()))
        }
        value => plain_text(value),
    };
    let escaped = text
        .replace('\\', "\\\\")
        .replace('\n', "\\n")
        .replace('\t', "\\t")
        .replace('\r', "\\r");
    format!("{class}|{escaped}")
}

fn check(table: &str) {
    let mut wrong = Vec::new();
    for row in table.lines().filter(|row| !row.starts_with('#')) {
        let columns: Vec<&str> = row.split('\t').collect();
        let [receiver, method, arguments, expected, after] = columns[..] else {
            panic!("{row}")
        };
        let own = value(receiver);
        let given: Vec<Value> = if arguments.is_empty() {
            Vec::new()
        } else {
            arguments.split('¦').map(value).collect()
        };
        let actual = match call(&own, method, &given, &mut limits()) {
            Ok(Some(result)) => shown(&result),
            Ok(None) => "NONE".into(),
            Err(Failure::Thrown(_)) => "THROW".into(),
            Err(failure) => failure.to_string(),
        };
        let expected = if expected == "VOID" {
            "java.lang.String|"
        } else {
            expected
        };
        if actual != expected || (!after.is_empty() && shown(&own) != after) {
            wrong.push(format!(
                "{receiver}.{method}({arguments}): {actual}, then {}; not {expected}, {after}",
                shown(&own)
            ));
        }
    }
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn strings_do_as_recorded() {
    check(include_str!("string.tsv"));
}

#[test]
fn lists_do_as_recorded() {
    check(include_str!("list.tsv"));
}

#[test]
fn maps_and_their_views_do_as_recorded() {
    check(include_str!("map.tsv"));
}

#[test]
fn numbers_booleans_and_characters_do_as_recorded() {
    check(include_str!("number.tsv"));
}
