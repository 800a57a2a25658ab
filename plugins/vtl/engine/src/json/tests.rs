use proptest::prelude::*;

use super::*;
use crate::bounds::Limits;
use crate::java;
use crate::value::{List, ListKind, Map, Order};

fn bounds() -> Bounds {
    Bounds::new(Limits::default())
}

pub(crate) fn parsed(text: &str) -> Value {
    parse(text, &mut bounds()).unwrap()
}

fn printed(value: &Value, style: Style) -> String {
    let mut out = String::new();
    print(value, &mut out, style, &mut bounds()).unwrap();
    out
}

/// The value with its Java classes, `!` for an error.
fn described(text: &str) -> String {
    parse(text, &mut bounds()).map_or_else(|_| "!".to_owned(), |value| tree(&value))
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
    for (text, expected) in READ {
        assert_eq!(described(text), *expected, "{text:?}");
    }
}

#[rustfmt::skip]
const READ: &[(&str, &str)] = &[
    ("\u{b}true", "String:true"),
    ("[true\u{b}]", "[Boolean:true;]"),
    ("", "String:"),
    ("  ", "String:"),
    ("{}", "{}"),
    ("[]", "[]"),
    ("{", "!"),
    ("[", "!"),
    ("{a", "!"),
    ("{a:", "!"),
    ("{a:1", "!"),
    ("{a:1,", "!"),
    ("[1", "!"),
    ("[1,", "!"),
    ("{\"a\":1} x", "{String:a=Integer:1;}"),
    ("{\"a\":1}}", "{String:a=Integer:1;}"),
    ("[1]]", "[Integer:1;]"),
    ("{a:1}garbage", "{String:a=Integer:1;}"),
    ("abc", "String:abc"),
    ("abc def", "String:abc def"),
    ("a,b", "String:a,b"),
    ("a:b", "String:a:b"),
    ("a]b", "String:a]b"),
    ("null", "null"),
    ("nullx", "String:nullx"),
    ("null x", "String:null x"),
    ("null ", "null"),
    ("true", "Boolean:true"),
    ("false", "Boolean:false"),
    ("truex", "String:truex"),
    ("NaN", "Float:NaN"),
    ("[NaN]", "[Float:NaN;]"),
    ("[NaNx]", "[String:NaNx;]"),
    ("Infinity", "String:Infinity"),
    ("[Infinity]", "[String:Infinity;]"),
    ("[-Infinity]", "[String:-Infinity;]"),
    ("1", "Integer:1"),
    ("01", "Integer:1"),
    ("-01", "Integer:-1"),
    ("00", "Integer:0"),
    ("[01]", "[Integer:1;]"),
    ("[-]", "[Integer:0;]"),
    ("-", "Integer:0"),
    ("[- 1]", "[String:- 1;]"),
    ("[1 2]", "[String:1 2;]"),
    ("[1a]", "[String:1a;]"),
    ("[1.]", "[Double:1.0;]"),
    ("[.5]", "[String:.5;]"),
    ("[1.5.2]", "[String:1.5.2;]"),
    ("[1e5]", "[Double:100000.0;]"),
    ("[1E+5]", "[Double:100000.0;]"),
    ("[1e]", "[String:1e;]"),
    ("[1e+]", "!"),
    ("[1.0]", "[Double:1.0;]"),
    ("[1.50]", "[Double:1.5;]"),
    ("[1e400]", "[Double:Infinity;]"),
    ("[-0]", "[Integer:0;]"),
    ("[-0.0]", "[Double:-0.0;]"),
    ("[0.1234567890123456]", "[Double:0.1234567890123456;]"),
    ("[0.12345678901234567]", "[BigDecimal:0.12345678901234567;]"),
    ("[0.123456789012345678]", "[BigDecimal:0.123456789012345678;]"),
    ("[100000000000000000000.5]", "[BigDecimal:100000000000000000000.5;]"),
    ("[12345678901234567890e10]", "[BigDecimal:1.2345678901234567890E+29;]"),
    ("[1e10000000000]", "[Double:Infinity;]"),
    ("[1.0e99999999999999]", "[Double:Infinity;]"),
    ("[2147483647]", "[Integer:2147483647;]"),
    ("[2147483648]", "[Long:2147483648;]"),
    ("[-2147483648]", "[Integer:-2147483648;]"),
    ("[-2147483649]", "[Long:-2147483649;]"),
    ("[9223372036854775807]", "[Long:9223372036854775807;]"),
    ("[9223372036854775808]", "[BigInteger:9223372036854775808;]"),
    ("[-9223372036854775808]", "[Long:-9223372036854775808;]"),
    ("[-9223372036854775809]", "[BigInteger:-9223372036854775809;]"),
    ("[00000000000000000001]", "[BigInteger:1;]"),
    ("[000000000000000000000000001]", "[BigInteger:1;]"),
    ("[123456789012345678901234567890]", "[BigInteger:123456789012345678901234567890;]"),
    ("{'a':'b'}", "{String:a=String:b;}"),
    ("['it\\'s']", "[String:it's;]"),
    ("[\"a\\\"b\"]", "[String:a\"b;]"),
    ("[a'b]", "[String:a'b;]"),
    ("[a\"b]", "[String:a\"b;]"),
    ("{a:b c}", "{String:a=String:b c;}"),
    ("{a b:c}", "{String:a b=String:c;}"),
    ("{\"a\" :1}", "{String:a=Integer:1;}"),
    ("{\"a\": 1 }", "{String:a=Integer:1;}"),
    ("{ a : b }", "{String:a=String:b;}"),
    ("[ a , b ]", "[String:a;String:b;]"),
    ("[,]", "[]"),
    ("[,,1,,2,,]", "[Integer:1;Integer:2;]"),
    ("{,}", "{}"),
    ("{,a:1,,b:2,}", "{String:a=Integer:1;String:b=Integer:2;}"),
    ("{a:1 b:2}", "{String:a=String:1 b:2;}"),
    ("{\"a\":1 \"b\":2}", "{String:a=String:1 \"b\":2;}"),
    ("{\"a\" \"b\"}", "!"),
    ("{\"a\"}", "!"),
    ("{a}", "!"),
    ("{a,b}", "!"),
    ("{:1}", "!"),
    ("{\"\":1}", "{String:=Integer:1;}"),
    ("{a:}", "!"),
    ("{a:,b:1}", "{String:a=String:;String:b=Integer:1;}"),
    ("{a::1}", "!"),
    ("{a:b:c}", "{String:a=String:b:c;}"),
    ("[\"a\":1]", "!"),
    ("[\"a\" \"b\"]", "[String:a;String:b;]"),
    ("[{}{}]", "[{};{};]"),
    ("[[][]]", "[[];[];]"),
    ("[1]2", "[Integer:1;]"),
    ("{\"a\":{\"b\":[1,{\"c\":null}]}}", "{String:a={String:b=[Integer:1;{String:c=null;};];};}"),
    ("{\"a\":1,\"a\":2}", "{String:a=Integer:2;}"),
    ("{\"a\":1,\"b\":3,\"a\":2}", "{String:a=Integer:2;String:b=Integer:3;}"),
    ("[\"\\u0041\\u00e9\\ud83d\\ude00\"]", "[String:A\u{e9}\u{1f600};]"),
    ("[\"\\u12\"]", "!"),
    ("[\"\\u12G4\"]", "!"),
    ("[\"\\x41\"]", "[String:A;]"),
    ("[\"\\q\"]", "[String:;]"),
    ("[\"\\/\"]", "[String:/;]"),
    ("[\"\\0\"]", "[String:;]"),
    ("[\"\\b\\f\\n\\r\\t\\v\\a\"]", "[String:\u{8}\u{c}\n\r\t;]"),
    ("[\"a\nb\"]", "[String:a\nb;]"),
    ("[\"a\tb\"]", "[String:a\tb;]"),
    ("[\"a\u{1}b\"]", "[String:a\u{1}b;]"),
    ("[\"a\u{7f}b\"]", "[String:a\u{7f}b;]"),
    ("[\"a\u{0}b\"]", "[String:a\u{0}b;]"),
    ("[\"a\u{1a}b\"]", "[String:a\u{1a}b;]"),
    ("[a\u{1a}b]", "!"),
    ("[\"abc", "!"),
    ("[\"abc\\\"]", "!"),
    ("[\"abc\\", "!"),
    ("\"abc\"", "String:abc"),
    ("\"abc\" def", "String:abc"),
    ("\"abc\"def", "String:abc"),
    ("'abc'", "String:abc"),
    ("'a\"b'", "String:a\"b"),
    (" \n\t{\"a\":1}", "{String:a=Integer:1;}"),
    ("\u{c}{}", "String:{}"),
    ("\u{feff}{}", "String:\u{feff}{}"),
    ("\u{a0}[1]", "String:\u{a0}[1]"),
    ("[\u{a0}1]", "[String:\u{a0}1;]"),
    ("[1\u{a0}]", "[Integer:1;String:\u{a0};]"),
    ("[ true ]", "[Boolean:true;]"),
    ("[true1]", "[String:true1;]"),
    ("[true x]", "[String:true x;]"),
    ("[truE]", "[String:truE;]"),
    ("[nulL]", "[String:nulL;]"),
    ("[null\n]", "[null;]"),
    ("[t]", "[String:t;]"),
    ("[n]", "[String:n;]"),
    ("[N]", "[String:N;]"),
    ("[f]", "[String:f;]"),
    ("{null:null}", "{String:null=null;}"),
    ("{true:1}", "{String:true=Integer:1;}"),
    ("{1:2}", "{String:1=Integer:2;}"),
    ("{1.5:2}", "{String:1.5=Integer:2;}"),
    ("{-:2}", "{String:-=Integer:2;}"),
    ("[a b  c ]", "[String:a b  c;]"),
    ("[a\nb]", "[String:a\nb;]"),
    ("{\"a\":b\n}", "{String:a=String:b;}"),
    ("{\"a\":\"x\"y}", "!"),
    ("{\"a\":\"x\"y:1}", "!"),
    ("[\"x\"y]", "[String:x;String:y;]"),
    ("[1]  ", "[Integer:1;]"),
    ("/*c*/{}", "String:/*c*/{}"),
    ("[1,//c\n2]", "[Integer:1;String://c\n2;]"),
    ("{\"a\":1;\"b\":2}", "{String:a=String:1;\"b\":2;}"),
    ("{\"a\"=1}", "!"),
    ("a=1&b=2", "String:a=1&b=2"),
    ("<xml/>", "String:<xml/>"),
    ("statusCode: 200", "String:statusCode: 200"),
    ("{statusCode: 200}", "{String:statusCode=Integer:200;}"),
    ("{\"a\":tru}", "{String:a=String:tru;}"),
    ("{\"a\":1.2.3}", "{String:a=String:1.2.3;}"),
    ("{\"a\":1-2}", "{String:a=String:1-2;}"),
    ("{\"a\":2020-01-01}", "{String:a=String:2020-01-01;}"),
    ("[2020-01-01T00:00:00Z]", "[String:2020-01-01T00:00:00Z;]"),
    ("[10:20]", "[String:10:20;]"),
    ("{a:10:20}", "{String:a=String:10:20;}"),
    ("[0x10]", "[String:0x10;]"),
    ("[1_000]", "[String:1_000;]"),
    ("[+1]", "[String:+1;]"),
    ("[1,2", "!"),
    ("{\"a\":[1,2}", "!"),
    ("{\"a\":[1}", "!"),
    ("[{]", "!"),
    ("}", "!"),
    ("]", "!"),
    (":", "!"),
    (",", "String:,"),
    (",1", "String:,1"),
    ("[}", "!"),
    ("{]", "!"),
    ("[:]", "!"),
    ("{\"a\":1,]", "!"),
    ("{\"a\\\"b\":1}", "{String:a\"b=Integer:1;}"),
    ("{a\\\"b:1}", "{String:a\\\"b=Integer:1;}"),
    ("[\\u0041]", "[String:\\u0041;]"),
    ("{\"\\u0041\":1}", "{String:A=Integer:1;}"),
    ("[\"\\ud83d\"]", "[String:?;]"),
    ("[\"\\ud83dx\\ude00\"]", "[String:?x?;]"),
    ("[1L]", "[String:1L;]"),
    ("[1.5f]", "[String:1.5f;]"),
    ("[1e5x]", "[String:1e5x;]"),
    ("[1e5 ]", "[Double:100000.0;]"),
    ("[1 ]", "[Integer:1;]"),
    ("[1 ,2]", "[Integer:1;Integer:2;]"),
    ("[1.5 ,2]", "[Double:1.5;Integer:2;]"),
    ("[1\t]", "[Integer:1;]"),
    ("[1\u{b}]", "[Integer:1;]"),
    ("[a\u{b}]", "[String:a;]"),
    ("[\u{b}]", "[String:;]"),
    ("[1.0000000000000000]", "[Double:1.0;]"),
    ("[123456789.12345678]", "[Double:1.2345678912345678E8;]"),
    ("[123456789.1234567]", "[Double:1.234567891234567E8;]"),
    ("[-12345678.12345678]", "[Double:-1.234567812345678E7;]"),
    ("[1.5E300]", "[Double:1.5E300;]"),
    ("[1.7976931348623157E308]", "[BigDecimal:1.7976931348623157E+308;]"),
    ("[0.00000000000000001]", "[BigDecimal:1E-17;]"),
    ("[1.000000000000000000E5]", "[BigDecimal:100000.0000000000000;]"),
    ("[0.0000000000000000000000001]", "[BigDecimal:1E-25;]"),
    ("[123456789012345678.0]", "[BigDecimal:123456789012345678.0;]"),
    ("[1.10000000000000000000]", "[BigDecimal:1.10000000000000000000;]"),
    ("[0000000000000000000.5]", "[BigDecimal:0.5;]"),
    ("[-00.5]", "[Double:-0.5;]"),
    ("[1E1000000000000]", "[Double:Infinity;]"),
    ("[4.9E-324]", "[Double:4.9E-324;]"),
    ("[3.0000000000000000]", "[Double:3.0;]"),
    ("[100E-2]", "[Double:1.0;]"),
    ("[1.234567890123456789E+20]", "[BigDecimal:1.234567890123456789E+20;]"),
    ("[1.234567890123456789E-20]", "[BigDecimal:1.234567890123456789E-20;]"),
    ("[-1.50000000000000000000]", "[BigDecimal:-1.50000000000000000000;]"),
    ("[12345678901234567.0e3]", "[BigDecimal:1.23456789012345670E+19;]"),
    ("[0.00000000000000000]", "[BigDecimal:0E-17;]"),
    ("[1~2]", "[Integer:1;String:~2;]"),
    ("{a:1~}", "!"),
    ("[\"a\tb\\n\"]", "[String:ab\n;]"),
    ("[\"a\u{7f}b\\n\"]", "[String:ab\n;]"),
    ("[\"a\u{1a}b\\n\"]", "!"),
    ("[\"\\\u{e9}\"]", "[String:;]"),
    ("[\"\\\u{20ac} x\"]", "[String: x;]"),
    ("[-e5]", "!"),
    ("[-.]", "!"),
    ("[-.5]", "[Double:-0.5;]"),
    ("[1234567890123456789.]", "[BigDecimal:1234567890123456789;]"),
    ("[-.0000000000000000000]", "[BigDecimal:0E-19;]"),
    ("[1.00000000000e99999999999999]", "!"),
    ("[1.0000000000000e2147483648]", "!"),
    ("[1.00000000000000e2147483647]", "[BigDecimal:1.00000000000000E+2147483647;]"),
    ("[1.00000000000000e-2147483647]", "!"),
    ("[-0000000000000000005]", "[Integer:-5;]"),
    ("[-00000000000000000005]", "[BigInteger:-5;]"),
    ("[a\u{2003} ,\u{2003}b, \u{1}c\u{1} ,\u{1c}d\u{1c},\u{85}e\u{85}]", "[String:a\u{2003};String:\u{2003}b;String:c;String:d;String:\u{85}e\u{85};]"),
    ("{\"a\"\u{1}:\u{1}1}", "{String:a=String:1;}"),
    ("[0.0000000000000001e-5]", "[BigDecimal:1E-21;]"),
    ("[00000000000000000.10e5]", "[BigDecimal:1.0E+4;]"),
    ("[0.000001234567890123]", "[BigDecimal:0.000001234567890123;]"),
    ("[0.0000001234567890123]", "[BigDecimal:1.234567890123E-7;]"),
    ("[1234567890.12345678900E+2]", "[BigDecimal:123456789012.345678900;]"),
    ("[1234567890.1234567890E+12]", "[BigDecimal:1.2345678901234567890E+21;]"),
    ("[\"\\ud83d\n\\ude00\"]", "[String:\u{1f600};]"),
    ("[\"\\ud83d\\q\\ude00\"]", "[String:\u{1f600};]"),
    ("[\"\\ude00\\ud83d\"]", "[String:??;]"),
    ("[\"a\\", "!"),
    ("[\"\\u00", "!"),
    ("[\"\\x4", "!"),
    ("[\"\\xZZ\"]", "!"),
    ("{\"a\":[],}", "{String:a=[];}"),
    ("{\"a\":{}\"b\":1}", "!"),
    ("{\"a\":{} x}", "!"),
    ("{\"a\":[1] }", "{String:a=[Integer:1;];}"),
    ("[[1],]", "[[Integer:1;];]"),
    ("[[1]2]", "[[Integer:1;];Integer:2;]"),
    ("\u{1a}{}", "String:"),
    ("[NaN,N,NaNN]", "[Float:NaN;String:N;String:NaNN;]"),
    ("[nullnull]", "[String:nullnull;]"),
    ("[\"x\",]", "[String:x;]"),
    ("{\"1\":1,\"2\":2,\"3\":3,\"4\":4,\"5\":5,\"6\":6,\"7\":7,\"8\":8,\"9\":9,\"10\":1,\"11\":1,\"12\":1,\"13\":1,\"14\":1,\"15\":1,\"16\":1,\"17\":1,\"3\":0,\"17\":5}", "{String:1=Integer:1;String:2=Integer:2;String:3=Integer:0;String:4=Integer:4;String:5=Integer:5;String:6=Integer:6;String:7=Integer:7;String:8=Integer:8;String:9=Integer:9;String:10=Integer:1;String:11=Integer:1;String:12=Integer:1;String:13=Integer:1;String:14=Integer:1;String:15=Integer:1;String:16=Integer:1;String:17=Integer:5;}"),
];

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
        parse(&nested(MAX_DEPTH + 1), &mut bounds()).err(),
        Some(Error::Deep)
    );
    assert_eq!(
        parse(&"{a:".repeat(1_000_000), &mut bounds()).err(),
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
        parse(&"1".repeat(2_000), &mut few).err(),
        Some(Error::Limit(Exceeded::Steps))
    );
    let digits = "1".repeat(1_000_000);
    assert_eq!(
        parse(&digits, &mut bounds()).err(),
        Some(Error::Limit(Exceeded::Steps))
    );
    let mut small = Bounds::new(Limits {
        items: 3,
        ..Limits::default()
    });
    assert_eq!(
        parse("[1,2,3,4]", &mut small).err(),
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
        let _ = parse(&text, &mut bounds());
    }

    #[test]
    fn any_json_like_text_is_read_or_refused(text in "[{}\\[\\]:,'\"\\\\ux0-9a-fEe.+\\- ntrul\u{1a}\u{e9}]{0,40}") {
        let _ = parse(&text, &mut bounds());
    }

    #[test]
    fn what_is_printed_reads_back(text in json()) {
        let value = parsed(&text);
        for style in [Style::Web, Style::Plain] {
            prop_assert_eq!(tree(&parsed(&printed(&value, style))), tree(&value));
        }
    }
}
