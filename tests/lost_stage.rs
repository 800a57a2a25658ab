//! A store that has lost a part: what is left is served, and what is not is told.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use std::time::Duration;

use portcullis::node::{self, Node};
use portcullis_store::{Key, Options, Store};
use portcullis_testkit::Running;
use serde_json::{Value, json};

const CONTROLLED: &str =
    "{listener}\n[control]\naddress = \"127.0.0.1:0\"\ndata = \"data\"\naccess = \"anonymous-on-loopback\"\n";

/// A call of the protocol that succeeds.
async fn call(gateway: &Running, method: &str, path: &str, body: Value) -> Value {
    let control = gateway.node.control_address().expect("a control listener");
    let url = format!("http://{control}{path}");
    let client = gateway.client();
    let answer = client.send(method, &url, &[], body.to_string().as_bytes()).await;
    let answer = answer.expect("an answer");
    assert!(answer.status.is_success(), "{method} {path}: {answer:?}");
    answer.json()
}

/// Makes an API of one MOCK, and gives its id.
async fn api(gateway: &Running) -> String {
    let api = call(gateway, "POST", "/restapis", json!({"name": "shop"})).await;
    let (id, root) = (api["id"].as_str(), api["rootResourceId"].as_str());
    let (id, root) = (id.expect("an id"), root.expect("a resource"));
    let method = format!("/restapis/{id}/resources/{root}/methods/GET");
    let template = json!({"application/json": "{\"statusCode\": 200}"});
    for (place, body) in [
        ("", json!({"authorizationType": "NONE"})),
        (
            "/integration",
            json!({"type": "MOCK", "requestTemplates": template}),
        ),
        ("/responses/200", json!({})),
        ("/integration/responses/200", json!({})),
    ] {
        call(gateway, "PUT", &format!("{method}{place}"), body).await;
    }
    id.to_owned()
}

async fn served(gateway: &Running, api: &str, stage: &str) -> u16 {
    let host = format!("{api}.execute-api.localhost");
    let answer = gateway.get(&format!("/{stage}/"), &[("host", &host)]).await;
    answer.status.as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stage_that_is_lost_keeps_no_other_from_being_served() {
    let mut gateway = Running::of(CONTROLLED).await;
    let api = api(&gateway).await;
    let deployments = format!("/restapis/{api}/deployments");
    let lost = call(&gateway, "POST", &deployments, json!({"stageName": "lost"})).await;
    call(&gateway, "POST", &deployments, json!({"stageName": "whole"})).await;
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
