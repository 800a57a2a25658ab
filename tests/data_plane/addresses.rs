//! Which stage a request is for.

use portcullis_testkit::{Running, Wire};
use portcullis_tests::gateways::*;
use serde_json::{Value, json};

use super::MOCKS;

#[tokio::test]
async fn finds_the_stage_by_every_form_of_address() {
    let toml = r#"
        {listener shop}
        [apis.shop.stages.dev]
        [apis.shop.stages.prod]
        [[apis.shop.routes]]
        path = "/"
        integration = { type = "plugin", plugin = "echo" }
        [[apis.shop.routes]]
        path = "/{proxy+}"
        integration = { type = "plugin", plugin = "echo" }
        [apis.other.stages.dev]
        [[apis.other.routes]]
        path = "/{proxy+}"
        integration = { type = "plugin", plugin = "echo" }
    "#;
    let gateway = Running::start(&format!("{toml}{ECHO}"), guests()).await;
    let port = gateway.address().port();
    // The host form is that of invoke URLs (how-to-call-api.html); the path forms are LocalStack's.
    for (name, host, target, expected) in [
        (
            "host",
            "shop.execute-api.localhost:PORT",
            "/dev/x",
            ("shop", "dev", "/x"),
        ),
        (
            "host without port",
            "shop.execute-api.localhost",
            "/prod/x",
            ("shop", "prod", "/x"),
        ),
        (
            "host of AWS",
            "other.execute-api.eu-west-1.amazonaws.com",
            "/dev/x",
            ("other", "dev", "/x"),
        ),
        (
            "host in capitals",
            "Other.Execute-API.Localhost",
            "/dev/x",
            ("other", "dev", "/x"),
        ),
        (
            "host before the default",
            "other.execute-api.localhost",
            "/dev/x",
            ("other", "dev", "/x"),
        ),
        (
            "path",
            "localhost:PORT",
            "/_aws/execute-api/other/dev/x/y",
            ("other", "dev", "/x/y"),
        ),
        (
            "path, root",
            "localhost:PORT",
            "/_aws/execute-api/shop/dev",
            ("shop", "dev", "/"),
        ),
        (
            "path before host",
            "shop.execute-api.localhost",
            "/_aws/execute-api/other/dev/x",
            ("other", "dev", "/x"),
        ),
        (
            "user request",
            "localhost",
            "/restapis/other/dev/_user_request_/x",
            ("other", "dev", "/x"),
        ),
        (
            "user request, root",
            "localhost",
            "/restapis/shop/prod/_user_request_",
            ("shop", "prod", "/"),
        ),
        ("default", "localhost:PORT", "/prod/x", ("shop", "prod", "/x")),
        (
            "default, any host",
            "example.com",
            "/dev/x",
            ("shop", "dev", "/x"),
        ),
        ("default, root", "localhost:PORT", "/dev/", ("shop", "dev", "/")),
        (
            "absolute form",
            "other.execute-api.localhost",
            "http://other.execute-api.localhost/dev/x",
            ("other", "dev", "/x"),
        ),
    ] {
        let host = host.replace("PORT", &port.to_string());
        let request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        let answer = gateway.wire().await.exchange(&request).await;
        assert_eq!(answer.status, 200, "{name}: {}", answer.text());
        let told: Value = serde_json::from_slice(&answer.body).expect("JSON");
        let (api, stage, path) = expected;
        assert_eq!(
            (&context(&told)["apiId"], &context(&told)["stage"], &told["path"]),
            (&json!(api), &json!(stage), &json!(path)),
            "{name}"
        );
    }
    // HTTP/1.0 needs no Host.
    let answer = gateway.wire().await.exchange("GET /dev/x HTTP/1.0\r\n\r\n").await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn each_listener_has_its_own_default_api() {
    let toml = r#"
        [[listeners]]
        address = "127.0.0.1:0"
        default_api = "one"
        [[listeners]]
        address = "[::1]:0"
        default_api = "two"
        [[listeners]]
        address = "127.0.0.1:0"
        [apis.one.stages.dev]
        [[apis.one.routes]]
        path = "/x"
        integration = { type = "mock", status = 201 }
        [apis.two.stages.dev]
        [[apis.two.routes]]
        path = "/x"
        integration = { type = "mock", status = 202 }
    "#;
    let gateway = Running::of(toml).await;
    let addresses = gateway.node.addresses();
    assert!(addresses[1].is_ipv6(), "{addresses:?}");
    let mut statuses = Vec::new();
    for address in addresses {
        let mut wire = Wire::connect(address).await;
        statuses.push(
            wire.exchange("GET /dev/x HTTP/1.1\r\nHost: h\r\n\r\n")
                .await
                .status,
        );
    }
    assert_eq!(statuses, [201, 202, 403]);
}

#[tokio::test]
async fn refuses_addresses_and_routes_that_are_not_there() {
    let toml = r#"
        {listener shop}
        [apis.shop.stages.dev]
        [[apis.shop.routes]]
        path = "/pets/{id}"
        method = "GET"
        integration = { type = "mock" }
    "#;
    let gateway = Running::of(toml).await;
    // behaviours, "Data plane: order and errors".
    for (name, method, path, host, expected) in [
        (
            "API in the host",
            "GET",
            "/dev/pets/1",
            "nope.execute-api.localhost",
            FORBIDDEN,
        ),
        (
            "API in the path",
            "GET",
            "/_aws/execute-api/nope/dev/pets/1",
            "h",
            FORBIDDEN,
        ),
        (
            "API of a user request",
            "GET",
            "/restapis/nope/dev/_user_request_/pets/1",
            "h",
            FORBIDDEN,
        ),
        ("stage", "GET", "/nope/pets/1", "h", FORBIDDEN),
        ("stage, in other case", "GET", "/Dev/pets/1", "h", FORBIDDEN),
        ("no stage", "GET", "/", "h", FORBIDDEN),
        (
            "no stage in the path",
            "GET",
            "/_aws/execute-api/shop",
            "h",
            FORBIDDEN,
        ),
        ("resource", "GET", "/dev/cats", "h", NO_TOKEN),
        ("root", "GET", "/dev", "h", NO_TOKEN),
        ("parameter without a value", "GET", "/dev/pets/", "h", NO_TOKEN),
        ("verb", "POST", "/dev/pets/1", "h", NO_TOKEN),
        ("verb, HEAD", "OPTIONS", "/dev/pets/1", "h", NO_TOKEN),
        (
            "verb that API Gateway does not have",
            "PROPFIND",
            "/dev/pets/1",
            "h",
            NO_TOKEN,
        ),
        ("verb in lower case", "get", "/dev/pets/1", "h", NO_TOKEN),
    ] {
        let answer = gateway.send(method, path, &[("host", host)], b"").await;
        assert_refused(&answer, expected, name);
    }
    assert_ids(&gateway.get("/dev/pets/1", &[]).await, "an answered request");
    let mut wire = gateway.wire().await;
    for (name, request, status) in [
        ("OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", 403),
        (
            "HEAD gets no body",
            "HEAD /dev/nope HTTP/1.1\r\nHost: h\r\n\r\n",
            403,
        ),
        (
            "the same connection goes on",
            "GET /dev/pets/1 HTTP/1.1\r\nHost: h\r\n\r\n",
            200,
        ),
    ] {
        assert_eq!(wire.exchange(request).await.status, status, "{name}");
    }
}

#[tokio::test]
async fn a_request_names_one_host() {
    let gateway = Running::of(MOCKS).await;
    // RFC 9112 section 3.2.
    for (name, request) in [
        ("two", "GET /dev/any HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
        (
            "the same twice",
            "GET /dev/any HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
        ),
        ("none", "GET /dev/any HTTP/1.1\r\n\r\n"),
    ] {
        let mut wire = gateway.wire().await;
        let answer = wire.exchange(request).await;
        let expected = (400, r#"{"message": "Bad Request"}"#);
        assert_eq!((answer.status, answer.text().as_str()), expected, "{name}");
        assert_eq!(
            answer.values("x-amzn-errortype"),
            ["BadRequestException"],
            "{name}"
        );
    }
}
