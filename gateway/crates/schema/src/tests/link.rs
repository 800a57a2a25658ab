//! Models that name each other, and what is wrong with them.

use super::{errors, named};
use crate::{compile, limit};

const URL: &str = "https://apigateway.amazonaws.com/restapis/abc123/models/";

#[test]
fn finds_what_a_reference_names() {
    let by_url = format!(r#"{{"$ref": "{URL}Text"}}"#);
    let inside = format!(r#"{{"$ref": "{URL}Text#/definitions/short"}}"#);
    let cases = [
        ("by address", by_url.as_str(), "1"),
        ("a place in another model", inside.as_str(), r#""long""#),
        ("definitions", r##"{"$ref": "#/definitions/Text"}"##, "1"),
        ("components", r##"{"$ref": "#/components/schemas/Text"}"##, "1"),
        (
            "a place in another model's definitions",
            r##"{"$ref": "#/definitions/Text/definitions/short"}"##,
            r#""long""#,
        ),
        (
            "its own definition before a model of the name",
            r##"{"$ref": "#/definitions/Text", "definitions": {"Text": {"type": "null"}}}"##,
            r#""x""#,
        ),
        (
            "any place of its own",
            r##"{"not": {"$ref": "#/x-mine/0"}, "x-mine": [{"type": "null"}]}"##,
            "null",
        ),
        (
            "escapes",
            r##"{"items": {"$ref": "#/definitions/a~1b%25"}, "definitions": {"a/b%": {"type": "null"}}}"##,
            "[1]",
        ),
        (
            "by the schema's own id",
            r##"{"id": "http://x/y#", "items": {"$ref": "http://x/y#/definitions/a"}, "definitions": {"a": {"type": "null"}}}"##,
            "[1]",
        ),
        (
            "an id inside changes nothing",
            r##"{"items": {"id": "http://x", "$ref": "#/definitions/Text"}}"##,
            "[1]",
        ),
    ];
    for (name, text, refused) in cases {
        let models = [
            ("Model", text),
            (
                "Text",
                r#"{"type": "string", "definitions": {"short": {"maxLength": 2}}}"#,
            ),
        ];
        let schema = named(&models, "Model");
        assert_ne!(errors(&schema, refused), "", "{name}");
    }
}

/// Schema, where the problem is, a part of what is said.
const WRONG: &[(&str, &str, &str, &str)] = &[
    ("not JSON", "{", "", "not JSON"),
    ("not a schema", "[]", "", "not a schema"),
    (
        "wrong type of a keyword",
        r#"{"properties": {"a": {"minimum": "1"}}}"#,
        "/properties/a/minimum",
        "number",
    ),
    ("unknown type", r#"{"type": "text"}"#, "/type", "text"),
    (
        "exclusiveMinimum of later drafts",
        r#"{"minimum": 1, "exclusiveMinimum": 5}"#,
        "/exclusiveMinimum",
        "boolean",
    ),
    (
        "required of draft 3",
        r#"{"properties": {"a": {"required": true}}}"#,
        "/properties/a/required",
        "array",
    ),
    (
        "nested alternatives",
        r#"{"items": {"items": {"maxItems": -1}}}"#,
        "/items/items/maxItems",
        "-1",
    ),
    (
        "another draft",
        r#"{"$schema": "http://json-schema.org/draft-07/schema#"}"#,
        "/$schema",
        "draft-07",
    ),
    (
        "a URL",
        r#"{"items": {"$ref": "https://example.com/a.json"}}"#,
        "/items/$ref",
        "https://example.com/a.json",
    ),
    (
        "a file",
        r#"{"$ref": "file:///etc/passwd"}"#,
        "/$ref",
        "file:///etc/passwd",
    ),
    (
        "a URL in a definition nobody uses",
        r#"{"definitions": {"a": {"$ref": "http://x"}}}"#,
        "/definitions/a/$ref",
        "http://x",
    ),
    (
        "an unknown model",
        r##"{"$ref": "#/definitions/Nobody"}"##,
        "/$ref",
        "Nobody",
    ),
    (
        "an unknown model by address",
        r#"{"$ref": "https://apigateway.amazonaws.com/restapis/a/models/Nobody"}"#,
        "/$ref",
        "Nobody",
    ),
    (
        "an unknown place",
        r##"{"$ref": "#/properties/a"}"##,
        "/$ref",
        "#/properties/a",
    ),
    (
        "a reference that is a number",
        r#"{"items": {"$ref": 5}}"#,
        "/items/$ref",
        "no string",
    ),
    (
        "a place that is no schema",
        r##"{"minimum": 1, "items": {"$ref": "#/minimum"}}"##,
        "/minimum",
        "not a schema",
    ),
    (
        "a wrong schema in a place of its own",
        r##"{"items": {"$ref": "#/x"}, "x": {"type": 5}}"##,
        "/x/type",
        "5",
    ),
    ("look-around", r#"{"pattern": "a(?=b)"}"#, "/pattern", "a(?=b)"),
    ("a back-reference", r#"{"pattern": "(a)\\1"}"#, "/pattern", "(a)"),
    (
        "a broken pattern",
        r#"{"patternProperties": {"(": {}}}"#,
        "/patternProperties/(",
        "(",
    ),
    (
        "a huge repetition",
        r#"{"pattern": "^(([^x]{1000}){1000}){1000}$"}"#,
        "/pattern",
        "1000",
    ),
    (
        "a loop of references",
        r##"{"$ref": "#"}"##,
        "",
        "leads back to itself",
    ),
    (
        "a loop by allOf",
        r##"{"allOf": [{"$ref": "#"}]}"##,
        "",
        "leads back to itself",
    ),
];

#[test]
fn says_what_is_wrong_with_a_model() {
    for (name, text, pointer, message) in WRONG {
        let compiled = compile([("Model", *text)], ["Model"]);
        assert!(compiled.schemas.is_empty(), "{name}");
        let problem = compiled.problems.first().expect(name);
        assert_eq!(
            (problem.model.as_str(), problem.pointer.as_str()),
            ("Model", *pointer),
            "{name}: {problem:?}"
        );
        assert!(problem.message.contains(message), "{name}: {problem:?}");
        assert!(!problem.hint.is_empty(), "{name}");
    }
}

#[test]
fn a_problem_is_told_of_the_model_that_has_it_and_once() {
    let models = [
        ("A", r##"{"properties": {"b": {"$ref": "#/definitions/C"}}}"##),
        ("B", r##"{"items": {"$ref": "#/definitions/C"}}"##),
        ("C", r#"{"type": "text", "minimum": "1"}"#),
        ("D", r#"{"type": "null"}"#),
        ("E", r#"{"type": "nobody asks for this one"}"#),
    ];
    let compiled = compile(models, ["A", "B", "D"]);
    assert_eq!(compiled.schemas.keys().collect::<Vec<_>>(), ["D"]);
    let told: Vec<_> = compiled
        .problems
        .iter()
        .map(|problem| (problem.model.as_str(), problem.pointer.as_str()))
        .collect();
    assert_eq!(told, [("C", "/minimum"), ("C", "/type")]);
}

#[test]
fn a_wanted_model_must_be_there() {
    let compiled = compile([("A", "{}")], ["B"]);
    assert_eq!(compiled.problems[0].model, "B");
    assert_eq!(compiled.problems[0].message, "no such model");
}

#[test]
fn names_of_draft_4_are_understood() {
    for name in [
        "http://json-schema.org/draft-04/schema#",
        "https://json-schema.org/draft-04/schema",
        "http://json-schema.org/schema#",
    ] {
        named(&[("Model", &format!(r#"{{"$schema": "{name}"}}"#))], "Model");
    }
}

#[test]
fn the_number_of_problems_is_bounded() {
    let properties: Vec<_> = (0..1_000)
        .map(|number| format!(r#""p{number}": {{"pattern": "("}}"#))
        .collect();
    let text = format!(r#"{{"properties": {{{}}}}}"#, properties.join(","));
    let compiled = compile([("Model", text.as_str())], ["Model"]);
    assert_eq!(compiled.problems.len(), limit::PROBLEMS_PER_MODEL);
}
