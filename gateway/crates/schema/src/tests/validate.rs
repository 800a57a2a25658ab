//! Bodies, and what is said of them.

use super::{errors, named, schema};

/// Schema, body, what is said; an empty text for a body that is right. The words are those of the validator that API
/// Gateway's answers come from (`java-json-tools/json-schema-validator`, `validation.properties`). Those that are
/// marked AWS were seen in answers of API Gateway itself.
const CASES: &[(&str, &str, &str, &str)] = &[
    ("anything", "{}", "[1]", ""),
    // AWS: https://github.com/RafPe/serverless-reqvalidator-plugin/issues/1; sorted there too.
    (
        "required, sorted (AWS)",
        r#"{"required": ["to", "body", "subject"]}"#,
        "{}",
        r#"[object has missing required properties (["body","subject","to"])]"#,
    ),
    (
        "type, number has integer beside it (AWS)",
        r#"{"type": "number"}"#,
        r#""x""#,
        r#"[instance type (string) does not match any allowed primitive type (allowed: ["integer","number"])]"#,
    ),
    (
        "types",
        r#"{"type": ["string", "null"]}"#,
        "true",
        r#"[instance type (boolean) does not match any allowed primitive type (allowed: ["null","string"])]"#,
    ),
    (
        "1.0 is no integer in draft 4",
        r#"{"type": "integer"}"#,
        "1.0",
        r#"[instance type (number) does not match any allowed primitive type (allowed: ["integer"])]"#,
    ),
    (
        "an integer beyond 64 bits is one",
        r#"{"type": "integer"}"#,
        "100000000000000000000000",
        "",
    ),
    ("1 is a number", r#"{"type": "number"}"#, "1", ""),
    (
        "enum (AWS)",
        r#"{"enum": ["high", "medium", "low"]}"#,
        r#""urgent""#,
        r#"[instance value ("urgent") not found in enum (possible values: ["high","medium","low"])]"#,
    ),
    (
        "enum compares numbers by worth",
        r#"{"enum": [1, [2.0]]}"#,
        "[2]",
        "",
    ),
    (
        "maximum (AWS)",
        r#"{"maximum": 1000}"#,
        "10000000",
        "[numeric instance is greater than the required maximum (maximum: 1000, found: 10000000)]",
    ),
    (
        "exclusiveMaximum",
        r#"{"maximum": 2.5, "exclusiveMaximum": true}"#,
        "2.5",
        "[numeric instance is not strictly lower than the required maximum 2.5]",
    ),
    (
        "a maximum that is met",
        r#"{"maximum": 3, "exclusiveMaximum": false}"#,
        "3.0",
        "",
    ),
    (
        "minimum",
        r#"{"minimum": 25.0}"#,
        "-3",
        "[numeric instance is lower than the required minimum (minimum: 25.0, found: -3)]",
    ),
    (
        "exclusiveMinimum",
        r#"{"minimum": 0, "exclusiveMinimum": true}"#,
        "0",
        "[numeric instance is not strictly greater than the required minimum 0]",
    ),
    (
        "multipleOf",
        r#"{"multipleOf": 3}"#,
        "10",
        "[remainder of division is not zero (10 / 3)]",
    ),
    ("multipleOf of a fraction", r#"{"multipleOf": 0.01}"#, "19.99", ""),
    (
        "multipleOf of a large number that is none",
        r#"{"multipleOf": 1}"#,
        "231141570849664.88",
        "[remainder of division is not zero (231141570849664.88 / 1)]",
    ),
    (
        "multipleOf turned round",
        r#"{"not": {"multipleOf": 1}}"#,
        "231141570849664.88",
        "",
    ),
    (
        "minLength counts code points",
        r#"{"minLength": 3}"#,
        r#""ä😀""#,
        r#"[string "ä😀" is too short (length: 2, required minimum: 3)]"#,
    ),
    (
        "maxLength",
        r#"{"maxLength": 1}"#,
        r#""ab""#,
        r#"[string "ab" is too long (length: 2, maximum allowed: 1)]"#,
    ),
    (
        "pattern is found anywhere",
        r#"{"pattern": "b\\d"}"#,
        r#""ab""#,
        r#"[ECMA 262 regex "b\d" does not match input string "ab"]"#,
    ),
    ("pattern that is found", r#"{"pattern": "b\\d"}"#, r#""ab1c""#, ""),
    (
        "minItems",
        r#"{"minItems": 2}"#,
        "[1]",
        "[array is too short: must have at least 2 elements but instance has 1 elements]",
    ),
    (
        "maxItems",
        r#"{"maxItems": 1}"#,
        "[1, 2]",
        "[array is too long: must have at most 1 elements but instance has 2 elements]",
    ),
    (
        "uniqueItems",
        r#"{"uniqueItems": true}"#,
        "[1, 1.0]",
        "[array must not contain duplicate elements]",
    ),
    (
        "additionalItems",
        r#"{"items": [{}], "additionalItems": false}"#,
        "[1, 2]",
        "[schema only allows 1 elements in array but instance has 2 elements]",
    ),
    (
        "additionalItems by a schema",
        r#"{"items": [{}], "additionalItems": {"type": "null"}}"#,
        "[1, 2]",
        r#"[instance type (integer) does not match any allowed primitive type (allowed: ["null"])]"#,
    ),
    (
        "additionalProperties, sorted",
        r#"{"properties": {"a": {}}, "patternProperties": {"^x-": {}}, "additionalProperties": false}"#,
        r#"{"c": 1, "b": 2, "a": 3, "x-y": 4}"#,
        r#"[object instance has properties which are not allowed by the schema: ["b","c"]]"#,
    ),
    (
        "additionalProperties by a schema",
        r#"{"properties": {"a": {}}, "additionalProperties": {"type": "string"}}"#,
        r#"{"a": 1, "b": 2}"#,
        r#"[instance type (integer) does not match any allowed primitive type (allowed: ["string"])]"#,
    ),
    (
        "minProperties",
        r#"{"minProperties": 1}"#,
        "{}",
        "[object has too few properties (found 0 but schema requires at least 1)]",
    ),
    (
        "maxProperties",
        r#"{"maxProperties": 0}"#,
        r#"{"a": 1}"#,
        "[object has too many properties (found 1 but schema requires at most 0)]",
    ),
    (
        "dependencies by name",
        r#"{"dependencies": {"a": ["b", "c"]}}"#,
        r#"{"a": 1, "b": 1}"#,
        r#"[property "a" of object has missing property dependencies (schema requires ["b","c"]; missing: ["c"])]"#,
    ),
    (
        "dependencies by schema",
        r#"{"dependencies": {"a": {"required": ["b"]}}}"#,
        r#"{"a": 1}"#,
        r#"[object has missing required properties (["b"])]"#,
    ),
    (
        "allOf",
        r#"{"allOf": [{"type": "string"}, {"maxLength": 1}]}"#,
        r#""ab""#,
        "[instance failed to match all required schemas (matched only 1 out of 2)]",
    ),
    (
        "anyOf",
        r#"{"anyOf": [{"type": "string"}, {"type": "null"}]}"#,
        "1",
        "[instance failed to match at least one required schema among 2]",
    ),
    (
        "oneOf, none",
        r#"{"oneOf": [{"type": "string"}, {"type": "null"}]}"#,
        "1",
        "[instance failed to match exactly one schema (matched 0 out of 2)]",
    ),
    (
        "oneOf, several",
        r#"{"oneOf": [{"type": "integer"}, {"minimum": 0}]}"#,
        "1",
        "[instance failed to match exactly one schema (matched 2 out of 2)]",
    ),
    (
        "not",
        r#"{"not": {"type": "null"}}"#,
        "null",
        "[instance matched a schema which it should not have]",
    ),
    (
        "format email",
        r#"{"format": "email"}"#,
        r#""me""#,
        r#"[string "me" is not a valid email address]"#,
    ),
    (
        "format date-time",
        r#"{"format": "date-time"}"#,
        r#""yesterday""#,
        r#"[string "yesterday" is invalid against requested date format(s) [yyyy-MM-dd'T'HH:mm:ssZ, yyyy-MM-dd'T'HH:mm:ss.[0-9]{1,12}Z]]"#,
    ),
    (
        "format date-time that is met",
        r#"{"format": "date-time"}"#,
        r#""2026-02-28T10:00:00.5+01:00""#,
        "",
    ),
    (
        "format ipv4",
        r#"{"format": "ipv4"}"#,
        r#""1.2.3""#,
        r#"[string "1.2.3" is not a valid IPv4 address]"#,
    ),
    (
        "format ipv6",
        r#"{"format": "ipv6"}"#,
        r#"":""#,
        r#"[string ":" is not a valid IPv6 address]"#,
    ),
    (
        "format hostname",
        r#"{"format": "hostname"}"#,
        r#""-a-""#,
        r#"[string "-a-" is not a valid hostname]"#,
    ),
    (
        "format uri",
        r#"{"format": "uri"}"#,
        r#""//""#,
        r#"[string "//" is not a valid URI]"#,
    ),
    (
        "formats of OpenAPI are for people",
        r#"{"format": "int32", "type": "number"}"#,
        "1e12",
        "",
    ),
    (
        "formats of later drafts are not checked",
        r#"{"format": "date"}"#,
        r#""x""#,
        "",
    ),
    (
        "a property that is named format",
        r#"{"properties": {"format": {"type": "null"}}}"#,
        r#"{"format": null}"#,
        "",
    ),
    (
        "nullable is no keyword of draft 4",
        r#"{"type": "string", "nullable": true}"#,
        "null",
        r#"[instance type (null) does not match any allowed primitive type (allowed: ["string"])]"#,
    ),
    (
        "keywords of later drafts say nothing",
        r#"{"const": 1, "if": {}, "then": false}"#,
        "2",
        "",
    ),
    (
        "several, in the body's order (AWS)",
        r#"{"items": {"properties": {"shares": {"maximum": 1000}, "type": {"enum": ["STOCK"]}}}}"#,
        r#"[{"type": "WOW", "shares": 10000000}]"#,
        r#"[instance value ("WOW") not found in enum (possible values: ["STOCK"]), numeric instance is greater than the required maximum (maximum: 1000, found: 10000000)]"#,
    ),
    (
        "not inside what is wrong itself",
        r#"{"required": ["a"], "properties": {"b": {"type": "null"}}}"#,
        r#"{"b": 1}"#,
        r#"[object has missing required properties (["a"])]"#,
    ),
];

#[test]
fn says_what_is_wrong_in_the_words_of_api_gateway() {
    for (name, text, body, expected) in CASES {
        assert_eq!(errors(&schema(text), body), *expected, "{name}");
    }
}

#[test]
fn a_body_is_strict_json() {
    let schema = schema("{}");
    let cases: &[(&str, &[u8])] = &[
        ("empty", b""),
        ("blank", b" \n"),
        ("no JSON", b"{a: 1}"),
        ("more after it", b"{} {}"),
        ("a comma too many", b"[1,]"),
        ("byte order mark", b"\xef\xbb\xbf{}"),
        ("no UTF-8", b"\"\xff\""),
        ("not a number", b"NaN"),
        ("a number beyond all doubles", b"1e999"),
    ];
    for (name, body) in cases {
        let messages = schema.validate(body).expect_err(name);
        assert_eq!(messages.len(), 1, "{name}");
        assert!(
            messages[0].starts_with("the request body is not JSON: "),
            "{name}: {messages:?}"
        );
    }
    assert_eq!(schema.validate(b" {} \r\n"), Ok(()));
}

/// Fact of AWS: a model may refer to itself, and bodies are checked by it.
#[test]
fn a_model_may_refer_to_itself() {
    for reference in [
        "#",
        "#/definitions/Node",
        "https://apigateway.amazonaws.com/restapis/a1/models/Node",
    ] {
        let text = format!(
            r#"{{"type": "object", "required": ["v"], "properties": {{"next": {{"$ref": "{reference}"}}}}}}"#
        );
        let node = named(&[("Node", &text)], "Node");
        assert_eq!(
            errors(&node, r#"{"v": 1, "next": {"v": 2, "next": {"v": 3}}}"#),
            "",
            "{reference}"
        );
        let wrong = errors(&node, r#"{"v": 1, "next": {"v": 2, "next": {}}}"#);
        assert_eq!(
            wrong, r#"[object has missing required properties (["v"])]"#,
            "{reference}"
        );
    }
}

#[test]
fn models_may_refer_to_each_other() {
    let models = [
        (
            "Person",
            r##"{"properties": {"pets": {"items": {"$ref": "#/components/schemas/Pet"}}}}"##,
        ),
        (
            "Pet",
            r##"{"required": ["name"], "properties": {"owner": {"$ref": "#/definitions/Person"}}}"##,
        ),
    ];
    let person = named(&models, "Person");
    assert_eq!(
        errors(&person, r#"{"pets": [{"name": "a", "owner": {"pets": []}}]}"#),
        ""
    );
    let wrong = errors(&person, r#"{"pets": [{"name": "a", "owner": {"pets": [{}]}}]}"#);
    assert_eq!(wrong, r#"[object has missing required properties (["name"])]"#);
}

#[test]
fn what_stands_beside_a_reference_is_ignored() {
    let text =
        r##"{"definitions": {"a": {"type": "null"}}, "items": {"$ref": "#/definitions/a", "minimum": 5}}"##;
    let schema = schema(text);
    assert_eq!(errors(&schema, "[null]"), "");
    assert_ne!(errors(&schema, "[7]"), "");
}
