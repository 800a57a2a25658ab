//! Caches of stages of the control plane: sizes, canaries, and flushes.

use portcullis_testkit::{Origin, Running};
use portcullis_tests::control::{self, CONTROLLED, call, deploy, get, set, text};
use serde_json::{Value, json};

use crate::support::plain;

/// An API whose `GET /` asks a backend, with a cached stage `prod`; and the API's id.
async fn started(origin: &Origin) -> (Running, String) {
    let gateway = Running::of(CONTROLLED).await;
    let uri = format!("http://{}/${{stageVariables.path}}", origin.authority());
    let integration = json!({"type": "HTTP_PROXY", "httpMethod": "GET", "uri": uri});
    let id = control::api(&gateway, integration).await;
    let settings = json!({
        "stageName": "prod", "cacheClusterEnabled": true, "cacheClusterSize": "0.5",
        "variables": {"path": "base"},
    });
    deploy(&gateway, &id, settings).await;
    set(&gateway, &id, "prod", "/*/*/caching/enabled", "true").await;
    (gateway, id)
}

async fn asked(gateway: &Running, id: &str) -> String {
    let answer = get(gateway, id, "prod").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.text().to_owned()
}

#[tokio::test]
async fn a_stages_settings_act_at_once() {
    let origin = plain().await;
    let (gateway, id) = started(&origin).await;
    let first = asked(&gateway, &id).await;
    assert_eq!(asked(&gateway, &id).await, first);
    set(&gateway, &id, "prod", "/*/*/caching/ttlInSeconds", "60").await;
    set(&gateway, &id, "prod", "/cacheClusterSize", "237").await;
    assert_eq!(asked(&gateway, &id).await, first, "other settings lose nothing");
    for (path, off, on) in [
        ("/*/*/caching/ttlInSeconds", "0", "60"),
        ("/cacheClusterEnabled", "false", "true"),
        // From here on the method has settings of its own.
        ("/~1/GET/caching/enabled", "false", "true"),
    ] {
        let before = asked(&gateway, &id).await;
        set(&gateway, &id, "prod", path, off).await;
        assert_ne!(asked(&gateway, &id).await, before, "{path} {off}");
        set(&gateway, &id, "prod", path, on).await;
        let after = asked(&gateway, &id).await;
        assert_eq!(asked(&gateway, &id).await, after, "{path} {on}");
    }
}

#[tokio::test]
async fn a_flush_forgets_the_stages_responses_alone() {
    let origin = plain().await;
    let (gateway, id) = started(&origin).await;
    let first = asked(&gateway, &id).await;
    let path = format!("/restapis/{id}/stages/prod/cache/data");
    call(&gateway, "DELETE", &path, json!(null)).await;
    let second = asked(&gateway, &id).await;
    assert_ne!(second, first);
    assert_eq!(asked(&gateway, &id).await, second);
    let absent = control::answer(
        &gateway,
        "DELETE",
        &format!("/restapis/{id}/stages/no/cache/data"),
        json!(null),
    )
    .await;
    assert_eq!(absent.status, 404);
}

async fn canary(gateway: &Running, id: &str, settings: Value) -> String {
    let document = json!({"stageName": "prod", "canarySettings": settings});
    text(&deploy(gateway, id, document).await, "id")
}

/// Source: behaviours: on the same deployment canary and base share, on different ones they do not.
#[tokio::test]
async fn a_canary_shares_by_its_deployment() {
    let origin = plain().await;
    let (gateway, id) = started(&origin).await;
    let base = asked(&gateway, &id).await;
    canary(
        &gateway,
        &id,
        json!({"percentTraffic": 100.0, "useStageCache": true}),
    )
    .await;
    let other = asked(&gateway, &id).await;
    assert_ne!(other, base, "another deployment");
    assert_eq!(asked(&gateway, &id).await, other, "is kept");
    set(&gateway, &id, "prod", "/canarySettings/percentTraffic", "0.0").await;
    assert_eq!(asked(&gateway, &id).await, base, "and the base's is where it was");
    let stage = call(
        &gateway,
        "GET",
        &format!("/restapis/{id}/stages/prod"),
        json!(null),
    )
    .await;
    set(
        &gateway,
        &id,
        "prod",
        "/canarySettings/deploymentId",
        &text(&stage, "deploymentId"),
    )
    .await;
    set(&gateway, &id, "prod", "/canarySettings/percentTraffic", "100.0").await;
    assert_eq!(asked(&gateway, &id).await, base, "the same deployment shares");
}

#[tokio::test]
async fn a_canary_that_does_not_use_the_stages_cache_has_none() {
    let origin = plain().await;
    let (gateway, id) = started(&origin).await;
    asked(&gateway, &id).await;
    canary(
        &gateway,
        &id,
        json!({"percentTraffic": 100.0, "useStageCache": false}),
    )
    .await;
    let first = asked(&gateway, &id).await;
    assert_ne!(asked(&gateway, &id).await, first);
}

#[tokio::test]
async fn a_test_invocation_is_never_cached() {
    let origin = plain().await;
    let (gateway, id) = started(&origin).await;
    asked(&gateway, &id).await;
    let method = control::root_method(&gateway, &id).await;
    let invoke = json!({"stageVariables": {"path": "base"}});
    let first = call(&gateway, "POST", &method, invoke.clone()).await;
    let second = call(&gateway, "POST", &method, invoke).await;
    assert_eq!(first["status"], 200);
    assert_ne!(first["body"], second["body"]);
}
