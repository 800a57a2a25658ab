//! A call of an AWS service by an action of JSON, beside the same call of the same server by an HTTP integration, which does not
//! sign. Target: at most 20 microseconds, hashing the body among it.

use serde_json::{Value, json};

use crate::server::Server;
use crate::{figures, load};

const REQUESTS: usize = 10_000;
const ROUNDS: usize = 11;

pub(crate) fn run() {
    let origin = Server::start(&["origin", "json"]);
    let toml = format!(
        r#"
        [aws]
        endpoint = "http://{}"
        credentials.default.file = "aws.credentials"
        [apis.bench]
        openapi = "services.json"
        [apis.bench.stages.dev]
        "#,
        origin.address
    );
    let document = document(&origin.address.to_string()).to_string();
    let key = b"[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\n";
    let files: [(&str, &[u8]); 2] = [("services.json", document.as_bytes()), ("aws.credentials", key)];
    let gateway = Server::gateway(&toml, &files, &[]);
    for (name, size) in [("a body of 100 bytes", 100), ("a body of 1 KiB", 1024)] {
        let body = "x".repeat(size);
        let headers = [("content-type".to_owned(), "application/json".to_owned())];
        let plain = load::post("/dev/plain", &headers, &body);
        let signed = load::post("/dev/signed", &headers, &body);
        let cost =
            |request: &[u8]| gateway.cost(REQUESTS, || load::run(gateway.address, request, 8, REQUESTS, 200));
        cost(&plain);
        cost(&signed);
        let rounds: Vec<(f64, f64)> = (0..ROUNDS).map(|_| (cost(&plain), cost(&signed))).collect();
        figures::added(name, "signing adds (target 20)", &rounds);
    }
    gateway.stop();
}

/// `/plain` and `/signed`, which send the same but for the signature.
fn document(origin: &str) -> Value {
    let method = |integration: Value| {
        json!({"post": {
            "x-amazon-apigateway-integration": integration,
            "responses": {"200": {"description": "done"}},
        }})
    };
    let responses = json!({"default": {"statusCode": "200"}});
    let plain = json!({
        "type": "http", "httpMethod": "POST", "uri": format!("http://{origin}/"), "responses": responses,
        "requestParameters": {
            "integration.request.header.Content-Type": "'application/x-amz-json-1.0'",
            "integration.request.header.X-Amz-Target": "'DynamoDB_20120810.PutItem'",
        },
    });
    let signed = json!({
        "type": "aws", "httpMethod": "POST", "responses": responses,
        "uri": "arn:aws:apigateway:us-east-1:dynamodb:action/PutItem",
        "credentials": "arn:aws:iam::123456789012:role/items",
    });
    json!({
        "openapi": "3.0.3", "info": {"title": "services", "version": "1"},
        "paths": {"/plain": method(plain), "/signed": method(signed)},
    })
}
