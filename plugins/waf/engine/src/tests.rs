use portcullis_plugin::Interest;
use serde_json::{Value, json};

use super::*;

fn engine(groups: &Value) -> Engine {
    Engine::new(&serde_json::from_value(json!({ "groups": groups })).unwrap()).unwrap()
}

fn of_rule(rule: &Value) -> Engine {
    engine(&json!([{ "name": "g", "rules": [rule] }]))
}

/// What the rules say, with counts that are always so high.
fn checked(engine: &Engine, request: &Request, count: u64) -> Outcome {
    engine.check(request, &mut |_, _| Ok(count)).unwrap()
}

fn blocks(engine: &Engine, request: &Request) -> Option<String> {
    checked(engine, request, 0).block
}

fn from(address: &str) -> Request {
    Request::builder().context("identity.sourceIp", address).build()
}

const ATTACK: &str = "1' or '1'='1";

#[test]
fn asks_in_order_and_names_the_rule() {
    let engine = engine(&json!([
        { "name": "known", "rules": [{ "type": "ip", "name": "office", "addresses": ["10.1.0.0/16"], "action": "allow" }] },
        { "name": "watched", "action": "count", "rules": [
            { "type": "ip", "name": "lan", "addresses": ["10.0.0.0/8"] },
            { "type": "size", "name": "long", "query": 4, "action": "block" },
        ] },
        { "name": "attacks", "rules": [{ "type": "sql_injection", "name": "sql" }] },
    ]));
    let request = |address: &str, value: &str| {
        Request::builder()
            .context("identity.sourceIp", address)
            .query("q", value)
            .build()
    };
    assert_eq!(
        checked(&engine, &request("10.1.2.3", ATTACK), 0),
        Outcome::default()
    );
    let counted = vec!["watched/lan: the address 10.2.0.1".to_owned()];
    let outcome = checked(&engine, &request("10.2.0.1", ATTACK), 0);
    assert_eq!(outcome.counted, counted);
    assert_eq!(
        outcome.block.as_deref(),
        Some("watched/long: query of 14 bytes, more than 4")
    );
    let outcome = checked(&engine, &request("192.0.2.1", "1"), 0);
    assert_eq!(outcome, Outcome::default());
    let outcome = checked(&engine, &request("10.2.0.1", "a'#"), 0);
    assert_eq!(outcome.counted, counted);
    assert!(outcome.block.unwrap().starts_with("watched/long: "));
}

#[test]
fn tells_addresses_apart() {
    let denied =
        of_rule(&json!({ "type": "ip", "name": "r", "addresses": ["203.0.113.0/24", "2001:db8::/32"] }));
    assert_eq!(
        blocks(&denied, &from("203.0.113.9")).as_deref(),
        Some("g/r: the address 203.0.113.9")
    );
    assert!(blocks(&denied, &from("::ffff:203.0.113.9")).is_some());
    assert!(blocks(&denied, &from("2001:db8::1")).is_some());
    assert_eq!(blocks(&denied, &from("198.51.100.1")), None);
    let others = of_rule(&json!({ "type": "ip", "name": "r", "addresses": ["10.0.0.0/8"], "except": true }));
    assert_eq!(blocks(&others, &from("10.1.1.1")), None);
    assert!(blocks(&others, &from("11.1.1.1")).is_some());
    assert!(denied.check(&Request::default(), &mut |_, _| Ok(0)).is_err());
}

#[test]
fn a_rate_is_counted_by_rule_and_address() {
    let engine = of_rule(&json!({ "type": "rate", "name": "r", "limit": 2, "seconds": 30 }));
    assert_eq!(checked(&engine, &from("10.0.0.1"), 2), Outcome::default());
    assert!(checked(&engine, &from("10.0.0.1"), 3).block.is_some());
    let mut seen = Vec::new();
    let mut count = |key: &str, seconds: u32| {
        seen.push((key.to_owned(), seconds));
        Ok(0)
    };
    engine.check(&from("10.0.0.1"), &mut count).unwrap();
    assert_eq!(seen, [("g/r 10.0.0.1".to_owned(), 30)]);
    assert!(
        engine
            .check(&from("10.0.0.1"), &mut |_, _| Err(Fault::internal("x")))
            .is_err()
    );
}

