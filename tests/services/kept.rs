//! APIs of the control plane: deployed, and tried before.

use portcullis_testkit::{Origin, Running};
use portcullis_tests::control::{CONTROLLED, call};
use serde_json::{Value, json};

use super::{files, post, told};

/// An API of the control plane with one method, `POST /`, deployed to `dev`.
async fn deployed(gateway: &Running, integration: Value) -> (String, String) {
    let api = call(gateway, "POST", "/restapis", json!({"name": "shop"})).await;
    let (id, root) = (text(&api, "id"), text(&api, "rootResourceId"));
    let at = format!("/restapis/{id}/resources/{root}/methods/POST");
    call(gateway, "PUT", &at, json!({"authorizationType": "NONE"})).await;
    call(gateway, "PUT", &format!("{at}/responses/200"), json!({})).await;
    call(gateway, "PUT", &format!("{at}/integration"), integration).await;
    let response =
        json!({"responseTemplates": {"application/json": "$input.path('$.headers.x-amz-target[0]')"}});
    call(
        gateway,
        "PUT",
        &format!("{at}/integration/responses/200"),
        response,
    )
    .await;
    let deployment = json!({"stageName": "dev"});
    call(
        gateway,
        "POST",
        &format!("/restapis/{id}/deployments"),
        deployment,
    )
    .await;
    (id, at)
}

fn text(document: &Value, name: &str) -> String {
    document[name].as_str().expect("a text").to_owned()
}

fn integration() -> Value {
    json!({
        "type": "AWS", "httpMethod": "POST", "uri": "arn:aws:apigateway:us-east-1:states:action/StartExecution",
        "credentials": "arn:aws:iam::123456789012:role/machines",
        "requestTemplates": {"application/json": "{\"stateMachineArn\": \"arn\"}"},
    })
}

#[tokio::test]
async fn an_api_of_the_control_plane_calls_services() {
    let origin = Origin::echo().await;
    let aws = format!(
        "[aws]\nendpoints.states = \"http://{}\"\ncredentials.default.file = \"aws.credentials\"\n",
        origin.authority()
    );
    let gateway = Running::start(&format!("{CONTROLLED}{aws}"), files("")).await;
    let (id, at) = deployed(&gateway, integration()).await;
    let answer = post(&gateway, &format!("/_aws/execute-api/{id}/dev/"), "{}").await;
    assert_eq!(told(&answer), (200, "AWSStepFunctions.StartExecution"));
    // The same, tried, with what was sent in its log.
    let tried = call(&gateway, "POST", &at, json!({"body": "{}"})).await;
    assert_eq!(
        (&tried["status"], &tried["body"]),
        (&json!(200), &json!("AWSStepFunctions.StartExecution"))
    );
    let log = text(&tried, "log");
    assert!(
        log.contains("x-amz-target=AWSStepFunctions.StartExecution"),
        "{log}"
    );
    let sent = log.lines().find(|line| line.contains("Endpoint request headers"));
    assert!(!sent.expect("a line").contains("AKIDEXAMPLE"), "{log}");
    let (_, secret) = super::KEY;
    assert!(!log.contains(secret), "{log}");
}

/// Nothing signs yet: the other methods are served, and `gateway.toml` may bring the credentials later.
#[tokio::test]
async fn credentials_may_come_later() {
    let origin = Origin::echo().await;
    let mut gateway = Running::start(CONTROLLED, files("")).await;
    let (id, _) = deployed(&gateway, integration()).await;
    let path = format!("/_aws/execute-api/{id}/dev/");
    let answer = post(&gateway, &path, "{}").await;
    assert_eq!(told(&answer), (500, r#"{"message": "Internal server error"}"#));
    let aws = format!(
        "[aws]\nendpoint = \"http://{}\"\n[aws.credentials.machines]\nfile = \"aws.credentials\"\n\
         [aws.roles]\n\"arn:aws:iam::123456789012:role/machines\" = \"machines\"\n",
        origin.authority()
    );
    gateway.rewrite(&format!("{CONTROLLED}{aws}")).await;
    assert_eq!(told(&post(&gateway, &path, "{}").await).0, 200);
}

#[tokio::test]
async fn what_cannot_be_called_answers_500_and_says_why() {
    let aws = "[aws]\ncredentials.default.file = \"aws.credentials\"\n";
    let gateway = Running::start(&format!("{CONTROLLED}{aws}"), files("")).await;
    for (change, expected) in [
        (
            json!({"uri": "arn:aws:apigateway:us-east-1:s3:action/GetObject"}),
            "the service `s3` has no actions by name",
        ),
        (
            json!({"credentials": "arn:aws:iam::*:user/*"}),
            "the caller's identity cannot be passed to the service",
        ),
        (
            json!({"uri": "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/f/invocations"}),
            "nothing runs the function `f`",
        ),
    ] {
        let mut integration = integration();
        let changed = change.as_object().expect("an object").clone();
        integration.as_object_mut().expect("an object").extend(changed);
        let (id, at) = deployed(&gateway, integration).await;
        let answer = post(&gateway, &format!("/_aws/execute-api/{id}/dev/"), "{}").await;
        assert_eq!(
            told(&answer),
            (500, r#"{"message": "Internal server error"}"#),
            "{expected}"
        );
        let tried = call(&gateway, "POST", &at, json!({})).await;
        assert!(text(&tried, "log").contains(expected), "{tried}");
    }
}
