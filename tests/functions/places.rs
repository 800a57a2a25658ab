//! Where functions are invoked, by whom, and under which name.

use portcullis_testkit::{Files, Running};
use portcullis_tests::control::{self, CONTROLLED, api, call, deploy, text};
use portcullis_tests::gateways::*;
use portcullis_tests::lambda::{KEY, Lambda};
use serde_json::{Value, json};

use super::allow;

const ARN: &str = "arn:aws:lambda:eu-central-1:123456789012:function:check";

/// A gateway with this `[lambda]` whose `GET /` asks this function.
fn toml(lambda: &str, function: &str) -> String {
    format!(
        r#"
        {{listener api}}
        {lambda}
        [apis.api.stages.dev]
        variables = {{ check = "by-variable", live = "blue" }}
        [apis.api.authorizers.guard]
        type = "request"
        function = "{function}"
        [[apis.api.routes]]
        path = "/"
        authorizer = "guard"
        integration = {{ type = "mock" }}
        "#
    )
}

fn credentials(files: &Files, id: &str, secret: &str, more: &str) {
    let text = format!("[ci]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n{more}");
    files.write("aws.credentials", text);
}

#[tokio::test]
async fn a_function_has_a_name_a_qualifier_and_a_server() {
    let (first, second) = (Lambda::start(allow).await, Lambda::start(allow).await);
    let endpoint = format!("[lambda]\nendpoint = \"{}/base/\"\n", first.endpoint());
    let own = format!(
        "{endpoint}[lambda.functions.check]\nendpoint = \"{}\"\nname = \"function\"\nqualifier = \"$LATEST\"\n",
        second.endpoint()
    );
    for (lambda, function, server, name, query) in [
        (&endpoint, "check", &first, "check", ""),
        (&endpoint, "check:live", &first, "check", "Qualifier=live"),
        (&endpoint, ARN, &first, "check", ""),
        (&endpoint, &format!("{ARN}:7"), &first, "check", "Qualifier=7"),
        (
            &endpoint,
            &format!("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{ARN}:live/invocations"),
            &first,
            "check",
            "Qualifier=live",
        ),
        (
            &endpoint,
            "${stageVariables.check}:${stageVariables.live}",
            &first,
            "by-variable",
            "Qualifier=blue",
        ),
        (&own, "check:live", &second, "function", "Qualifier=%24LATEST"),
        (&own, "other", &first, "other", ""),
    ] {
        let gateway = Running::of(&toml(lambda, function)).await;
        assert_eq!(gateway.get("/dev/", &[]).await.status, 200, "{function}");
        let last = server.last();
        assert_eq!(
            (last.name.as_str(), last.query.as_str()),
            (name, query),
            "{function}"
        );
    }
}

#[tokio::test]
async fn a_function_that_no_variable_names_is_closed() {
    let lambda = Lambda::start(allow).await;
    let endpoint = format!("[lambda]\nendpoint = \"{}\"\n", lambda.endpoint());
    for function in ["${stageVariables.nothere}", "check:${stageVariables.nothere}"] {
        let gateway = Running::of(&toml(&endpoint, function)).await;
        assert_refused(&gateway.get("/dev/", &[]).await, BAD_AUTHORIZER, function);
    }
    assert_eq!(lambda.invocations().len(), 0);
}

#[tokio::test]
async fn invocations_are_signed_and_keys_are_read_again() {
    let lambda = Lambda::verifying(allow).await;
    let endpoint = format!("[lambda]\nendpoint = \"{}\"\n", lambda.endpoint());
    let signed = format!(
        "{endpoint}region = \"us-west-2\"\n[lambda.credentials]\nfile = \"aws.credentials\"\nprofile = \"ci\"\n"
    );
    let files = Files::default();
    credentials(&files, KEY.0, KEY.1, "");
    let mut gateway = Running::start(&toml(&signed, "check"), files).await;
    assert_eq!(gateway.get("/dev/", &[]).await.status, 200);
    assert_eq!(lambda.last().region.as_deref(), Some("us-west-2"));
    let arn = format!("{ARN}:live");
    assert!(!gateway.rewrite(&toml(&signed, &arn)).await.has_errors());
    assert_eq!(gateway.get("/dev/", &[]).await.status, 200, "with a query");
    assert_eq!(lambda.last().region.as_deref(), Some("eu-central-1"), "the ARN's");
    // Another secret, then the right one again, and a token that is signed beside it.
    credentials(&gateway.files, KEY.0, "another", "");
    assert!(!gateway.node.reload().await.has_errors());
    assert_refused(&gateway.get("/dev/", &[]).await, BAD_AUTHORIZER, "another secret");
    credentials(&gateway.files, KEY.0, KEY.1, "aws_session_token = a-token\n");
    assert!(!gateway.node.reload().await.has_errors());
    assert_eq!(gateway.get("/dev/", &[]).await.status, 200, "a token");
    // A file that says nothing keeps what there was.
    gateway.files.write("aws.credentials", "[default]\n");
    let outcome = gateway.node.reload().await;
    let told: Vec<String> = outcome.problems.iter().map(ToString::to_string).collect();
    assert!(
        told.concat()
            .contains("has no aws_access_key_id and aws_secret_access_key in a section [ci]"),
        "{told:?}"
    );
    assert!(!told.concat().contains(KEY.1), "{told:?}");
    assert_eq!(gateway.get("/dev/", &[]).await.status, 200, "kept");
    assert!(
        gateway
            .rewrite(&toml(&endpoint, "check"))
            .await
            .problems
            .is_empty()
    );
    assert_refused(&gateway.get("/dev/", &[]).await, BAD_AUTHORIZER, "not signed");
}

