//! A Lambda runtime emulator of npm's registry, serverless-offline, which loads handlers as AWS's runtime does and runs them
//! behind `Invoke`.

use portcullis_testkit::{Files, Running};
use portcullis_tests::gateways::*;
use portcullis_tests::ready::{Ready, here};
use serde_json::{Value, json};

use super::{BAD_GATEWAY, INTERNAL};

const DOCUMENT: &str = r#"
swagger: '2.0'
x-amazon-apigateway-binary-media-types: [image/png]
securityDefinitions:
  check:
    type: apiKey
    in: header
    name: Authorization
    x-amazon-apigateway-authtype: custom
    x-amazon-apigateway-authorizer: {type: token, authorizerUri: '{arn}:check/invocations', authorizerResultTtlInSeconds: 0}
paths:
  /pets/{id}:
    post:
      parameters: [{in: path, name: id, required: true, type: string}]
      x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST, uri: '{arn}:echo/invocations'}
  /guarded/{id}:
    get:
      parameters: [{in: path, name: id, required: true, type: string}]
      security: [{check: []}]
      x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST, uri: '{arn}:echo/invocations'}
  /later/{id}:
    get:
      parameters: [{in: path, name: id, required: true, type: string}]
      x-amazon-apigateway-integration:
        type: aws_proxy
        httpMethod: POST
        uri: '{arn}:later/invocations'
        requestParameters: {integration.request.header.X-Amz-Invocation-Type: "'Event'"}
  /fails:
    get:
      x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST, uri: '{arn}:fails/invocations'}
    post:
      responses: {'200': {}, '404': {}}
      x-amazon-apigateway-integration:
        type: aws
        httpMethod: POST
        uri: '{arn}:fails/invocations'
        responses:
          default: {statusCode: 200}
          'not found: [a-z]+':
            statusCode: 404
            responseTemplates: {application/json: '{"error": $input.json(''$.errorMessage'')}'}
  /nothere:
    get:
      x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST, uri: '{arn}:nothere/invocations'}
"#;

const ARN: &str = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function";

/// The emulator, and a gateway whose functions it runs.
async fn started() -> (Ready, Running) {
    let arguments = ["lambda/emulator.mjs", "../target/serverless-offline"].map(here);
    let emulator = Ready::start("node".as_ref(), &arguments).await;
    let files = Files::default();
    files.write("api.yaml", DOCUMENT.replace("{arn}", ARN));
    let toml = format!(
        "{{listener api}}\n[plugins.vtl]\nbuiltin = \"vtl\"\n[lambda]\nendpoint = \"{}\"\n[lambda.functions.check]\ntimeout_ms = 300_000\n[apis.api]\nopenapi = \"api.yaml\"\n[apis.api.stages.dev]\n",
        emulator.told
    );
    (emulator, Running::start(&toml, files).await)
}

#[tokio::test]
async fn a_handler_is_passed_the_request_and_answers_it() {
    let (_emulator, gateway) = started().await;
    let png = [0x89, 0x50, 0xfe];
    let headers = [
        ("content-type", "image/png"),
        ("accept", "image/png"),
        ("x-one", "1"),
    ];
    let path = "/dev/pets/7?colour=red&colour=blue";
    let answer = gateway.send("POST", path, &headers, &png).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(*answer.body, [0x89, 0x50, 0xff, 0x00]);
    assert_eq!(answer.header("content-type"), "image/png");
    let cookies = answer.headers.get_all("set-cookie").iter();
    assert_eq!(cookies.collect::<Vec<_>>(), ["a=1", "b=2"]);
    let told: Value = serde_json::from_str(answer.header("x-told")).expect("JSON");
    let expected = json!({
        "method": "POST",
        "path": "/pets/7",
        "id": "7",
        "colours": ["red", "blue"],
        "header": "1",
        "body": "8950fe",
        "stage": "dev",
        "function": "echo",
    });
    assert_eq!(told, expected);
}

#[tokio::test]
async fn what_a_handler_throws_is_an_error() {
    let (_emulator, gateway) = started().await;
    assert_refused(&gateway.get("/dev/fails", &[]).await, BAD_GATEWAY, "it throws");
    let answer = gateway
        .send("POST", "/dev/fails", &[], br#"{"message": "not found: rex"}"#)
        .await;
    assert_eq!(
        (answer.status.as_u16(), answer.text()),
        (404, r#"{"error": "not found: rex"}"#)
    );
    // What no pattern matches is the default's.
    let answer = gateway.send("POST", "/dev/fails", &[], b"{}").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["errorMessage"], "boom");
    assert_refused(
        &gateway.get("/dev/nothere", &[]).await,
        INTERNAL,
        "no such function",
    );
}

#[tokio::test]
async fn an_event_runs_a_handler_that_nobody_waits_for() {
    let (mut emulator, gateway) = started().await;
    let answer = gateway.get("/dev/later/7", &[]).await;
    assert_eq!((answer.status.as_u16(), answer.text()), (200, ""));
    let line = emulator.lines.next_line().await.expect("its output");
    assert_eq!(line.as_deref(), Some(r#"{"ran":"7"}"#));
}

#[tokio::test]
async fn a_handler_authorizes() {
    let (_emulator, gateway) = started().await;
    let get = async |token| gateway.get("/dev/guarded/7", &[("authorization", token)]).await;
    let answer = get("allow").await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let told: Value = serde_json::from_str(answer.header("x-told")).expect("JSON");
    assert_eq!(told["principal"], "alice");
    assert_refused(&get("deny").await, DENIED, "it denies");
    // apigateway-use-lambda-authorizer.html: the message "Unauthorized" is a 401.
    assert_refused(&get("nobody").await, UNAUTHORIZED, "it throws Unauthorized");
}
