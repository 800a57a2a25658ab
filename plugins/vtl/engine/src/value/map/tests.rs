use super::*;

fn keys(map: &Map) -> String {
    map.entries()
        .iter()
        .map(|(key, _)| crate::java::plain_text(key))
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn finds_keys_of_every_type_below_and_above_the_size_of_an_index() {
    for size in [3, 8, 9, 50, 1_000] {
        let map = Map::new(Order::Insertion);
        for i in 0..size {
            assert!(map.put(Value::Int(i), Value::Int(-i)).is_none());
            assert!(map.put(Value::text(&i.to_string()), Value::Int(i)).is_none());
            assert!(map.put(Value::Long(i.into()), Value::Null).is_none());
        }
        for i in 0..size {
            assert!(
                matches!(map.get_value(&Value::Int(i)), Some(Value::Int(n)) if n == -i),
                "{size} {i}"
            );
            assert!(
                matches!(map.get(&i.to_string()), Some(Value::Int(n)) if n == i),
                "{size} {i}"
            );
            assert!(
                matches!(map.get_value(&Value::Long(i.into())), Some(Value::Null)),
                "{size} {i}"
            );
        }
        assert!(map.get("x").is_none());
        assert!(map.get_value(&Value::Null).is_none());
    }
}

#[test]
fn a_removed_key_that_is_put_again_goes_to_the_end() {
    let map = Map::new(Order::Insertion);
    for i in 0..20 {
        map.put(Value::Int(i), Value::Null);
    }
    for i in 0..17 {
        assert!(map.remove(&Value::Int(i)).is_some());
    }
    assert!(map.remove(&Value::Int(3)).is_none());
    map.put(Value::Int(3), Value::Null);
    map.put(Value::Int(18), Value::Bool(true));
    assert_eq!(keys(&map), "17 18 19 3");
    assert_eq!(map.len(), 4);
}

/// Recorded from `java.util.HashMap` of Java 17.
#[test]
fn tells_entries_in_the_order_of_hash_map() {
    let rows: [(&[&str], &str); 3] = [
        (&["banana", "apple", "cherry"], "banana apple cherry"),
        (
            &["zeta", "alpha", "Mid", "x1", "x2", "name", "id"],
            "zeta alpha name Mid x1 x2 id",
        ),
        (
            &[
                "k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8", "k9", "k10", "k11", "k12", "k13",
            ],
            "k0 k1 k2 k3 k4 k5 k11 k6 k10 k7 k13 k8 k12 k9",
        ),
    ];
    for (given, expected) in rows {
        let map = Map::new(Order::Hash);
        for key in given {
            map.put_text(Text::from(*key), Value::Null);
        }
        assert_eq!(keys(&map), expected);
    }
}
