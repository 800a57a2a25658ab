//! What is made of attacks and of harmless values by chance: it never panics, never takes long, and an attack in other
//! clothes stays one.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests"
)]

use portcullis_plugin::Request;
use portcullis_waf::{Engine, sql, xss};
use proptest::prelude::*;
use serde_json::json;

const SQL: &str = include_str!("data/sql.txt");
const SCRIPTS: &str = include_str!("data/xss.txt");
const HARMLESS: &str = include_str!("data/harmless.txt");

fn lines(data: &'static str) -> Vec<&'static str> {
    data.lines()
        .filter(|line| !line.is_empty() && !line.starts_with("== "))
        .collect()
}

fn engine() -> Engine {
    let parts = ["path", "query", "cookies", "body"];
    let config = json!({ "groups": [{ "name": "attacks", "rules": [
        { "type": "sql_injection", "name": "sql", "look_at": parts, "body_bytes": 1_048_576 },
        { "type": "cross_site_scripting", "name": "xss", "look_at": parts, "body_bytes": 1_048_576 },
    ] }] });
    Engine::new(&serde_json::from_value(config).unwrap()).unwrap()
}

fn is_blocked(engine: &Engine, value: &str) -> bool {
    let request = Request::builder().query("q", value).build();
    engine.check(&request, &mut |_, _| Ok(0)).unwrap().block.is_some()
}

/// Plain ones, which no decoder has to read first.
fn plain(data: &'static str) -> impl Iterator<Item = &'static str> {
    lines(data)
        .into_iter()
        .filter(|line| line.is_ascii() && !line.contains(['%', '\\', '&']))
}

/// Writes a value in another way.
type Dress<'a> = &'a dyn Fn(&str) -> String;

#[test]
fn an_attack_in_other_clothes_is_one() {
    let engine = engine();
    let percent = |text: &str| {
        text.bytes()
            .map(|byte| format!("%{byte:02X}"))
            .collect::<String>()
    };
    let clothes: [(&str, Dress); 8] = [
        ("upper case", &|text| text.to_ascii_uppercase()),
        ("every other letter", &|text| {
            let letters = text.chars().enumerate();
            letters
                .map(|(at, letter)| {
                    if at % 2 == 0 {
                        letter.to_ascii_uppercase()
                    } else {
                        letter
                    }
                })
                .collect()
        }),
        ("percent", &percent),
        ("percent twice", &|text| percent(&percent(text))),
        ("entities", &|text| {
            text.bytes().map(|byte| format!("&#{byte};")).collect()
        }),
        ("escapes of JavaScript", &|text| {
            text.bytes().map(|byte| format!("\\u{byte:04x}")).collect()
        }),
        ("wide letters", &|text| {
            let wide = |char: char| match char {
                '!'..='~' => char::from_u32(u32::from(char) + 0xfee0).unwrap_or(char),
                other => other,
            };
            text.chars().map(wide).collect()
        }),
        ("zero-width spaces", &|text| {
            text.chars().flat_map(|char| [char, '\u{200b}']).collect()
        }),
    ];
    let mut missed = Vec::new();
    for value in plain(SQL).chain(plain(SCRIPTS)) {
        for (name, dress) in &clothes {
            if !is_blocked(&engine, &dress(value)) {
                missed.push(format!("{name}: {value}"));
            }
        }
    }
    assert!(
        missed.is_empty(),
        "{} missed:\n{}",
        missed.len(),
        missed.join("\n")
    );
}

#[test]
fn blanks_of_sql_may_be_anything_that_is_blank() {
    let engine = engine();
    let blanks = [
        "\t", "\n", "\r\n", "\u{b}", "\u{c}", "\u{a0}", "\u{3000}", "/**/", "/*x*/", "  ",
    ];
    let mut missed = Vec::new();
    for value in
        plain(SQL).filter(|value| !value.contains("--") && !value.contains('#') && !value.contains("/*"))
    {
        for blank in blanks {
            if !is_blocked(&engine, &value.replace(' ', blank)) {
                missed.push(format!("{blank:?}: {value}"));
            }
        }
    }
    assert!(
        missed.is_empty(),
        "{} missed:\n{}",
        missed.len(),
        missed.join("\n")
    );
}

/// Any of these that took more than a pass would take minutes.
#[test]
fn long_values_end() {
    const BYTES: usize = 1 << 17;
    let engine = engine();
    let units = [
        "a",
        " ",
        "'",
        "\"",
        "(",
        ")",
        "[",
        "{",
        "<",
        "<<",
        "< ",
        "<a ",
        "<a x=",
        "<a x='",
        "<a x=\"'",
        "<!--",
        "</",
        "#",
        "--",
        "-- ",
        "/*",
        "*/",
        "/*!",
        "@",
        "@@",
        "%",
        "%25",
        "%252525",
        "&",
        "&#",
        "&#0",
        "&lt",
        "&amp;",
        "\\",
        "\\u",
        "\\u{",
        "0x",
        "1e",
        ".",
        ",",
        ";",
        "${",
        "{{",
        "on",
        "onx ",
        "onload ",
        "';",
        "';alert",
        "javascript:",
        "select ",
        "(select ",
        "union ",
        "or ",
        "or (",
        "or not ",
        "or 1 + ",
        "case when ",
        "a.",
        "`",
        "\0",
        "\u{fffd}",
        "\u{e9}",
        "\"a\":",
        "=",
        "&a=",
        "\n--",
        "style=",
        "< script ",
        "xmlns:",
        "1 or ",
        "insert into ",
        "with x as ",
        "'or'",
        "+adw-",
        "%c0",
        "%u",
    ];
    for unit in units {
        let body = unit.repeat(BYTES / unit.len());
        for content_type in [
            "text/plain",
            "multipart/form-data",
            "application/x-www-form-urlencoded",
        ] {
            let request = Request::builder()
                .header("content-type", content_type)
                .body(body.as_str())
                .build();
            let _ = engine.check(&request, &mut |_, _| Ok(0)).unwrap();
        }
        let quoted = format!("{{\"a\": \"{body}\"}}");
        let _ = engine
            .check(&Request::builder().body(quoted).build(), &mut |_, _| Ok(0))
            .unwrap();
    }
}

/// Pieces of the lists, cut and put together anew.
fn pieces() -> impl Strategy<Value = String> {
    let all: Vec<&str> = [SQL, SCRIPTS, HARMLESS].into_iter().flat_map(lines).collect();
    let piece = (
        prop::sample::select(all),
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
    );
    let piece = piece.prop_map(|(line, from, to)| {
        let chars: Vec<char> = line.chars().collect();
        let (from, to) = (from.index(chars.len()), to.index(chars.len()) + 1);
        chars[from.min(to)..to.max(from)].iter().collect::<String>()
    });
    prop::collection::vec(prop_oneof![4 => piece, 1 => any::<String>()], 0..8)
        .prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_makes_it_panic(value in pieces(), bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let engine = engine();
        let _ = is_blocked(&engine, &value);
        let _ = (sql::find(&value), xss::find(&value));
        for body in [value.as_bytes(), &bytes] {
            let request = Request::builder().path(format!("/{value}")).header("cookie", &value).body(body).build();
            let _ = engine.check(&request, &mut |_, _| Ok(0)).unwrap();
        }
    }

    #[test]
    fn the_same_value_is_always_the_same(value in pieces()) {
        let engine = engine();
        prop_assert_eq!(is_blocked(&engine, &value), is_blocked(&engine, &value));
    }
}
