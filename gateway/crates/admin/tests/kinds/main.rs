//! Each kind over a real store: created, got, listed, patched, deleted, and refused in the service's words.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "what fails here fails the test"
)]

#[path = "../common/mod.rs"]
mod common;
mod definitions;
mod plans;
mod surroundings;
mod tags;
mod used;

use serde_json::{Value, json};

use common::Control;

fn id(document: &Value, name: &str) -> String {
    document[name].as_str().expect("a text").to_owned()
}

/// An API with a method that needs nothing, live on a stage.
async fn deployed(control: &Control) -> String {
    let made = control
        .call("POST", "/restapis", json!({"name": "live"}))
        .await
        .ok();
    let api = id(&made, "id");
    let method = format!(
        "/restapis/{api}/resources/{}/methods/GET",
        id(&made, "rootResourceId")
    );
    control
        .call("PUT", &method, json!({"authorizationType": "NONE"}))
        .await
        .ok();
    control
        .call("PUT", &format!("{method}/integration"), json!({"type": "MOCK"}))
        .await
        .ok();
    control
        .call(
            "POST",
            &format!("/restapis/{api}/deployments"),
            json!({"stageName": "prod"}),
        )
        .await
        .ok();
    api
}
