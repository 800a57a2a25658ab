//! A canary from its deployment to its promotion.

use portcullis_admin::live;
use serde_json::{Value, json};

use crate::support::{Control, published};

#[tokio::test]
async fn is_deployed_moved_and_promoted() {
    let control = Control::new().await;
    let base = control
        .deploy(json!({"stageName": "prod", "variables": {"a": "1", "b": "2"}}))
        .await;
    control.method("POST", json!({"type": "MOCK"})).await;
    let body = json!({
        "stageName": "prod",
        "canarySettings": {"percentTraffic": 10, "stageVariableOverrides": {"b": "3", "c": "4"}},
    });
    let next = control.deploy(body).await;
    let stage = control.stage("prod").await;
    assert_eq!(stage["deploymentId"], json!(base));
    let canary = json!({
        "percentTraffic": 10.0, "deploymentId": next, "useStageCache": false,
        "stageVariableOverrides": {"b": "3", "c": "4"},
    });
    assert_eq!(stage["canarySettings"], canary);

    let mut read = control.service.store().read().await.expect("a read");
    let stage = live::stage(&mut read, "abc", "prod")
        .await
        .expect("read")
        .expect("a stage");
    drop(read);
    let verbs = |definition: &live::Definition| {
        definition
            .api
            .resources
            .iter()
            .map(|it| it.methods.len())
            .sum::<usize>()
    };
    assert_eq!(verbs(&stage.base), 1);
    assert_eq!(stage.canary.as_ref().map(verbs), Some(2));
    assert_eq!(stage.stage.canary.map(|canary| canary.percent), Some(10.0));

    control.changes().await;
    let percent = json!([{"op": "replace", "path": "/canarySettings/percentTraffic", "value": "100"}]);
    let (status, stage) = control.patch("prod", percent).await;
    assert_eq!(
        (status, &stage["canarySettings"]["percentTraffic"]),
        (200, &json!(100.0))
    );
    // A deployment that only the canary has is in use too.
    let (status, _) = control
        .call("DELETE", &format!("/deployments/{next}"), Value::Null)
        .await;
    assert_eq!(status, 400);
    let promotion = json!([
        {"op": "copy", "from": "/canarySettings/stageVariableOverrides", "path": "/variables"},
        {"op": "copy", "from": "/canarySettings/deploymentId", "path": "/deploymentId"},
        {"op": "remove", "path": "/canarySettings"},
    ]);
    let (status, stage) = control.patch("prod", promotion).await;
    assert_eq!(status, 200);
    assert_eq!(stage["deploymentId"], json!(next));
    assert_eq!(stage["variables"], json!({"a": "1", "b": "3", "c": "4"}));
    assert_eq!(stage.get("canarySettings"), None);
    assert_eq!(control.changes().await, [published("prod"), published("prod")]);
    // And back.
    let back = json!([{"op": "replace", "path": "/deploymentId", "value": base}]);
    let (status, stage) = control.patch("prod", back).await;
    assert_eq!((status, &stage["deploymentId"]), (200, &json!(base)));
}

/// Recorded.
#[tokio::test]
async fn a_second_canary_takes_the_place_of_the_first() {
    let control = Control::new().await;
    let base = control.deploy(json!({})).await;
    let body = json!({
        "stageName": "dev1", "deploymentId": base, "description": "dev stage", "variables": {"testVar": "default"},
        "canarySettings": {
            "deploymentId": base, "percentTraffic": 40, "stageVariableOverrides": {"testVar": "canary1"},
        },
    });
    let (status, stage) = control.call("POST", "/stages", body).await;
    assert_eq!(status, 201);
    assert_eq!(stage["canarySettings"]["percentTraffic"], json!(40.0));
    let body = json!({
        "stageName": "dev1",
        "canarySettings": {"percentTraffic": 50, "stageVariableOverrides": {"testVar": "canary2"}},
    });
    let next = control.deploy(body).await;
    let expected = json!({
        "stageName": "dev1", "deploymentId": base, "description": "dev stage", "variables": {"testVar": "default"},
        "canarySettings": {
            "deploymentId": next, "percentTraffic": 50.0, "useStageCache": false,
            "stageVariableOverrides": {"testVar": "canary2"},
        },
        "cacheClusterEnabled": false, "cacheClusterStatus": "NOT_AVAILABLE", "tracingEnabled": false,
        "methodSettings": {}, "createdDate": 1000, "lastUpdatedDate": 1000,
    });
    assert_eq!(control.stage("dev1").await, expected);
}

/// Recorded.
#[tokio::test]
async fn is_refused_in_the_services_words() {
    let control = Control::new().await;
    let base = control.deploy(json!({"stageName": "dev"})).await;
    let canary = json!({"percentTraffic": 50});
    let no_stage = "Invalid deployment content specified.Non null and non empty stageName must be provided for canary deployment. Provided value is ";
    for (name, path, body, expected) in [
        ("no stage", "/deployments", json!({"canarySettings": canary}), format!("{no_stage}null")),
        (
            "an empty stage",
            "/deployments",
            json!({"canarySettings": canary, "stageName": ""}),
            no_stage.to_owned(),
        ),
        (
            "a stage that is not there",
            "/deployments",
            json!({"canarySettings": canary, "stageName": "non-existing"}),
            "Invalid deployment content specified.Stage non-existing must already be created before making a canary release deployment".to_owned(),
        ),
        (
            "a deployment that is not there",
            "/stages",
            json!({"stageName": "x", "deploymentId": base, "canarySettings": {"deploymentId": "deploy"}}),
            "Deployment id does not exist".to_owned(),
        ),
    ] {
        let refused = control.call("POST", path, body).await;
        assert_eq!(refused, (400, json!({"message": expected})), "{name}");
    }
    for path in ["/deploymentId", "/canarySettings/deploymentId"] {
        let patch = json!([{"op": "replace", "path": path, "value": "deploy"}]);
        let refused = control.patch("dev", patch).await;
        assert_eq!(
            refused,
            (400, json!({"message": "Deployment id does not exist"})),
            "{path}"
        );
    }
    let (_, deployments) = control.call("GET", "/deployments", Value::Null).await;
    assert_eq!(deployments["item"].as_array().map(Vec::len), Some(1));
}
