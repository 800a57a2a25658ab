//! The request path: addresses, routing, MOCK and plugin integrations.
//!
//! Facts about API Gateway: "behaviours" is the project's list of them, recorded from the service; URLs are the
//! developer guide's.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use portcullis_testkit::{Client, Origin, Running, Wire, curl};
use portcullis_tests::gateways::*;
use serde_json::{Value, json};

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

const MOCKS: &str = r#"
    {listener mocks}
    [apis.mocks.stages.dev]
    [[apis.mocks.routes]]
    path = "/any"
    integration = { type = "mock" }
    [[apis.mocks.routes]]
    path = "/gone"
    integration = { type = "mock", status = 410 }
    [[apis.mocks.routes]]
    path = "/empty"
    integration = { type = "mock", status = 204 }
"#;

#[tokio::test]
async fn mock_answers_with_its_status_and_nothing_else() {
    let gateway = Running::of(MOCKS).await;
    for (method, path, status) in [
        ("GET", "/dev/any", 200),
        ("POST", "/dev/any", 200),
        ("DELETE", "/dev/any", 200),
        ("HEAD", "/dev/gone", 410),
        ("GET", "/dev/gone", 410),
        ("GET", "/dev/empty", 204),
    ] {
        let answer = gateway
            .send(method, path, &[("x-amzn-trace-id", "Root=1-2-3")], b"")
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.text()),
            (status, ""),
            "{method} {path}"
        );
        // behaviours: MOCK responses never carry x-amzn-trace-id.
        assert_eq!(answer.header("x-amzn-trace-id"), "", "{path}");
        assert_eq!(answer.header("x-amzn-errortype"), "", "{path}");
        assert_ids(&answer, path);
    }
}

#[tokio::test]
async fn routes_by_api_gateways_priorities() {
    let routes = [
        ("GET", "/", 201),
        ("GET", "/pets", 202),
        ("ANY", "/pets/{id}", 203),
        ("GET", "/pets/{id}", 213),
        ("GET", "/pets/best", 214),
        ("GET", "/pets/{id}/toys/{toy}", 205),
        ("POST", "/pets/{proxy+}", 206),
        ("GET", "/files/{proxy+}", 207),
        ("ANY", "/a b", 208),
        ("ANY", "/c%20d", 210),
        ("DELETE", "/{proxy+}", 209),
    ];
    let mut toml = "{listener shop}\n[apis.shop.stages.dev]\n".to_owned();
    for (method, path, status) in routes {
        toml += &format!(
            "[[apis.shop.routes]]\npath = \"{path}\"\nmethod = \"{method}\"\n\
             integration = {{ type = \"mock\", status = {status} }}\n"
        );
    }
    let gateway = Running::of(&toml).await;
    // api-gateway-method-settings-method-request.html (ANY, greedy path variables); behaviours (a static resource that
    // lacks the verb falls through to a greedy sibling; `/stage//x` matches `/x`).
    for (name, method, path, expected) in [
        ("root", "GET", "", 201),
        ("root with a slash", "GET", "/", 201),
        ("literal", "GET", "/pets", 202),
        ("slash at the end", "GET", "/pets/", 202),
        ("double slash after the stage", "GET", "//pets", 202),
        ("exact verb before ANY", "GET", "/pets/7", 213),
        ("ANY for other verbs", "PATCH", "/pets/7", 203),
        ("literal before parameter", "GET", "/pets/best", 214),
        (
            "verb not at the literal falls to the parameter",
            "PUT",
            "/pets/best",
            203,
        ),
        ("two parameters", "GET", "/pets/7/toys/ball", 205),
        ("falls through to greedy", "POST", "/pets/7/toys/ball", 206),
        (
            "greedy above a literal that lacks the verb",
            "DELETE",
            "/pets",
            209,
        ),
        ("greedy", "GET", "/files/a/b//c/", 207),
        ("greedy needs a part", "GET", "/files/", 403),
        ("encoded literal", "GET", "/%70ets", 202),
        ("encoded blank", "GET", "/a%20b", 208),
        ("encoded in the definition too", "GET", "/%63%20d", 210),
        ("encoded slash is no separator", "GET", "/pets%2F7", 403),
        ("case matters", "GET", "/PETS", 403),
        ("query does not count", "GET", "/pets?x=/best", 202),
    ] {
        let answer = gateway.send(method, &format!("/dev{path}"), &[], b"").await;
        assert_eq!(answer.status, expected, "{name}: {method} {path}");
    }
}

