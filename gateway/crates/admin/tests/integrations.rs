//! Integrations and their responses over a real store. Words and forms were recorded from the service unless a row says
//! that they are ours.

#![allow(clippy::expect_used, clippy::indexing_slicing)]

mod support;

use serde_json::{Value, json};
use support::{Control, replace};

const BAD: &str = "BadRequestException";
const NO_RESOURCE: (&str, &str) = ("NotFoundException", "Invalid Resource identifier specified");
const NO_METHOD: (&str, &str) = ("NotFoundException", "Invalid Method identifier specified");
const NO_INTEGRATION: (&str, &str) = ("NotFoundException", "Invalid Integration identifier specified");
const NO_STATUS: (&str, &str) = ("NotFoundException", "Invalid Response status code specified");

/// A method with parameters and a response: its API, its resource, its path.
async fn prepared(control: &Control) -> (String, String, String) {
    let (api, root) = control.api().await;
    let method = format!("/restapis/{api}/resources/{root}/methods/GET");
    let body = json!({"authorizationType": "NONE", "requestParameters": {
        "method.request.header.Accept": false,
        "method.request.querystring.q": true,
    }});
    control.ok("PUT", &method, body).await;
    let response = json!({"responseParameters": {"method.response.header.X": false}});
    control
        .ok("PUT", &format!("{method}/responses/200"), response)
        .await;
    (api, root, method)
}

fn mapping(errors: &str) -> String {
    format!("Invalid mapping expression specified: Validation Result: warnings : [], errors : [{errors}]")
}

