//! APIs from OpenAPI documents.
//!
//! Facts about API Gateway: "behaviours" is the project's list of them, recorded from the service; URLs are the
//! developer guide's.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use portcullis_testkit::{Origin, Running, Wire};
use portcullis_tests::gateways::*;
use serde_json::json;

const SWAGGER: &str = r#"{
  "swagger": "2.0",
  "info": { "title": "Two", "version": "1" },
  "basePath": "/ignored",
  "securityDefinitions": {
    "tokens": {
      "type": "apiKey", "name": "X-Token", "in": "header",
      "x-amazon-apigateway-authtype": "custom",
      "x-amazon-apigateway-authorizer": {
        "type": "token", "x-portcullis-plugin": "tokens",
        "identityValidationExpression": "Bearer [a-z]+", "authorizerResultTtlInSeconds": 0
      }
    }
  },
  "paths": {
    "/mock": { "get": { "x-amazon-apigateway-integration": {
      "type": "mock", "requestTemplates": { "application/json": "{statusCode: 202}" },
      "responses": { "default": { "statusCode": "202" } } } } },
    "/pets/{id}": { "get": {
      "parameters": [{ "name": "id", "in": "path", "required": true, "type": "string" }],
      "security": [{ "tokens": [] }],
      "x-amazon-apigateway-integration": {
        "type": "HTTP_PROXY", "httpMethod": "POST", "uri": "http://${stageVariables.backend}/animals/{pet}",
        "requestParameters": { "integration.request.path.pet": "method.request.path.id" } } } },
    "/slow": { "get": { "x-amazon-apigateway-integration": {
      "type": "http_proxy", "httpMethod": "GET", "uri": "http://${stageVariables.silent}/", "timeoutInMillis": 60 } } },
    "/{proxy+}": { "x-amazon-apigateway-any-method": { "x-amazon-apigateway-integration": {
      "type": "http_proxy", "httpMethod": "ANY", "uri": "http://${stageVariables.backend}/rest/{proxy}" } } }
  }
}"#;

const OPENAPI: &str = r#"
openapi: 3.0.1
info: { title: Three, version: "1" }
security:
  - request: []
paths:
  /greet/{name}:
    get:
      parameters:
        - { name: name, in: path, required: true, schema: { type: string } }
      x-portcullis-integration:
        plugin: echo
        timeoutInMillis: 5000
  /open:
    get:
      security: []
      x-amazon-apigateway-integration:
        $ref: '#/components/x-amazon-apigateway-integrations/mocked'
components:
  x-amazon-apigateway-integrations:
    mocked:
      type: mock
      requestTemplates: { application/json: '{"statusCode": 203}' }
      responses: { default: { statusCode: "203" } }
  securitySchemes:
    request:
      type: apiKey
      in: header
      name: Unused
      x-amazon-apigateway-authtype: custom
      x-amazon-apigateway-authorizer: { type: request, x-portcullis-plugin: request, authorizerResultTtlInSeconds: 0 }
"#;