#[tokio::test]
async fn a_plugin_gets_the_whole_request() {
    let gateway = echoing("").await;
    let headers = [("x-a", "1"), ("x-b", "2"), ("x-a", "3"), ("user-agent", "tests")];
    let answer = gateway
        .send("PUT", "/dev/one/7?q=1&q=2&p", &headers, b"a body")
        .await;
    let told = answer.json();
    assert_eq!(told["id"], answer.header("x-amzn-requestid"));
    for (name, expected) in [
        ("method", json!("PUT")),
        ("path", json!("/one/7")),
        ("query", json!([["q", "1"], ["q", "2"], ["p", ""]])),
        ("pathParameters", json!([["id", "7"]])),
        ("stageVariables", json!([["colour", "blue"], ["with-dash", "1"]])),
        ("body", json!("a body")),
    ] {
        assert_eq!(told[name], expected, "{name}");
    }
    let seen = told["headers"].as_array().expect("a list");
    let repeated: Vec<_> = seen
        .iter()
        .filter(|field| field[0] == "x-a")
        .map(|field| &field[1])
        .collect();
    assert_eq!(repeated, ["1", "3"], "repeated headers keep their order");
    // api-gateway-mapping-template-reference.html
    for (name, expected) in [
        ("apiId", "api"),
        ("domainName", gateway.address().to_string().as_str()),
        ("httpMethod", "PUT"),
        ("identity.sourceIp", "127.0.0.1"),
        ("identity.userAgent", "tests"),
        ("path", "/dev/one/7"),
        ("protocol", "HTTP/1.1"),
        ("requestId", answer.header("x-amzn-requestid")),
        ("resourcePath", "/one/{id}"),
        ("stage", "dev"),
    ] {
        assert_eq!(context(&told)[name], expected, "{name}");
    }
    assert_ids(&answer, "a plugin's answer");
}

#[tokio::test]
async fn decodes_what_api_gateway_decodes() {
    let gateway = echoing("").await;
    // behaviours, "Lambda proxy": query parameters are decoded once (`+` is a space), path and pathParameters keep
    // `%2B` as sent, a trailing slash is absent from `proxy`, an inner `//` stays, one after the stage collapses.
    for (name, path, parameter, query) in [
        ("plain", "/one/a?q=b", ["id", "a"], json!([["q", "b"]])),
        (
            "path as sent",
            "/one/a%2Bb+c%20d",
            ["id", "a%2Bb+c%20d"],
            json!([]),
        ),
        ("slash in a part", "/one/a%2Fb", ["id", "a%2Fb"], json!([])),
        (
            "query decoded once",
            "/x?q=a%2Bb+c%2520",
            ["proxy", "x"],
            json!([["q", "a+b c%20"]]),
        ),
        (
            "no escape",
            "/x?q=100%&r=%zz",
            ["proxy", "x"],
            json!([["q", "100%"], ["r", "%zz"]]),
        ),
        (
            "UTF-8",
            "/one/%C3%A9?q=%C3%A9",
            ["id", "%C3%A9"],
            json!([["q", "é"]]),
        ),
        (
            "encoded name",
            "/x?a%5B0%5D=1&a%5B0%5D=2",
            ["proxy", "x"],
            json!([["a[0]", "1"], ["a[0]", "2"]]),
        ),
        ("greedy", "//a//b/", ["proxy", "a//b"], json!([])),
    ] {
        let answer = gateway.get(&format!("/dev{path}"), &[]).await;
        assert_eq!(answer.status, 200, "{name}");
        let told = answer.json();
        assert_eq!(told["pathParameters"], json!([parameter]), "{name}");
        assert_eq!(told["query"], query, "{name}");
    }
}

#[tokio::test]
async fn repeated_headers_and_query_values_reach_a_backend_in_order() {
    let origin = Origin::echo().await;
    let toml = r#"
        {listener api}
        [apis.api.stages.dev]
        [[apis.api.routes]]
        path = "/{proxy+}"
        integration = { type = "http_proxy", uri = "http://ORIGIN/{proxy}" }
    "#;
    let gateway = Running::of(&toml.replace("ORIGIN", &origin.authority())).await;
    let headers = [("x-a", "1"), ("x-b", "x"), ("x-a", "2, 3"), ("x-a", "1")];
    let told = gateway.get("/dev/x?b=2&a=1&b=%31&b", &headers).await.json();
    assert_eq!(told["target"], "/x?b=2&a=1&b=%31&b");
    assert_eq!(told["headers"]["x-a"], json!(["1", "2, 3", "1"]));
}

