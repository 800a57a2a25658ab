//! What functions are passed, member by member. Each row names the page of the developer guide that it is from; "recorded" is
//! an answer of the service.

use portcullis_tests::gateways::*;
use portcullis_tests::lambda::Lambda;
use regex::Regex;
use serde_json::{Value, json};

use super::{SECOND, answering, at, fine, proxied};

const PROXY: &str = "set-up-lambda-proxy-integrations.html";
const HTTP: &str = "http-api-develop-integrations-lambda.html";
const BINARY: &str = "lambda-proxy-binary-media.html";
const CONTEXT: &str = "api-gateway-mapping-template-reference.html";
const ISSUES: &str = "api-gateway-known-issues.html";
const PAYLOADS: &str = "api-gateway-payload-encodings-workflow.html";
const RECORDED: &str = "recorded";

/// A request, and what its event has below each of these pointers.
struct Row {
    name: &'static str,
    source: &'static str,
    request: (
        &'static str,
        &'static str,
        &'static [(&'static str, &'static str)],
        &'static [u8],
    ),
    event: Value,
}

fn row(
    name: &'static str,
    source: &'static str,
    request: (
        &'static str,
        &'static str,
        &'static [(&'static str, &'static str)],
        &'static [u8],
    ),
    event: Value,
) -> Row {
    Row {
        name,
        source,
        request,
        event,
    }
}

async fn check(settings: &str, rows: Vec<Row>) {
    let (gateway, lambda) = answering(settings, fine).await;
    for Row {
        name,
        source,
        request: (method, path, headers, body),
        event,
    } in rows
    {
        let answer = gateway.send(method, path, headers, body).await;
        assert_eq!(answer.status, 200, "{name}: {answer:?}");
        let passed = lambda.last().event;
        for (pointer, expected) in event.as_object().expect("an object") {
            assert_eq!(
                at(&passed, pointer),
                expected,
                "{name} ({source}): {pointer} of {passed}"
            );
        }
    }
}

const JSON: &[(&str, &str)] = &[("content-type", "application/json")];
const PNG: &[(&str, &str)] = &[("content-type", "image/png")];

