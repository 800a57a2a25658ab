//! APIs that files define, in the control plane: read-only, each change of the file a deployment, and rolled back to one.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use std::time::Duration;

use portcullis_testkit::{Answer, Files, Running};
use serde_json::{Value, json};

/// `COLOR` is a stage variable's value.
const TOML: &str = r#"{listener shop}
[control]
address = "127.0.0.1:0"
data = "data"
access = "anonymous-on-loopback"
[apis.shop]
openapi = "shop.yaml"
[apis.shop.stages.prod]
variables = { color = "COLOR" }
[apis.shop.stages.prod.methods."*/*"]
logging = "INFO"
[apis.shop.stages.test]
[apis.inline.stages.dev]
[[apis.inline.routes]]
path = "/hello/{name}"
integration = { type = "mock", status = 204 }
"#;

fn toml(color: &str) -> String {
    TOML.replace("COLOR", color)
}

/// A document whose GET answers `WORD COLOR DEPLOYMENT`.
fn document(word: &str) -> String {
    format!(
        r#"openapi: 3.0.1
info: {{ title: The shop, version: "1" }}
x-portcullis-cors: {{ allowOrigins: [https://example.com] }}
x-acme-owner: pets
paths:
  /pets/{{id}}:
    get:
      operationId: findPet
      responses: {{ "200": {{ description: a pet }} }}
      x-amazon-apigateway-integration:
        type: mock
        requestTemplates: {{ application/json: '{{"statusCode": 200}}' }}
        responses:
          default:
            statusCode: "200"
            responseTemplates: {{ application/json: "{word} $stageVariables.color $context.deploymentId" }}
"#
    )
}

async fn started(files: Files, color: &str) -> Running {
    Running::start(&toml(color), files).await
}

async fn call(gateway: &Running, verb: &str, path: &str, body: &Value) -> Answer {
    let control = gateway.node.control_address().expect("a control listener");
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let url = format!("http://{control}{path}");
    let sent = gateway.client().send(verb, &url, &[], body.as_bytes()).await;
    sent.expect("an answer")
}

async fn get(gateway: &Running, path: &str) -> Value {
    let answer = call(gateway, "GET", path, &Value::Null).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

/// Points a stage at a deployment.
async fn point(gateway: &Running, stage: &str, deployment: &str) -> Answer {
    let operation = json!({"op": "replace", "path": "/deploymentId", "value": deployment});
    let body = json!({"patchOperations": [operation]});
    call(gateway, "PATCH", &format!("/restapis/shop/stages/{stage}"), &body).await
}

async fn pointed(gateway: &Running, stage: &str) -> String {
    text(&get(gateway, &format!("/restapis/shop/stages/{stage}")).await["deploymentId"])
}

async fn deployments(gateway: &Running, api: &str) -> Vec<String> {
    let page = get(gateway, &format!("/restapis/{api}/deployments")).await;
    page["item"]
        .as_array()
        .expect("deployments")
        .iter()
        .map(|item| text(&item["id"]))
        .collect()
}

async fn served(gateway: &Running, stage: &str) -> String {
    gateway
        .get(&format!("/{stage}/pets/1"), &[])
        .await
        .text()
        .to_owned()
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn files(word: &str) -> Files {
    let files = Files::default();
    files.write("shop.yaml", document(word));
    files
}

/// Ends a gateway and starts it anew on its files.
async fn again(mut gateway: Running, color: &str) -> Running {
    let files = std::mem::take(&mut gateway.files);
    assert!(gateway.node.shutdown(Duration::from_secs(10)).await, "it drains");
    started(files, color).await
}

#[tokio::test(flavor = "multi_thread")]
async fn they_are_shown_as_the_protocol_has_apis() {
    let gateway = started(files("one"), "grey").await;
    let apis = get(&gateway, "/restapis").await;
    let shop = get(&gateway, "/restapis/shop").await;
    let ids: Vec<&Value> = apis["item"]
        .as_array()
        .expect("APIs")
        .iter()
        .map(|api| &api["id"])
        .collect();
    assert_eq!(ids, ["inline", "shop"]);
    assert_eq!(shop["name"], "The shop");
    let warning = text(&shop["warnings"][0]);
    assert!(
        warning.contains("shop.yaml") && warning.contains("read-only"),
        "{warning}"
    );

    let resources = get(&gateway, "/restapis/shop/resources?embed=methods").await;
    let items = resources["item"].as_array().expect("resources");
    let paths: Vec<&str> = items.iter().filter_map(|item| item["path"].as_str()).collect();
    assert_eq!(paths.len(), 3, "{paths:?}");
    let pet = items
        .iter()
        .find(|item| item["path"] == "/pets/{id}")
        .expect("the resource");
    let method = format!("/restapis/shop/resources/{}/methods/GET", text(&pet["id"]));
    let method = get(&gateway, &method).await;
    assert_eq!(method["operationName"], "findPet");
    assert_eq!(method["methodIntegration"]["type"], "MOCK");
    let template = &method["methodIntegration"]["integrationResponses"]["200"]["responseTemplates"];
    assert_eq!(
        template["application/json"],
        "one $stageVariables.color $context.deploymentId"
    );

    let export = "/restapis/shop/stages/prod/exports/oas30?extensions=integrations";
    let exported = get(&gateway, export).await;
    assert_eq!(exported["paths"]["/pets/{id}"]["get"]["operationId"], "findPet");
    assert_eq!(exported["x-acme-owner"], "pets");

    let stage = get(&gateway, "/restapis/shop/stages/prod").await;
    assert_eq!(stage["variables"]["color"], "grey");
    assert_eq!(stage["methodSettings"]["*/*"]["loggingLevel"], "INFO");
    let deployment = text(&stage["deploymentId"]);
    assert_eq!(
        deployments(&gateway, "shop").await,
        std::slice::from_ref(&deployment)
    );
    assert_eq!(
        served(&gateway, "prod").await,
        format!("one grey {deployment}"),
        "the same id"
    );
    assert_eq!(deployments(&gateway, "inline").await.len(), 1);
    assert!(gateway.stop().await, "it drains");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_the_file_is_a_deployment_and_can_be_rolled_back() {
    let mut gateway = started(files("one"), "grey").await;
    let first = pointed(&gateway, "prod").await;
    gateway.files.write("shop.yaml", document("two"));
    gateway.rewrite(&toml("grey")).await;
    let second = pointed(&gateway, "prod").await;
    assert_ne!(first, second);
    let mut both = deployments(&gateway, "shop").await;
    both.sort();
    let mut expected = vec![first.clone(), second.clone()];
    expected.sort();
    assert_eq!(both, expected);
    assert_eq!(served(&gateway, "prod").await, format!("two grey {second}"));

    // Back, at once, and one stage alone; what is beside the wire's own members goes back too.
    assert_eq!(point(&gateway, "prod", &first).await.status, 200);
    assert_eq!(served(&gateway, "prod").await, format!("one grey {first}"));
    assert_eq!(served(&gateway, "test").await, format!("two  {second}"));
    let headers = [("origin", "https://example.com")];
    let answer = gateway.get("/prod/pets/1", &headers).await;
    assert_eq!(
        answer.header("access-control-allow-origin"),
        "https://example.com"
    );

    // It stays so over reloads and restarts, and the stage's settings are the file's.
    gateway.rewrite(&toml("blue")).await;
    assert_eq!(served(&gateway, "prod").await, format!("one blue {first}"));
    assert_eq!(pointed(&gateway, "prod").await, first);
    let mut gateway = again(gateway, "red").await;
    assert_eq!(served(&gateway, "prod").await, format!("one red {first}"));
    assert_eq!(
        get(&gateway, "/restapis/shop/stages/prod").await["variables"]["color"],
        "red"
    );

    // Forward again, and back, until the file changes.
    assert_eq!(point(&gateway, "prod", &second).await.status, 200);
    assert_eq!(served(&gateway, "prod").await, format!("two red {second}"));
    assert_eq!(point(&gateway, "prod", &first).await.status, 200);
    gateway.files.write("shop.yaml", document("three"));
    gateway.rewrite(&toml("red")).await;
    let third = pointed(&gateway, "prod").await;
    assert_eq!(served(&gateway, "prod").await, format!("three red {third}"));
    assert_eq!(deployments(&gateway, "shop").await.len(), 3);

    // A file that is as it was before is the deployment that it was before.
    gateway.files.write("shop.yaml", document("one"));
    gateway.rewrite(&toml("red")).await;
    assert_eq!(pointed(&gateway, "prod").await, first);
    assert_eq!(deployments(&gateway, "shop").await.len(), 3);
    assert!(gateway.stop().await, "it drains");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_while_the_gateway_was_down_is_a_deployment_too() {
    let gateway = started(files("one"), "grey").await;
    let first = pointed(&gateway, "prod").await;
    gateway.files.write("shop.yaml", document("two"));
    let gateway = again(gateway, "grey").await;
    let second = pointed(&gateway, "prod").await;
    assert_ne!(first, second);
    assert_eq!(point(&gateway, "prod", &first).await.status, 200);
    assert_eq!(served(&gateway, "prod").await, format!("one grey {first}"));
    assert!(gateway.stop().await, "it drains");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_with_errors_keeps_what_is_recorded_and_one_that_is_gone_takes_it_along() {
    let mut gateway = started(files("one"), "grey").await;
    let first = pointed(&gateway, "prod").await;
    gateway.files.write("shop.yaml", "openapi: [");
    assert!(gateway.rewrite(&toml("grey")).await.has_errors());
    assert_eq!(deployments(&gateway, "shop").await, std::slice::from_ref(&first));
    // It can be read, but not be served: that is no deployment.
    gateway.files.write(
        "shop.yaml",
        document("two").replace("$stageVariables", "#if($stageVariables"),
    );
    assert!(gateway.rewrite(&toml("grey")).await.has_errors());
    assert_eq!(deployments(&gateway, "shop").await, std::slice::from_ref(&first));
    assert_eq!(served(&gateway, "prod").await, format!("one grey {first}"));

    let without = toml("grey").replace("{listener shop}", "{listener}");
    let (before, inline) = without.split_once("[apis.shop]").expect("the API");
    let (_, inline) = inline.split_once("[apis.inline").expect("the other API");
    gateway.rewrite(&format!("{before}[apis.inline{inline}")).await;
    assert_eq!(
        call(&gateway, "GET", "/restapis/shop", &Value::Null).await.status,
        404
    );
    assert_eq!(
        get(&gateway, "/restapis").await["item"].as_array().map(Vec::len),
        Some(1)
    );
    assert!(gateway.stop().await, "it drains");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_else_of_them_can_be_changed() {
    let gateway = started(files("one"), "grey").await;
    let deployment = pointed(&gateway, "prod").await;
    let root = text(&get(&gateway, "/restapis/shop").await["rootResourceId"]);
    let patch = |path: &str| json!({"patchOperations": [{"op": "replace", "path": path, "value": "x"}]});
    let before = get(&gateway, "/restapis/shop/resources?embed=methods").await;
    for (verb, path, body) in [
        ("DELETE", "/restapis/shop".to_owned(), Value::Null),
        ("PATCH", "/restapis/shop".to_owned(), patch("/name")),
        (
            "POST",
            format!("/restapis/shop/resources/{root}"),
            json!({"pathPart": "x"}),
        ),
        (
            "PUT",
            format!("/restapis/shop/resources/{root}/methods/GET"),
            json!({"authorizationType": "NONE"}),
        ),
        ("POST", "/restapis/shop/deployments".to_owned(), json!({})),
        (
            "DELETE",
            format!("/restapis/shop/deployments/{deployment}"),
            Value::Null,
        ),
        (
            "POST",
            "/restapis/shop/stages".to_owned(),
            json!({"stageName": "x", "deploymentId": deployment}),
        ),
        ("DELETE", "/restapis/shop/stages/prod".to_owned(), Value::Null),
        (
            "PATCH",
            "/restapis/shop/stages/prod".to_owned(),
            patch("/variables/color"),
        ),
        (
            "POST",
            "/restapis/shop/models".to_owned(),
            json!({"name": "x", "contentType": "application/json"}),
        ),
        (
            "PUT",
            "/tags/arn:aws:apigateway:us-east-1::%2Frestapis%2Fshop".to_owned(),
            json!({"tags": {"a": "b"}}),
        ),
        (
            "PUT",
            "/tags/arn:aws:apigateway:us-east-1::%2Frestapis%2Fshop%2Fstages%2Fprod".to_owned(),
            json!({"tags": {"a": "b"}}),
        ),
    ] {
        let answer = call(&gateway, verb, &path, &body).await;
        assert_eq!(answer.status, 400, "{verb} {path}: {}", answer.text());
        assert_eq!(
            answer.header("x-amzn-errortype"),
            "BadRequestException",
            "{verb} {path}"
        );
        assert!(
            answer.text().contains("shop.yaml"),
            "{verb} {path}: {}",
            answer.text()
        );
    }
    assert_eq!(
        get(&gateway, "/restapis/shop/resources?embed=methods").await,
        before
    );
    assert_eq!(point(&gateway, "prod", "nosuch").await.status, 400);
    assert_eq!(pointed(&gateway, "prod").await, deployment);
    assert!(gateway.stop().await, "it drains");
}