#[tokio::test]
async fn speaks_http2_with_prior_knowledge() {
    let gateway = echoing("").await;
    let client = Client::of_version(true);
    let url = gateway.url("/dev/one/7?q=1&q=2");
    let told = client
        .send("POST", &url, &[("x-a", "1"), ("x-a", "2")], b"body")
        .await;
    let told = told.expect("an answer").json();
    assert_eq!(context(&told)["protocol"], "HTTP/2.0");
    assert_eq!(
        (&told["body"], &told["query"]),
        (&json!("body"), &json!([["q", "1"], ["q", "2"]]))
    );
    let mut many = tokio::task::JoinSet::new();
    for index in 0..50 {
        let (client, url) = (client.clone(), gateway.url(&format!("/dev/one/{index}")));
        many.spawn(async move {
            (
                index,
                client.send("GET", &url, &[], b"").await.expect("an answer"),
            )
        });
    }
    for (index, answer) in many.join_all().await {
        assert_eq!(answer.json()["path"], format!("/one/{index}"));
    }
    let unknown = client
        .send("GET", &gateway.url("/nope/x"), &[], b"")
        .await
        .expect("an answer");
    assert_refused(&unknown, FORBIDDEN, "HTTP/2");
    // The host form, by :authority.
    let resolve = format!("api.execute-api.localhost:{}:127.0.0.1", gateway.address().port());
    let url = format!(
        "http://api.execute-api.localhost:{}/dev/one/9",
        gateway.address().port()
    );
    let told = curl_in_background(vec![
        "--http2-prior-knowledge".into(),
        "--resolve".into(),
        resolve,
        url,
    ])
    .await;
    let told: Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!(
        (&told["path"], &context(&told)["protocol"]),
        (&json!("/one/9"), &json!("HTTP/2.0"))
    );
}

/// curl blocks its thread; the gateway runs on this test's.
async fn curl_in_background(arguments: Vec<String>) -> String {
    let running = tokio::task::spawn_blocking(move || {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        curl(&arguments)
    });
    running.await.expect("curl runs")
}

#[tokio::test]
async fn answers_real_curl() {
    let gateway = echoing("").await;
    let port = gateway.address().port();
    let arguments = |line: &str| -> Vec<String> {
        let line = line.replace("PORT", &port.to_string());
        line.split(' ').map(str::to_owned).collect()
    };
    // curl resolves *.localhost to the loopback address by itself; --resolve is for those built without.
    let by_host =
        "--resolve api.execute-api.localhost:PORT:127.0.0.1 http://api.execute-api.localhost:PORT/dev/one/7";
    let told: Value = serde_json::from_str(&curl_in_background(arguments(by_host)).await).expect("JSON");
    assert_eq!(
        context(&told)["domainName"],
        format!("api.execute-api.localhost:{port}")
    );
    let posted = "-d a=1&b=2 -H Expect:100-continue http://127.0.0.1:PORT/dev/post?x=%20";
    let told: Value = serde_json::from_str(&curl_in_background(arguments(posted)).await).expect("JSON");
    assert_eq!(
        (&told["body"], &told["query"]),
        (&json!("a=1&b=2"), &json!([["x", " "]]))
    );
    let head = curl_in_background(arguments("-i http://127.0.0.1:PORT/nope/x")).await;
    assert!(head.starts_with("HTTP/1.1 403 Forbidden\r\n"), "{head}");
    assert!(head.ends_with("\r\n\r\n{\"message\":\"Forbidden\"}"), "{head}");
}

#[tokio::test]
async fn stage_variables_differ_by_stage() {
    let origin = Origin::echo().await;
    let toml = r#"
        {listener api}
        [apis.api.stages.blue]
        variables = { host = "ORIGIN", base = "one", version = "v1" }
        [apis.api.stages.green]
        variables = { host = "ORIGIN", base = "two", version = "v2" }
        [[apis.api.routes]]
        path = "/{proxy+}"
        integration = { type = "http_proxy", uri = "http://${stageVariables.host}/${stageVariables.base}/{proxy}?v=${stageVariables.version}" }
    "#;
    let gateway = Running::of(&toml.replace("ORIGIN", &origin.authority())).await;
    for (path, target) in [
        ("/blue/x", "/one/x?v=v1"),
        ("/green/x", "/two/x?v=v2"),
        ("/green/x?a=1", "/two/x?v=v2&a=1"),
    ] {
        assert_eq!(gateway.get(path, &[]).await.json()["target"], target, "{path}");
    }
}

#[tokio::test]
async fn the_greeter_uses_its_configuration() {
    let toml = r#"
        {listener api}
        [plugins.polite]
        builtin = "hello"
        config.greeting = "Good day"
        [plugins.plain]
        builtin = "hello"
        [apis.api.stages.dev]
        [[apis.api.routes]]
        path = "/polite/{name}"
        integration = { type = "plugin", plugin = "polite" }
        [[apis.api.routes]]
        path = "/plain/{name}"
        integration = { type = "plugin", plugin = "plain" }
    "#;
    let gateway = Running::of(toml).await;
    for (path, message) in [
        ("/dev/polite/ann", "Good day, ann!"),
        ("/dev/plain/ann", "Hello, ann!"),
        ("/dev/plain/ann?greeting=Ahoy", "Ahoy, ann!"),
    ] {
        let answer = gateway.get(path, &[]).await;
        assert_eq!(answer.json(), json!({ "message": message }), "{path}");
        assert_eq!(answer.header("content-type"), "application/json");
    }
}

