//! Deployments.

use portcullis_admin::live;
use portcullis_store::{Hash, Key};
use serde_json::{Value, json};

use crate::support::{Control, published};

#[tokio::test]
async fn a_deployment_without_a_stage_is_only_kept() {
    let control = Control::new().await;
    let (status, deployment) = control
        .call(
            "POST",
            "/deployments",
            json!({"description": "one", "stageName": ""}),
        )
        .await;
    let id = deployment["id"].as_str().expect("an id").to_owned();
    assert_eq!(status, 201);
    assert_eq!(
        deployment,
        json!({"id": id, "description": "one", "createdDate": 1000})
    );
    assert_eq!(control.changes().await, []);
    let (_, stages) = control.call("GET", "/stages", Value::Null).await;
    assert_eq!(stages, json!({"item": []}));
    let (status, got) = control
        .call("GET", &format!("/deployments/{id}"), Value::Null)
        .await;
    assert_eq!((status, got), (200, deployment));
}

#[tokio::test]
async fn tells_what_a_deployment_has() {
    let control = Control::new().await;
    let id = control.deploy(json!({})).await;
    control.method("POST", json!({"type": "MOCK"})).await;
    let (_, deployment) = control
        .call("GET", &format!("/deployments/{id}?embed=apisummary"), Value::Null)
        .await;
    // As it was when it was deployed.
    let summary = json!({"/": {"GET": {"authorizationType": "AWS_IAM", "apiKeyRequired": true}}});
    assert_eq!(
        deployment,
        json!({"id": id, "createdDate": 1000, "apiSummary": summary})
    );
}

#[tokio::test]
async fn lists_page_by_page_without_what_is_not_shown() {
    let control = Control::new().await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(control.deploy(json!({})).await);
    }
    ids.sort();
    let mut listed = Vec::new();
    let mut path = "/deployments?limit=2".to_owned();
    loop {
        let (status, page) = control.call("GET", &path, Value::Null).await;
        assert_eq!(status, 200);
        for item in page["item"].as_array().expect("items") {
            assert_eq!(item, &json!({"id": item["id"], "createdDate": 1000}));
            listed.push(item["id"].as_str().expect("an id").to_owned());
        }
        match page["position"].as_str() {
            Some(position) => path = format!("/deployments?limit=2&position={position}"),
            None => break,
        }
    }
    assert_eq!(listed, ids);
}

#[tokio::test]
async fn makes_the_stage_that_it_names() {
    let control = Control::new().await;
    let body = json!({
        "stageName": "prod", "stageDescription": "the stage", "description": "the deployment",
        "cacheClusterEnabled": true, "cacheClusterSize": "6.1", "variables": {"a": "1"}, "tracingEnabled": true,
    });
    let id = control.deploy(body).await;
    let expected = json!({
        "stageName": "prod", "deploymentId": id, "description": "the stage", "cacheClusterEnabled": true,
        "cacheClusterSize": "6.1", "cacheClusterStatus": "AVAILABLE", "variables": {"a": "1"},
        "tracingEnabled": true, "methodSettings": {}, "createdDate": 1000, "lastUpdatedDate": 1000,
    });
    assert_eq!(control.stage("prod").await, expected);
    assert_eq!(control.changes().await, [published("prod")]);
}

#[tokio::test]
async fn moves_the_stage_that_is_there() {
    let control = Control::new().await;
    control
        .deploy(json!({"stageName": "prod", "stageDescription": "d", "variables": {"a": "1"}}))
        .await;
    control.at(2_000);
    let second = control
        .deploy(json!({"stageName": "prod", "tracingEnabled": true, "stageDescription": ""}))
        .await;
    let stage = control.stage("prod").await;
    assert_eq!(stage["deploymentId"], json!(second));
    assert_eq!(stage["description"], "d");
    assert_eq!(stage["variables"], json!({"a": "1"}));
    assert_eq!(stage["tracingEnabled"], true);
    assert_eq!(
        (&stage["createdDate"], &stage["lastUpdatedDate"]),
        (&json!(1000), &json!(2000))
    );
}

#[tokio::test]
async fn equal_definitions_have_one_snapshot_and_edits_are_not_live() {
    let control = Control::new().await;
    control.deploy(json!({"stageName": "a"})).await;
    control.deploy(json!({"stageName": "b"})).await;
    control.method("POST", json!({"type": "MOCK"})).await;
    let hash = async |stage: &str| {
        let mut read = control.service.store().read().await.expect("a read");
        let refs = live::stage_refs(&mut read, "abc", stage).await;
        refs.expect("read").expect("a stage").base
    };
    let verbs = async |stage: &str| -> Vec<String> {
        let mut read = control.service.store().read().await.expect("a read");
        let stage = live::stage(&mut read, "abc", stage).await;
        let stage = stage.expect("read").expect("a stage");
        let methods = stage
            .base
            .api
            .resources
            .iter()
            .flat_map(|resource| resource.methods.keys());
        methods.cloned().collect()
    };
    assert_eq!(hash("a").await, hash("b").await);
    assert_eq!(verbs("a").await, ["GET"]);
    control.deploy(json!({"stageName": "b"})).await;
    assert_ne!(hash("a").await, hash("b").await);
    assert_eq!(verbs("a").await, ["GET"]);
    assert_eq!(verbs("b").await, ["GET", "POST"]);
    let mut read = control.service.store().read().await.expect("a read");
    let stages = live::stages(&mut read).await.expect("stages");
    let named = |name: &str| ("abc".to_owned(), name.to_owned());
    assert_eq!(stages, [named("a"), named("b")]);
    let absent = live::stage(&mut read, "abc", "c").await.expect("read");
    assert!(absent.is_none());
}

