//! The usual evasions are blocked, and harmless requests pass.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests"
)]

use portcullis_plugin::Request;
use portcullis_waf::Engine;
use serde_json::{Value, json};

const SQL: &str = include_str!("data/sql.txt");
const SCRIPTS: &str = include_str!("data/xss.txt");
const HARMLESS: &str = include_str!("data/harmless.txt");

/// Lines without their headings.
fn lines(data: &str) -> impl Iterator<Item = &str> {
    data.lines()
        .filter(|line| !line.is_empty() && !line.starts_with("== "))
}

fn engine(types: &[&str]) -> Engine {
    let rules: Vec<Value> = types
        .iter()
        .map(|kind| {
            let parts = ["path", "query", "cookies", "body"];
            json!({ "type": kind, "name": kind, "look_at": parts, "headers": ["user-agent", "referer"] })
        })
        .collect();
    let config = json!({ "groups": [{ "name": "attacks", "rules": rules }] });
    Engine::new(&serde_json::from_value(config).unwrap()).unwrap()
}

fn blocked(engine: &Engine, request: &Request) -> Option<String> {
    engine.check(request, &mut |_, _| Ok(0)).unwrap().block
}

/// As the gateway passes a query: decoded once, and U+FFFD for what is no UTF-8.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let digits = rest.clone().take(2).map(char::from).collect::<String>();
        match u8::from_str_radix(&digits, 16) {
            Ok(decoded) if byte == b'%' && digits.len() == 2 && !digits.starts_with('+') => {
                bytes.push(decoded);
                rest.nth(1);
            }
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A value in each part of a request that may hold it.
fn requests(value: &str) -> Vec<(&'static str, Request)> {
    let decoded = decoded(value);
    let mut requests = vec![
        ("query", Request::builder().query("q", &decoded).build()),
        (
            "path",
            Request::builder()
                .path(format!("/items/{}", value.replace(' ', "%20")))
                .build(),
        ),
        (
            "json",
            Request::builder()
                .body(json!({ "a": { "q": [decoded.clone()] } }).to_string())
                .build(),
        ),
        (
            "header",
            Request::builder().header("user-agent", &decoded).build(),
        ),
    ];
    if !value.contains(';') {
        let cookie = Request::builder().header("cookie", format!("a=1; q={value}"));
        requests.push(("cookie", cookie.build()));
    }
    if !value.contains(['&', '+']) {
        let form = Request::builder().header("content-type", "application/x-www-form-urlencoded");
        requests.push(("form", form.body(format!("a=1&q={value}")).build()));
    }
    requests
}

fn all_are_blocked(engine: &Engine, data: &str) {
    let mut missed = Vec::new();
    for value in lines(data) {
        for (part, request) in requests(value) {
            if blocked(engine, &request).is_none() {
                missed.push(format!("{part}: {value}"));
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
fn sql_injection_is_blocked_however_it_is_written() {
    assert!(lines(SQL).count() >= 250);
    all_are_blocked(&engine(&["sql_injection"]), SQL);
}

#[test]
fn cross_site_scripting_is_blocked_however_it_is_written() {
    assert!(lines(SCRIPTS).count() >= 200);
    all_are_blocked(&engine(&["cross_site_scripting"]), SCRIPTS);
}

#[test]
fn harmless_requests_pass() {
    assert!(lines(HARMLESS).count() >= 250);
    let engine = engine(&["sql_injection", "cross_site_scripting"]);
    let mut blocked_ones = Vec::new();
    for value in lines(HARMLESS) {
        let encoded = value.replace('%', "%25").replace(';', "%3B");
        for (part, request) in requests(&encoded) {
            if let Some(why) = blocked(&engine, &request) {
                blocked_ones.push(format!("{part}: {value} ({why})"));
            }
        }
    }
    assert!(
        blocked_ones.is_empty(),
        "{} blocked:\n{}",
        blocked_ones.len(),
        blocked_ones.join("\n")
    );
}