#[tokio::test]
async fn serves_openapi_documents_of_both_versions() {
    let files = guests();
    files.write("two.json", SWAGGER);
    files.write("three.yaml", OPENAPI);
    let origin = Origin::echo().await;
    let silent = portcullis_testkit::RawOrigin::start(|stream, _| async move {
        drop(Wire::of(stream).rest().await);
    })
    .await;
    let toml = r#"
        {listener}
        [plugins.tokens]
        builtin = "bearer-token"
        config.tokens = [{ token = "secret", principal = "ann" }]
        [plugins.request]
        file = "authorizer.wasm"
        config.mode = "echo"
        [apis.two]
        openapi = "two.json"
        [apis.two.stages.dev]
        variables = { backend = "ORIGIN", silent = "SILENT" }
        [apis.three]
        openapi = "three.yaml"
        [apis.three.stages.dev]
    "#;
    let toml = toml
        .replace("ORIGIN", &origin.authority())
        .replace("SILENT", &silent.authority());
    let gateway = Running::start(&format!("{toml}{ECHO}"), files).await;
    let get = async |api: &str, path: &str, headers: &[(&str, &str)]| {
        let host = format!("{api}.execute-api.localhost");
        let headers = [&[("host", host.as_str())], headers].concat();
        gateway.get(&format!("/dev{path}"), &headers).await
    };
    assert_eq!(get("two", "/mock", &[]).await.status, 202);
    assert_refused(&get("two", "/pets/7", &[]).await, UNAUTHORIZED, "2.0: no token");
    let token = [("x-token", "Bearer secret")];
    let told = get("two", "/pets/7?q=1", &token).await.json();
    assert_eq!(
        (&told["method"], &told["target"]),
        (&json!("POST"), &json!("/animals/7?q=1"))
    );
    assert_refused(
        &get("two", "/pets/7", &[("x-token", "Bearer 5")]).await,
        UNAUTHORIZED,
        "2.0: expression",
    );
    assert_eq!(get("two", "/slow", &[]).await.status, 504, "2.0: timeoutInMillis");
    let told = get("two", "/a/b", &[]).await.json();
    assert_eq!(
        (&told["method"], &told["target"]),
        (&json!("GET"), &json!("/rest/a/b"))
    );
    let told = get("three", "/greet/ann", &[]).await.json();
    assert_eq!(told["pathParameters"], json!([["name", "ann"]]));
    assert_eq!(
        context(&told)["authorizer.principalId"],
        "caller",
        "3.0: security of the document"
    );
    assert_eq!(
        get("three", "/open", &[]).await.status,
        203,
        "3.0: a shared integration"
    );
    assert_refused(
        &get("three", "/mock", &[]).await,
        NO_TOKEN,
        "the documents are two APIs",
    );
}

/// Recorded from the service: REQUEST with a cache needs each identity source, else 401 without a call; with TTL 0 they are
/// optional.
#[tokio::test]
async fn a_request_authorizer_needs_its_identity_sources_unless_its_ttl_is_0() {
    const SOURCES: &str = "identitySource: 'method.request.header.X-Key, method.request.querystring.q, \
                           stageVariables.v, context.identity.userAgent'";
    let files = guests();
    for (name, lifetime) in [
        ("kept", "authorizerResultTtlInSeconds: 300"),
        ("asked", "authorizerResultTtlInSeconds: 0"),
    ] {
        let document = OPENAPI.replace(
            "authorizerResultTtlInSeconds: 0",
            &format!("{SOURCES}, {lifetime}"),
        );
        files.write(&format!("{name}.yaml"), document);
    }
    let toml = r#"
        {listener}
        [control]
        address = "127.0.0.1:0"
        [plugins.request]
        file = "authorizer.wasm"
        config.mode = "echo"
        [apis.kept]
        openapi = "kept.yaml"
        [apis.kept.stages.with]
        variables = { v = "1" }
        [apis.kept.stages.without]
        [apis.asked]
        openapi = "asked.yaml"
        [apis.asked.stages.without]
    "#;
    let gateway = Running::start(&format!("{toml}{ECHO}"), files).await;
    let all: &[(&str, &str)] = &[("x-key", "1"), ("user-agent", "test")];
    for (name, path, headers, status, called) in [
        ("all there", "/kept/with/greet/x?q=1", all, 200, 1.0),
        (
            "no header",
            "/kept/with/greet/x?q=1",
            &[("user-agent", "test")],
            401,
            0.0,
        ),
        (
            "an empty header",
            "/kept/with/greet/x?q=1",
            &[("x-key", ""), ("user-agent", "test")],
            401,
            0.0,
        ),
        ("no query", "/kept/with/greet/x", all, 401, 0.0),
        ("an empty query value", "/kept/with/greet/x?q=", all, 401, 0.0),
        ("no stage variable", "/kept/without/greet/x?q=1", all, 401, 0.0),
        (
            "no context",
            "/kept/with/greet/x?q=1",
            &[("x-key", "1")],
            401,
            0.0,
        ),
        ("TTL 0", "/asked/without/greet/x", &[], 200, 1.0),
    ] {
        let before = calls(&gateway, "request").await;
        let answer = gateway.get(&format!("/_aws/execute-api{path}"), headers).await;
        assert_eq!(answer.status, status, "{name}");
        assert_eq!(calls(&gateway, "request").await - before, called, "{name}");
    }
}