/// An API of the control plane whose `GET /` asks an authorizer of that URI; the API's and the authorizer's ids.
async fn kept(gateway: &Running, uri: &str) -> (String, String) {
    let id = api(gateway, control::mock()).await;
    let authorizer = json!({
        "name": "guard", "type": "TOKEN", "authorizerUri": uri,
        "identitySource": "method.request.header.Authorization", "authorizerResultTtlInSeconds": 0,
    });
    let authorizer = control::authorizer(gateway, &id, authorizer).await;
    control::guard(gateway, &id, &authorizer, "CUSTOM", &[]).await;
    (id, text(&authorizer, "id"))
}

async fn tried(gateway: &Running, id: &str, authorizer: &str) -> Value {
    let path = format!("/restapis/{id}/authorizers/{authorizer}");
    let body = json!({"headers": {"Authorization": "a-secret-token"}, "pathWithQueryString": "/x"});
    call(gateway, "POST", &path, body).await
}

#[tokio::test]
async fn the_control_plane_has_functions_too() {
    let lambda = Lambda::start(allow).await;
    let with = format!("{CONTROLLED}[lambda]\nendpoint = \"{}\"\n", lambda.endpoint());
    let mut gateway = Running::of(&with).await;
    let uri = format!("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{ARN}/invocations");
    let (id, authorizer) = kept(&gateway, &uri).await;
    deploy(&gateway, &id, json!({"stageName": "dev"})).await;
    let host = format!("{id}.execute-api.localhost");
    let get = async |gateway: &Running| {
        gateway
            .get("/dev/", &[("host", &host), ("authorization", "x")])
            .await
    };
    assert_eq!(get(&gateway).await.status, 200);
    assert_eq!(lambda.last().event["authorizationToken"], "x");
    let answer = tried(&gateway, &id, &authorizer).await;
    assert_eq!(
        (&answer["clientStatus"], &answer["principalId"]),
        (&json!(0), &json!("alice")),
        "{answer}"
    );
    let log = text(&answer, "log");
    let endpoint = lambda.endpoint();
    for line in [
        "Starting authorizer: guard for request: ",
        &format!("Sending request to {endpoint}/2015-03-31/functions/check/invocations"),
        "Authorizer result body before parsing: {\"principalId\":\"alice\",",
        "Using valid authorizer policy for principal: *****",
        "Successfully completed authorizer execution",
    ] {
        assert!(log.contains(line), "{line}: {log}");
    }
    assert!(!log.contains("a-secret-token"), "{log}");
    assert_eq!(lambda.last().event["authorizationToken"], "a-secret-token");
    // Without a server: closed, and told so.
    assert!(!gateway.rewrite(CONTROLLED).await.has_errors());
    assert_refused(&get(&gateway).await, BAD_AUTHORIZER, "nothing runs it");
    let answer = tried(&gateway, &id, &authorizer).await;
    assert_eq!(answer["clientStatus"], 500, "{answer}");
    let log = text(&answer, "log");
    assert!(log.contains("nothing runs the function `check`"), "{log}");
    // A plugin of that name goes before a server.
    let plugin = format!(
        "{with}[plugins.check]\nbuiltin = \"bearer-token\"\nconfig.tokens = [{{ token = \"t\", principal = \"p\" }}]\n"
    );
    assert!(!gateway.rewrite(&plugin).await.has_errors());
    let before = lambda.invocations().len();
    assert_refused(&get(&gateway).await, UNAUTHORIZED, "the plugin decides");
    assert_eq!(lambda.invocations().len(), before);
}

#[tokio::test]
async fn a_document_names_functions() {
    let lambda = Lambda::start(allow).await;
    let document = format!(
        r#"
swagger: '2.0'
securityDefinitions:
  guard:
    type: apiKey
    in: header
    name: Authorization
    x-amazon-apigateway-authtype: custom
    x-amazon-apigateway-authorizer:
      type: request
      authorizerUri: arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{ARN}/invocations
      authorizerResultTtlInSeconds: 0
      authorizerPayloadFormatVersion: '2.0'
paths:
  /:
    get: {{security: [{{guard: []}}], x-amazon-apigateway-integration: {{type: mock, requestTemplates: {{application/json: '{{"statusCode": 200}}'}}, responses: {{default: {{statusCode: 200}}}}}}}}
"#
    );
    let files = Files::default();
    files.write("api.yaml", document);
    let toml = |lambda: &str| {
        format!("{{listener api}}\n{lambda}\n[apis.api]\nopenapi = \"api.yaml\"\n[apis.api.stages.dev]\n")
    };
    let endpoint = format!("[lambda]\nendpoint = \"{}\"", lambda.endpoint());
    let gateway = Running::start(&toml(&endpoint), files).await;
    assert_eq!(gateway.get("/dev/", &[]).await.status, 200);
    assert_eq!(lambda.last().event["version"], "2.0");
}
