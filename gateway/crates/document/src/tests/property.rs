use proptest::prelude::*;
use serde_json::Value as Json;

use crate::{Document, Format, Node, Value, pointer};

/// Any value whose strings every format can hold.
fn json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<u64>().prop_map(Json::from),
        any::<f64>()
            .prop_filter("finite", |number| number.is_finite())
            .prop_map(Json::from),
        text().prop_map(Json::from),
    ];
    leaf.prop_recursive(6, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Json::from),
            prop::collection::vec((text(), inner), 0..6).prop_map(|pairs| pairs.into_iter().collect()),
        ]
    })
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        r#"[ -~é😀\n\t"\\/~:#]{0,12}"#,
        Just("<<x".to_owned()),
        Just("- a: b".to_owned())
    ]
}

/// Text that comes close to what a parser takes.
fn soup(parts: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(parts), 0..40).prop_map(|parts| parts.concat())
}

const JSON_PARTS: &[&str] = &[
    "{", "}", "[", "]", ",", ":", "\"", "\"a\"", "\"b\":", "1", "-", "0", ".5", "e9", "true", "nul", "null",
    " ", "\n", "\\u00", "\\ud83d", "\\ude00", "\\n", "é", "\t", "//", "\u{1}",
];
const YAML_PARTS: &[&str] = &[
    "a",
    "b: ",
    ": ",
    ":",
    "- ",
    "-",
    "? ",
    "\n",
    "  ",
    " ",
    "{",
    "}",
    "[",
    "]",
    ",",
    "&x ",
    "*x",
    "!!str ",
    "!t ",
    "|\n",
    ">-\n",
    "'",
    "\"",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "#c\n",
    "<<: ",
    "\t",
    "~",
    "1",
    "é",
    "\\",
    "\r",
    "\u{feff}",
    "%TAG ! x\n",
    "\u{85}",
    "\u{2028}",
    "|2+\n",
    "@",
    "`",
    "!<x>",
    "!",
];
const TOML_PARTS: &[&str] = &[
    "a",
    "b",
    ".",
    " = ",
    "=",
    "\n",
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    ",",
    "\"",
    "'''",
    "\"\"\"",
    "'",
    "1",
    "1979-05-27",
    "inf",
    "0x",
    "_",
    "true",
    "#c\n",
    " ",
    "é",
    "\\u00e9",
    "\r",
    "[a]\n",
    "[[a]]\n",
    "a.b=1\n",
    "+",
    "nan",
    "\0",
];

fn parse_all(text: &str) {
    for format in [Format::Json, Format::Yaml, Format::Toml] {
        match Document::parse("f", text, format) {
            Ok(document) => finds_every_node(&document, document.root(), &mut Vec::new()),
            Err(problems) => assert!(
                !problems.is_empty(),
                "{format:?} refuses without a reason: {text:?}"
            ),
        }
    }
}

fn finds_every_node(document: &Document, node: &Node, path: &mut Vec<String>) {
    let pointer = pointer(&*path);
    assert!(
        document
            .find(&pointer)
            .is_some_and(|found| std::ptr::eq(found, node)),
        "{pointer}"
    );
    match &node.value {
        Value::Array(nodes) => {
            for (index, node) in nodes.iter().enumerate() {
                path.push(index.to_string());
                finds_every_node(document, node, path);
                assert_eq!(document.position(&crate::pointer(&*path)), node.position);
                path.pop();
            }
        }
        Value::Object(object) => {
            for member in object {
                path.push(member.key.clone());
                finds_every_node(document, &member.node, path);
                assert_eq!(document.position(&crate::pointer(&*path)), member.key_position);
                path.pop();
            }
        }
        _ => {}
    }
}

/// JSON's `null` and its large numbers have no TOML.
fn without_null(value: Json) -> Json {
    match value {
        Json::Null => Json::from("null"),
        Json::Number(number) if number.is_u64() && number.as_i64().is_none() => Json::from(1),
        Json::Array(values) => values.into_iter().map(without_null).collect(),
        Json::Object(map) => map
            .into_iter()
            .map(|(key, value)| (key, without_null(value)))
            .collect(),
        other => other,
    }
}

proptest! {
    #[test]
    fn json_that_is_printed_is_read_back(value in json(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
        let text = text.expect("prints");
        for format in [Format::Json, Format::Yaml] {
            let document = Document::parse("f", &text, format);
            let document = document.unwrap_or_else(|problems| panic!("{format:?}: {problems:?}\n{text}"));
            prop_assert_eq!(document.to_json().to_string(), value.to_string());
            finds_every_node(&document, document.root(), &mut Vec::new());
        }
    }

    #[test]
    fn toml_that_is_printed_is_read_back(value in json()) {
        let value: Json = [("root".to_owned(), without_null(value))].into_iter().collect();
        let text = toml::to_string(&value).expect("prints");
        let document = Document::parse("f", &text, Format::Toml);
        let document = document.unwrap_or_else(|problems| panic!("{problems:?}\n{text}"));
        prop_assert_eq!(document.to_json(), value);
        finds_every_node(&document, document.root(), &mut Vec::new());
    }

    #[test]
    fn takes_the_json_that_serde_json_takes(text in soup(JSON_PARTS)) {
        let ours = Document::parse("f", &text, Format::Json);
        match (serde_json::from_str::<Json>(&text), ours) {
            (Ok(theirs), Ok(ours)) => prop_assert_eq!(ours.to_json(), theirs),
            (Err(_), Err(_)) => {}
            (Ok(_), Err(problems)) => prop_assert!(problems.iter().all(|problem| problem.code == "duplicate-key")),
            (Err(theirs), Ok(_)) => prop_assert!(false, "serde_json refuses {:?}: {}", text, theirs),
        }
    }

    #[test]
    fn never_panics_on_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        parse_all(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn never_panics_on_what_is_nearly_json(text in soup(JSON_PARTS)) {
        parse_all(&text);
    }

    #[test]
    fn never_panics_on_what_is_nearly_yaml(text in soup(YAML_PARTS)) {
        parse_all(&text);
    }

    #[test]
    fn never_panics_on_what_is_nearly_toml(text in soup(TOML_PARTS)) {
        parse_all(&text);
    }
}