#[tokio::test]
async fn every_member_comes_back() {
    let control = Control::new().await;
    let (_, root, method) = prepared(&control).await;
    let target = format!("{method}/integration");
    let mock = json!({"type": "MOCK", "requestTemplates": {"application/json": "{\"statusCode\": 200}"}});
    let created = control.call("PUT", &target, mock).await;
    let expected = json!({"type": "MOCK", "requestTemplates": {"application/json": "{\"statusCode\": 200}"},
        "passthroughBehavior": "WHEN_NO_MATCH", "timeoutInMillis": 29000, "cacheNamespace": root,
        "cacheKeyParameters": []});
    assert_eq!((created.status, created.body), (201, expected));

    let body = json!({
        "type": "HTTP",
        "httpMethod": "POST",
        "uri": "https://example.com/{p}",
        "connectionType": "VPC_LINK",
        "connectionId": "${stageVariables.link}",
        "credentials": "arn:aws:iam::123456789012:role/r",
        "requestParameters": {
            "integration.request.path.p": "method.request.querystring.q",
            "integration.request.header.a": "method.request.header.accept",
            "integration.request.header.b": "method.request.body.x[0]",
            "integration.request.header.c": "context.requestId",
            "integration.request.querystring.d": "stageVariables.d",
            "integration.request.querystring.e": "'fixed'",
        },
        "requestTemplates": {"application/json": "$input.body", "text/plain": null},
        "passthroughBehavior": "NEVER",
        "cacheNamespace": "mine",
        "cacheKeyParameters": ["method.request.querystring.q", "integration.request.path.p"],
        "contentHandling": "CONVERT_TO_TEXT",
        "timeoutInMillis": 1000,
        "tlsConfig": {"insecureSkipVerification": true},
        "responseTransferMode": "BUFFERED",
        "integrationTarget": "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/x",
    });
    let mut expected = body.clone();
    assert_eq!(control.ok("PUT", &target, body).await, expected);
    assert_eq!(control.ok("GET", &target, Value::Null).await, expected);
    let shown = control.ok("GET", &method, Value::Null).await;
    assert_eq!(shown["methodIntegration"], expected);

    let operations = json!([
        {"op": "replace", "path": "/httpMethod", "value": "PUT"},
        {"op": "replace", "path": "/uri", "value": "http://other"},
        {"op": "replace", "path": "/connectionType", "value": "INTERNET"},
        {"op": "replace", "path": "/connectionId", "value": ""},
        {"op": "replace", "path": "/credentials", "value": "arn:aws:iam::123456789012:role/s"},
        {"op": "add", "path": "/requestParameters/integration.request.header.f", "value": "'f'"},
        {"op": "remove", "path": "/requestParameters/integration.request.header.a"},
        {"op": "replace", "path": "/requestParameters/integration.request.header.b", "value": "'b'"},
        {"op": "replace", "path": "/requestTemplates/application~1json", "value": "{}"},
        {"op": "add", "path": "/requestTemplates/application~1xml", "value": "<a/>"},
        {"op": "remove", "path": "/requestTemplates/text~1plain"},
        {"op": "replace", "path": "/passthroughBehavior", "value": "WHEN_NO_TEMPLATES"},
        {"op": "replace", "path": "/cacheNamespace", "value": "other"},
        {"op": "remove", "path": "/cacheKeyParameters/integration.request.path.p"},
        {"op": "add", "path": "/cacheKeyParameters/method.request.header.Accept", "value": ""},
        {"op": "replace", "path": "/contentHandling", "value": "CONVERT_TO_BINARY"},
        {"op": "replace", "path": "/timeoutInMillis", "value": "2000"},
        {"op": "replace", "path": "/tlsConfig/insecureSkipVerification", "value": "false"},
        {"op": "replace", "path": "/responseTransferMode", "value": "BUFFERED"},
        {"op": "replace", "path": "/integrationTarget", "value": "arn:x"},
    ]);
    let updated = control.patch(&target, operations).await;
    for (name, value) in [
        ("httpMethod", json!("PUT")),
        ("uri", json!("http://other")),
        ("connectionType", json!("INTERNET")),
        ("credentials", json!("arn:aws:iam::123456789012:role/s")),
        (
            "requestTemplates",
            json!({"application/json": "{}", "application/xml": "<a/>"}),
        ),
        ("passthroughBehavior", json!("WHEN_NO_TEMPLATES")),
        ("cacheNamespace", json!("other")),
        (
            "cacheKeyParameters",
            json!(["method.request.querystring.q", "method.request.header.Accept"]),
        ),
        ("contentHandling", json!("CONVERT_TO_BINARY")),
        ("timeoutInMillis", json!(2000)),
        ("tlsConfig", json!({"insecureSkipVerification": false})),
        ("integrationTarget", json!("arn:x")),
    ] {
        expected[name] = value;
    }
    let object = expected.as_object_mut().expect("an object");
    object.remove("connectionId");
    let parameters = object["requestParameters"].as_object_mut().expect("an object");
    parameters.remove("integration.request.header.a");
    parameters.insert("integration.request.header.b".to_owned(), json!("'b'"));
    parameters.insert("integration.request.header.f".to_owned(), json!("'f'"));
    assert_eq!((updated.status, &updated.body), (200, &expected));
    assert_eq!(control.ok("GET", &target, Value::Null).await, expected);

    assert_eq!(control.call("DELETE", &target, Value::Null).await.status, 204);
    let gone = control.call("GET", &target, Value::Null).await;
    assert_eq!((gone.status, gone.message()), (404, NO_INTEGRATION.1));
}

#[tokio::test]
async fn takes_what_there_is() {
    let control = Control::new().await;
    let (_, _, method) = prepared(&control).await;
    let target = format!("{method}/integration");
    let lambda = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:f/invocations";
    for body in [
        json!({"type": "HTTP_PROXY", "httpMethod": "ANY", "uri": "http://${stageVariables.host}/x"}),
        json!({"type": "HTTP_PROXY", "httpMethod": "ANY", "uri": "portcullis:plugin:echo"}),
        json!({"type": "AWS_PROXY", "httpMethod": "POST", "uri": lambda, "responseTransferMode": "STREAM", "timeoutInMillis": 900_000}),
        json!({"type": "AWS", "httpMethod": "POST", "uri": lambda}),
        json!({"type": "AWS", "httpMethod": "POST", "uri": "arn:aws:apigateway:us-east-1:sqs:action/SendMessage", "credentials": "arn:r"}),
    ] {
        control.ok("PUT", &target, body).await;
    }
}

