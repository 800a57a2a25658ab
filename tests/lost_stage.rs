//! A store that has lost a part: what is left is served, and what is not is told.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use std::time::Duration;

use portcullis::node::{self, Node};
use portcullis_store::{Key, Options, Store};
use portcullis_testkit::Running;
use portcullis_tests::control::{CONTROLLED, api, deploy, get};
use serde_json::json;

async fn served(gateway: &Running, api: &str, stage: &str) -> u16 {
    get(gateway, api, stage).await.status.as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stage_that_is_lost_keeps_no_other_from_being_served() {
    let mut gateway = Running::of(CONTROLLED).await;
    let template = json!({"application/json": "{\"statusCode\": 200}"});
    let api = api(&gateway, json!({"type": "MOCK", "requestTemplates": template})).await;
    let lost = deploy(&gateway, &api, json!({"stageName": "lost"})).await;
    deploy(&gateway, &api, json!({"stageName": "whole"})).await;
    assert_eq!(served(&gateway, &api, "lost").await, 200);

    let files = std::mem::take(&mut gateway.files);
    assert!(gateway.stop().await, "everything finished");
    let store = Store::open(Options::new(files.path("data")))
        .await
        .expect("the store");
    let mut write = store
        .write("a test", "loses a deployment")
        .await
        .expect("a write");
    let key = Key::new("deployment", &api, lost["id"].as_str().expect("an id"));
    assert!(write.delete(&key).await.expect("a deletion"));
    write.commit().await.expect("a commit");
    store.close().await;

    let started = Node::start(files.path("gateway.toml"), node::Options::default()).await;
    let (node, outcome) = started.expect("a start");
    let told: Vec<String> = outcome.problems.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    let expected = format!("the deployment {} of API {api} is lost", key.id);
    assert!(
        told[0].contains("the stage lost is not served") && told[0].contains(&expected),
        "{told:?}"
    );
    assert!(
        node.shutdown(Duration::from_secs(10)).await,
        "everything finished"
    );

    let gateway = Running::start(CONTROLLED, files).await;
    assert_eq!(served(&gateway, &api, "whole").await, 200);
    assert_eq!(served(&gateway, &api, "lost").await, 403);
    assert!(gateway.stop().await, "everything finished");
}