#[tokio::test]
async fn describes_and_deletes() {
    let control = Control::new().await;
    let id = control.deploy(json!({"stageName": "prod"})).await;
    let path = format!("/deployments/{id}");
    let patch = json!({"patchOperations": [{"op": "replace", "path": "/description", "value": "new"}]});
    let (status, deployment) = control.call("PATCH", &path, patch).await;
    assert_eq!(status, 200);
    assert_eq!(
        deployment,
        json!({"id": id, "description": "new", "createdDate": 1000})
    );
    let (status, refused) = control.call("DELETE", &path, Value::Null).await;
    assert_eq!(status, 400);
    assert_eq!(
        refused["message"],
        "Active stages pointing to this deployment must be moved or deleted"
    );
    let next = control.deploy(json!({"stageName": "prod"})).await;
    let (status, _) = control.call("DELETE", &path, Value::Null).await;
    assert_eq!(status, 202);
    let (status, gone) = control.call("GET", &path, Value::Null).await;
    assert_eq!(status, 404);
    assert_eq!(gone["message"], "Invalid Deployment identifier specified");
    assert_eq!(control.stage("prod").await["deploymentId"], json!(next));
}

#[tokio::test]
async fn refuses_what_cannot_be_served() {
    let control = Control::new().await;
    *control.plane.problems.lock().await = vec!["first".to_owned(), "second".to_owned()];
    let refused = control
        .call("POST", "/deployments", json!({"stageName": "a"}))
        .await;
    assert_eq!(refused, (400, json!({"message": "first; second"})));
    control.plane.problems.lock().await.clear();

    control.method("POST", Value::Null).await;
    let refused = control
        .call("POST", "/deployments", json!({"stageName": "a"}))
        .await;
    assert_eq!(
        refused,
        (400, json!({"message": "No integration defined for method"}))
    );

    control.keep("restapi", "", "abc", json!({"id": "abc"})).await;
    let mut write = control
        .service
        .store()
        .write("test", "empty")
        .await
        .expect("a write");
    write.delete_below("abc/root").await.expect("deleted");
    write.commit().await.expect("committed");
    let refused = control
        .call("POST", "/deployments", json!({"stageName": "a"}))
        .await;
    assert_eq!(
        refused,
        (
            400,
            json!({"message": "The REST API doesn't contain any methods"})
        )
    );
    let (_, deployments) = control.call("GET", "/deployments", Value::Null).await;
    assert_eq!(deployments, json!({"item": []}));
    assert_eq!(control.changes().await, []);
}

#[tokio::test]
async fn what_is_checked_is_what_is_deployed() {
    let control = Control::new().await;
    let meanwhile = async |edits: usize| {
        let store = control.service.store().clone();
        *control.plane.meanwhile.lock().await = Some((store, edits));
    };
    meanwhile(1).await;
    let id = control.deploy(json!({})).await;
    let (_, deployment) = control
        .call("GET", &format!("/deployments/{id}?embed=apisummary"), Value::Null)
        .await;
    let verbs = deployment["apiSummary"]["/"].as_object().map(|verbs| verbs.len());
    assert_eq!(verbs, Some(2), "{deployment}");

    meanwhile(usize::MAX).await;
    let (status, refused) = control.call("POST", "/deployments", json!({})).await;
    assert_eq!(status, 409);
    assert_eq!(
        refused["message"],
        "Unable to complete operation due to concurrent modification. Please try again later."
    );
}

#[tokio::test]
async fn what_was_deployed_is_forgotten_with_the_last_deployment_of_it() {
    let control = Control::new().await;
    let snapshot = async |id: &str| {
        let mut read = control.service.store().read().await.expect("a read");
        let row = read
            .get(&Key::new("deployment", "abc", id))
            .await
            .expect("a read");
        let document = row.expect("a deployment").document;
        document["snapshot"]
            .as_str()
            .expect("a hash")
            .parse()
            .expect("a hash")
    };
    let kept = async |hash: &Hash| {
        let mut read = control.service.store().read().await.expect("a read");
        read.snapshot(hash).await.expect("a read").is_some()
    };
    let delete = async |path: &str| {
        let (status, body) = control.call("DELETE", path, Value::Null).await;
        assert_eq!(status, 202, "{path}: {body}");
    };
    let (one, same) = (control.deploy(json!({})).await, control.deploy(json!({})).await);
    control.method("POST", json!({"type": "MOCK"})).await;
    let other = control.deploy(json!({"stageName": "prod"})).await;
    let (first, second) = (snapshot(&one).await, snapshot(&other).await);
    assert_eq!(snapshot(&same).await, first, "one snapshot for both");

    delete(&format!("/deployments/{one}")).await;
    assert!(kept(&first).await, "another deployment has it");
    delete(&format!("/deployments/{same}")).await;
    assert!(!kept(&first).await);
    assert!(kept(&second).await);
    delete("").await;
    assert!(!kept(&second).await, "the API is gone");
}