#[tokio::test]
async fn format_1_of_many_requests() {
    check(
        "",
        vec![
            row("the root", PROXY, ("GET", "/dev/", &[], b""), json!({
                "/resource": "/", "/path": "/", "/httpMethod": "GET", "/pathParameters": null, "/body": null,
                "/isBase64Encoded": false, "/queryStringParameters": null, "/multiValueQueryStringParameters": null,
                "/requestContext/resourcePath": "/", "/requestContext/path": "/dev/", "/requestContext/stage": "dev",
            })),
            row("a path parameter", PROXY, ("GET", "/dev/pets/7", &[], b""), json!({
                "/resource": "/pets/{id}", "/path": "/pets/7", "/pathParameters": {"id": "7"},
                "/requestContext/resourcePath": "/pets/{id}", "/requestContext/path": "/dev/pets/7",
            })),
            row("a greedy path", PROXY, ("GET", "/dev/a/b/c", &[], b""), json!({
                "/resource": "/{proxy+}", "/path": "/a/b/c", "/pathParameters": {"proxy": "a/b/c"},
            })),
            row("a slash at the end", RECORDED, ("GET", "/dev/a/b/", &[], b""), json!({
                "/path": "/a/b/", "/pathParameters": {"proxy": "a/b"},
            })),
            row("slashes in the middle", RECORDED, ("GET", "/dev/a//b", &[], b""), json!({
                "/path": "/a//b", "/pathParameters": {"proxy": "a//b"},
            })),
            row("slashes after the stage", RECORDED, ("GET", "/dev//a/b", &[], b""), json!({
                "/path": "/a/b", "/pathParameters": {"proxy": "a/b"}, "/requestContext/path": "/dev//a/b",
            })),
            row("an encoded path", RECORDED, ("GET", "/dev/pets/a%2Bb%20c", &[], b""), json!({
                "/path": "/pets/a%2Bb%20c", "/pathParameters": {"id": "a%2Bb%20c"},
            })),
            row("a query", PROXY, ("GET", "/dev/pets/7?param1=value1&param2=value2", &[], b""), json!({
                "/queryStringParameters": {"param1": "value1", "param2": "value2"},
                "/multiValueQueryStringParameters": {"param1": ["value1"], "param2": ["value2"]},
            })),
            row("a repeated query parameter", PROXY, ("GET", "/dev/pets/7?p=1&p=2&q=3", &[], b""), json!({
                "/queryStringParameters": {"p": "2", "q": "3"},
                "/multiValueQueryStringParameters": {"p": ["1", "2"], "q": ["3"]},
            })),
            row("an encoded query", RECORDED, ("GET", "/dev/pets/7?a=b%20c+d&e%5B%5D=%2B", &[], b""), json!({
                "/queryStringParameters": {"a": "b c d", "e[]": "+"},
            })),
            row("an empty query parameter", RECORDED, ("GET", "/dev/pets/7?a=&b", &[], b""), json!({
                "/queryStringParameters": {"a": "", "b": ""},
            })),
            row("headers", PROXY, ("GET", "/dev/pets/7", &[("header1", "value1"), ("host", "h.example.com")], b""), json!({
                "/headers/header1": "value1", "/multiValueHeaders/header1": ["value1"],
                "/headers/host": "h.example.com", "/requestContext/domainName": "h.example.com",
                "/requestContext/domainPrefix": "h",
            })),
            row("a repeated header", PROXY, ("GET", "/dev/pets/7", &[("x", "1"), ("x", "2")], b""), json!({
                "/headers/x": "2", "/multiValueHeaders/x": ["1", "2"],
            })),
            row("cookies", PROXY, ("GET", "/dev/pets/7", &[("cookie", "a=1; b=2")], b""), json!({
                "/headers/cookie": "a=1; b=2", "/multiValueHeaders/cookie": ["a=1; b=2"],
            })),
            row("where it is from", PROXY, ("GET", "/dev/pets/7", &[("x-forwarded-for", "10.0.0.1")], b""), json!({
                "/headers/x-forwarded-for": "10.0.0.1, 127.0.0.1", "/headers/x-forwarded-proto": "http",
                "/requestContext/identity/sourceIp": "127.0.0.1",
            })),
            row("a trace", PROXY, ("GET", "/dev/pets/7", &[("x-amzn-trace-id", "Root=1-a-b")], b""), json!({
                "/headers/x-amzn-trace-id": "Root=1-a-b",
            })),
            row("headers of the connection", ISSUES,
                ("POST", "/dev/pets/7", &[("te", "trailers"), ("max-forwards", "1"), ("content-md5", "x"), ("via", "1.1 v")], b"x"), json!({
                "/headers/te": null, "/headers/max-forwards": null, "/headers/content-md5": null, "/headers/via": "1.1 v",
                "/headers/connection": null, "/headers/content-length": null,
            })),
            row("a user agent", CONTEXT, ("GET", "/dev/pets/7", &[("user-agent", "curl/8")], b""), json!({
                "/requestContext/identity/userAgent": "curl/8", "/headers/user-agent": "curl/8",
            })),
            row("JSON", PROXY, ("POST", "/dev/pets/7", JSON, br#"{"a": 1}"#), json!({
                "/httpMethod": "POST", "/body": r#"{"a": 1}"#, "/isBase64Encoded": false,
                "/headers/content-type": "application/json",
            })),
            row("text of no type", PROXY, ("PUT", "/dev/pets/7", &[], "caf\u{e9}".as_bytes()), json!({
                "/httpMethod": "PUT", "/body": "caf\u{e9}", "/isBase64Encoded": false,
            })),
            row("a form", PROXY, ("POST", "/dev/pets/7", &[("content-type", "application/x-www-form-urlencoded")], b"a=1&b=2"), json!({
                "/body": "a=1&b=2",
            })),
            row("a binary type", BINARY, ("POST", "/dev/pets/7", PNG, &[0, 1, 255]), json!({
                "/body": "AAH/", "/isBase64Encoded": true,
            })),
            row("text of a binary type", BINARY, ("POST", "/dev/pets/7", PNG, b"text"), json!({
                "/body": "dGV4dA==", "/isBase64Encoded": true,
            })),
            row("bytes of another type", PAYLOADS, ("POST", "/dev/pets/7", JSON, &[b'a', 255]), json!({
                "/body": "a\u{fffd}", "/isBase64Encoded": false,
            })),
            row("an empty body", PROXY, ("POST", "/dev/pets/7", PNG, b""), json!({
                "/body": null, "/isBase64Encoded": false,
            })),
            row("other verbs", PROXY, ("DELETE", "/dev/pets/7", &[], b""), json!({"/httpMethod": "DELETE"})),
            row("OPTIONS", PROXY, ("OPTIONS", "/dev/pets/7", &[], b""), json!({
                "/httpMethod": "OPTIONS", "/requestContext/httpMethod": "OPTIONS",
            })),
            row("stage variables", PROXY, ("GET", "/dev/pets/7", &[], b""), json!({
                "/stageVariables": {"colour": "blue"},
            })),
        ],
    )
    .await;
}

