//! Functions behind every surface: the control plane, its test invocations, and documents that are served.

use portcullis_testkit::{Files, Running};
use portcullis_tests::control::{self, CONTROLLED, call, deploy, get, root_method, text};
use portcullis_tests::gateways::*;
use portcullis_tests::lambda::{Answers, Lambda};
use serde_json::json;

use super::INTERNAL;

const URI: &str = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:f/invocations";

#[tokio::test]
async fn the_control_plane_has_them() {
    let lambda = Lambda::start(|_| Answers::Text(r#"{"statusCode":201,"body":"made"}"#.to_owned())).await;
    let with = format!("{CONTROLLED}[lambda]\nendpoint = \"{}\"\n", lambda.endpoint());
    let mut gateway = Running::of(&with).await;
    let api = control::api(
        &gateway,
        json!({"type": "AWS_PROXY", "httpMethod": "POST", "uri": URI}),
    )
    .await;
    deploy(&gateway, &api, json!({"stageName": "dev"})).await;
    let answer = get(&gateway, &api, "dev").await;
    assert_eq!((answer.status.as_u16(), answer.text()), (201, "made"));
    assert_eq!(lambda.last().event["requestContext"]["apiId"], json!(api));
    // As it is edited, step by step.
    let method = root_method(&gateway, &api).await;
    let body = json!({"pathWithQueryString": "/?q=1", "headers": {"Authorization": "a-secret"}});
    let tried = call(&gateway, "POST", &method, body).await;
    assert_eq!(
        (&tried["status"], &tried["body"]),
        (&json!(201), &json!("made")),
        "{tried}"
    );
    let log = text(&tried, "log");
    for line in [
        "Endpoint request body after transformations: {\"resource\":\"/\",\"path\":\"/\",\"httpMethod\":\"GET\",\"pathParameters\":null,",
        &format!(
            "Sending request to {}/2015-03-31/functions/f/invocations",
            lambda.endpoint()
        ),
        "Received response. Status: 200",
        "Endpoint response body before transformations: {\"statusCode\":201,\"body\":\"made\"}",
        "Method response body after transformations: made",
        "Successfully completed execution",
    ] {
        assert!(log.contains(line), "{line}: {log}");
    }
    assert!(!log.contains("a-secret"), "{log}");
    // Another method than POST, as the service has it.
    let patch = json!({"patchOperations": [{"op": "replace", "path": "/httpMethod", "value": "GET"}]});
    call(&gateway, "PATCH", &format!("{method}/integration"), patch).await;
    deploy(&gateway, &api, json!({"stageName": "get"})).await;
    assert_refused(&get(&gateway, &api, "get").await, INTERNAL, "GET");
    // Without a server its methods answer 500; a component of its name runs it.
    assert!(!gateway.rewrite(CONTROLLED).await.has_errors());
    assert_refused(&get(&gateway, &api, "dev").await, INTERNAL, "nothing runs it");
    let plugin = format!("{CONTROLLED}[plugins.f]\nbuiltin = \"hello-function\"\n");
    assert!(!gateway.rewrite(&plugin).await.has_errors());
    assert_eq!(
        get(&gateway, &api, "dev").await.json(),
        json!({"message": "Hello, world!"})
    );
}

#[tokio::test]
async fn a_malformed_answer_is_told_in_the_services_words() {
    let lambda = Lambda::start(|_| Answers::Text(r#"{"message":"no status"}"#.to_owned())).await;
    let with = format!("{CONTROLLED}[lambda]\nendpoint = \"{}\"\n", lambda.endpoint());
    let gateway = Running::of(&with).await;
    let api = control::api(
        &gateway,
        json!({"type": "AWS_PROXY", "httpMethod": "POST", "uri": URI}),
    )
    .await;
    let method = root_method(&gateway, &api).await;
    let tried = call(&gateway, "POST", &method, json!({})).await;
    assert_eq!(tried["status"], 502);
    let log = text(&tried, "log");
    let line = "Execution failed due to configuration error: Malformed Lambda proxy response";
    assert!(log.contains(line), "{log}");
}

#[tokio::test]
async fn a_custom_integration_is_tried_too() {
    let lambda = Lambda::start(|_| Answers::Error("not found: x")).await;
    let with = format!("{CONTROLLED}[lambda]\nendpoint = \"{}\"\n", lambda.endpoint());
    let gateway = Running::of(&with).await;
    let api = control::api(
        &gateway,
        json!({"type": "AWS", "httpMethod": "POST", "uri": URI, "requestTemplates": {"application/json": "{\"a\": 1}"}}),
    )
    .await;
    let method = root_method(&gateway, &api).await;
    call(&gateway, "PUT", &format!("{method}/responses/404"), json!({})).await;
    let response =
        json!({"selectionPattern": "not found:.*", "responseTemplates": {"application/json": "gone"}});
    call(
        &gateway,
        "PUT",
        &format!("{method}/integration/responses/404"),
        response,
    )
    .await;
    let tried = call(&gateway, "POST", &method, json!({})).await;
    assert_eq!(
        (&tried["status"], &tried["body"]),
        (&json!(404), &json!("gone")),
        "{tried}"
    );
    assert_eq!(lambda.last().event, json!({"a": 1}));
}

/// A canary's stage variable may name another function.
#[tokio::test]
async fn stage_variables_name_functions() {
    let lambda = Lambda::start(|invocation| {
        Answers::Text(json!({"statusCode": 200, "body": invocation.name}).to_string())
    })
    .await;
    let document = r#"
swagger: '2.0'
paths:
  /:
    get:
      responses: {'200': {}}
      x-amazon-apigateway-integration:
        type: aws_proxy
        httpMethod: POST
        uri: 'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:1:function:${stageVariables.name}/invocations'
"#;
    let files = Files::default();
    files.write("api.yaml", document);
    let toml = format!(
        "{{listener api}}\n[lambda]\nendpoint = \"{}\"\n[apis.api]\nopenapi = \"api.yaml\"\n[apis.api.stages.one]\n\
         variables.name = \"first\"\n[apis.api.stages.two]\nvariables.name = \"second\"\n[apis.api.stages.none]\n",
        lambda.endpoint()
    );
    let gateway = Running::start(&toml, files).await;
    assert_eq!(gateway.get("/one/", &[]).await.text(), "first");
    assert_eq!(gateway.get("/two/", &[]).await.text(), "second");
    assert_refused(&gateway.get("/none/", &[]).await, INTERNAL, "no variable");
}
