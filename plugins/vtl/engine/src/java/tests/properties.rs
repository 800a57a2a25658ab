//! Properties, subscripts, printing and classes; the expectations are recorded from Velocity 1.7 on Java 17.

use super::*;

#[test]
fn reads_properties_in_the_order_of_velocity() {
    let plain = map(&[("a", Value::Int(1)), ("n", Value::Null)]);
    let entry = run(&run(&run(&plain, "entrySet", &[]), "iterator", &[]), "next", &[]);
    let class = run(&Value::text("x"), "getClass", &[]);
    let rows: [(&str, &Value, &str, &str); 29] = [
        ("a key", &plain, "a", "1"),
        ("a null value", &plain, "n", "(null)"),
        ("no such key", &plain, "b", "(null)"),
        ("a map's keys come before isEmpty", &plain, "empty", "(null)"),
        ("no getter of this name", &plain, "size", "(null)"),
        (
            "getClass comes before keys",
            &plain,
            "class",
            "class java.util.LinkedHashMap",
        ),
        ("isEmpty of a string", &Value::text(""), "empty", "true"),
        ("isBlank", &Value::text(" "), "blank", "true"),
        ("with a capital", &Value::text(" "), "Empty", "false"),
        ("no getter", &Value::text("x"), "length", "(none)"),
        (
            "class of a string",
            &Value::text("x"),
            "class",
            "class java.lang.String",
        ),
        ("name of a class", &class, "name", "java.lang.String"),
        ("short name of a class", &class, "simpleName", "String"),
        ("isEmpty of a list", &texts(ListKind::Java, &[]), "empty", "true"),
        (
            "isEmpty of a JSON list",
            &texts(ListKind::Json, &["a"]),
            "empty",
            "false",
        ),
        ("no size of a list", &texts(ListKind::Java, &[]), "size", "(none)"),
        (
            "arrays have no length",
            &texts(ListKind::Array(Element::Text), &["a"]),
            "length",
            "(none)",
        ),
        (
            "nor isEmpty",
            &texts(ListKind::Array(Element::Text), &["a"]),
            "empty",
            "(none)",
        ),
        ("an entry's key", &entry, "key", "a"),
        ("an entry's value", &entry, "value", "1"),
        ("an entry's key with a capital", &entry, "Key", "a"),
        ("an entry has nothing else", &entry, "name", "(none)"),
        ("isNaN", &Value::Double(1.5), "naN", "false"),
        ("isNaN by its name", &Value::Double(f64::NAN), "NaN", "true"),
        ("isInfinite", &Value::Double(1.5), "infinite", "false"),
        ("an integer has none", &Value::Int(1), "value", "(none)"),
        ("null has none", &Value::Null, "class", "(none)"),
        (
            "views are empty or not",
            &run(&plain, "keySet", &[]),
            "empty",
            "false",
        ),
        ("a list is no map", &texts(ListKind::Java, &["a"]), "a", "(none)"),
    ];
    for (name, receiver, property_name, expected) in rows {
        assert_eq!(
            seen(property(receiver, property_name, &mut limits())),
            expected,
            "{name}"
        );
    }
}

#[test]
fn reads_subscripts_as_get() {
    let items = texts(ListKind::Java, &["a", "b", "c"]);
    let keyed = map(&[("a", Value::Int(1))]);
    let numbered = Map::new(Order::Insertion);
    numbered.put(Value::Int(0), Value::text("z"));
    let numbered = Value::Map(numbered);
    let array = texts(ListKind::Array(Element::Text), &["x", "y"]);
    let rows: [(&str, &Value, Value, &str); 13] = [
        ("the first", &items, Value::Int(0), "a"),
        ("the last", &items, Value::Int(-1), "c"),
        ("behind the end", &items, Value::Int(3), "(thrown)"),
        ("before the start", &items, Value::Int(-4), "(thrown)"),
        ("a string is no index", &items, Value::text("0"), "(none)"),
        ("nor is null", &items, Value::Null, "(none)"),
        ("a long is none either", &items, Value::Long(0), "(none)"),
        ("a key", &keyed, Value::text("a"), "1"),
        ("no key", &keyed, Value::text("b"), "(null)"),
        ("null as the key", &keyed, Value::Null, "(null)"),
        ("maps too count from their size", &numbered, Value::Int(-1), "z"),
        ("strings have none", &Value::text("abc"), Value::Int(0), "(none)"),
        ("arrays", &array, Value::Int(-1), "y"),
    ];
    for (name, receiver, at, expected) in rows {
        assert_eq!(seen(index(receiver, &at, &mut limits())), expected, "{name}");
    }
}

