//! Properties that hold for all bodies and for all schemas.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{errors, schema};
use crate::compile;

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-5_i64..5).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-c]{0,3}|\\PC{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec(("[a-c]", inner), 0..4)
                .prop_map(|members| Value::Object(Map::from_iter(members))),
        ]
    })
}

/// Schemas with every keyword, some of them wrong.
fn rules() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!({})),
        Just(json!({ "$ref": "#" })),
        prop::sample::select(vec![
            "array", "boolean", "integer", "null", "number", "object", "string", "text"
        ])
        .prop_map(|name| json!({ "type": name })),
        (-3_i64..3, any::<bool>())
            .prop_map(|(limit, exclusive)| json!({ "minimum": limit, "exclusiveMinimum": exclusive })),
        (-3_i64..3, any::<bool>())
            .prop_map(|(limit, exclusive)| json!({ "maximum": limit, "exclusiveMaximum": exclusive })),
        (-1_i64..3).prop_map(|limit| json!({ "multipleOf": limit, "minLength": limit, "maxItems": limit })),
        (0_i64..3).prop_map(|limit| json!({ "maxLength": limit, "minItems": limit, "maxProperties": limit })),
        Just(json!({ "uniqueItems": true, "minProperties": 1, "required": ["a"] })),
        prop::collection::vec(value(), 1..4).prop_map(|values| json!({ "enum": values })),
        "\\PC{0,6}|[a-c]+|(a+)+".prop_map(|pattern| json!({ "pattern": pattern })),
        Just(json!({ "dependencies": { "a": ["b"] } })),
        prop::sample::select(vec![
            "email",
            "uri",
            "date-time",
            "ipv4",
            "ipv6",
            "hostname",
            "regex",
            "int32"
        ])
        .prop_map(|name| json!({ "format": name })),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let list = prop::collection::vec(inner.clone(), 1..3);
        prop_oneof![
            list.clone().prop_map(|list| json!({ "anyOf": list })),
            list.clone().prop_map(|list| json!({ "allOf": list })),
            list.clone().prop_map(|list| json!({ "oneOf": list })),
            (list, inner.clone()).prop_map(|(list, more)| json!({ "items": list, "additionalItems": more })),
            inner.clone().prop_map(|one| json!({ "not": one })),
            inner.clone().prop_map(|one| json!({ "items": one })),
            inner.clone().prop_map(|one| json!({ "dependencies": { "b": one } })),
            (inner.clone(), inner.clone(), inner).prop_map(|(a, b, more)| {
                json!({ "properties": { "a": a }, "patternProperties": { "b": b }, "additionalProperties": more })
            }),
        ]
    })
}

proptest! {
    #[test]
    fn never_panics_on_bytes(body in prop::collection::vec(any::<u8>(), 0..64)) {
        let schema = schema(r##"{"type": "object", "properties": {"a": {"$ref": "#"}}}"##);
        let _ = schema.validate(&body);
    }

    /// Whoever explains finds something wrong with the values that are refused, and nothing with the others.
    #[test]
    fn explains_what_is_decided(rules in rules(), value in value()) {
        let text = rules.to_string();
        let compiled = compile([("Model", text.as_str())], ["Model"]);
        let Some(schema) = compiled.schemas.get("Model") else {
            prop_assert!(!compiled.problems.is_empty());
            return Ok(());
        };
        let body = value.to_string();
        let messages = schema.explain(&value);
        prop_assert_eq!(errors(schema, &body).is_empty(), messages.is_empty(), "{} {} {:?}", text, body, messages);
    }

    #[test]
    fn never_panics_on_a_schema(text in "\\PC{0,64}", value in value()) {
        let rules = value.to_string();
        for text in [text.as_str(), rules.as_str()] {
            let compiled = compile([("Model", text)], ["Model"]);
            prop_assert!(compiled.schemas.is_empty() != compiled.problems.is_empty());
        }
    }
}
