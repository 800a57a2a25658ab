#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod properties;

use super::Regex;
use crate::bounds::{Bounds, Exceeded, Failure, Limits};

/// What Java 17 answers: operation, pattern, text, argument, answer.
const ROWS: &str = include_str!("tests/java17.tsv");

fn bounds() -> Bounds {
    Bounds::new(Limits::default())
}

fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next().unwrap() {
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            't' => out.push('\t'),
            'u' => {
                let code: String = chars.by_ref().take(4).collect();
                out.push(char::from_u32(u32::from_str_radix(&code, 16).unwrap()).unwrap());
            }
            other => out.push(other),
        }
    }
    out
}

fn all_matches(regex: &Regex, text: &str) -> String {
    let mut matches = super::Matches::new(regex, text);
    let mut found = Vec::new();
    let mut bounds = bounds();
    while let Some(captures) = matches.next(&mut bounds).unwrap() {
        let groups = (0..captures.groups())
            .map(|group| captures.group(group).map_or("~", |(from, to)| &text[from..to]));
        found.push(groups.collect::<Vec<_>>().join("|"));
    }
    found.join(";")
}

fn replaced(result: Result<String, Failure>) -> String {
    match result {
        Ok(text) => format!("={text}"),
        Err(failure) => format!("!{failure}"),
    }
}

fn answer(operation: &str, pattern: &str, text: &str, argument: &str) -> String {
    let regex = match Regex::compile(pattern) {
        Ok(regex) => regex,
        Err(error) => return error.description().to_owned(),
    };
    let mut bounds = bounds();
    match operation {
        "compile" => "ok".to_owned(),
        "find" => all_matches(&regex, text),
        "matches" => regex.matches(text, &mut bounds).unwrap().to_string(),
        "all" => replaced(regex.replace_all(text, argument, &mut bounds)),
        "first" => replaced(regex.replace_first(text, argument, &mut bounds)),
        "split" => {
            let pieces = regex.split(text, argument.parse().unwrap(), &mut bounds).unwrap();
            format!("{}#{}", pieces.join("|"), pieces.len())
        }
        _ => unreachable!("no operation {operation}"),
    }
}

#[test]
fn it_answers_as_java_does() {
    let mut wrong = Vec::new();
    for row in ROWS.lines() {
        let fields: Vec<String> = row.split('\t').map(unescape).collect();
        let [operation, pattern, text, argument, expected] = fields.as_slice() else {
            panic!("five fields in {row:?}");
        };
        let got = answer(operation, pattern, text, argument);
        if got != *expected {
            wrong.push(format!("{row}\n    got {got:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_would_hang_ends_at_the_limit() {
    let text = "a".repeat(100) + "b";
    for pattern in [
        "(a+)+$",
        "(a|aa)+$",
        "(a*)*$",
        "(?:a?){100}a{100}$",
        "(.*)*x",
        "((a*)*)*$",
        "(?<=(a{0,90}){1})c|(a+)+$",
    ] {
        let result = Regex::compile(pattern).map(|regex| regex.find_at(&text, 0, &mut bounds()));
        if let Ok(result) = result {
            assert!(
                matches!(result, Err(Failure::Limit(Exceeded::Steps)) | Ok(_)),
                "{pattern}"
            );
        }
    }
    let regex = Regex::compile("(a+)+$").unwrap();
    assert_eq!(
        regex.find_at(&text, 0, &mut bounds()),
        Err(Failure::Limit(Exceeded::Steps))
    );
}

#[test]
fn a_long_text_needs_no_deep_stack() {
    let text = "ab".repeat(200_000);
    assert!(
        Regex::compile("(a|b)*c")
            .unwrap()
            .find_at(&text, 0, &mut bounds())
            .is_err()
    );
    assert_eq!(
        Regex::compile("[ab]*").unwrap().matches(&text, &mut bounds()),
        Ok(true)
    );
}

#[test]
fn what_nests_too_deep_is_refused() {
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("(?:", ")"),
        ("(?=", ")"),
        ("[^a", "]"),
        ("[a&&", "]"),
        ("(?<a>", ")*"),
    ] {
        let pattern = open.repeat(5_000) + "a" + &close.repeat(5_000);
        assert!(Regex::compile(&pattern).is_err(), "{open}");
    }
    let deep = "(".repeat(150) + "a" + &")*".repeat(150);
    assert!(
        Regex::compile(&deep)
            .unwrap()
            .find_at("aaa", 0, &mut bounds())
            .is_ok()
    );
    assert!(Regex::compile(&"a".repeat(70_000)).is_err());
}

#[test]
fn a_replacement_cannot_outgrow_the_bounds() {
    let regex = Regex::compile("(a*)").unwrap();
    let text = "a".repeat(10_000);
    let result = regex.replace_all(&text, &"$1".repeat(10_000), &mut bounds());
    assert!(matches!(result, Err(Failure::Limit(_))));
}
