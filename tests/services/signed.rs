//! What a service gets: signed by whom, for what, where; with what follows from the URI.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::Response;
use portcullis_testkit::{Files, Origin, Recorded, Running};
use portcullis_tests::signed::{self, administrator, verified};
use serde_json::json;

use super::{KEY, definition, files, gateway, post, told};

/// A server of that service, which verifies, and answers what it got.
async fn verifying(service: &'static str) -> Origin {
    Origin::start(move |request| {
        let (status, body) = match verified(request, service, KEY) {
            Ok(region) => (200, json!({"region": region}).to_string()),
            Err(reason) => (403, json!({"refused": reason}).to_string()),
        };
        let response = Response::builder().status(status);
        response.body(Bytes::from(body)).expect("a response")
    })
    .await
}

fn header<'r>(request: &'r Recorded, name: &str) -> Option<&'r str> {
    request.headers.get(name)?.to_str().ok()
}

fn last(origin: &Origin) -> Recorded {
    origin.recorded().pop().expect("a request")
}

const JSON_ACTION: &str = "arn:aws:apigateway:eu-west-1:dynamodb:action/PutItem";
const REGION: &str = r#"{"region":"eu-west-1"}"#;

#[tokio::test]
async fn a_json_action_has_its_target() {
    let origin = verifying("dynamodb").await;
    let endpoint = format!("http://{}/base/", origin.authority());
    let gateway = gateway(&definition(JSON_ACTION, ""), &endpoint, "").await;
    let answer = post(&gateway, "/dev/call", r#"{"TableName": "t"}"#).await;
    assert_eq!(told(&answer), (200, REGION));
    let got = last(&origin);
    assert_eq!((&*got.method, &*got.target), ("POST", "/base/"));
    assert_eq!(header(&got, "x-amz-target"), Some("DynamoDB_20120810.PutItem"));
    assert_eq!(header(&got, "content-type"), Some("application/x-amz-json-1.0"));
    assert_eq!(got.body, r#"{"TableName": "t"}"#);
    assert_eq!(header(&got, "host"), Some(&*origin.authority()));
    assert!(header(&got, "x-amz-date").is_some() && header(&got, "x-amz-content-sha256").is_none());
}

/// What the client sends as a signature of its own stays here, and no mapping has a say in ours.
#[tokio::test]
async fn mappings_count_but_for_the_signature() {
    let origin = verifying("dynamodb").await;
    let mapped = "
          requestParameters:
            integration.request.header.X-Amz-Target: \"'Other.Action'\"
            integration.request.header.Content-Type: \"'application/x-amz-json-1.1'\"
            integration.request.header.Authorization: \"'mine'\"
            integration.request.header.X-Amz-Date: \"'20200101T000000Z'\"
            integration.request.header.X-Amz-Security-Token: \"'theirs'\"
            integration.request.header.X-Amz-Meta-By: method.request.header.x-by
            integration.request.querystring.page: method.request.querystring.page";
    let gateway = gateway(
        &definition(JSON_ACTION, mapped),
        &format!("http://{}", origin.authority()),
        "",
    )
    .await;
    let headers = [("content-type", "application/json"), ("x-by", "ada  l.")];
    let answer = gateway
        .send("POST", "/dev/call?page=a%20b%2B1&other=1", &headers, b"{}")
        .await;
    assert_eq!(told(&answer), (200, REGION));
    let got = last(&origin);
    assert_eq!(got.target, "/?page=a%20b%2B1");
    assert_eq!(header(&got, "x-amz-target"), Some("Other.Action"));
    assert_eq!(header(&got, "content-type"), Some("application/x-amz-json-1.1"));
    assert_eq!(header(&got, "x-amz-security-token"), None);
    assert_eq!(header(&got, "x-amz-meta-by"), Some("ada  l."));
    assert!(header(&got, "authorization").is_some_and(|value| value.starts_with("AWS4-HMAC-SHA256 ")));
}

#[tokio::test]
async fn an_action_of_a_query_has_its_version() {
    let origin = verifying("sns").await;
    let mapped = "
          requestParameters:
            integration.request.querystring.Message: method.request.querystring.message";
    let uri = "arn:aws:apigateway:eu-west-1:sns:action/Publish";
    let gateway = gateway(
        &definition(uri, mapped),
        &format!("http://{}", origin.authority()),
        "",
    )
    .await;
    let answer = post(&gateway, "/dev/call?message=a%26b", "Subject=s").await;
    assert_eq!(told(&answer), (200, REGION));
    let got = last(&origin);
    assert_eq!(got.target, "/?Action=Publish&Version=2010-03-31&Message=a%26b");
    assert_eq!(
        header(&got, "content-type"),
        Some("application/x-www-form-urlencoded")
    );
    assert_eq!(header(&got, "accept"), Some("application/json"));
}

/// S3 sums the path as it encodes it itself; other services what was sent, encoded once more.
#[tokio::test]
async fn paths_are_signed_as_the_service_reads_them() {
    let s3 = verifying("s3").await;
    let uri = "arn:aws:apigateway:eu-west-1:photos.s3:path/a/{key}";
    let gateway = gateway(&definition(uri, ""), &format!("http://{}", s3.authority()), "").await;
    for (sent, got) in [
        ("plain", "/a/plain"),
        ("a%20b", "/a/a%20b"),
        ("a+b!(1)*'", "/a/a%2Bb%21%281%29%2A%27"),
        ("%C3%A9%2f%7E", "/a/%C3%A9/~"),
        ("100%2525", "/a/100%2525"),
    ] {
        let answer = gateway.send("PUT", &format!("/dev/call/{sent}"), &[], b"x").await;
        assert_eq!(told(&answer), (200, REGION), "{sent}");
        assert_eq!(last(&s3).target, got);
        assert_eq!(
            header(&last(&s3), "host"),
            Some(&*format!("photos.{}", s3.authority()))
        );
        assert!(header(&last(&s3), "x-amz-content-sha256").is_some());
    }
    let up = gateway.send("PUT", "/dev/call/..%2Fb", &[], b"x").await;
    assert_eq!(told(&up), (400, r#"{"message": "Invalid path"}"#));
    let iot = verifying("iotdata").await;
    let uri = "arn:aws:apigateway:eu-west-1:data-ats.iot:path/a//{key}";
    let gateway = super::gateway(&definition(uri, ""), &format!("http://{}", iot.authority()), "").await;
    let answer = gateway.get("/dev/call/a%20b+c", &[]).await;
    assert_eq!(told(&answer), (200, REGION));
    assert_eq!(last(&iot).target, "/a//a%20b+c");
}

#[tokio::test]
async fn temporary_credentials_bring_their_token() {
    let origin = verifying("dynamodb").await;
    let files = files(&definition(JSON_ACTION, ""));
    let (id, secret) = KEY;
    let text = format!(
        "[own]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\naws_session_token = a-token\n"
    );
    files.write("aws.credentials", text);
    let toml = format!(
        r#"
        {{listener api}}
        [aws]
        endpoints.dynamodb = "http://{}"
        credentials.default = {{ file = "aws.credentials", profile = "own" }}
        [apis.api]
        openapi = "api.yaml"
        [apis.api.stages.dev]
        "#,
        origin.authority()
    );
    let mut gateway = Running::start(&toml, files).await;
    assert_eq!(told(&post(&gateway, "/dev/call", "{}").await), (200, REGION));
    assert_eq!(header(&last(&origin), "x-amz-security-token"), Some("a-token"));
    // The file is read again.
    gateway.files.write(
        "aws.credentials",
        "[own]\naws_access_key_id = other\naws_secret_access_key = other\n",
    );
    gateway.node.reload().await;
    let answer = post(&gateway, "/dev/call", "{}").await;
    assert_eq!(told(&answer), (403, r#"{"refused":"another key"}"#));
}

/// The key that signed the call signs what becomes of it.
#[tokio::test]
async fn the_callers_identity_is_passed() {
    let origin = Origin::echo().await;
    let files = Files::default();
    let iam = definition(JSON_ACTION, "")
        .replace("role/orders", "user/*")
        .replace("iam::123456789012", "iam::*")
        .replace(
            "      responses: {}",
            "      x-amazon-apigateway-auth: {type: AWS_IAM}\n      responses: {}",
        );
    files.write("api.yaml", iam);
    let toml = format!(
        r#"
        {{listener api}}
        [control]
        address = "127.0.0.1:0"
        data = "data"
        [aws]
        endpoint = "http://{}"
        [apis.api]
        openapi = "api.yaml"
        [apis.api.stages.dev]
        "#,
        origin.authority()
    );
    let gateway = Running::start(&toml, files).await;
    let key = administrator(&gateway);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time");
    let now = Duration::from_secs(now.as_secs());
    let url = gateway.url("/dev/call");
    let headers = signed::call(&key, &url, b"{}", "us-east-1", now);
    let headers: Vec<(&str, &str)> = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let answer = gateway.send("POST", "/dev/call", &headers, b"{}").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let known = (key.access_key_id(), key.secret_access_key());
    assert_eq!(
        verified(&last(&origin), "dynamodb", known).as_deref(),
        Ok("eu-west-1")
    );
}
