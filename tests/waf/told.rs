//! What is told of a blocked request: in logs all, in responses what a gateway response's template names.

use portcullis_testkit::{Origin, Running};
use portcullis_tests::gateways::{FORBIDDEN, assert_refused};
use portcullis_tests::guest;

use super::{guarded, logged, started};

const RULES: &str = r#"{ type = "sql_injection", name = "sql" }"#;
const ARN: &str = "arn:aws:wafv2:us-east-1:000000000000:regional/webacl/main/";

#[tokio::test]
async fn access_logs_have_the_rule_and_responses_have_not() {
    let (gateway, _origin) = started(RULES).await;
    let answer = gateway.get("/dev/a?q=1%27+or+%271%27=%271", &[]).await;
    assert_refused(&answer, FORBIDDEN, "blocked");
    let all = format!("{answer:?}");
    assert!(!all.contains("sql") && !all.contains("condition"), "{all}");
    assert_eq!(gateway.get("/dev/a", &[]).await.status, 200);
    let mut lines = logged(gateway).await;
    lines.sort();
    let id = lines[0]
        .split(ARN)
        .nth(1)
        .and_then(|rest| rest.split(' ').next())
        .expect("an ARN")
        .to_owned();
    let expected = [
        format!("WAF_ALLOW 200 {ARN}{id} -"),
        format!("WAF_BLOCK 403 {ARN}{id} g/sql: a condition in the query parameter q"),
    ];
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn a_gateway_response_may_name_the_reason() {
    let origin = Origin::echo().await;
    let response = r#"
        [apis.api.gateway_responses.WAF_FILTERED]
        status = 418
        headers = { x-acl = "context.webaclArn" }
        templates = { "application/json" = '{"why": "$context.waf.error", "code": "$context.wafResponseCode", "type": "$context.error.responseType"}' }
    "#;
    let gateway = Running::of(&format!("{}{response}", guarded(&origin, RULES))).await;
    let answer = gateway.get("/dev/a?q=1+union+select+1", &[]).await;
    assert_eq!(answer.status, 418);
    assert!(answer.header("x-acl").starts_with(ARN), "{answer:?}");
    let expected = serde_json::json!({
        "why": "g/sql: a union in the query parameter q", "code": "WAF_BLOCK", "type": "WAF_FILTERED",
    });
    assert_eq!(answer.json(), expected);
}

#[tokio::test]
async fn a_filter_that_fails_lets_nothing_pass_and_is_neither_a_block() {
    let origin = Origin::echo().await;
    let files = portcullis_testkit::Files::default();
    files.write("filter.wasm", guest("faults-filter"));
    let toml = guarded(&origin, RULES)
        .replace("filters = [\"waf\"]", "filters = [\"waf\", \"sieve\"]")
        .replace(
            "[web_acls.main]",
            "[plugins.sieve]\nfile = \"filter.wasm\"\n[web_acls.main]",
        );
    let gateway = Running::start(&toml, files).await;
    for (fault, status) in [("trap", 500), ("ok", 200), ("block", 403)] {
        let answer = gateway.get("/dev/a", &[("x-fault", fault)]).await;
        assert_eq!(answer.status, status, "{fault}: {answer:?}");
    }
    assert_eq!(origin.recorded().len(), 1);
    let lines = logged(gateway).await;
    let without_arn = |line: &String| {
        let words: Vec<&str> = line.split(' ').filter(|word| !word.starts_with("arn:")).collect();
        words.join(" ")
    };
    let mut lines: Vec<String> = lines.iter().map(without_arn).collect();
    lines.sort();
    assert_eq!(
        lines,
        [
            "- 500 Internal server error",
            "WAF_ALLOW 200 -",
            "WAF_BLOCK 403 this filter blocks"
        ]
    );
}

#[tokio::test]
async fn the_time_that_filters_take_is_told_where_a_log_asks() {
    let origin = Origin::echo().await;
    let toml = guarded(&origin, RULES).replace("$context.waf.error", "$context.waf.latency");
    let gateway = Running::of(&toml).await;
    gateway.get("/dev/a", &[]).await;
    gateway.get("/dev/a?q=1+union+select+1", &[]).await;
    for line in logged(gateway).await {
        let latency = line.rsplit(' ').next().expect("a word");
        assert!(latency.parse::<u64>().is_ok(), "{line}");
    }
}
