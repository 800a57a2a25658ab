//! Snapshots of what is kept, and writers at the same time, over a real store.

#![allow(clippy::expect_used, clippy::indexing_slicing)]

mod support;

use std::future::Future as _;

use portcullis_admin::definition;
use serde_json::{Value, json};
use support::{Control, replace};

#[tokio::test]
async fn a_snapshot_is_everything_of_an_api_and_becomes_the_model() {
    let control = Control::new().await;
    let (api, root) = control.api().await;
    let pets = control.resource(&api, &root, "pets").await;
    let method = format!("/restapis/{api}/resources/{pets}/methods/GET");
    control
        .ok("PUT", &method, json!({"authorizationType": "NONE"}))
        .await;
    let whole = json!({"type": "HTTP_PROXY", "httpMethod": "GET", "uri": "http://h"});
    control.ok("PUT", &format!("{method}/integration"), whole).await;
    let snapshot = async |api: &str| {
        let mut read = control.service.store().read().await.expect("a read");
        definition::snapshot(&mut read, api).await.expect("a snapshot")
    };
    let first = snapshot(&api).await;
    let names: Vec<&str> = first.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "restApi",
            "resources",
            "authorizers",
            "requestValidators",
            "models",
            "gatewayResponses"
        ]
    );
    assert_eq!(first["models"].as_array().map(Vec::len), Some(2));
    let model = definition::rest_api(&first);
    assert_eq!(model.id, api);
    let paths: Vec<&str> = model
        .resources
        .iter()
        .map(|resource| resource.path.as_str())
        .collect();
    // That the root is there is plain.
    assert_eq!(paths, ["/pets"]);
    assert!(model.resources[0].methods["GET"].integration.is_some());
    assert!(model.models.contains_key("Empty"));

    // The same as long as the definition is.
    assert_eq!(
        definition::bytes(&first),
        definition::bytes(&snapshot(&api).await)
    );
    control
        .patch(&format!("{method}/integration"), replace("/uri", "http://other"))
        .await;
    assert_ne!(
        definition::bytes(&first),
        definition::bytes(&snapshot(&api).await)
    );
    assert_eq!(snapshot("nope").await["restApi"], json!({}));
}

#[tokio::test]
async fn writers_at_the_same_time_lose_nothing() {
    let control = Control::new().await;
    let (api, _) = control.api().await;
    let target = format!("/restapis/{api}");
    let patches = (0..8).map(|number| {
        let operations = json!([{"op": "add", "path": format!("/binaryMediaTypes/a~1{number}")}]);
        control.patch(&target, operations)
    });
    let mut waiting: Vec<_> = patches.map(Box::pin).collect();
    // All are begun before any has ended.
    std::future::poll_fn(|context| {
        waiting.retain_mut(|patch| match patch.as_mut().poll(context) {
            std::task::Poll::Ready(answer) => {
                assert_eq!(answer.status, 200);
                false
            }
            std::task::Poll::Pending => true,
        });
        if waiting.is_empty() {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    let types = control.ok("GET", &target, Value::Null).await["binaryMediaTypes"].clone();
    assert_eq!(types.as_array().map(Vec::len), Some(8));
}
