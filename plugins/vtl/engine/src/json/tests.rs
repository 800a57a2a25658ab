mod read;

use proptest::prelude::*;

use super::*;
use crate::bounds::Limits;
use crate::java;
use crate::value::{List, ListKind, Map, Order};

fn bounds() -> Bounds {
    Bounds::new(Limits::default())
}

fn parse_str(text: &str, bounds: &mut Bounds) -> Result<Value, Error> {
    parse(&Text::from(text), bounds)
}

pub(crate) fn parsed(text: &str) -> Value {
    parse_str(text, &mut bounds()).unwrap()
}

fn printed(value: &Value, style: Style) -> String {
    let mut out = String::new();
    print(value, &mut out, style, &mut bounds()).unwrap();
    out
}

/// The value with its Java classes, `!` for an error.
fn described(text: &str) -> String {
    parse_str(text, &mut bounds()).map_or_else(|_| "!".to_owned(), |value| tree(&value))
}

/// The value with its Java classes.
pub(crate) fn tree(value: &Value) -> String {
    let class = match value {
        Value::Null => return "null".to_owned(),
        Value::List(list) => {
            let items: String = list.items().iter().map(|item| tree(item) + ";").collect();
            return format!("[{items}]");
        }
        Value::Map(map) => {
            let entry = |(key, value): (Value, Value)| format!("{}={};", tree(&key), tree(&value));
            let entries: String = map.entries().into_iter().map(entry).collect();
            return format!("{{{entries}}}");
        }
        Value::Bool(_) => "Boolean",
        Value::Int(_) => "Integer",
        Value::Long(_) => "Long",
        Value::Big(_) => "BigInteger",
        Value::Double(double) if double.is_nan() => "Float",
        Value::Double(_) => "Double",
        Value::Decimal(_) => "BigDecimal",
        Value::Text(_) => "String",
        Value::Object(_) => "Object",
    };
    format!("{class}:{}", java::to_text(value, &mut bounds()).unwrap())
}

/// Recorded from json-smart 2.2 in `MODE_PERMISSIVE`, as Jayway's JsonSmartJsonProvider runs it.
#[test]
fn reads_what_json_smart_reads() {
    for (text, expected) in read::ROWS {
        assert_eq!(described(text), *expected, "{text:?}");
    }
}

