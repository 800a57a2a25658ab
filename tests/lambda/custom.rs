//! `AWS` integrations of functions: templates make the event, and choose what is made of the answer by the message of an error.
//! Source: set-up-lambda-custom-integrations.html and handle-errors-in-lambda-integration.html of the developer guide.

use portcullis_testkit::{Files, Running};
use portcullis_tests::gateways::*;
use portcullis_tests::lambda::{Answers, Invocation, Lambda};

use super::INTERNAL;

const DOCUMENT: &str = r#"
swagger: '2.0'
paths:
  /pets/{id}:
    post:
      parameters: [{in: path, name: id, required: true, type: string}]
      responses: {'200': {headers: {X-Type: {type: string}, X-Version: {type: string}}}, '400': {}, '404': {}, '500': {}}
      x-amazon-apigateway-integration:
        type: aws
        httpMethod: POST
        uri: arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:f/invocations
        requestParameters:
          integration.request.header.X-Amz-Client-Context: "'e30='"
        requestTemplates:
          application/json: '{"id": "$input.params(''id'')", "name": $input.json(''$.name'')}'
        passthroughBehavior: never
        responses:
          default:
            statusCode: 200
            responseParameters:
              method.response.header.X-Type: integration.response.body.kind
              method.response.header.X-Version: integration.response.header.X-Amz-Executed-Version
            responseTemplates: {application/json: '{"got": $input.json(''$'')}'}
          '.*Malformed.*':
            statusCode: 400
            responseTemplates: {application/json: '{"error": "$input.path(''$.errorMessage'')"}'}
          'not found: [a-z]+':
            statusCode: 404
          '.*Task timed out.*':
            statusCode: 500
"#;

async fn gateway(lambda: &Lambda, document: &str) -> Running {
    let files = Files::default();
    files.write("api.yaml", document);
    let toml = format!(
        "{{listener api}}\n[plugins.vtl]\nbuiltin = \"vtl\"\n[lambda]\nendpoint = \"{}\"\n[apis.api]\nopenapi = \"api.yaml\"\n[apis.api.stages.dev]\n",
        lambda.endpoint()
    );
    Running::start(&toml, files).await
}

fn by_name(invocation: &Invocation) -> Answers {
    match invocation.event["name"].as_str() {
        Some("malformed") => Answers::Error("Malformed input ..."),
        Some("nobody") => Answers::Error("not found: nobody"),
        Some("slow") => Answers::Error("2026-01-01T00:00:00.000Z 1234 Task timed out after 3.00 seconds"),
        Some("two lines") => Answers::Error("Malformed\ninput"),
        Some("unhandled") => Answers::Error("boom"),
        Some("caught") => Answers::Text(r#"{"errorMessage":"not found: caught"}"#.to_owned()),
        Some("refused") => Answers::Refused(429, "TooManyRequestsException"),
        _ => Answers::Text(format!(r#"{{"kind":"pet","event":{}}}"#, invocation.event)),
    }
}

#[tokio::test]
async fn an_answer_is_chosen_by_the_message_of_its_error() {
    let lambda = Lambda::start(by_name).await;
    let gateway = gateway(&lambda, DOCUMENT).await;
    let post = async |name: &str| {
        let body = format!("{{\"name\": \"{name}\"}}");
        let headers = [("content-type", "application/json")];
        gateway
            .send("POST", "/dev/pets/7", &headers, body.as_bytes())
            .await
    };
    let answer = post("rex").await;
    assert_eq!(
        answer.text(),
        r#"{"got": {"kind":"pet","event":{"id":"7","name":"rex"}}}"#
    );
    assert_eq!(
        (answer.header("x-type"), answer.header("x-version")),
        ("pet", "$LATEST")
    );
    let last = lambda.last();
    assert_eq!((last.name.as_str(), last.kind.as_str()), ("f", "RequestResponse"));
    assert_eq!(last.headers["x-amz-client-context"], "e30=");
    assert_eq!(last.headers["content-type"], "application/json");
    for (name, status, body) in [
        ("malformed", 400, r#"{"error": "Malformed input ..."}"#),
        (
            "nobody",
            404,
            r#"{"errorMessage":"not found: nobody","errorType":"Error"}"#,
        ),
        // The message counts, however it came about.
        ("caught", 404, r#"{"errorMessage":"not found: caught"}"#),
        // A dot is no end of a line, in Java's expressions: the default answers, and shows what it got.
        (
            "two lines",
            200,
            r#"{"got": {"errorMessage":"Malformed\ninput","errorType":"Error"}}"#,
        ),
        (
            "unhandled",
            200,
            r#"{"got": {"errorMessage":"boom","errorType":"Error"}}"#,
        ),
    ] {
        let answer = post(name).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (status, body), "{name}");
    }
    assert_eq!(post("slow").await.status, 500);
    assert_refused(&post("refused").await, INTERNAL, "refused by the service");
    let answer = gateway
        .send("POST", "/dev/pets/7", &[("content-type", "text/plain")], b"x")
        .await;
    assert_eq!(answer.status, 415, "no template");
}

#[tokio::test]
async fn without_a_default_what_nothing_matches_fails() {
    let lambda = Lambda::start(by_name).await;
    let gateway = gateway(
        &lambda,
        &DOCUMENT.replace("          default:", "          'never':"),
    )
    .await;
    let answer = gateway
        .send("POST", "/dev/pets/7", &[], br#"{"name": "rex"}"#)
        .await;
    assert_refused(&answer, INTERNAL, "nothing matches");
}

/// behaviours: run-time errors of mappings that AWS integrations must not have.
#[tokio::test]
async fn illegal_headers_fail() {
    let lambda = Lambda::start(by_name).await;
    for header in ["Authorization", "Expect", "TE", "Content-Length"] {
        let document = DOCUMENT.replace("X-Amz-Client-Context", header);
        let gateway = gateway(&lambda, &document).await;
        let answer = gateway.send("POST", "/dev/pets/7", &[], b"{}").await;
        assert_refused(&answer, INTERNAL, header);
    }
    assert_eq!(lambda.invocations().len(), 0);
}
