//! Invocations that nobody waits for. Source: set-up-lambda-integration-async.html of the developer guide.

use portcullis_testkit::{Files, Running};
use portcullis_tests::lambda::{Answers, Lambda};

/// A document whose `/proxy` and `/custom` map a header of the client's to the type of invocation.
fn document(uri: &str) -> String {
    let parameters = "requestParameters: {integration.request.header.X-Amz-Invocation-Type: method.request.header.InvocationType}";
    format!(
        r#"
swagger: '2.0'
paths:
  /proxy:
    get:
      parameters: [{{in: header, name: InvocationType, type: string}}]
      responses: {{'200': {{}}}}
      x-amazon-apigateway-integration: {{type: aws_proxy, httpMethod: POST, uri: '{uri}', {parameters}}}
  /custom:
    get:
      parameters: [{{in: header, name: InvocationType, type: string}}]
      responses: {{'201': {{}}}}
      x-amazon-apigateway-integration:
        type: aws
        httpMethod: POST
        uri: '{uri}'
        {parameters}
        requestTemplates: {{application/json: '{{"a": 1}}'}}
        responses: {{default: {{statusCode: 201}}}}
"#
    )
}

#[tokio::test]
async fn an_event_is_not_waited_for() {
    let lambda = Lambda::start(|_| Answers::Text(r#"{"statusCode":203,"body":"waited"}"#.to_owned())).await;
    let files = Files::default();
    files.write(
        "api.yaml",
        document("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/f/invocations"),
    );
    let toml = format!(
        "{{listener api}}\n[lambda]\nendpoint = \"{}\"\n[apis.api]\nopenapi = \"api.yaml\"\n[apis.api.stages.dev]\n",
        lambda.endpoint()
    );
    let gateway = Running::start(&toml, files).await;
    let asked = gateway.get("/dev/proxy", &[("invocationtype", "Event")]).await;
    assert_eq!((asked.status.as_u16(), asked.text()), (200, ""));
    assert_eq!(lambda.last().kind, "Event");
    assert_eq!(lambda.last().event["httpMethod"], "GET");
    let waited = gateway
        .get("/dev/proxy", &[("invocationtype", "RequestResponse")])
        .await;
    assert_eq!((waited.status.as_u16(), waited.text()), (203, "waited"));
    // What the client says by itself is only passed on.
    let waited = gateway
        .get("/dev/proxy", &[("x-amz-invocation-type", "Event")])
        .await;
    assert_eq!(
        (waited.status.as_u16(), lambda.last().kind.as_str()),
        (203, "RequestResponse")
    );
    let custom = gateway.get("/dev/custom", &[("invocationtype", "Event")]).await;
    assert_eq!((custom.status.as_u16(), custom.text()), (201, ""));
    assert_eq!(
        (lambda.last().kind.as_str(), lambda.last().event["a"].as_i64()),
        ("Event", Some(1))
    );
    let custom = gateway.get("/dev/custom", &[]).await;
    assert_eq!(
        (custom.status.as_u16(), custom.json()["body"].as_str()),
        (201, Some("waited"))
    );
}