#[test]
fn looks_at_the_parts_that_it_is_told_to() {
    let encoded = "1%27%20or%20%271%27=%271";
    let by_part = [
        ("path", Request::builder().path(format!("/a/{encoded}/b")).build()),
        ("query", Request::builder().query("q", ATTACK).build()),
        ("query", Request::builder().query(ATTACK, "").build()),
        (
            "cookies",
            Request::builder()
                .header("cookie", format!("a=b; c={encoded}"))
                .build(),
        ),
        (
            "cookies",
            Request::builder()
                .header("cookie", format!("a=b; {encoded}"))
                .build(),
        ),
        ("body", Request::builder().body(format!("a={encoded}")).build()),
        (
            "body",
            Request::builder()
                .body(json!({ "a": [1, ATTACK] }).to_string())
                .build(),
        ),
        (
            "body",
            Request::builder().body(json!({ ATTACK: 1 }).to_string()).build(),
        ),
    ];
    for (part, request) in &by_part {
        for looked_at in ["path", "query", "cookies", "body"] {
            let engine = of_rule(&json!({ "type": "sql_injection", "name": "r", "look_at": [looked_at] }));
            assert_eq!(
                blocks(&engine, request).is_some(),
                *part == looked_at,
                "{part} {looked_at} {request:?}"
            );
        }
    }
    let header = Request::builder().header("Referer", ATTACK).build();
    let rule = |headers: &[&str]| json!({ "type": "sql_injection", "name": "r", "headers": headers });
    assert_eq!(blocks(&of_rule(&rule(&[])), &header), None);
    assert_eq!(
        blocks(&of_rule(&rule(&["Referer"])), &header).as_deref(),
        Some("g/r: a condition in the header referer")
    );
    let script = Request::builder().query("q", "<script>").build();
    assert_eq!(blocks(&of_rule(&rule(&[])), &script), None);
    let rule = json!({ "type": "cross_site_scripting", "name": "r" });
    assert!(blocks(&of_rule(&rule), &script).is_some());
}

#[test]
fn leaves_alone_what_it_is_told_to() {
    let request = |path: &str, name: &str| Request::builder().path(path).query(name, ATTACK).build();
    let engine = engine(&json!([{ "name": "g", "exclude_paths": ["/docs"], "rules": [
        { "type": "sql_injection", "name": "r", "exclude_paths": ["/search"], "exclude_parameters": ["note"] },
    ] }]));
    for (path, name, blocked) in [
        ("/pets", "q", true),
        ("/docs/a", "q", false),
        ("/search", "q", false),
        ("/search2", "q", true),
        ("/docs/../pets", "q", true),
        ("/pets", "note", false),
        ("/pets", "Note", true),
    ] {
        assert_eq!(
            blocks(&engine, &request(path, name)).is_some(),
            blocked,
            "{path} {name}"
        );
    }
    let body = |field: &str| {
        Request::builder()
            .body(json!({ field: ATTACK }).to_string())
            .build()
    };
    let rule =
        json!({ "type": "sql_injection", "name": "r", "look_at": ["body"], "exclude_parameters": ["note"] });
    let engine = of_rule(&rule);
    assert_eq!(blocks(&engine, &body("note")), None);
    assert_eq!(
        blocks(&engine, &body("q")).as_deref(),
        Some("g/r: a condition in the body's q")
    );
}

#[test]
fn bounds_what_it_looks_at_of_a_body() {
    let rule = |oversize: &str| json!({ "type": "sql_injection", "name": "r", "look_at": ["body"], "body_bytes": 32, "oversize": oversize });
    let late = Request::builder()
        .body(format!("a={}&b={ATTACK}", "x".repeat(40)))
        .build();
    assert_eq!(blocks(&of_rule(&rule("continue")), &late), None);
    let why = "g/r: a body of more than 32 bytes";
    assert_eq!(blocks(&of_rule(&rule("match")), &late).as_deref(), Some(why));
    let early = Request::builder()
        .body(format!("a={ATTACK}&b={}", "x".repeat(40)))
        .build();
    assert!(blocks(&of_rule(&rule("continue")), &early).is_some());
    let coded = Request::builder()
        .header("content-encoding", "gzip")
        .body("x")
        .build();
    assert_eq!(blocks(&of_rule(&rule("continue")), &coded), None);
    assert_eq!(
        blocks(&of_rule(&rule("match")), &coded).as_deref(),
        Some("g/r: a body that is coded (gzip)")
    );
}

#[test]
fn takes_off_as_many_layers_as_it_is_told_to() {
    let rule = |layers: u32| json!({ "type": "cross_site_scripting", "name": "r", "decode_layers": layers });
    let twice = Request::builder().query("q", "%253Cscript%253E").build();
    assert!(blocks(&of_rule(&rule(2)), &twice).unwrap().contains("an element"));
    assert!(
        blocks(&of_rule(&rule(1)), &twice)
            .unwrap()
            .contains("encoded too often")
    );
    let fine = Request::builder().query("q", "100%25 sure").build();
    assert_eq!(blocks(&of_rule(&rule(1)), &fine), None);
}

#[test]
fn no_rule_asks_for_what_it_does_not_look_at() {
    let engine = of_rule(&json!({ "type": "size", "name": "r", "path": 1 }));
    assert_eq!(engine.interest(), Interest::none());
}