#[tokio::test]
async fn refuses_bad_ones() {
    let control = Control::new().await;
    let (api, root, method) = prepared(&control).await;
    let target = format!("{method}/integration");
    let put = |body: Value| ("PUT", target.clone(), body);
    let http = |name: &str, value: Value| {
        let mut body = json!({"type": "HTTP", "httpMethod": "GET", "uri": "http://h"});
        body[name] = value;
        put(body)
    };
    let mapped = |to: &str, from: &str| http("requestParameters", json!({to: from}));
    let mock = || json!({"type": "MOCK"});
    let endpoint = "Invalid HTTP endpoint specified for URI";
    let arn = |kind: &str, uri: &str| put(json!({"type": kind, "httpMethod": "POST", "uri": uri}));
    let undeclared = mapping("Invalid mapping expression parameter specified: method.request.querystring.no");
    let place = mapping("Invalid mapping expression parameter specified: integration.request.body.x");
    let truth = mapping("Invalid mapping expression specified: true");
    let bare = mapping("Invalid mapping expression specified: fixed");
    let validation = "ValidationException";
    control
        .refuses(vec![
            ("no method", ("PUT", format!("/restapis/{api}/resources/{root}/methods/PUT/integration"), mock()), NO_METHOD),
            ("no resource", ("PUT", format!("/restapis/{api}/resources/no/methods/GET/integration"), mock()), NO_RESOURCE),
            ("no API", ("GET", format!("/restapis/no/resources/{root}/methods/GET/integration"), Value::Null), NO_RESOURCE),
            ("not there", ("GET", target.clone(), Value::Null), NO_INTEGRATION),
            ("deleted, not there", ("DELETE", target.clone(), Value::Null), NO_INTEGRATION),
            (
                "a type",
                put(json!({"type": "WRONG"})),
                (
                    validation,
                    "1 validation error detected: Value 'WRONG' at 'putIntegrationInput.type' failed to satisfy constraint: Member must satisfy enum value set: [HTTP, MOCK, AWS_PROXY, HTTP_PROXY, AWS]",
                ),
            ),
            (
                "no verb",
                put(json!({"type": "HTTP", "uri": "http://h"})),
                (BAD, "Enumeration value for HttpMethod must be non-empty"),
            ),
            ("no URI", put(json!({"type": "HTTP", "httpMethod": "GET"})), (BAD, endpoint)),
            ("no HTTP", http("uri", json!("gql.example.com")), (BAD, endpoint)),
            ("a plugin by HTTP (ours)", http("uri", json!("portcullis:plugin:x")), (BAD, endpoint)),
            ("no ARN", arn("AWS", "http://h"), (BAD, "Invalid ARN specified in the request")),
            (
                "no action",
                arn("AWS", "arn:aws:apigateway:us-east-1:sqs:x"),
                (BAD, "AWS ARN for integration must contain path or action"),
            ),
            (
                "a proxy to another service",
                arn("AWS_PROXY", "arn:aws:apigateway:us-east-1:s3:path/b"),
                (
                    BAD,
                    "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.",
                ),
            ),
            (
                "no role",
                arn("AWS", "arn:aws:apigateway:us-east-1:s3:path/b"),
                (BAD, "Role ARN must be specified for AWS integrations"),
            ),
            ("too short", http("timeoutInMillis", json!(49)), (BAD, "Timeout should be between 50 ms and 300000 ms")),
            ("an undeclared parameter", mapped("integration.request.header.x", "method.request.querystring.no"), (BAD, undeclared.as_str())),
            ("no place", mapped("integration.request.body.x", "'a'"), (BAD, place.as_str())),
            ("a truth", mapped("integration.request.header.x", "true"), (BAD, truth.as_str())),
            ("no quotes", mapped("integration.request.header.x", "fixed"), (BAD, bare.as_str())),
            (
                "a cache key",
                http("cacheKeyParameters", json!(["method.request.querystring.no"])),
                (BAD, "Invalid cache key parameter specified"),
            ),
            (
                "a content type",
                http("requestTemplates", json!({"123": "x"})),
                (BAD, "Validation Result: warnings : [], errors : [Invalid content type specified: 123]"),
            ),
            ("passthrough (ours)", http("passthroughBehavior", json!("X")), (BAD, "Invalid passthrough behavior specified")),
            (
                "credentials",
                http("credentials", json!("r")),
                (BAD, "Invalid ARN specified in the request"),
            ),
            (
                "a link",
                http("connectionType", json!("VPC_LINK")),
                (BAD, "ConnectionId should be set to the vpcLinkId or stage variable on connection type VPC_LINK"),
            ),
        ])
        .await;
    assert_eq!(control.call("GET", &target, Value::Null).await.status, 404);

    control
        .ok(
            "PUT",
            &target,
            json!({"type": "HTTP", "httpMethod": "GET", "uri": "http://h"}),
        )
        .await;
    let before = control.ok("GET", &target, Value::Null).await;
    for (op, path, value, message) in [
        ("replace", "/type", "MOCK", "Invalid patch path /type"),
        ("replace", "/uri", "x", endpoint),
        (
            "replace",
            "/requestTemplates",
            "x",
            "Invalid patch path /requestTemplates",
        ),
        (
            "remove",
            "/requestTemplates/a~1b",
            "",
            "Content-Type specified was not found",
        ),
        (
            "replace",
            "/httpMethod",
            "",
            "Enumeration value for HttpMethod must be non-empty",
        ),
        (
            "add",
            "/cacheKeyParameters/no",
            "",
            "Invalid cache key parameter specified",
        ),
        (
            "add",
            "/uri",
            "http://x",
            "Invalid patch operation specified. Must be one of: [replace]",
        ),
    ] {
        let operations = json!([
            {"op": "replace", "path": "/timeoutInMillis", "value": "77"},
            {"op": op, "path": path, "value": value},
        ]);
        let answer = control.patch(&target, operations).await;
        assert_eq!(answer.message(), message, "{op} {path}");
        assert!(answer.status < 500 && answer.status >= 400);
    }
    assert_eq!(control.ok("GET", &target, Value::Null).await, before);
}

