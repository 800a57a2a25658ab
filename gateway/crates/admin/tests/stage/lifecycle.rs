//! Stages from their creation to their end.

use portcullis_admin::Change;
use serde_json::{Value, json};

use crate::support::{Control, published};

/// As the service answers (recorded).
#[tokio::test]
async fn has_every_member() {
    let control = Control::new().await;
    let id = control.deploy(json!({})).await;
    control
        .keep("documentationversion", "abc", "v123", json!({"version": "v123"}))
        .await;
    let body = json!({
        "stageName": "s1", "deploymentId": id, "description": "my stage", "documentationVersion": "v123",
        "cacheClusterEnabled": true, "variables": {"a": "1"}, "tracingEnabled": true, "tags": {"t": "v"},
        "canarySettings": {"percentTraffic": 1.5, "useStageCache": true},
    });
    let (status, stage) = control.call("POST", "/stages", body).await;
    assert_eq!(status, 201);
    let expected = json!({
        "stageName": "s1", "deploymentId": id, "description": "my stage", "documentationVersion": "v123",
        "cacheClusterEnabled": true, "cacheClusterSize": "0.5", "cacheClusterStatus": "AVAILABLE",
        "variables": {"a": "1"}, "tracingEnabled": true, "tags": {"t": "v"}, "methodSettings": {},
        "canarySettings": {"percentTraffic": 1.5, "useStageCache": true, "deploymentId": id},
        "createdDate": 1000, "lastUpdatedDate": 1000,
    });
    assert_eq!(stage, expected);
    assert_eq!(control.stage("s1").await, expected);
    assert_eq!(control.changes().await, [published("s1")]);
}

#[tokio::test]
async fn settings_act_at_once() {
    let control = Control::new().await;
    control.deploy(json!({"stageName": "s1"})).await;
    control
        .keep(
            "clientcertificate",
            "",
            "cert1",
            json!({"clientCertificateId": "cert1"}),
        )
        .await;
    control.changes().await;
    control.at(3_000);
    let patch = json!([
        {"op": "replace", "path": "/clientCertificateId", "value": "cert1"},
        {"op": "replace", "path": "/*/*/logging/loglevel", "value": "INFO"},
        {"op": "replace", "path": "/variables/a", "value": "1"},
    ]);
    let (status, stage) = control.patch("s1", patch).await;
    assert_eq!(status, 200);
    assert_eq!(stage["clientCertificateId"], "cert1");
    assert_eq!(stage["methodSettings"]["*/*"]["loggingLevel"], "INFO");
    assert_eq!(
        (&stage["createdDate"], &stage["lastUpdatedDate"]),
        (&json!(1000), &json!(3000))
    );
    assert_eq!(control.stage("s1").await, stage);
    assert_eq!(control.changes().await, [published("s1")]);
}

#[tokio::test]
async fn lists_by_deployment() {
    let control = Control::new().await;
    let first = control.deploy(json!({"stageName": "a"})).await;
    let second = control.deploy(json!({"stageName": "b"})).await;
    let names = async |path: &str| -> Vec<String> {
        let (status, body) = control.call("GET", path, Value::Null).await;
        assert_eq!(status, 200);
        let items = body["item"].as_array().cloned().unwrap_or_default();
        items
            .iter()
            .map(|stage| stage["stageName"].as_str().unwrap_or_default().to_owned())
            .collect()
    };
    assert_eq!(names("/stages").await, ["a", "b"]);
    assert_eq!(names(&format!("/stages?deploymentId={first}")).await, ["a"]);
    assert_eq!(names(&format!("/stages?deploymentId={second}")).await, ["b"]);
    assert!(names("/stages?deploymentId=other").await.is_empty());
}

#[tokio::test]
async fn ends_and_is_flushed() {
    let control = Control::new().await;
    control.deploy(json!({"stageName": "s1"})).await;
    control.changes().await;
    let (api, stage) = ("abc".to_owned(), "s1".to_owned());
    let flushed = [
        (
            "/stages/s1/cache/data",
            Change::FlushCache {
                api: api.clone(),
                stage: stage.clone(),
            },
        ),
        (
            "/stages/s1/cache/authorizers",
            Change::FlushAuthorizers { api, stage },
        ),
        ("/stages/s1", published("s1")),
    ];
    for (path, change) in flushed {
        assert_eq!(
            control.call("DELETE", path, Value::Null).await,
            (202, Value::Null),
            "{path}"
        );
        assert_eq!(control.changes().await, [change], "{path}");
    }
    for (method, path) in [
        ("DELETE", "/stages/s1/cache/data"),
        ("DELETE", "/stages/s1/cache/authorizers"),
        ("DELETE", "/stages/s1"),
        ("GET", "/stages/s1"),
        ("PATCH", "/stages/s1"),
    ] {
        let refused = control.call(method, path, Value::Null).await;
        let absent = json!({"message": "Invalid stage identifier specified"});
        assert_eq!(refused, (404, absent), "{method} {path}");
    }
    assert_eq!(control.changes().await, []);
}
