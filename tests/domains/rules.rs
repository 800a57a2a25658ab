//! Routing rules: stages by headers and base paths.

use portcullis_testkit::Running;
use portcullis_tests::control::{CONTROLLED, answer, api, call, deploy, mock, patch, text};
use portcullis_tests::gateways::{FORBIDDEN, assert_refused};
use serde_json::{Value, json};

use super::{at, two_apis};

const NAME: &str = "api.example.com";

async fn led(gateway: &Running, path: &str, headers: &[(&str, &str)]) -> String {
    let headers: Vec<(&str, &str)> = [("host", NAME)].iter().chain(headers).copied().collect();
    let answer = gateway.get(path, &headers).await;
    assert_eq!(answer.status, 200, "{path} {headers:?}: {answer:?}");
    let words: Vec<&str> = answer.text().split(' ').collect();
    // API, stage, the resource, and the path as it was sent.
    words[..4].join(" ")
}

#[tokio::test]
async fn headers_and_base_paths_lead_to_stages() {
    let rules = r#"[domains."api.example.com"]
        mappings."" = "shop/prod"
        [[domains."api.example.com".rules]]
        priority = 20
        headers = { x-version = ["beta*", "next"], hello = ["World"] }
        base_paths = ["orders", "a/b"]
        to = "orders/v1"
        strip_base_path = true
        [[domains."api.example.com".rules]]
        priority = 10
        headers.x-version = ["dev"]
        to = "shop/dev"
        [[domains."api.example.com".rules]]
        priority = 30
        base_paths = ["orders"]
        to = "orders/v1"
    "#;
    let mut gateway = Running::of(&two_apis(rules)).await;
    let world = ("hello", "World");
    for (path, headers, expected) in [
        (
            "/orders/7",
            vec![("x-version", "beta2"), world],
            "orders v1 /{proxy+} /orders/7",
        ),
        ("/a/b", vec![("X-Version", "next"), world], "orders v1 / /a/b"),
        (
            "/orders",
            vec![("x-version", "beta"), world],
            "orders v1 / /orders",
        ),
        ("/x", vec![("x-version", "dev")], "shop dev /{proxy+} /x"),
        (
            "/orders/7",
            vec![("x-version", "dev"), world],
            "shop dev /{proxy+} /orders/7",
        ),
        // One condition is not enough, and case counts.
        ("/a/b", vec![("x-version", "beta")], "shop prod /{proxy+} /a/b"),
        (
            "/a/b",
            vec![("x-version", "beta"), ("hello", "world")],
            "shop prod /{proxy+} /a/b",
        ),
        (
            "/a/c",
            vec![("x-version", "beta"), world],
            "shop prod /{proxy+} /a/c",
        ),
        // The base path stays, and the root is no longer what is asked for.
        ("/orders", vec![], "orders v1 /{proxy+} /orders"),
    ] {
        assert_eq!(
            led(&gateway, path, &headers).await,
            expected,
            "{path} {headers:?}"
        );
    }
    // Without mappings the rules are all.
    gateway
        .rewrite(&two_apis(&rules.replace("mappings.\"\" = \"shop/prod\"", "")))
        .await;
    assert_refused(&at(&gateway, NAME, "/a/b").await, FORBIDDEN, "no rule");
    assert_eq!(
        led(&gateway, "/orders/1", &[]).await,
        "orders v1 /{proxy+} /orders/1"
    );
    gateway.stop().await;
}

#[tokio::test]
async fn variables_tell_what_led_to_the_stage() {
    let toml = two_apis(
        "[domains.\"api.example.com\"]\nmappings = { \"\" = \"shop/prod\", \"m/n\" = \"shop/prod\" }\n\
         [[domains.\"api.example.com\".rules]]\npriority = 7\nbase_paths = [\"r\"]\nto = \"shop/prod\"",
    );
    let told = "rule=$context.customDomain.routingRuleIdMatched path=$context.customDomain.basePathMatched";
    let gateway = Running::of(&toml.replace(super::ECHO, told)).await;
    for (path, expected) in [
        ("/r/1", "rule=7 path=r"),
        ("/m/n/1", "rule= path=m/n"),
        ("/x", "rule= path="),
    ] {
        assert_eq!(at(&gateway, NAME, path).await.text(), expected, "{path}");
    }
    gateway.stop().await;
}