#[tokio::test]
async fn responses_come_back_and_go() {
    let control = Control::new().await;
    let (_, _, method) = prepared(&control).await;
    let target = format!("{method}/integration/responses/200");
    let refused = control.call("PUT", &target, json!({})).await;
    assert_eq!((refused.status, refused.message()), (404, NO_INTEGRATION.1));
    control
        .ok("PUT", &format!("{method}/integration"), json!({"type": "MOCK"}))
        .await;
    let body = json!({
        "selectionPattern": "",
        "responseParameters": {"method.response.header.X": "integration.response.header.Y"},
        "responseTemplates": {"application/json": "\"created\"", "text/plain": ""},
        "contentHandling": "CONVERT_TO_TEXT",
    });
    let created = control.call("PUT", &target, body.clone()).await;
    let mut expected = body;
    expected["statusCode"] = json!("200");
    expected["responseTemplates"]["text/plain"] = Value::Null;
    assert_eq!((created.status, &created.body), (201, &expected));
    assert_eq!(control.ok("GET", &target, Value::Null).await, expected);

    let operations = json!([
        {"op": "replace", "path": "/selectionPattern", "value": "4\\d\\d"},
        {"op": "replace", "path": "/responseParameters/method.response.header.X", "value": "integration.response.body.a"},
        {"op": "remove", "path": "/responseTemplates/text~1plain"},
        {"op": "add", "path": "/responseTemplates/a~1b", "value": "t"},
        {"op": "replace", "path": "/contentHandling", "value": ""},
    ]);
    let updated = control.patch(&target, operations).await;
    let expected = json!({
        "statusCode": "200",
        "selectionPattern": "4\\d\\d",
        "responseParameters": {"method.response.header.X": "integration.response.body.a"},
        "responseTemplates": {"application/json": "\"created\"", "a/b": "t"},
    });
    assert_eq!((updated.status, &updated.body), (200, &expected));
    let shown = control.ok("GET", &method, Value::Null).await;
    assert_eq!(
        shown["methodIntegration"]["integrationResponses"],
        json!({"200": expected})
    );

    // Another put overwrites.
    let overwritten = control
        .call("PUT", &target, json!({"selectionPattern": "x"}))
        .await;
    assert_eq!(
        (overwritten.status, overwritten.body),
        (201, json!({"statusCode": "200", "selectionPattern": "x"}))
    );
    assert_eq!(control.call("DELETE", &target, Value::Null).await.status, 204);
    let shown = control.ok("GET", &method, Value::Null).await;
    assert_eq!(shown["methodIntegration"]["integrationResponses"], Value::Null);
}