#[tokio::test]
async fn format_2_of_many_requests() {
    check(
        SECOND,
        vec![
            row("the least", HTTP, ("GET", "/dev/pets/7", &[], b""), json!({
                "/version": "2.0", "/routeKey": "ANY /pets/{id}", "/rawPath": "/dev/pets/7", "/rawQueryString": "",
                "/pathParameters": {"id": "7"}, "/stageVariables": {"colour": "blue"}, "/isBase64Encoded": false,
                "/body": null, "/cookies": null, "/queryStringParameters": null, "/multiValueHeaders": null,
                "/requestContext/http/method": "GET", "/requestContext/http/path": "/dev/pets/7",
                "/requestContext/http/protocol": "HTTP/1.1", "/requestContext/http/sourceIp": "127.0.0.1",
                "/requestContext/routeKey": "ANY /pets/{id}", "/requestContext/stage": "dev",
                "/requestContext/apiId": "api", "/requestContext/accountId": "000000000000",
                "/requestContext/authorizer": null,
            })),
            row("no path parameters", HTTP, ("GET", "/dev/", &[], b""), json!({"/pathParameters": null, "/rawPath": "/dev/"})),
            row("a query", HTTP, ("GET", "/dev/pets/7?parameter1=value1&parameter1=value2&parameter2=value", &[], b""), json!({
                "/rawQueryString": "parameter1=value1&parameter1=value2&parameter2=value",
                "/queryStringParameters": {"parameter1": "value1,value2", "parameter2": "value"},
            })),
            row("headers", HTTP, ("GET", "/dev/pets/7", &[("header1", "value1"), ("header2", "value1"), ("header2", "value2")], b""), json!({
                "/headers/header1": "value1", "/headers/header2": "value1,value2",
            })),
            row("cookies", HTTP, ("GET", "/dev/pets/7", &[("cookie", "cookie1; cookie2=2")], b""), json!({
                "/cookies": ["cookie1", "cookie2=2"], "/headers/cookie": null,
            })),
            row("a body", HTTP, ("POST", "/dev/pets/7", JSON, b"Hello from Lambda"), json!({
                "/body": "Hello from Lambda", "/isBase64Encoded": false,
            })),
            row("a binary type", BINARY, ("POST", "/dev/pets/7", PNG, &[0, 1, 2]), json!({
                "/body": "AAEC", "/isBase64Encoded": true,
            })),
            row("bytes of another type", HTTP, ("POST", "/dev/pets/7", JSON, &[0, 255]), json!({
                "/body": "AP8=", "/isBase64Encoded": true,
            })),
        ],
    )
    .await;
}

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
        ("/requestContext/requestTimeEpoch", r"^\d{13}$", "EPOCH"),
        ("/requestContext/deploymentId", "^[a-z0-9]+$", "DEPLOYMENT"),
        ("/requestContext/resourceId", "^[a-z0-9]+$", "RESOURCE"),
        (
            "/headers/x-amzn-trace-id",
            "^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$",
            "TRACE",
        ),
        ("/headers/x-forwarded-port", r"^\d+$", "PORT"),
    ] {
        let value = event.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}"));
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        assert!(
            Regex::new(pattern).expect("a pattern").is_match(&text),
            "{pointer}: {text}"
        );
        *value = name.into();
    }
}

