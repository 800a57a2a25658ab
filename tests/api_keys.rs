//! API keys and usage plans: of `gateway.toml` and of the control plane, each enforced at once.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use std::time::Duration;

use portcullis_testkit::{Answer, Files, Running};
use portcullis_tests::control::{CONTROLLED, answer, call, keyed_api, patch, text};
use portcullis_tests::gateways::{FORBIDDEN, assert_refused, guests};
use serde_json::{Value, json};

const GOLD: &str = "gold-0123456789-0123456789";
const OFF: &str = "off-0123456789-0123456789x";
const HASHED: &str = "hashed-0123456789-012345678";
const LOOSE: &str = "loose-0123456789-012345678";

/// An API with a route for each question; its keys follow.
const ROUTES: &str = r#"{listener api}
[apis.api.stages.dev]
[apis.api.stages.prod]
[[apis.api.routes]]
path = "/keyed"
method = "GET"
api_key_required = true
integration = { type = "mock", template = "$context.identity.apiKeyId,$context.identity.apiKey" }
[[apis.api.routes]]
path = "/open"
integration = { type = "mock", template = "[$!context.identity.apiKeyId]" }
"#;

fn keyed(stages: &str) -> String {
    // printf %s hashed-0123456789-012345678 | sha256sum
    let hash = "c6cb13425da1fb1864499328d51bb77470b90d3b0697aa16e31599aade590154";
    let keys = format!(
        r#"
[api_keys.gold]
value = "{GOLD}"
[api_keys.off]
value = "{OFF}"
enabled = false
[api_keys.loose]
value = "{LOOSE}"
[api_keys.hashed]
sha256 = "{hash}"
[usage_plans.paid]
stages = [{stages}]
keys = ["gold", "off", "hashed"]
"#
    );
    format!("{ROUTES}{keys}")
}

async fn with_key(gateway: &Running, path: &str, key: &str) -> Answer {
    gateway.get(path, &[("x-api-key", key)]).await
}

#[tokio::test]
async fn a_method_that_requires_a_key_lets_those_of_a_plan_of_its_stage_pass() {
    let gateway = Running::of(&keyed("\"api/dev\"")).await;
    let passed = with_key(&gateway, "/dev/keyed", GOLD).await;
    assert_eq!(
        (passed.status.as_u16(), passed.text()),
        (200, &*format!("gold,{GOLD}"))
    );
    assert_eq!(
        with_key(&gateway, "/dev/keyed", HASHED).await.text(),
        format!("hashed,{HASHED}")
    );
    for (why, path, headers) in [
        ("no key", "/dev/keyed", vec![]),
        ("an empty key", "/dev/keyed", vec![("x-api-key", "")]),
        ("an unknown key", "/dev/keyed", vec![("x-api-key", "gold")]),
        ("a disabled key", "/dev/keyed", vec![("x-api-key", OFF)]),
        ("a key of no plan", "/dev/keyed", vec![("x-api-key", LOOSE)]),
        ("a stage of no plan", "/prod/keyed", vec![("x-api-key", GOLD)]),
        (
            "two keys",
            "/dev/keyed",
            vec![("x-api-key", GOLD), ("x-api-key", GOLD)],
        ),
        (
            "the key in a query",
            "/dev/keyed?x-api-key=gold-0123456789-0123456789",
            vec![],
        ),
    ] {
        let refused = gateway.get(path, &headers).await;
        assert_refused(&refused, FORBIDDEN, why);
    }
    let long = "k".repeat(2_000);
    assert_refused(&with_key(&gateway, "/dev/keyed", &long).await, FORBIDDEN, "");
    for headers in [vec![], vec![("x-api-key", "unknown")], vec![("x-api-key", GOLD)]] {
        let open = gateway.get("/dev/open", &headers).await;
        assert_eq!(
            (open.status.as_u16(), open.text()),
            (200, "[]"),
            "nobody asks for it"
        );
    }
    gateway.stop().await;
}

#[tokio::test]
async fn keys_and_plans_of_the_file_follow_it() {
    let mut gateway = Running::of(&keyed("\"api/dev\"")).await;
    assert_eq!(with_key(&gateway, "/dev/keyed", GOLD).await.status, 200);
    gateway.rewrite(&keyed("\"api/prod\"")).await;
    assert_refused(&with_key(&gateway, "/dev/keyed", GOLD).await, FORBIDDEN, "");
    assert_eq!(with_key(&gateway, "/prod/keyed", GOLD).await.status, 200);
    // What cannot be read changes nothing.
    let outcome = gateway.rewrite(&keyed("\"api\"")).await;
    assert!(outcome.has_errors());
    assert_eq!(with_key(&gateway, "/prod/keyed", GOLD).await.status, 200);
    gateway.rewrite(ROUTES).await;
    assert_refused(&with_key(&gateway, "/prod/keyed", GOLD).await, FORBIDDEN, "");
    gateway.stop().await;
}