#[test]
fn writes_properties_and_subscripts() {
    let mut bounds = limits();
    let keyed = map(&[]);
    assert_eq!(set_property(&keyed, "x", Value::Int(1), &mut bounds), Ok(true));
    assert_eq!(
        set_index(&keyed, &Value::text("y"), Value::Int(2), &mut bounds),
        Ok(true)
    );
    assert_eq!(plain_text(&keyed), "{x=1, y=2}");

    let items = texts(ListKind::Java, &["a", "b", "c"]);
    assert_eq!(
        set_index(&items, &Value::Int(1), Value::Int(9), &mut bounds),
        Ok(true)
    );
    assert_eq!(
        set_index(&items, &Value::Int(-1), Value::Null, &mut bounds),
        Ok(true)
    );
    assert!(matches!(
        set_index(&items, &Value::Int(5), Value::Int(9), &mut bounds),
        Err(Failure::Thrown(_))
    ));
    assert_eq!(
        set_index(&items, &Value::text("1"), Value::Int(9), &mut bounds),
        Ok(false)
    );
    assert_eq!(set_property(&items, "x", Value::Int(9), &mut bounds), Ok(false));
    assert_eq!(plain_text(&items), "[a, 9, null]");

    let array = texts(ListKind::Array(Element::Text), &["a", "b"]);
    assert_eq!(
        set_index(&array, &Value::Int(0), Value::text("q"), &mut bounds),
        Ok(true)
    );
    assert!(matches!(
        set_index(&array, &Value::Int(1), Value::Int(1), &mut bounds),
        Err(Failure::Thrown(_))
    ));
    assert_eq!(
        set_property(&Value::text("s"), "foo", Value::Int(1), &mut bounds),
        Ok(false)
    );

    let keyed = map(&[("a", Value::Int(1))]);
    let entry = run(&run(&run(&keyed, "entrySet", &[]), "iterator", &[]), "next", &[]);
    assert_eq!(
        set_property(&entry, "value", Value::Int(5), &mut bounds),
        Ok(true)
    );
    assert_eq!(plain_text(&keyed), "{a=5}");
}

#[test]
fn views_are_live() {
    let keyed = map(&[("a", Value::Int(1))]);
    let keys = run(&keyed, "keySet", &[]);
    let values = run(&keyed, "values", &[]);
    run(&keyed, "put", &[Value::text("b"), Value::Int(2)]);
    assert_eq!(
        (plain_text(&keys), plain_text(&values)),
        ("[a, b]".into(), "[1, 2]".into())
    );
    assert_eq!(plain_text(&run(&keys, "remove", &[Value::text("a")])), "true");
    assert_eq!(plain_text(&keyed), "{b=2}");
    let entry = run(&run(&run(&keyed, "entrySet", &[]), "iterator", &[]), "next", &[]);
    assert_eq!(plain_text(&run(&entry, "setValue", &[Value::Int(9)])), "2");
    assert_eq!(
        (plain_text(&keyed), plain_text(&entry)),
        ("{b=9}".into(), "b=9".into())
    );
}

