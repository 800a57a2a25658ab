//! Walks, and what they make of changes meanwhile; the expectations are recorded from Velocity 1.7 on Java 17.

use super::*;

/// Walks `value`, with `change` after each element: the elements, and how the walk ended.
fn walk(value: &Value, mut change: impl FnMut(&Value)) -> String {
    let Some(mut walk) = iterate(value) else {
        return "(none)".into();
    };
    let mut out = String::new();
    while walk.has_next() {
        match walk.next_value() {
            Ok(item) => {
                out.push_str(&plain_text(&item));
                change(&item);
            }
            Err(_) => return out + "!",
        }
    }
    out
}

#[test]
fn walks_lists_values_views_arrays_and_iterators() {
    let keyed = map(&[("a", Value::Int(1)), ("b", Value::Int(2))]);
    let rows: [(&str, Value, &str); 10] = [
        ("a list", texts(ListKind::Java, &["x", "y"]), "xy"),
        ("a JSON list", texts(ListKind::Json, &["x", "y"]), "xy"),
        (
            "an array",
            texts(ListKind::Array(Element::Text), &["x", "y"]),
            "xy",
        ),
        ("a map: its values", keyed.clone(), "12"),
        ("keys", run(&keyed, "keySet", &[]), "ab"),
        ("values", run(&keyed, "values", &[]), "12"),
        ("entries", run(&keyed, "entrySet", &[]), "a=1b=2"),
        (
            "an iterator",
            run(&texts(ListKind::Java, &["x", "y"]), "iterator", &[]),
            "xy",
        ),
        ("a string", Value::text("xy"), "(none)"),
        ("a number", Value::Int(2), "(none)"),
    ];
    for (name, value, expected) in rows {
        assert_eq!(walk(&value, |_| ()), expected, "{name}");
    }
}

#[test]
fn a_change_of_structure_ends_the_walk_as_in_java() {
    let added = texts(ListKind::Java, &["a", "b", "c"]);
    assert_eq!(
        walk(&added, |_| {
            run(&added, "add", &[Value::Int(1)]);
        }),
        "a!"
    );

    let removed = texts(ListKind::Java, &["a", "b", "c"]);
    let remove_b = |item: &Value| {
        if plain_text(item) == "b" {
            run(&removed, "remove", &[Value::text("b")]);
        }
    };
    assert_eq!(walk(&removed, remove_b), "ab", "the last but one hides the end");

    let set = texts(ListKind::Java, &["a", "b", "c"]);
    assert_eq!(
        walk(&set, |_| {
            run(&set, "set", &[Value::Int(2), Value::text("z")]);
        }),
        "abz"
    );

    let last = map(&[("a", Value::Int(1))]);
    let put = |target: &Value| {
        run(target, "put", &[Value::text("z"), Value::Int(9)]);
    };
    assert_eq!(
        walk(&last, |_| put(&last)),
        "1",
        "the last element was given already"
    );
    let two = map(&[("a", Value::Int(1)), ("b", Value::Int(2))]);
    assert_eq!(walk(&two, |_| put(&two)), "1!");
    let replaced = map(&[("a", Value::Int(1)), ("z", Value::Int(2))]);
    assert_eq!(walk(&replaced, |_| put(&replaced)), "19");
}

#[test]
fn iterators_remove_what_they_gave() {
    for receiver in [
        texts(ListKind::Java, &["a", "b", "c"]),
        map(&[("a", Value::text("a")), ("b", Value::text("b"))]),
    ] {
        let target = if matches!(receiver, Value::Map(_)) {
            run(&receiver, "values", &[])
        } else {
            receiver.clone()
        };
        let iterator = run(&target, "iterator", &[]);
        assert_eq!(seen(call(&iterator, "remove", &[], &mut limits())), "(thrown)");
        assert_eq!(plain_text(&run(&iterator, "next", &[])), "a");
        run(&iterator, "remove", &[]);
        assert_eq!(plain_text(&run(&iterator, "next", &[])), "b");
        assert!(!plain_text(&receiver).contains('a'));
    }
}

#[test]
fn gives_all_items_at_once() {
    let keyed = map(&[("a", Value::Int(1)), ("b", Value::Int(2))]);
    let all = items(&keyed).unwrap();
    assert_eq!(all.len(), 2);
    assert!(items(&Value::text("ab")).is_none());
}