#[tokio::test]
async fn what_is_no_rule_is_told_with_its_place() {
    let mut gateway = Running::of(&two_apis("")).await;
    for (rule, at, message) in [
        ("priority = 0\nto = \"shop/prod\"", "0/priority", "at least 1"),
        (
            "priority = 1000001\nto = \"shop/prod\"",
            "0/priority",
            "at most 1000000",
        ),
        (
            "priority = 1\nto = \"shop/prod\"\n[[domains.\"a.b\".rules]]\npriority = 1\nto = \"shop/dev\"",
            "1/priority",
            "has the priority 1 already",
        ),
        ("priority = 1\nto = \"shop\"", "0/to", "names no stage"),
        ("priority = 1\nto = \"shop/prodd\"", "0/to", "has no stage"),
        (
            "priority = 1\nto = \"shop/prod\"\nheaders = { a = [\"1\"], b = [\"1\"], c = [\"1\"] }",
            "0/headers",
            "2 are the most",
        ),
        (
            "priority = 1\nto = \"shop/prod\"\nheaders.a = [\"x*y\"]",
            "0/headers/a",
            "is no value",
        ),
        (
            "priority = 1\nto = \"shop/prod\"\nheaders.a = []",
            "0/headers/a",
            "0 values",
        ),
        (
            "priority = 1\nto = \"shop/prod\"\nheaders.\"a b\" = [\"1\"]",
            "0/headers/a b",
            "is no name",
        ),
        (
            "priority = 1\nto = \"shop/prod\"\nbase_paths = [\"/a\"]",
            "0/base_paths",
            "is no base path",
        ),
        (
            "priority = 1\nto = \"shop/prod\"\nstrip_base_path = true",
            "0/strip_base_path",
            "no base path to take off",
        ),
    ] {
        let head = format!("[[domains.\"a.b\".rules]]\n{rule}");
        let at = format!("/domains/a.b/rules/{at}");
        let outcome = gateway.rewrite(&two_apis(&head)).await;
        let mut problems = outcome.problems.iter();
        let hit = problems.any(|problem| problem.pointer == at && problem.message.contains(message));
        assert!(outcome.has_errors() && hit, "{head}: {:?}", outcome.problems);
    }
    gateway.stop().await;
}

/// The routing mode says which of rules and mappings are looked at; each change acts at once.
#[tokio::test(flavor = "multi_thread")]
async fn rules_of_the_control_plane_act_at_once() {
    let gateway = Running::of(CONTROLLED).await;
    let (ruled, mapped) = (api(&gateway, mock()).await, api(&gateway, mock()).await);
    for id in [&ruled, &mapped] {
        deploy(&gateway, id, json!({"stageName": "prod"})).await;
    }
    let name = format!("/domainnames/{NAME}");
    let regional = json!({"domainName": NAME, "endpointConfiguration": {"types": ["REGIONAL"]}});
    call(&gateway, "POST", "/domainnames", regional).await;
    let body = json!({"restApiId": mapped, "stage": "prod", "basePath": "mapped"});
    call(&gateway, "POST", &format!("{name}/basepathmappings"), body).await;
    let rules = format!("/v2{name}/routingrules");
    let body = |priority: u32, value: &str| {
        json!({
            "priority": priority,
            "conditions": [
                {"matchHeaders": {"anyOf": [{"header": "x-to", "valueGlob": value}]}},
                {"matchBasePaths": {"anyOf": ["ruled"]}},
            ],
            "actions": [{"invokeApi": {"apiId": ruled, "stage": "prod", "stripBasePath": true}}],
        })
    };
    let rule = call(&gateway, "POST", &rules, body(5, "rule*")).await;
    let is_ruled = async |value: &str| {
        gateway
            .get("/ruled", &[("host", NAME), ("x-to", value)])
            .await
            .status
            == 200
    };
    let is_mapped = async || at(&gateway, NAME, "/mapped").await.status == 200;
    for (mode, by_rule, by_mapping) in [
        ("BASE_PATH_MAPPING_ONLY", false, true),
        ("ROUTING_RULE_ONLY", true, false),
        ("ROUTING_RULE_THEN_BASE_PATH_MAPPING", true, true),
    ] {
        patch(&gateway, &name, "replace", "/routingMode", mode).await;
        assert_eq!(
            (is_ruled("rules").await, is_mapped().await),
            (by_rule, by_mapping),
            "{mode}"
        );
        assert!(!is_ruled("other").await, "{mode}");
    }
    let one = format!("{rules}/{}", text(&rule, "routingRuleId"));
    call(&gateway, "PUT", &one, body(5, "other")).await;
    assert!(is_ruled("other").await && !is_ruled("rules").await, "changed");
    let refused = answer(&gateway, "DELETE", &format!("/restapis/{ruled}"), Value::Null).await;
    assert_eq!(refused.status, 400, "a rule leads to it: {refused:?}");
    call(&gateway, "DELETE", &one, Value::Null).await;
    assert!(!is_ruled("other").await, "gone");
    gateway.stop().await;
}