#[tokio::test]
async fn a_plugin_integration_ends_at_its_timeout() {
    let toml = r#"
        {listener api}
        [plugins.slow]
        file = "integration.wasm"
        config.mode = "loop"
        limits = { cpu_ms = 60_000, wall_ms = 60_000 }
        [apis.api.stages.dev]
        [[apis.api.routes]]
        path = "/slow"
        integration = { type = "plugin", plugin = "slow", timeout_ms = 50 }
    "#;
    let gateway = Running::start(toml, guests()).await;
    let answer = gateway.get("/dev/slow", &[]).await;
    let timed_out = (
        504,
        r#"{"message": "Endpoint request timed out"}"#,
        "InternalServerErrorException",
    );
    assert_refused(&answer, timed_out, "timeout_ms");
}

#[tokio::test]
async fn the_control_listener_tells_of_health_and_metrics() {
    let gateway = echoing(
        "[apis.idle.stages.dev]\n[[apis.idle.routes]]\npath = \"/\"\nintegration = { type = \"mock\" }\n",
    )
    .await;
    for (path, status, body) in [
        ("/_portcullis/health", 200, "ok\n"),
        ("/_portcullis/ready", 200, "ready\n"),
        (
            "/",
            404,
            "there are /_portcullis/health, /_portcullis/ready and /_portcullis/metrics\n",
        ),
    ] {
        let answer = gateway.control(path).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (status, body), "{path}");
    }
    assert_eq!(gateway.get("/dev/one/1", &[]).await.status, 200);
    assert_eq!(gateway.get("/dev", &[]).await.status, 403);
    assert_eq!(gateway.get("/nope/x", &[]).await.status, 403);
    let metrics = gateway.control("/_portcullis/metrics").await;
    assert_eq!(
        metrics.header("content-type"),
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    );
    let text = metrics.text();
    for line in [
        r#"portcullis_requests_total{api="api",stage="dev",status="2xx"} 1"#,
        r#"portcullis_requests_total{api="api",stage="dev",status="4xx"} 1"#,
        r#"portcullis_refusals_total{api="api",stage="dev",type="MISSING_AUTHENTICATION_TOKEN"} 1"#,
        r#"portcullis_blames_total{api="api",stage="dev",blame="client"} 1"#,
        "portcullis_unresolved_requests_total 1",
        "portcullis_open_connections 1",
        "portcullis_connections_total 1",
        r#"portcullis_latency_seconds_count{api="api",stage="dev"} 2"#,
        r#"portcullis_latency_seconds_bucket{le="+Inf",api="api",stage="dev"} 2"#,
        r#"portcullis_latency_seconds_bucket{le="+Inf",api="idle",stage="dev"} 0"#,
        r#"portcullis_plugin_calls_total{plugin="echo",outcome="ok"} 1"#,
        r#"portcullis_plugin_instances{plugin="echo"} 1"#,
        "# EOF",
    ] {
        assert!(
            text.lines().any(|known| known == line),
            "{line} is not in:\n{text}"
        );
    }
    let buckets = text
        .lines()
        .filter(|line| line.starts_with("portcullis_latency_seconds_bucket"));
    assert_eq!(
        buckets.count(),
        2 * 13,
        "twelve bounds and +Inf for each stage:\n{text}"
    );
    let body = gateway.send("POST", "/dev/x", &[], b"x").await.body.len();
    let bytes = gateway
        .metric(r#"portcullis_response_bytes_total{api="api",stage="dev"}"#)
        .await;
    assert!(bytes > body as f64, "{bytes}");
}

#[tokio::test]
async fn connections_over_the_limit_wait() {
    let toml = MOCKS.replace(
        "{listener mocks}",
        "[[listeners]]\naddress = \"127.0.0.1:0\"\ndefault_api = \"mocks\"\nmax_connections = 1\n\
         [control]\naddress = \"127.0.0.1:0\"\n",
    );
    let gateway = Running::of(&toml).await;
    let request = "GET /dev/any HTTP/1.1\r\nHost: h\r\n\r\n";
    let mut first = gateway.wire().await;
    assert_eq!(first.exchange(request).await.status, 200);
    let mut second = gateway.wire().await;
    second.send(request).await;
    for _ in 0..20 {
        assert_eq!(first.exchange(request).await.status, 200);
    }
    assert_eq!(
        gateway.metric("portcullis_connections_total").await,
        1.0,
        "the second one waits"
    );
    drop(first);
    assert_eq!(second.answer().await.status, 200, "its turn has come");
}
