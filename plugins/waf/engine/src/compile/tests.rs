use portcullis_plugin::Selection;
use serde_json::{Value, json};

use super::*;

fn engine(rules: &Value) -> Result<Engine, Vec<Problem>> {
    let config = json!({ "groups": [{ "name": "g", "rules": rules }] });
    Engine::new(&serde_json::from_value(config).unwrap())
}

#[test]
fn tells_every_mistake_with_its_place() {
    let config = json!({ "groups": [
        { "name": "a b", "exclude_paths": ["docs"], "rules": [
            { "type": "ip", "name": "n", "addresses": ["10.0.0.1/8", "10.0.0.0/8"] },
            { "type": "ip", "name": "n", "addresses": [] },
            { "type": "rate", "name": "r", "limit": 0, "seconds": 0, "ipv6_prefix": 129 },
            { "type": "rate", "name": "s", "limit": 1, "seconds": 86_401, "action": "allow" },
            { "type": "size", "name": "t" },
        ] },
        { "name": "g", "rules": [
            { "type": "sql_injection", "name": "u", "look_at": [], "body_bytes": 0, "decode_layers": 9 },
        ] },
        { "name": "g", "rules": [
            { "type": "cross_site_scripting", "name": "", "body_bytes": 1_048_577, "exclude_paths": ["/a", "b"] },
        ] },
    ] });
    let problems = Engine::new(&serde_json::from_value(config).unwrap()).unwrap_err();
    let places: Vec<&str> = problems.iter().map(|problem| problem.pointer.as_str()).collect();
    let expected = [
        "/groups/0/name",
        "/groups/0/exclude_paths/0",
        "/groups/0/rules/0/addresses/0",
        "/groups/0/rules/1/addresses",
        "/groups/0/rules/1/name",
        "/groups/0/rules/2/limit",
        "/groups/0/rules/2/seconds",
        "/groups/0/rules/2/ipv6_prefix",
        "/groups/0/rules/3/seconds",
        "/groups/0/rules/3",
        "/groups/0/rules/4",
        "/groups/1/rules/0",
        "/groups/1/rules/0/body_bytes",
        "/groups/1/rules/0/decode_layers",
        "/groups/2/name",
        "/groups/2/rules/0/body_bytes",
        "/groups/2/rules/0/name",
        "/groups/2/rules/0/exclude_paths/1",
    ];
    assert_eq!(places, expected);
    assert!(problems.iter().all(|problem| problem.hint.is_some()));
}

#[test]
fn wants_a_rule() {
    for config in [
        json!({ "groups": [] }),
        json!({ "groups": [{ "name": "g", "rules": [] }] }),
    ] {
        let problems = Engine::new(&serde_json::from_value(config).unwrap()).unwrap_err();
        assert_eq!(problems[0].pointer, "/groups");
    }
}

#[test]
fn sees_what_its_rules_look_at_and_no_more() {
    let interest = |rule: Value| engine(&json!([rule])).unwrap().interest();
    let none = Interest::none();
    for (rule, expected) in [
        (
            json!({ "type": "ip", "name": "r", "addresses": ["::1"] }),
            none.clone().context("identity.sourceIp"),
        ),
        (
            json!({ "type": "rate", "name": "r", "limit": 1 }),
            none.clone().context("identity.sourceIp"),
        ),
        (json!({ "type": "size", "name": "r", "path": 1 }), none.clone()),
        (
            json!({ "type": "size", "name": "r", "query": 1 }),
            none.clone().all_query(),
        ),
        (
            json!({ "type": "size", "name": "r", "header_count": 1 }),
            none.clone().all_headers(),
        ),
        (
            json!({ "type": "size", "name": "r", "header_bytes": 1 }),
            none.clone().all_headers(),
        ),
        (
            json!({ "type": "size", "name": "r", "cookies": 1 }),
            none.clone().header("cookie"),
        ),
        (
            json!({ "type": "size", "name": "r", "body": 1 }),
            none.clone().body(),
        ),
        (
            json!({ "type": "sql_injection", "name": "r" }),
            none.clone().header("cookie").all_query(),
        ),
        (
            json!({ "type": "cross_site_scripting", "name": "r", "look_at": ["body"], "headers": ["Referer"] }),
            none.clone()
                .header("content-encoding")
                .header("content-type")
                .header("referer")
                .body(),
        ),
    ] {
        assert_eq!(interest(rule.clone()), expected, "{rule}");
    }
    // A header that two rules look at is passed once.
    let twice = json!([
        { "type": "sql_injection", "name": "a", "look_at": [], "headers": ["x", "X"] },
        { "type": "cross_site_scripting", "name": "b", "look_at": [], "headers": ["x"] },
    ]);
    assert_eq!(
        engine(&twice).unwrap().interest().headers,
        Selection::Only(vec!["x".to_owned()])
    );
}