#[test]
fn prints_as_java_does() {
    let own_list = texts(ListKind::Java, &["a"]);
    run(&own_list, "add", std::slice::from_ref(&own_list));
    let own_map = map(&[]);
    run(&own_map, "put", &[Value::text("m"), own_map.clone()]);
    let nested = map(&[("x", texts(ListKind::Json, &["a/b"]))]);
    let rows: [(&str, Value, &str); 9] = [
        ("null", Value::Null, "null"),
        ("a digit", Value::Int(7), "7"),
        ("a negative number", Value::Int(-70), "-70"),
        ("the least long", Value::Long(i64::MIN), "-9223372036854775808"),
        (
            "nested",
            map(&[("a", Value::Int(1)), ("b", texts(ListKind::Java, &["x", "y"]))]),
            "{a=1, b=[x, y]}",
        ),
        ("a list in itself", own_list, "[a, (this Collection)]"),
        ("a map in itself", own_map, "{m=(this Map)}"),
        ("a JSON list in a map", nested, r#"{x=["a\/b"]}"#),
        (
            "null in a list",
            list(ListKind::Java, vec![Value::Null, Value::Bool(true)]),
            "[null, true]",
        ),
    ];
    for (name, value, expected) in rows {
        assert_eq!(plain_text(&value), expected, "{name}");
    }
}

#[test]
fn statics_are_reached_through_instances_and_classes() {
    let class = run(&Value::text(""), "getClass", &[]);
    assert_eq!(plain_text(&run(&class, "valueOf", &[Value::Int(5)])), "5");
    assert_eq!(
        plain_text(&run(&Value::Int(0), "parseInt", &[Value::text("-12")])),
        "-12"
    );
    assert_eq!(
        seen(call(
            &Value::Int(0),
            "parseInt",
            &[Value::text("x")],
            &mut limits()
        )),
        "(thrown)"
    );
    assert_eq!(
        seen(call(
            &Value::Int(0),
            "parseInt",
            &[Value::text("2147483648")],
            &mut limits()
        )),
        "(thrown)"
    );
}

#[test]
fn splits_by_literals_as_by_patterns() {
    let rows: [(&str, &str, &str); 7] = [
        ("a,b,,c,,", ",", "[a, b, , c]"),
        (",a", ",", "[, a]"),
        ("", ",", "[]"),
        (",", ",", "[]"),
        ("abc", "x", "[abc]"),
        ("a.b", "\\.", "[a, b]"),
        ("aXYb", "XY", "[a, b]"),
    ];
    for (text, pattern, expected) in rows {
        let parts = run(&Value::text(text), "split", &[Value::text(pattern)]);
        let Value::List(parts) = parts else {
            panic!("{text}")
        };
        assert_eq!(
            plain_text(&list(ListKind::Java, parts.items().clone())),
            expected,
            "{text}"
        );
    }
}

#[test]
fn equality_and_hashes_are_those_of_java() {
    let equal = [
        (texts(ListKind::Java, &["a"]), texts(ListKind::Json, &["a"])),
        (
            map(&[("a", Value::Int(1)), ("b", Value::Null)]),
            map(&[("b", Value::Null), ("a", Value::Int(1))]),
        ),
        (Character::value(97), Character::value(97)),
        (
            run(&map(&[("a", Value::Int(1))]), "keySet", &[]),
            run(&map(&[("a", Value::Int(2))]), "keySet", &[]),
        ),
    ];
    for (left, right) in equal {
        assert!(equals(&left, &right), "{left:?}");
        assert_eq!(hash_code(&left), hash_code(&right), "{left:?}");
    }
    let unequal = [
        (Value::Int(1), Value::Long(1)),
        (Value::Double(0.0), Value::Double(-0.0)),
        (Value::text("a"), Character::value(97)),
        (Value::Null, Value::text("")),
    ];
    for (left, right) in unequal {
        assert!(!equals(&left, &right), "{left:?}");
    }
    let hashes: [(Value, i32); 6] = [
        (Value::text("hello"), 99_162_322),
        (Value::text("hé€😀"), 112_798_190),
        (Value::Long(5_000_000_000), 705_032_705),
        (Value::Double(1.5), 1_073_217_536),
        (texts(ListKind::Java, &["a", "b", "a"]), 126_143),
        (map(&[("a", Value::Int(1)), ("b", Value::text("x"))]), 122),
    ];
    for (value, expected) in hashes {
        assert_eq!(hash_code(&value), expected, "{value:?}");
    }
}
