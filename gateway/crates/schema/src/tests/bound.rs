//! Bounds: size, depth, time.

use std::time::{Duration, Instant};

use super::{errors, schema};
use crate::{compile, limit};

/// Far more than what is needed, and far less than what an exponential algorithm takes.
const SOON: Duration = Duration::from_secs(20);

#[test]
fn a_schema_has_at_most_400_kilobytes() {
    let text = format!("{{}}{}", " ".repeat(limit::SCHEMA_BYTES - 2));
    schema(&text);
    let compiled = compile([("Model", format!("{text} ").as_str())], ["Model"]);
    assert!(
        compiled.problems[0].message.contains("409601 bytes"),
        "{:?}",
        compiled.problems
    );
}

#[test]
fn there_are_not_too_many_models() {
    let names: Vec<_> = (0..=limit::MODELS).map(|number| format!("M{number}")).collect();
    let compiled = compile(names.iter().map(|name| (name.as_str(), "{}")), ["M1"]);
    assert!(compiled.schemas.is_empty());
    assert_eq!(compiled.problems[0].message, "the API has 1001 models");
}

#[test]
fn patterns_take_linear_time() {
    let schema = schema(r#"{"pattern": "^(a+)+$"}"#);
    let started = Instant::now();
    assert_ne!(errors(&schema, &format!("\"{}!\"", "a".repeat(200_000))), "");
    assert!(started.elapsed() < SOON);
}

/// Each level of the body is judged by both alternatives; 2 to the power of 100 are not.
#[test]
fn alternatives_of_a_model_that_refers_to_itself_do_not_multiply() {
    let schema = schema(
        r##"{"anyOf": [{"type": "null"}, {"type": "array", "items": {"$ref": "#"}, "minItems": 1}, {"type": "array", "items": {"$ref": "#"}, "maxItems": 1}]}"##,
    );
    let started = Instant::now();
    assert_ne!(
        errors(&schema, &format!("{}1{}", "[".repeat(100), "]".repeat(100))),
        ""
    );
    assert!(started.elapsed() < SOON);
}

#[test]
fn a_body_that_is_too_deep_is_refused() {
    let schema = schema(r##"{"items": {"$ref": "#"}}"##);
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert_eq!(errors(&schema, &deep(127)), "");
    assert!(errors(&schema, &deep(128)).contains("recursion limit"));
    assert!(errors(&schema, &deep(1_000_000)).contains("recursion limit"));
}

#[test]
fn a_schema_that_is_too_deep_is_refused() {
    let deep = |levels: usize| format!("{}{{}}{}", r#"{"items":"#.repeat(levels), "}".repeat(levels));
    schema(&deep(120));
    let compiled = compile([("Model", deep(1_000).as_str())], ["Model"]);
    assert!(
        compiled.problems[0].message.contains("recursion limit"),
        "{:?}",
        compiled.problems
    );
}

/// A model with so many schemas in a row, each of which comes back to it for what is inside.
fn in_place(keyword: &str, rows: usize) -> String {
    let inner = r##"{"items": {"$ref": "#"}, "additionalProperties": {"$ref": "#"}}"##;
    let (open, close) = match keyword {
        "not" => (r#"{"not": "#.to_owned(), "}"),
        "dependencies" => (r#"{"dependencies": {"a": "#.to_owned(), "}}"),
        keyword => (format!(r#"{{"{keyword}": [{{"type": "null"}}, "#), "]}"),
    };
    format!("{}{inner}{}", open.repeat(rows), close.repeat(rows))
}

/// A worker's stack is 2 MiB; this must do with half of it, in a build without optimisation too.
#[test]
fn the_deepest_validation_has_a_small_stack() {
    // The `$ref` back to the root takes one, and what it names another.
    for (keyword, rows, levels) in ["allOf", "anyOf", "oneOf", "not", "dependencies"]
        .into_iter()
        .flat_map(|keyword| [(keyword, 10, 127), (keyword, limit::SCHEMAS_IN_PLACE - 2, 63)])
    {
        let schema = schema(&in_place(keyword, rows));
        for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
            let schema = schema.clone();
            let body = format!("{}1{}", open.repeat(levels), close.repeat(levels));
            let thread = std::thread::Builder::new().stack_size(1 << 20);
            let errors = thread
                .spawn(move || errors(&schema, &body))
                .expect("a thread")
                .join();
            assert!(
                !errors.expect("no overflow").contains("levels"),
                "{keyword} {rows}"
            );
        }
    }
}

#[test]
fn many_schemas_in_a_row_leave_fewer_levels() {
    let schema = schema(&in_place("anyOf", limit::SCHEMAS_IN_PLACE - 2));
    let deep = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
    assert_eq!(errors(&schema, &deep(63)), "");
    assert_eq!(
        errors(&schema, &deep(64)),
        "[the request body has more than 63 levels]"
    );
    assert_eq!(errors(&schema, r#"[{"a": [1]}]"#), "");
}

#[test]
fn too_many_schemas_in_a_row_are_refused() {
    let compiled = compile(
        [("Model", in_place("allOf", limit::SCHEMAS_IN_PLACE).as_str())],
        ["Model"],
    );
    assert!(compiled.schemas.is_empty());
    assert!(
        compiled.problems[0].message.contains("schemas in a row"),
        "{:?}",
        compiled.problems
    );
}

#[test]
fn messages_are_bounded() {
    let schema = schema(r#"{"items": {"type": "null", "maxLength": 1}}"#);
    let long = format!("\"{}\"", "ä".repeat(100_000));
    let body = format!("[{}]", vec![long.as_str(); 100].join(","));
    let messages = schema.validate(body.as_bytes()).expect_err("wrong");
    assert_eq!(messages.len(), limit::MESSAGES);
    assert!(
        messages
            .iter()
            .all(|message| message.len() <= limit::MESSAGE_BYTES)
    );
    assert!(
        messages[0].ends_with("… is too long (length: 100000, maximum allowed: 1)")
            || messages[0].contains("…\" is too long")
    );
}

#[test]
fn a_message_of_many_names_is_bounded() {
    let schema = schema(r#"{"additionalProperties": false}"#);
    let members: Vec<_> = (0..50_000).map(|number| format!("\"name{number}\":1")).collect();
    let messages = schema
        .validate(format!("{{{}}}", members.join(",")).as_bytes())
        .expect_err("wrong");
    assert_eq!(messages.len(), 1);
    assert!(messages[0].len() <= limit::MESSAGE_BYTES && messages[0].ends_with('…'));
}

/// So many values that the explanation ends before it finds the wrong one.
#[test]
fn an_explanation_ends() {
    let schema = schema(r#"{"items": {"type": "integer"}}"#);
    let body = format!("[{}\"x\"]", "1,".repeat(limit::STEPS_TO_EXPLAIN + 1));
    assert_eq!(
        errors(&schema, &body),
        "[instance failed to match all required schemas (matched only 0 out of 1)]"
    );
}