/// Recorded from json-smart 2.2: the list's own text, and what Jayway's provider prints.
#[test]
fn prints_what_json_smart_prints() {
    let rows = [
        (r#"["a/b\"c\\d"]"#, r#"["a\/b\"c\\d"]"#, r#"["a/b\"c\\d"]"#),
        (
            r#"{"a/b":"</script>'"}"#,
            r#"{"a\/b":"<\/script>'"}"#,
            r#"{"a/b":"</script>'"}"#,
        ),
        (
            "[\"\u{0}\u{1}\u{8}\u{c}\n\r\t\u{1f}\u{7f}\u{80}\u{9f}\u{a0}\u{e9}\u{1fff}\u{2000}\u{2028}\u{20ac}\u{20ff}\u{2100}\u{feff}\u{1f600}\"]",
            "[\"\\u0000\\u0001\\b\\f\\n\\r\\t\\u001F\\u007F\\u0080\\u009F\u{a0}\u{e9}\u{1fff}\\u2000\\u2028\\u20AC\\u20FF\u{2100}\u{feff}\u{1f600}\"]",
            "[\"\\u0000\\u0001\\b\\f\\n\\r\\t\\u001F\\u007F\\u0080\\u009F\u{a0}\u{e9}\u{1fff}\\u2000\\u2028\\u20AC\\u20FF\u{2100}\u{feff}\u{1f600}\"]",
        ),
        (
            "[1,1.0,1e10,1e-7,123456789012,1e400,NaN,null,true,0.1234567890123456789]",
            "[1,1.0,1.0E10,1.0E-7,123456789012,null,NaN,null,true,0.1234567890123456789]",
            "[1,1.0,1.0E10,1.0E-7,123456789012,null,NaN,null,true,0.1234567890123456789]",
        ),
        (
            r#"{"a":null,"b":[],"c":{},"":1}"#,
            r#"{"a":null,"b":[],"c":{},"":1}"#,
            r#"{"a":null,"b":[],"c":{},"":1}"#,
        ),
        (r#""x/y""#, r#""x\/y""#, r#""x/y""#),
    ];
    for (text, web, plain) in rows {
        assert_eq!(printed(&parsed(text), Style::Web), web, "{text}");
        assert_eq!(printed(&parsed(text), Style::Plain), plain, "{text}");
    }
}

#[test]
fn prints_keys_that_are_no_strings_and_lists_of_a_template() {
    let inner = List::new(ListKind::Java, vec![Value::Int(1), Value::text("b")]);
    let map = Map::from_entries(Order::Insertion, vec![(Value::Int(7), Value::List(inner))]);
    assert_eq!(printed(&Value::Map(map), Style::Plain), r#"{"7":[1,"b"]}"#);
}

#[test]
fn nests_as_deep_as_json_smart_and_no_deeper() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    let deepest = nested(MAX_DEPTH);
    assert_eq!(printed(&parsed(&deepest), Style::Plain), deepest);
    assert_eq!(
        parse_str(&nested(MAX_DEPTH + 1), &mut bounds()).err(),
        Some(Error::Deep)
    );
    assert_eq!(
        parse_str(&"{a:".repeat(1_000_000), &mut bounds()).err(),
        Some(Error::Deep)
    );
}

#[test]
fn a_list_within_itself_is_a_limit() {
    let list = List::new(ListKind::Json, Vec::new());
    list.items_mut().push(Value::List(list.clone()));
    let mut out = String::new();
    let printed = print(&Value::List(list.clone()), &mut out, Style::Web, &mut bounds());
    assert_eq!(printed, Err(Failure::Limit(Exceeded::Depth)));
    list.items_mut().clear();
}

#[test]
fn work_is_bounded() {
    let mut few = Bounds::new(Limits {
        steps: 100,
        ..Limits::default()
    });
    assert_eq!(
        parse_str(&"1".repeat(2_000), &mut few).err(),
        Some(Error::Limit(Exceeded::Steps))
    );
    let digits = "1".repeat(1_000_000);
    assert_eq!(
        parse_str(&digits, &mut bounds()).err(),
        Some(Error::Limit(Exceeded::Steps))
    );
    let mut small = Bounds::new(Limits {
        items: 3,
        ..Limits::default()
    });
    assert_eq!(
        parse_str("[1,2,3,4]", &mut small).err(),
        Some(Error::Limit(Exceeded::Items))
    );
}

#[test]
fn many_keys_take_no_square_time() {
    let entries: Vec<String> = (0..100_000).map(|n| format!("\"k{}\":{n}", n % 99_999)).collect();
    let Value::Map(map) = parsed(&format!("{{{}}}", entries.join(","))) else {
        panic!("no map")
    };
    assert_eq!(map.len(), 99_999);
    assert_eq!(tree(&map.get("k0").unwrap()), "Integer:99999");
}

#[test]
fn decimals_compare_by_value() {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let rows = [
        ("1", "1.0", Equal),
        ("0", "-0.00", Equal),
        ("1.1", "1.10", Equal),
        ("100", "1E+2", Equal),
        ("99", "1E2", Less),
        ("-1", "1", Less),
        ("-2", "-1", Less),
        ("-0.5", "-0.05", Less),
        ("0.1", "0", Greater),
        ("12", "119", Less),
        ("1.2", "1.19", Greater),
    ];
    for (left, right, expected) in rows {
        let decimal = |text| decimal::Decimal::parse(text).unwrap();
        assert_eq!(decimal(left).compare(&decimal(right)), expected, "{left} {right}");
        assert_eq!(
            decimal(right).compare(&decimal(left)),
            expected.reverse(),
            "{right} {left}"
        );
    }
}

fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|value| value.to_string()),
        any::<i64>().prop_map(|value| value.to_string()),
        // Short enough to be read back as a double.
        any::<i32>().prop_map(|value| (f64::from(value) / 8.0).to_string()),
        any::<String>().prop_map(|text| printed(&Value::text(&text), Style::Web)),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        let entry = (any::<String>(), inner.clone());
        prop_oneof![
            prop::collection::vec(inner, 0..5).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec(entry, 0..5).prop_map(|entries| {
                let entry = |(key, value): &(String, String)| {
                    format!("{}:{value}", printed(&Value::text(key), Style::Plain))
                };
                format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(","))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        let _ = parse_str(&text, &mut bounds());
    }

    #[test]
    fn any_json_like_text_is_read_or_refused(text in "[{}\\[\\]:,'\"\\\\ux0-9a-fEe.+\\- ntrul\u{1a}\u{e9}]{0,40}") {
        let _ = parse_str(&text, &mut bounds());
    }

    #[test]
    fn strings_end_where_they_end(text in "[a\"'\\\\!\\[]\u{e9}]{0,40}") {
        for quote in [b'"', b'\''] {
            let found = text.bytes().position(|byte| byte == quote || byte == b'\\');
            prop_assert_eq!(string::end(text.as_bytes(), quote), found);
        }
    }

    #[test]
    fn what_is_printed_reads_back(text in json()) {
        let value = parsed(&text);
        for style in [Style::Web, Style::Plain] {
            prop_assert_eq!(tree(&parsed(&printed(&value, style))), tree(&value));
        }
    }
}
