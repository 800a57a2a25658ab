//! When decisions are forgotten.

use portcullis_testkit::Running;
use portcullis_tests::control::{self, CONTROLLED, call, deploy, set, text};
use portcullis_tests::gateways::*;
use serde_json::json;

use crate::kept::{TOML, started};

const PLUGIN: &str = "[plugins.decides]\nfile = \"authorizer.wasm\"\n";

async fn asks(gateway: &Running, host: &str, stage: &str) -> f64 {
    let before = calls(gateway, "decides").await;
    let headers = [("authorization", "ok"), ("host", host)];
    let answer = gateway.get(&format!("/{stage}/"), &headers).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    calls(gateway, "decides").await - before
}

/// An API of the control plane whose `GET /` has an authorizer, and its id.
async fn guarded(gateway: &Running) -> (String, String) {
    let id = control::api(gateway, control::mock()).await;
    let authorizer = json!({
        "name": "decides", "type": "TOKEN", "authorizerUri": "portcullis:plugin:decides",
        "identitySource": "method.request.header.Authorization",
    });
    let authorizer = control::authorizer(gateway, &id, authorizer).await;
    control::guard(gateway, &id, &authorizer, "CUSTOM", &[]).await;
    (id, text(&authorizer, "id"))
}

#[tokio::test]
async fn a_flush_empties_the_stages_cache_at_once() {
    let (gateway, _) = started(&format!("{CONTROLLED}{PLUGIN}"), guests()).await;
    let (id, _) = guarded(&gateway).await;
    for stage in ["one", "two"] {
        deploy(&gateway, &id, json!({"stageName": stage})).await;
    }
    let host = format!("{id}.execute-api.localhost");
    for (stage, expected) in [("one", 1.0), ("one", 0.0), ("two", 1.0), ("two", 0.0)] {
        assert_eq!(asks(&gateway, &host, stage).await, expected, "{stage}");
    }
    let path = format!("/restapis/{id}/stages/one/cache/authorizers");
    call(&gateway, "DELETE", &path, json!(null)).await;
    for (stage, expected) in [("one", 1.0), ("one", 0.0), ("two", 0.0)] {
        assert_eq!(
            asks(&gateway, &host, stage).await,
            expected,
            "{stage} after the flush"
        );
    }
}

#[tokio::test]
async fn a_deployment_begins_with_nothing_kept() {
    let (gateway, _) = started(&format!("{CONTROLLED}{PLUGIN}"), guests()).await;
    let (id, authorizer) = guarded(&gateway).await;
    deploy(&gateway, &id, json!({"stageName": "one"})).await;
    let host = format!("{id}.execute-api.localhost");
    assert_eq!(asks(&gateway, &host, "one").await, 1.0);
    assert_eq!(asks(&gateway, &host, "one").await, 0.0);
    let operation = json!({"op": "replace", "path": "/authorizerResultTtlInSeconds", "value": "0"});
    let path = format!("/restapis/{id}/authorizers/{authorizer}");
    call(&gateway, "PATCH", &path, json!({"patchOperations": [operation]})).await;
    assert_eq!(asks(&gateway, &host, "one").await, 0.0, "not deployed yet");
    let deployment = deploy(&gateway, &id, json!({})).await;
    set(&gateway, &id, "one", "/deploymentId", &text(&deployment, "id")).await;
    assert_eq!(asks(&gateway, &host, "one").await, 1.0);
    assert_eq!(asks(&gateway, &host, "one").await, 1.0, "it keeps nothing now");
}

/// The flush reaches the canary's decisions, too.
#[tokio::test]
async fn a_flush_empties_the_canarys_cache() {
    let (gateway, _) = started(&format!("{CONTROLLED}{PLUGIN}"), guests()).await;
    let (id, _) = guarded(&gateway).await;
    deploy(&gateway, &id, json!({"stageName": "one"})).await;
    let canary = json!({"stageName": "one", "canarySettings": {"percentTraffic": 100.0}});
    deploy(&gateway, &id, canary).await;
    let host = format!("{id}.execute-api.localhost");
    assert_eq!(asks(&gateway, &host, "one").await, 1.0);
    assert_eq!(asks(&gateway, &host, "one").await, 0.0);
    let path = format!("/restapis/{id}/stages/one/cache/authorizers");
    call(&gateway, "DELETE", &path, json!(null)).await;
    assert_eq!(asks(&gateway, &host, "one").await, 1.0);
}

#[tokio::test]
async fn a_reload_forgets_only_what_it_changes() {
    let (mut gateway, _) = started(TOML, guests()).await;
    let asks = async |gateway: &Running| {
        let before = calls(gateway, "decides").await;
        gateway.get("/dev/short", &[("authorization", "ok")]).await;
        calls(gateway, "decides").await - before
    };
    assert_eq!(asks(&gateway).await, 1.0);
    let more = "[apis.api.stages.other]\n";
    gateway.rewrite(&format!("{TOML}{ECHO}{more}")).await;
    assert_eq!(asks(&gateway).await, 0.0, "another stage");
    let changed = TOML.replace("ttl_seconds = 30", "ttl_seconds = 31");
    gateway.rewrite(&format!("{changed}{ECHO}{more}")).await;
    assert_eq!(asks(&gateway).await, 1.0, "another authorizer");
}

/// A test invocation asks each time, and tells the policy; nothing is kept of it.
#[tokio::test]
async fn a_test_of_an_authorizer_asks_each_time() {
    let (gateway, _) = started(&format!("{CONTROLLED}{PLUGIN}"), guests()).await;
    let (id, authorizer) = guarded(&gateway).await;
    deploy(&gateway, &id, json!({"stageName": "one"})).await;
    let host = format!("{id}.execute-api.localhost");
    let path = format!("/restapis/{id}/authorizers/{authorizer}");
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;
    for _ in 0..2 {
        let before = calls(&gateway, "decides").await;
        let body = json!({"headers": {"Authorization": "policy", "X-Policy": policy}});
        let told = call(&gateway, "POST", &path, body).await;
        assert_eq!(told["clientStatus"], 0, "{told}");
        assert_eq!(told["policy"], policy);
        assert_eq!(told["principalId"], "caller");
        assert_eq!(calls(&gateway, "decides").await - before, 1.0);
    }
    let body = json!({"headers": {"Authorization": "ok"}});
    call(&gateway, "POST", &path, body).await;
    assert_eq!(asks(&gateway, &host, "one").await, 1.0);
}