#[tokio::test]
async fn the_refusal_is_a_gateway_response() {
    let toml = format!(
        "{}\n[apis.api.gateway_responses.INVALID_API_KEY]\nstatus = 418\n",
        keyed("\"api/dev\"")
    );
    let gateway = Running::of(&toml).await;
    assert_eq!(gateway.get("/dev/keyed", &[]).await.status, 418);
    gateway.stop().await;
}

/// As API Gateway's own exports say it.
#[tokio::test]
async fn a_document_can_require_keys() {
    let files = Files::default();
    files.write(
        "api.yaml",
        "swagger: '2.0'\ninfo: {title: shop, version: '1'}\nx-amazon-apigateway-api-key-source: HEADER\n\
         securityDefinitions: {api_key: {type: apiKey, in: header, name: x-api-key}}\npaths:\n  /keyed:\n    get:\n      \
         security: [{api_key: []}]\n      responses: {'200': {description: ok}}\n      x-amazon-apigateway-integration:\n        \
         type: mock\n        requestTemplates: {application/json: '{\"statusCode\": 200}'}\n        \
         responses: {default: {statusCode: '200'}}\n",
    );
    let toml = format!(
        "{{listener api}}\n[apis.api]\nopenapi = \"api.yaml\"\n[apis.api.stages.dev]\n[api_keys.gold]\nvalue = \"{GOLD}\"\n\
         [usage_plans.paid]\nstages = [\"api/dev\"]\nkeys = [\"gold\"]\n"
    );
    let gateway = Running::start(&toml, files).await;
    assert_refused(&gateway.get("/dev/keyed", &[]).await, FORBIDDEN, "no key");
    assert_eq!(with_key(&gateway, "/dev/keyed", GOLD).await.status, 200);
    gateway.stop().await;
}

/// printf %s usage | sha256sum
const USAGE_SHA256: &str = "0a4e4c29432ecb01b95f87d87ffaff9cb4f36ce4b89ff1a1a136ad1c7392ae07";

/// The key that an authorizer names counts, and the header does not
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-key-source.html>).
#[tokio::test]
async fn an_authorizer_can_say_the_key() {
    let toml = |source: &str| {
        format!(
            r#"{{listener api}}
[plugins.decides]
file = "authorizer.wasm"
[api_keys.theirs]
# That of "usage", which the authorizer says.
sha256 = "{}"
[api_keys.sent]
value = "{GOLD}"
[usage_plans.paid]
stages = ["api/dev"]
keys = ["theirs", "sent"]
[apis.api]
{source}
[apis.api.stages.dev]
[apis.api.authorizers.asks]
type = "token"
plugin = "decides"
[[apis.api.routes]]
path = "/keyed"
authorizer = "asks"
api_key_required = true
integration = {{ type = "mock", template = "$context.identity.apiKeyId" }}
"#,
            USAGE_SHA256
        )
    };
    let authorizer = Running::start(&toml("api_key_source = \"authorizer\""), guests()).await;
    let header = Running::start(&toml(""), guests()).await;
    for (why, gateway, headers, expected) in [
        (
            "named",
            &authorizer,
            vec![("authorization", "kept")],
            Ok("theirs"),
        ),
        (
            "named, whatever is sent",
            &authorizer,
            vec![("authorization", "kept"), ("x-api-key", GOLD)],
            Ok("theirs"),
        ),
        (
            "not named",
            &authorizer,
            vec![("authorization", "ok"), ("x-api-key", GOLD)],
            Err(()),
        ),
        (
            "sent",
            &header,
            vec![("authorization", "kept"), ("x-api-key", GOLD)],
            Ok("sent"),
        ),
        ("not sent", &header, vec![("authorization", "kept")], Err(())),
    ] {
        let answer = gateway.get("/dev/keyed", &headers).await;
        match expected {
            Ok(key) => assert_eq!((answer.status.as_u16(), answer.text()), (200, key), "{why}"),
            Err(()) => assert_refused(&answer, FORBIDDEN, why),
        }
    }
    let unknown = authorizer.get("/dev/keyed", &[("x-api-key", GOLD)]).await;
    assert_eq!(unknown.status, 401, "the authorizer comes first");
}

