//! What is refused, and that it changes nothing.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::{Value, json};

use crate::support::Control;

#[tokio::test]
async fn refuses_stages_that_cannot_be() {
    let control = Control::new().await;
    let id = control.deploy(json!({"stageName": "there"})).await;
    for (name, body, status, words) in [
        (
            "no name",
            json!({"deploymentId": id}),
            400,
            "Missing required member: stageName",
        ),
        (
            "no deployment",
            json!({"stageName": "a"}),
            400,
            "Missing required member: deploymentId",
        ),
        (
            "a name with a slash",
            json!({"stageName": "a/b", "deploymentId": id}),
            400,
            "Stage name only allows a-zA-Z0-9_",
        ),
        (
            "a long name",
            json!({"stageName": "a".repeat(129), "deploymentId": id}),
            400,
            "Stage name only allows a-zA-Z0-9_",
        ),
        (
            "a reserved name",
            json!({"stageName": "_aws", "deploymentId": id}),
            400,
            "Stage name _aws is reserved",
        ),
        (
            "there already",
            json!({"stageName": "there", "deploymentId": id}),
            409,
            "Stage already exists",
        ),
        (
            "no such deployment",
            json!({"stageName": "a", "deploymentId": "x"}),
            400,
            "Deployment id does not exist",
        ),
        (
            "no such documentation",
            json!({"stageName": "a", "deploymentId": id, "documentationVersion": "x"}),
            404,
            "Invalid Documentation version specified",
        ),
        (
            "a size",
            json!({"stageName": "a", "deploymentId": id, "cacheClusterSize": "1"}),
            400,
            "1 validation error detected: Value '1' at 'createStageInput.cacheClusterSize' failed to satisfy constraint: Member must satisfy enum value set: [0.5, 1.6, 6.1, 13.5, 28.4, 58.2, 118, 237]",
        ),
        (
            "a percentage",
            json!({"stageName": "a", "deploymentId": id, "canarySettings": {"percentTraffic": 101}}),
            400,
            "Invalid canary percentTraffic 101. Must be between 0.0 and 100.0",
        ),
        (
            "an unknown member",
            json!({"stageName": "a", "deploymentId": id, "methodSettings": {}}),
            400,
            "Unknown member: methodSettings",
        ),
    ] {
        let refused = control.call("POST", "/stages", body).await;
        assert_eq!(refused, (status, json!({"message": words})), "{name}");
    }
    let (_, stages) = control.call("GET", "/stages", Value::Null).await;
    assert_eq!(stages["item"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn settings_of_a_stage_need_a_stage() {
    let control = Control::new().await;
    for (member, value) in [
        ("stageDescription", json!("x")),
        ("cacheClusterEnabled", json!(true)),
        ("cacheClusterSize", json!("0.5")),
        ("variables", json!({"a": "1"})),
        ("tracingEnabled", json!(true)),
    ] {
        let (status, _) = control.call("POST", "/deployments", json!({member: value})).await;
        assert_eq!(status, 400, "{member}");
    }
    // What clients send where nothing was said.
    let empty = json!({"stageName": "", "stageDescription": "", "description": "", "variables": {}, "canarySettings": null});
    let (status, _) = control.call("POST", "/deployments", empty).await;
    assert_eq!(status, 201);
}

#[tokio::test]
async fn unknown_apis_and_deployments_are_404() {
    let control = Control::new().await;
    for (method, path) in [
        ("GET", "/deployments/x"),
        ("PATCH", "/deployments/x"),
        ("DELETE", "/deployments/x"),
    ] {
        let refused = control.call(method, path, Value::Null).await;
        let words = json!({"message": "Invalid Deployment identifier specified"});
        assert_eq!(refused, (404, words), "{method} {path}");
    }
    let mut write = control
        .service
        .store()
        .write("test", "gone")
        .await
        .expect("a write");
    let key = portcullis_store::Key::new("restapi", "", "abc");
    assert!(write.delete(&key).await.expect("deleted"));
    write.commit().await.expect("committed");
    for (method, path) in [
        ("GET", "/deployments"),
        ("POST", "/deployments"),
        ("GET", "/deployments/x"),
        ("DELETE", "/deployments/x"),
        ("GET", "/stages"),
        ("GET", "/stages/x"),
        ("PATCH", "/stages/x"),
        ("DELETE", "/stages/x"),
        ("DELETE", "/stages/x/cache/data"),
    ] {
        let refused = control.call(method, path, Value::Null).await;
        let words = json!({"message": "Invalid API identifier specified 000000000000:abc"});
        assert_eq!(refused, (404, words), "{method} {path}");
    }
}

fn operation() -> impl Strategy<Value = Value> {
    let op = prop::sample::select(vec![
        "add", "remove", "replace", "copy", "move", "test", "nonsense",
    ]);
    let path = prop_oneof![
        prop::sample::select(vec![
            "/deploymentId",
            "/description",
            "/cacheClusterEnabled",
            "/cacheClusterSize",
            "/clientCertificateId",
            "/documentationVersion",
            "/tracingEnabled",
            "/accessLogSettings",
            "/accessLogSettings/format",
            "/variables",
            "/variables/a",
            "/variables/b",
            "/*/*",
            "/*/*/caching/enabled",
            "/~1/GET/throttling/rateLimit",
            "/~1/GET",
            "/canarySettings",
            "/canarySettings/percentTraffic",
            "/canarySettings/deploymentId",
            "/canarySettings/stageVariableOverrides",
            "/canarySettings/stageVariableOverrides/a",
        ])
        .prop_map(str::to_owned),
        "(/[a-zA-Z*~1{}]{0,6}){0,6}",
        any::<String>(),
    ];
    let value = prop_oneof![
        prop::sample::select(vec!["true", "false", "5", "1.5", "0.5", "x", ""]).prop_map(Value::from),
        any::<Option<i32>>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    let from = prop::sample::select(vec![
        "/canarySettings/deploymentId",
        "/canarySettings/stageVariableOverrides",
        "/variables",
    ]);
    (op, path, value, prop::option::of(from))
        .prop_map(|(op, path, value, from)| json!({"op": op, "path": path, "value": value, "from": from}))
}

#[test]
fn a_refused_patch_changes_nothing() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let control = runtime.block_on(async {
        let control = Control::new().await;
        control
            .deploy(json!({"stageName": "s1", "variables": {"a": "1"}}))
            .await;
        control
    });
    let mut runner = TestRunner::new(Config {
        cases: 256,
        failure_persistence: None,
        ..Config::default()
    });
    let patches = prop::collection::vec(operation(), 1..5);
    let result = runner.run(&patches, |patch| {
        runtime.block_on(async {
            let before = control.stage("s1").await;
            control.changes().await;
            let (status, answer) = control.patch("s1", Value::Array(patch)).await;
            let after = control.stage("s1").await;
            let told = control.changes().await.len();
            match status {
                200 if after == answer && told == 1 => Ok(()),
                400..=499 if after == before && told == 0 => Ok(()),
                _ => Err(TestCaseError::fail(format!(
                    "{status} {answer}: {before} {after}"
                ))),
            }
        })
    });
    result.expect("a refused patch changes nothing");
}