#[tokio::test]
async fn refuses_bad_responses() {
    let control = Control::new().await;
    let (api, root, method) = prepared(&control).await;
    control
        .ok("PUT", &format!("{method}/integration"), json!({"type": "MOCK"}))
        .await;
    let at = |status: &str| format!("{method}/integration/responses/{status}");
    control.ok("PUT", &at("200"), json!({})).await;
    let other =
        |verb: &str| format!("/restapis/{api}/resources/{root}/methods/{verb}/integration/responses/200");
    let parameters = |to: &str, from: &str| json!({"responseParameters": {to: from}});
    let pattern = "1 validation error detected: Value 'wrong' at 'statusCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [1-5]\\d\\d";
    let no_response = mapping("No method response exists for method.");
    let undeclared = mapping("Invalid mapping expression parameter specified: method.response.header.Z");
    let expression = mapping("Invalid mapping expression specified: 'Content-Type',Authorization");
    control
        .refuses(vec![
            (
                "a status",
                ("PUT", at("wrong"), json!({})),
                ("ValidationException", pattern),
            ),
            ("not there", ("GET", at("201"), Value::Null), NO_STATUS),
            (
                "deleted, not there",
                ("DELETE", at("201"), Value::Null),
                NO_STATUS,
            ),
            ("no method", ("GET", other("PUT"), Value::Null), NO_METHOD),
            (
                "no method, deleted",
                ("DELETE", other("PUT"), Value::Null),
                NO_INTEGRATION,
            ),
            (
                "no resource, deleted",
                (
                    "DELETE",
                    format!("/restapis/{api}/resources/no/methods/GET/integration/responses/200"),
                    Value::Null,
                ),
                NO_RESOURCE,
            ),
            (
                "no response",
                ("PUT", at("404"), parameters("method.response.header.X", "'x'")),
                (BAD, no_response.as_str()),
            ),
            (
                "no header",
                ("PUT", at("200"), parameters("method.response.header.Z", "'x'")),
                (BAD, undeclared.as_str()),
            ),
            (
                "an expression",
                (
                    "PUT",
                    at("200"),
                    parameters("method.response.header.X", "'Content-Type',Authorization"),
                ),
                (BAD, expression.as_str()),
            ),
            (
                "a pattern",
                ("PUT", at("200"), json!({"selectionPattern": "("})),
                (BAD, "Invalid regex pattern specified"),
            ),
            (
                "a content type",
                ("PUT", at("200"), json!({"responseTemplates": {"123": "x"}})),
                (
                    BAD,
                    "Validation Result: warnings : [], errors : [Invalid content type specified: 123]",
                ),
            ),
        ])
        .await;
    let wrong = control.patch(&at("200"), replace("/statusCode", "201")).await;
    assert_eq!(wrong.message(), "Invalid patch path /statusCode");
}