/// All of it, and nothing else. Source: set-up-lambda-proxy-integrations.html.
#[tokio::test]
async fn format_1_is_this_and_no_more() {
    let (gateway, lambda) = answering("", fine).await;
    let headers = [("host", "shop.example.com"), ("user-agent", "tests")];
    gateway.send("POST", "/dev/pets/7?q=1", &headers, b"body").await;
    let mut event = lambda.last().event;
    steady(&mut event);
    let multi = event["multiValueHeaders"].as_object_mut().expect("headers");
    for name in ["x-amzn-trace-id", "x-forwarded-port"] {
        assert!(multi.remove(name).is_some(), "{name}");
    }
    assert_eq!(
        event,
        json!({
            "resource": "/pets/{id}",
            "path": "/pets/7",
            "httpMethod": "POST",
            "headers": {
                "host": "shop.example.com", "user-agent": "tests", "x-amzn-trace-id": "TRACE", "x-forwarded-for": "127.0.0.1",
                "x-forwarded-port": "PORT", "x-forwarded-proto": "http",
            },
            "multiValueHeaders": {
                "host": ["shop.example.com"], "user-agent": ["tests"], "x-forwarded-for": ["127.0.0.1"],
                "x-forwarded-proto": ["http"],
            },
            "queryStringParameters": {"q": "1"},
            "multiValueQueryStringParameters": {"q": ["1"]},
            "pathParameters": {"id": "7"},
            "stageVariables": {"colour": "blue"},
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
            "body": "body",
            "isBase64Encoded": false,
        })
    );
}

/// Who calls, as an authorizer says. Sources: api-gateway-lambda-authorizer-output.html (values are passed as texts) and
/// http-api-lambda-authorizer.html.
#[tokio::test]
async fn an_event_has_who_calls() {
    let lambda = Lambda::start(fine).await;
    let route = |path: &str, settings: &str| {
        format!(
            "[[apis.api.routes]]\npath = \"{path}\"\nauthorizer = \"guard\"\nintegration = {{ type = \"lambda\", function = \"f\"{settings} }}\n"
        )
    };
    let more = format!(
        r#"
        [plugins.tokens]
        builtin = "bearer-token"
        config.tokens = [{{ token = "t", principal = "alice", context = {{ level = 3, admin = true, team = "blue" }} }}]
        [apis.api.authorizers.guard]
        type = "token"
        plugin = "tokens"
        {}{}"#,
        route("/first/x", ""),
        route("/second/x", SECOND)
    );
    let gateway = proxied(&lambda.endpoint(), "", &more).await;
    for (path, expected) in [
        (
            "/dev/first/x",
            json!({"principalId": "alice", "level": "3", "admin": "true", "team": "blue"}),
        ),
        (
            "/dev/second/x",
            json!({"lambda": {"level": 3, "admin": true, "team": "blue"}}),
        ),
    ] {
        let answer = gateway.get(path, &[("authorization", "Bearer t")]).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let mut event = lambda.last().event;
        let authorizer = event["requestContext"]["authorizer"]
            .as_object_mut()
            .expect("an authorizer");
        if let Some(latency) = authorizer.remove("integrationLatency") {
            assert!(latency.is_u64(), "{latency}");
        }
        assert_eq!(Value::Object(authorizer.clone()), expected, "{path}");
    }
    assert_refused(&gateway.get("/dev/first/x", &[]).await, UNAUTHORIZED, "nobody");
}
