//! Nothing grows, nests or takes time without end.

use super::*;
use crate::bounds::Exceeded;

fn small() -> Bounds {
    Bounds::new(Limits {
        steps: 1_000_000,
        string: 1_000,
        items: 10,
        ..Limits::default()
    })
}

#[test]
fn growth_is_bounded() {
    let long = Value::from("x".repeat(900));
    let full = list(ListKind::Java, vec![Value::Null; 10]);
    let full_map = Map::new(Order::Insertion);
    for i in 0..10 {
        full_map.put(Value::Int(i), Value::Null);
    }
    let full_map = Value::Map(full_map);
    let rows: [(&str, &Value, &str, Vec<Value>, Exceeded); 9] = [
        (
            "repeat",
            &long,
            "repeat",
            vec![Value::Int(i32::MAX)],
            Exceeded::String,
        ),
        ("concat", &long, "concat", vec![long.clone()], Exceeded::String),
        (
            "replace",
            &long,
            "replace",
            vec![Value::text("x"), Value::text("yy")],
            Exceeded::String,
        ),
        (
            "join",
            &long,
            "join",
            vec![long.clone(), long.clone(), long.clone()],
            Exceeded::String,
        ),
        (
            "indent",
            &long,
            "indent",
            vec![Value::Int(i32::MAX)],
            Exceeded::String,
        ),
        ("chars", &long, "toCharArray", vec![], Exceeded::Items),
        ("add", &full, "add", vec![Value::Null], Exceeded::Items),
        ("addAll", &full, "addAll", vec![full.clone()], Exceeded::Items),
        (
            "put",
            &full_map,
            "put",
            vec![Value::text("x"), Value::Null],
            Exceeded::Items,
        ),
    ];
    for (name, receiver, method, arguments, limit) in rows {
        let result = call(receiver, method, &arguments, &mut small());
        assert!(
            matches!(result, Err(Failure::Limit(own)) if own == limit),
            "{name}: {result:?}"
        );
    }
}

#[test]
fn deep_values_are_dropped_without_recursion() {
    let mut deep = texts(ListKind::Java, &[]);
    for i in 0..200_000 {
        deep = match i % 3 {
            0 => list(ListKind::Java, vec![Value::Null, deep]),
            1 => map(&[("a", deep)]),
            _ => run(&map(&[("a", deep)]), "entrySet", &[]),
        };
    }
    drop(deep);
}

#[test]
fn printing_is_bounded() {
    let mut deep = texts(ListKind::Java, &[]);
    for _ in 0..100_000 {
        deep = list(ListKind::Java, vec![deep]);
    }
    assert_eq!(
        to_text(&deep, &mut limits()),
        Err(Failure::Limit(Exceeded::Depth))
    );

    // Twice the same list, forty times over.
    let mut wide = texts(ListKind::Java, &["a"]);
    for _ in 0..40 {
        wide = list(ListKind::Java, vec![wide.clone(), wide]);
    }
    assert_eq!(
        to_text(&wide, &mut small()),
        Err(Failure::Limit(Exceeded::String))
    );

    let round = map(&[]);
    run(
        &round,
        "put",
        &[Value::text("self"), run(&round, "entrySet", &[])],
    );
    assert_eq!(
        to_text(&round, &mut limits()),
        Err(Failure::Limit(Exceeded::Depth))
    );
}

#[test]
fn comparing_and_hashing_are_bounded() {
    let double = || {
        let mut wide = texts(ListKind::Java, &["a"]);
        for _ in 0..60 {
            wide = list(ListKind::Java, vec![wide.clone(), wide]);
        }
        wide
    };
    let (left, right) = (double(), double());
    assert!(!equals(&left, &right));
    assert_eq!(hash_code(&left), 0);
    assert_eq!(
        same_value(&left, &right, &mut limits()),
        Err(Failure::Limit(Exceeded::Steps))
    );
    let round = texts(ListKind::Java, &[]);
    run(&round, "add", std::slice::from_ref(&round));
    assert_eq!(hash_code(&round), 0);
}

#[test]
fn large_maps_are_searched_fast() {
    let large = Map::new(Order::Insertion);
    let mut bounds = limits();
    for i in 0..100_000 {
        let key = Value::from(format!("key{i}"));
        call(
            &Value::Map(large.clone()),
            "put",
            &[key, Value::Int(i)],
            &mut bounds,
        )
        .unwrap();
    }
    for i in 0..100_000 {
        assert!(large.get(&format!("key{i}")).is_some());
    }
}

/// Every method of the recorded tables, on every receiver, with arguments at the edges.
#[test]
fn no_arguments_panic() {
    let keyed = map(&[("a", Value::Int(1)), ("é", Value::Null)]);
    let views = ["keySet", "values", "entrySet"].map(|method| run(&keyed, method, &[]));
    let mut receivers = vec![
        Value::text(""),
        Value::text("h€😀x\u{0}\r\n"),
        Value::Int(i32::MIN),
        Value::Long(i64::MIN),
        Value::Big(std::rc::Rc::new((-5).into())),
        Value::Double(f64::NAN),
        Value::Double(f64::NEG_INFINITY),
        Value::Decimal("-1.5E-7".into()),
        Value::Decimal("1E+2000000000".into()),
        Value::Bool(true),
        Character::value(0xd800),
        texts(ListKind::Java, &["a", "😀"]),
        texts(ListKind::Json, &[]),
        texts(ListKind::Array(Element::Text), &["a"]),
        run(&texts(ListKind::Java, &["a"]), "iterator", &[]),
        run(&Value::text(""), "getClass", &[]),
        keyed,
    ];
    receivers.extend(views);
    let edges = [
        Value::Null,
        Value::Int(i32::MIN),
        Value::Int(-1),
        Value::Int(1),
        Value::Int(3),
        Value::Int(i32::MAX),
        Value::Long(i64::MIN),
        Value::Double(-0.0),
        Value::Bool(true),
        Value::text(""),
        Value::text("😀"),
        Character::value(0xdc00),
        texts(ListKind::Java, &["a"]),
    ];
    let tables = [
        include_str!("string.tsv"),
        include_str!("list.tsv"),
        include_str!("map.tsv"),
        include_str!("number.tsv"),
    ];
    let methods: std::collections::BTreeSet<&str> = tables
        .iter()
        .flat_map(|table| table.lines())
        .filter_map(|row| row.split('\t').nth(1))
        .collect();
    for receiver in &receivers {
        for method in &methods {
            let _ = call(receiver, method, &[], &mut small());
            for first in &edges {
                let _ = call(receiver, method, std::slice::from_ref(first), &mut small());
                for second in &edges {
                    let two = [first.clone(), second.clone()];
                    let _ = call(receiver, method, &two, &mut small());
                }
            }
        }
    }
}
