//! What the suites of the control plane share: calls of its protocol, and of the stages that it makes.

use portcullis_testkit::{Answer, Running};
use serde_json::{Value, json};

/// A gateway with a control plane for everybody.
pub const CONTROLLED: &str =
    "{listener}\n[control]\naddress = \"127.0.0.1:0\"\ndata = \"data\"\naccess = \"anonymous-on-loopback\"\n";

/// A call of the protocol.
pub async fn answer(gateway: &Running, method: &str, path: &str, body: Value) -> Answer {
    let control = gateway.node.control_address().expect("a control listener");
    let url = format!("http://{control}{path}");
    let client = gateway.client();
    let answer = client.send(method, &url, &[], body.to_string().as_bytes()).await;
    answer.expect("an answer")
}

/// A call of the protocol that succeeds.
pub async fn call(gateway: &Running, method: &str, path: &str, body: Value) -> Value {
    let answer = answer(gateway, method, path, body).await;
    assert!(answer.status.is_success(), "{method} {path}: {answer:?}");
    if answer.body.is_empty() {
        return Value::Null;
    }
    answer.json()
}

/// A member that is a text.
pub fn text(document: &Value, name: &str) -> String {
    document[name].as_str().expect("a text").to_owned()
}

/// Makes an API whose `GET /` has this integration, and gives its id.
pub async fn api(gateway: &Running, integration: Value) -> String {
    let api = call(gateway, "POST", "/restapis", json!({"name": "shop"})).await;
    let (id, root) = (text(&api, "id"), text(&api, "rootResourceId"));
    let method = format!("/restapis/{id}/resources/{root}/methods/GET");
    for (place, body) in [
        ("", json!({"authorizationType": "NONE"})),
        ("/integration", integration),
        ("/responses/200", json!({})),
        ("/integration/responses/200", json!({})),
    ] {
        call(gateway, "PUT", &format!("{method}{place}"), body).await;
    }
    id
}

/// An integration that answers 200 by itself.
pub fn mock() -> Value {
    json!({"type": "MOCK", "requestTemplates": {"application/json": "{\"statusCode\": 200}"}})
}

/// The path of an API's `GET /`.
pub async fn root_method(gateway: &Running, api: &str) -> String {
    let document = call(gateway, "GET", &format!("/restapis/{api}"), Value::Null).await;
    let root = text(&document, "rootResourceId");
    format!("/restapis/{api}/resources/{root}/methods/GET")
}

/// Makes an authorizer of an API.
pub async fn authorizer(gateway: &Running, api: &str, document: Value) -> Value {
    call(gateway, "POST", &format!("/restapis/{api}/authorizers"), document).await
}

/// Lets an authorizer guard `GET /`, as an authorization of that type and with these scopes.
pub async fn guard(gateway: &Running, api: &str, authorizer: &Value, kind: &str, scopes: &[&str]) {
    let replace = |path: &str, value: &str| json!({"op": "replace", "path": path, "value": value});
    let scope = |scope: &&str| json!({"op": "add", "path": "/authorizationScopes", "value": scope});
    let mut operations = vec![
        replace("/authorizationType", kind),
        replace("/authorizerId", &text(authorizer, "id")),
    ];
    operations.extend(scopes.iter().map(scope));
    let method = root_method(gateway, api).await;
    call(gateway, "PATCH", &method, json!({"patchOperations": operations})).await;
}

/// Deploys an API to a stage, which may have more settings, and gives the deployment.
pub async fn deploy(gateway: &Running, api: &str, settings: Value) -> Value {
    call(gateway, "POST", &format!("/restapis/{api}/deployments"), settings).await
}

/// Replaces one setting of a stage.
pub async fn set(gateway: &Running, api: &str, stage: &str, path: &str, value: &str) -> Value {
    let operation = json!({"op": "replace", "path": path, "value": value});
    let body = json!({"patchOperations": [operation]});
    call(gateway, "PATCH", &format!("/restapis/{api}/stages/{stage}"), body).await
}

/// `GET /` of a stage.
pub async fn get(gateway: &Running, api: &str, stage: &str) -> Answer {
    let host = format!("{api}.execute-api.localhost");
    gateway.get(&format!("/{stage}/"), &[("host", &host)]).await
}

/// An API of the control plane whose `GET /` requires a key, on the stage prod.
pub async fn keyed_api(gateway: &Running) -> String {
    let id = api(gateway, mock()).await;
    let operation = json!({"op": "replace", "path": "/apiKeyRequired", "value": "true"});
    let path = root_method(gateway, &id).await;
    call(gateway, "PATCH", &path, json!({"patchOperations": [operation]})).await;
    deploy(gateway, &id, json!({"stageName": "prod"})).await;
    id
}

/// Patches a resource by one operation.
pub async fn patch(gateway: &Running, path: &str, op: &str, at: &str, value: &str) {
    let operation = json!({"op": op, "path": at, "value": value});
    call(gateway, "PATCH", path, json!({"patchOperations": [operation]})).await;
}
