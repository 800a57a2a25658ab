//! What functions are passed, member by member.
//!
//! Sources: api-gateway-lambda-authorizer-input.html for TOKEN and for payload format 1.0, http-api-lambda-authorizer.html
//! for payload format 2.0, of the developer guide.

use portcullis_tests::gateways::*;
use regex::Regex;
use serde_json::{Value, json};

use super::{REQUEST, TOKEN, allow, answering};

const ARN: &str = "arn:aws:execute-api:us-east-1:000000000000:api/dev/POST/pets/7";

/// The same at every run: ids and times become their form.
fn steady(event: &mut Value) {
    for (pointer, pattern, name) in [
        ("/requestContext/requestId", "^[0-9a-f]{8}-[0-9a-f-]{27}$", "ID"),
        ("/requestContext/extendedRequestId", "^.{15}=$", "EXTENDED"),
        (
            "/requestContext/requestTime",
            r"^\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000$",
            "TIME",
        ),
        (
            "/requestContext/time",
            r"^\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000$",
            "TIME",
        ),
        ("/requestContext/requestTimeEpoch", r"^\d{13}$", "EPOCH"),
        ("/requestContext/timeEpoch", r"^\d{13}$", "EPOCH"),
        ("/requestContext/deploymentId", "^[a-z0-9]+$", "DEPLOYMENT"),
        ("/requestContext/resourceId", "^[a-z0-9]+$", "RESOURCE"),
    ] {
        let Some(value) = event.pointer_mut(pointer) else {
            continue;
        };
        let is_time = pointer.ends_with("Epoch");
        assert_eq!(value.is_number(), is_time, "{pointer}: {value}");
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        assert!(
            Regex::new(pattern).expect("a pattern").is_match(&text),
            "{pointer}: {text}"
        );
        *value = name.into();
    }
}

#[tokio::test]
async fn a_token_authorizer_is_passed_the_token() {
    let (gateway, lambda) = answering(TOKEN, allow).await;
    let told = gateway
        .send("POST", "/dev/pets/7", &[("authorization", "Bearer x")], b"")
        .await;
    assert_eq!(context(&told.json())["authorizer.principalId"], "alice");
    assert_eq!(context(&told.json())["authorizer.function"], "check");
    let event = json!({"type": "TOKEN", "methodArn": ARN, "authorizationToken": "Bearer x"});
    assert_eq!(lambda.last().event, event);
    assert_refused(&gateway.get("/dev/pets/7", &[]).await, UNAUTHORIZED, "no token");
    assert_eq!(lambda.invocations().len(), 1, "it is not asked without a token");
}

#[tokio::test]
async fn payload_format_1_has_the_request() {
    let (gateway, lambda) = answering(REQUEST, allow).await;
    let headers = [
        ("x-many", "1"),
        ("x-many", "2"),
        ("user-agent", "tests"),
        ("host", "shop.example.com"),
    ];
    let answer = gateway
        .send("POST", "/dev/pets/7?q=1&q=a%20b&r=", &headers, b"body")
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let mut event = lambda.last().event;
    steady(&mut event);
    assert_eq!(
        event,
        json!({
            "type": "REQUEST",
            "methodArn": ARN,
            "resource": "/pets/{id}",
            "path": "/pets/7",
            "httpMethod": "POST",
            "headers": {"x-many": "2", "user-agent": "tests", "host": "shop.example.com", "content-length": "4"},
            "multiValueHeaders": {
                "x-many": ["1", "2"], "user-agent": ["tests"], "host": ["shop.example.com"], "content-length": ["4"],
            },
            "queryStringParameters": {"q": "a b", "r": ""},
            "multiValueQueryStringParameters": {"q": ["1", "a b"], "r": [""]},
            "pathParameters": {"id": "7"},
            "stageVariables": {"check": "by-variable", "colour": "blue"},
            "requestContext": {
                "accountId": "000000000000", "apiId": "api", "deploymentId": "DEPLOYMENT",
                "domainName": "shop.example.com", "domainPrefix": "shop", "extendedRequestId": "EXTENDED",
                "httpMethod": "POST", "path": "/dev/pets/7", "protocol": "HTTP/1.1", "requestId": "ID",
                "requestTime": "TIME", "requestTimeEpoch": "EPOCH", "resourceId": "RESOURCE",
                "resourcePath": "/pets/{id}", "stage": "dev",
                "identity": {
                    "accessKey": null, "accountId": null, "caller": null,
                    "cognitoAuthenticationProvider": null, "cognitoAuthenticationType": null,
                    "cognitoIdentityId": null, "cognitoIdentityPoolId": null, "principalOrgId": null,
                    "sourceIp": "127.0.0.1", "user": null, "userAgent": "tests", "userArn": null,
                },
            },
        })
    );
}

const SECOND: &str = "type = \"request\"\nfunction = \"check\"\npayload_format_version = \"2.0\"\nttl_seconds = 60\n\
    identity_sources = [\"method.request.header.X-Key\", \"method.request.querystring.q\", \"stageVariables.colour\"]";

#[tokio::test]
async fn payload_format_2_has_it_as_http_apis_do() {
    let (gateway, lambda) = answering(SECOND, allow).await;
    let headers = [
        ("x-key", "k"),
        ("x-many", "1"),
        ("x-many", "2"),
        ("cookie", "a=1; b=2"),
        ("user-agent", "tests"),
        ("host", "shop.example.com"),
    ];
    let answer = gateway
        .send("POST", "/dev/pets/7?q=1&q=a%20b", &headers, b"")
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let mut event = lambda.last().event;
    steady(&mut event);
    event["headers"]
        .as_object_mut()
        .expect("headers")
        .remove("content-length");
    assert_eq!(
        event,
        json!({
            "version": "2.0",
            "type": "REQUEST",
            "routeArn": ARN,
            "identitySource": ["k", "1", "blue"],
            "routeKey": "ANY /pets/{id}",
            "rawPath": "/dev/pets/7",
            "rawQueryString": "q=1&q=a%20b",
            "cookies": ["a=1", "b=2"],
            "headers": {"x-key": "k", "x-many": "1,2", "user-agent": "tests", "host": "shop.example.com"},
            "queryStringParameters": {"q": "1,a b"},
            "pathParameters": {"id": "7"},
            "stageVariables": {"check": "by-variable", "colour": "blue"},
            "requestContext": {
                "accountId": "000000000000", "apiId": "api", "domainName": "shop.example.com",
                "domainPrefix": "shop",
                "http": {
                    "method": "POST", "path": "/dev/pets/7", "protocol": "HTTP/1.1",
                    "sourceIp": "127.0.0.1", "userAgent": "tests",
                },
                "requestId": "ID", "routeKey": "ANY /pets/{id}", "stage": "dev", "time": "TIME",
                "timeEpoch": "EPOCH",
            },
        })
    );
    for lacking in ["/dev/pets/7", "/dev/pets/7?q="] {
        let answer = gateway.send("POST", lacking, &[("x-key", "k")], b"").await;
        assert_refused(&answer, UNAUTHORIZED, lacking);
    }
}