async fn status(gateway: &Running, api: &str, key: &str) -> u16 {
    let host = format!("{api}.execute-api.localhost");
    let headers = [("host", host.as_str()), ("x-api-key", key)];
    gateway.get("/prod/", &headers).await.status.as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_and_plans_of_calls_act_at_once_and_after_a_restart() {
    let gateway = Running::of(CONTROLLED).await;
    let id = keyed_api(&gateway).await;
    let made = call(
        &gateway,
        "POST",
        "/apikeys",
        json!({"name": "a", "enabled": true, "value": GOLD}),
    )
    .await;
    let key = text(&made, "id");
    assert_eq!(status(&gateway, &id, GOLD).await, 403, "in no plan");
    let stages = json!([{"apiId": id, "stage": "prod"}]);
    let plan = call(
        &gateway,
        "POST",
        "/usageplans",
        json!({"name": "paid", "apiStages": stages}),
    )
    .await;
    let plan = format!("/usageplans/{}", text(&plan, "id"));
    assert_eq!(status(&gateway, &id, GOLD).await, 403, "in no plan yet");
    let keys = format!("{plan}/keys");
    call(
        &gateway,
        "POST",
        &keys,
        json!({"keyId": key, "keyType": "API_KEY"}),
    )
    .await;
    assert_eq!(status(&gateway, &id, GOLD).await, 200);

    let at = format!("/apikeys/{key}");
    patch(&gateway, &at, "replace", "/enabled", "false").await;
    assert_eq!(status(&gateway, &id, GOLD).await, 403, "disabled");
    patch(&gateway, &at, "replace", "/enabled", "true").await;
    assert_eq!(status(&gateway, &id, GOLD).await, 200);

    let stage = format!("{id}:prod");
    patch(&gateway, &plan, "remove", "/apiStages", &stage).await;
    assert_eq!(
        status(&gateway, &id, GOLD).await,
        403,
        "the plan has another stage"
    );
    patch(&gateway, &plan, "add", "/apiStages", &stage).await;
    assert_eq!(status(&gateway, &id, GOLD).await, 200);

    let Running { files, node, .. } = gateway;
    assert!(node.shutdown(Duration::from_secs(10)).await, "it drains");
    let gateway = Running::start(CONTROLLED, files).await;
    assert_eq!(status(&gateway, &id, GOLD).await, 200, "after a restart");

    call(&gateway, "DELETE", &format!("{keys}/{key}"), Value::Null).await;
    assert_eq!(status(&gateway, &id, GOLD).await, 403, "out of the plan");
    call(
        &gateway,
        "POST",
        &keys,
        json!({"keyId": key, "keyType": "API_KEY"}),
    )
    .await;
    assert_eq!(status(&gateway, &id, GOLD).await, 200);
    call(&gateway, "DELETE", &at, Value::Null).await;
    assert_eq!(status(&gateway, &id, GOLD).await, 403, "gone");
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn imported_keys_are_live_and_a_plan_of_a_file_lets_nobody_of_them_in() {
    let toml = format!(
        "{CONTROLLED}\n{}",
        keyed("\"api/dev\"").replacen("{listener api}", "", 1)
    );
    let gateway = Running::start(&toml, Files::default()).await;
    let stages = json!([{"apiId": "api", "stage": "prod"}]);
    let plan = call(
        &gateway,
        "POST",
        "/usageplans",
        json!({"name": "paid", "apiStages": stages}),
    )
    .await;
    let plan = text(&plan, "id");
    let csv = format!("Name,Key,Enabled,UsageplanIds\nb,imported-0123456789-0123,true,\"{plan}\"\n");
    let control = gateway.node.control_address().expect("a control listener");
    let url = format!("http://{control}/apikeys?mode=import&format=csv");
    let imported = gateway
        .client()
        .send("POST", &url, &[], csv.as_bytes())
        .await
        .expect("an answer");
    assert_eq!(imported.status, 201, "{imported:?}");
    let of = |stage: &str| format!("/{stage}/keyed");
    let host = [
        ("host", "api.execute-api.localhost"),
        ("x-api-key", "imported-0123456789-0123"),
    ];
    assert_eq!(
        gateway.get(&of("prod"), &host).await.status,
        200,
        "a stage of a file"
    );
    assert_eq!(
        gateway.get(&of("dev"), &host).await.status,
        403,
        "the file's plan"
    );
    let host = [("host", "api.execute-api.localhost"), ("x-api-key", GOLD)];
    assert_eq!(gateway.get(&of("dev"), &host).await.status, 200);
    // The value of a file's key is taken.
    let same = json!({"name": "c", "enabled": true, "value": GOLD});
    let made = answer(&gateway, "POST", "/apikeys", same).await;
    assert_eq!(made.status, 201, "it is kept: {made:?}");
    assert_eq!(
        gateway.get(&of("dev"), &host).await.status,
        200,
        "and does not take the other's place"
    );
    gateway.stop().await;
}
