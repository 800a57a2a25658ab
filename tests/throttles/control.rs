//! Limits through the control plane.

use std::sync::Arc;
use std::time::Duration;

use portcullis::clock::ManualClock;
use portcullis_testkit::{Files, Running};
use portcullis_tests::control::{
    CONTROLLED, answer, api, call, deploy, get, keyed_api, mock, patch, set, text,
};
use portcullis_tests::gateways::assert_refused;
use serde_json::{Value, json};

use super::{EXCEEDED, TOO_MANY, started};

const KEY: &str = "key-0123456789-0123456789x";

async fn controlled(head: &str) -> (Running, Arc<ManualClock>) {
    started(&format!("{head}\n{CONTROLLED}"), Files::default()).await
}

async fn passing(gateway: &Running, api: &str, stage: &str, calls: usize) -> usize {
    let mut passed = 0;
    for _ in 0..calls {
        passed += usize::from(get(gateway, api, stage).await.status == 200);
    }
    passed
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_of_methods_act_at_once_and_refill_nothing() {
    let (gateway, clock) = controlled("").await;
    let id = api(&gateway, mock()).await;
    deploy(&gateway, &id, json!({"stageName": "prod"})).await;
    assert_eq!(passing(&gateway, &id, "prod", 20).await, 20);
    set(&gateway, &id, "prod", "/*/*/throttling/rateLimit", "1").await;
    set(&gateway, &id, "prod", "/*/*/throttling/burstLimit", "3").await;
    assert_eq!(passing(&gateway, &id, "prod", 9).await, 3);
    assert_refused(&get(&gateway, &id, "prod").await, TOO_MANY, "the method");
    set(&gateway, &id, "prod", "/*/*/throttling/burstLimit", "30").await;
    assert_eq!(passing(&gateway, &id, "prod", 9).await, 0);
    clock.advance(Duration::from_secs(2));
    assert_eq!(passing(&gateway, &id, "prod", 9).await, 2);
    deploy(&gateway, &id, json!({"stageName": "prod"})).await;
    assert_eq!(
        passing(&gateway, &id, "prod", 9).await,
        0,
        "nor does a deployment"
    );
    // A method's own setting wins, and -1 is none.
    set(&gateway, &id, "prod", "/~1/GET/throttling/rateLimit", "-1").await;
    assert_eq!(passing(&gateway, &id, "prod", 50).await, 50);
    set(&gateway, &id, "prod", "/~1/GET/throttling/rateLimit", "0").await;
    assert_eq!(passing(&gateway, &id, "prod", 2).await, 0);
    for (path, value) in [
        ("/*/*/throttling/rateLimit", "-2"),
        ("/*/*/throttling/burstLimit", "-2"),
        ("/*/*/throttling/rateLimit", "x"),
    ] {
        let operation = json!({"op": "replace", "path": path, "value": value});
        let body = json!({"patchOperations": [operation]});
        let refused = answer(&gateway, "PATCH", &format!("/restapis/{id}/stages/prod"), body).await;
        assert_eq!(refused.status, 400, "{path} {value}");
    }
    gateway.stop().await;
}

/// A stage's limit is held whoever of the two answers.
#[tokio::test(flavor = "multi_thread")]
async fn a_canary_shares_the_buckets_of_its_stage() {
    let (gateway, _clock) = controlled("").await;
    let id = api(&gateway, mock()).await;
    deploy(&gateway, &id, json!({"stageName": "prod"})).await;
    let canary = json!({"stageName": "prod", "canarySettings": {"percentTraffic": 50.0}});
    deploy(&gateway, &id, canary).await;
    set(&gateway, &id, "prod", "/*/*/throttling/rateLimit", "1").await;
    set(&gateway, &id, "prod", "/*/*/throttling/burstLimit", "20").await;
    assert_eq!(passing(&gateway, &id, "prod", 60).await, 20);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_account_shows_the_limit_of_all_requests() {
    let (mut gateway, _clock) = controlled("throttle = { rate = 100.5, burst = 2 }").await;
    let account = call(&gateway, "GET", "/account", Value::Null).await;
    let expected = json!({"burstLimit": 2, "rateLimit": 100.5});
    assert_eq!(account["throttleSettings"], expected);
    gateway.rewrite(CONTROLLED).await;
    let account = call(&gateway, "GET", "/account", Value::Null).await;
    assert_eq!(account.get("throttleSettings"), None);
    gateway.stop().await;
}

/// A stage with a key in a plan: the API, the plan's path and the key's id.
pub(super) async fn planned(gateway: &Running, settings: Value) -> (String, String, String) {
    let id = keyed_api(gateway).await;
    let key = json!({"name": "a", "enabled": true, "value": KEY});
    let key = text(&call(gateway, "POST", "/apikeys", key).await, "id");
    let mut body = json!({"name": "paid", "apiStages": [{"apiId": id, "stage": "prod"}]});
    for (name, value) in settings.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    let plan = call(gateway, "POST", "/usageplans", body).await;
    let plan = format!("/usageplans/{}", text(&plan, "id"));
    let entry = json!({"keyId": key, "keyType": "API_KEY"});
    call(gateway, "POST", &format!("{plan}/keys"), entry).await;
    (id, plan, key)
}

pub(super) async fn keyed(gateway: &Running, api: &str, calls: usize) -> usize {
    let mut passed = 0;
    for _ in 0..calls {
        passed += usize::from(one(gateway, api).await.status == 200);
    }
    passed
}

async fn one(gateway: &Running, api: &str) -> portcullis_testkit::Answer {
    let host = format!("{api}.execute-api.localhost");
    let headers = [("host", host.as_str()), ("x-api-key", KEY)];
    gateway.get("/prod/", &headers).await
}

pub(super) async fn usage(gateway: &Running, plan: &str, days: (&str, &str)) -> Value {
    let path = format!("{plan}/usage?startDate={}&endDate={}", days.0, days.1);
    call(gateway, "GET", &path, Value::Null).await["values"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plans_throttle_acts_at_once() {
    let (gateway, clock) = controlled("").await;
    let throttle = json!({"throttle": {"rateLimit": 1.0, "burstLimit": 3}});
    let (api, plan, _) = planned(&gateway, throttle).await;
    assert_eq!(keyed(&gateway, &api, 9).await, 3);
    assert_refused(&one(&gateway, &api).await, TOO_MANY, "the plan");
    patch(&gateway, &plan, "replace", "/throttle/rateLimit", "5").await;
    assert_eq!(keyed(&gateway, &api, 9).await, 0, "a change refills nothing");
    clock.advance(Duration::from_millis(400));
    assert_eq!(keyed(&gateway, &api, 9).await, 2);
    let of_method = format!("/apiStages/{api}:prod/throttle/~1~1GET");
    patch(&gateway, &plan, "remove", "/throttle", "").await;
    patch(&gateway, &plan, "add", &format!("{of_method}/rateLimit"), "1").await;
    patch(&gateway, &plan, "add", &format!("{of_method}/burstLimit"), "2").await;
    assert_eq!(keyed(&gateway, &api, 9).await, 2);
    clock.advance(Duration::from_secs(5));
    assert_eq!(keyed(&gateway, &api, 9).await, 2);
    patch(&gateway, &plan, "remove", &of_method, "").await;
    assert_eq!(keyed(&gateway, &api, 30).await, 30);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn usage_is_told_to_the_request_and_can_be_granted() {
    let (gateway, clock) = controlled("").await;
    let quota = json!({"quota": {"limit": 5, "period": "WEEK"}});
    let (api, plan, key) = planned(&gateway, quota).await;
    // A Thursday; the week ends with the Saturday.
    let days = ("2026-01-01", "2026-01-05");
    assert_eq!(keyed(&gateway, &api, 2).await, 2);
    let told = usage(&gateway, &plan, days).await;
    assert_eq!(told[&key], json!([[2, 3], [0, 3], [0, 3], [0, 5], [0, 5]]));
    clock.advance(Duration::from_secs(86_400));
    assert_eq!(keyed(&gateway, &api, 9).await, 3);
    assert_refused(&one(&gateway, &api).await, EXCEEDED, "the quota");
    let told = usage(&gateway, &plan, days).await;
    assert_eq!(told[&key], json!([[2, 3], [3, 0], [0, 0], [0, 5], [0, 5]]));

    let operation = json!({"op": "replace", "path": "/remaining", "value": "2"});
    let path = format!("{plan}/keys/{key}/usage");
    let granted = call(&gateway, "PATCH", &path, json!({"patchOperations": [operation]})).await;
    assert_eq!(granted["values"][&key], json!([[3, 2]]));
    assert_eq!(keyed(&gateway, &api, 9).await, 2);
    let told = usage(&gateway, &plan, days).await;
    assert_eq!(told[&key], json!([[2, 3], [5, 0], [0, 0], [0, 5], [0, 5]]));
    clock.advance(Duration::from_secs(2 * 86_400));
    assert_eq!(keyed(&gateway, &api, 9).await, 5, "the next week");

    // The quota itself, at once.
    patch(&gateway, &plan, "replace", "/quota/limit", "7").await;
    assert_eq!(keyed(&gateway, &api, 9).await, 2);
    patch(&gateway, &plan, "remove", "/quota", "").await;
    assert_eq!(keyed(&gateway, &api, 20).await, 20);
    // Out of the plan and in again: it begins anew.
    let replace = |path: &str, value: &str| json!({"op": "replace", "path": path, "value": value});
    let quota = [replace("/quota/limit", "9"), replace("/quota/period", "MONTH")];
    call(&gateway, "PATCH", &plan, json!({"patchOperations": quota})).await;
    let of_key = format!("{plan}/keys/{key}");
    call(&gateway, "DELETE", &of_key, Value::Null).await;
    let entry = json!({"keyId": key, "keyType": "API_KEY"});
    call(&gateway, "POST", &format!("{plan}/keys"), entry).await;
    assert_eq!(
        usage(&gateway, &plan, ("2026-01-01", "2026-01-01")).await[&key],
        json!([[0, 9]])
    );
    assert_eq!(keyed(&gateway, &api, 20).await, 9);
    gateway.stop().await;
}
