//! The request path: addresses, routing, MOCK and plugin integrations, authorizers, filters, OpenAPI documents.
//!
//! Facts about API Gateway: "behaviours" is the project's list of them, recorded from the service; URLs are the
//! developer guide's.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use portcullis_testkit::{Answer, Client, Files, Origin, Running, Wire, curl};
use portcullis_tests::guest;
use serde_json::{Value, json};

const FORBIDDEN: (u16, &str, &str) = (403, r#"{"message":"Forbidden"}"#, "ForbiddenException");
const NO_TOKEN: (u16, &str, &str) = (
    403,
    r#"{"message":"Missing Authentication Token"}"#,
    "MissingAuthenticationTokenException",
);
const UNAUTHORIZED: (u16, &str, &str) = (401, r#"{"message":"Unauthorized"}"#, "UnauthorizedException");
const DENIED: (u16, &str, &str) = (
    403,
    r#"{"Message":"User is not authorized to access this resource with an explicit deny in an identity-based policy"}"#,
    "AccessDeniedException",
);
const BAD_AUTHORIZER: (u16, &str, &str) = (500, r#"{"message":null}"#, "AuthorizerConfigurationException");

/// The files of a gateway with the guests that tell what they got.
fn guests() -> Files {
    let files = Files::default();
    for name in ["integration", "authorizer", "filter"] {
        files.write(&format!("{name}.wasm"), guest(&format!("faults-{name}")));
    }
    files
}

/// A plugin of world integration that answers with all that it was passed.
const ECHO: &str = r#"
    [plugins.echo]
    file = "integration.wasm"
    config.mode = "echo"
"#;

fn assert_refused(answer: &Answer, (status, body, error_type): (u16, &str, &str), name: &str) {
    assert_eq!(
        (
            answer.status.as_u16(),
            answer.text(),
            answer.header("x-amzn-errortype")
        ),
        (status, body, error_type),
        "{name}"
    );
    assert_eq!(answer.header("content-type"), "application/json", "{name}");
    assert_ids(answer, name);
}

/// behaviours: every response carries `x-amzn-RequestId` (a UUID) and `x-amz-apigw-id`.
fn assert_ids(answer: &Answer, name: &str) {
    let id = answer.header("x-amzn-requestid");
    let lengths: Vec<usize> = id.split('-').map(str::len).collect();
    assert_eq!(lengths, [8, 4, 4, 4, 12], "{name}: {id}");
    let hex = |byte: u8| byte == b'-' || byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    assert!(id.bytes().all(hex), "{name}: {id}");
    assert_eq!(id.as_bytes()[14], b'4', "{name}: {id} is a random UUID");
    let extended = answer.header("x-amz-apigw-id");
    assert!(
        extended.len() == 16 && extended.ends_with('='),
        "{name}: {extended}"
    );
}

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
            "localhost",
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

/// A gateway whose every path is answered by the plugin `echo`.
async fn echoing(more: &str) -> Running {
    let toml = r#"
        {listener api}
        [control]
        address = "127.0.0.1:0"
        [apis.api.stages.dev]
        variables = { colour = "blue", "with-dash" = "1" }
        [[apis.api.routes]]
        path = "/one/{id}"
        integration = { type = "plugin", plugin = "echo" }
        [[apis.api.routes]]
        path = "/{proxy+}"
        integration = { type = "plugin", plugin = "echo" }
    "#;
    Running::start(&format!("{toml}{ECHO}{more}"), guests()).await
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

/// `$context` as the guest got it.
fn context(told: &Value) -> Value {
    let pairs = told["context"].as_array().expect("a list of pairs");
    let pair = |pair: &Value| (pair[0].as_str().unwrap_or_default().to_owned(), pair[1].clone());
    Value::Object(pairs.iter().map(pair).collect())
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

const GUARDED: &str = r#"
    {listener api}
    [control]
    address = "127.0.0.1:0"
    [plugins.tokens]
    builtin = "bearer-token"
    config.tokens = [
        { token = "alice-secret", principal = "alice", context = { team = "blue", level = 3 } },
        { token = "bobsecret", principal = "bob" },
        { token = "mallory-secret", principal = "mallory", deny = true },
    ]
    [plugins.request]
    file = "authorizer.wasm"
    config.mode = "echo"
    [plugins.faults]
    file = "authorizer.wasm"
    [apis.api.stages.dev]
    [apis.api.authorizers.plain]
    type = "token"
    plugin = "tokens"
    [apis.api.authorizers.strict]
    type = "token"
    plugin = "tokens"
    header = "X-Token"
    pattern = "Bearer [a-z]+"
    [apis.api.authorizers.request]
    type = "request"
    plugin = "request"
    [apis.api.authorizers.faults]
    type = "token"
    plugin = "faults"
    [[apis.api.routes]]
    path = "/open"
    integration = { type = "plugin", plugin = "echo" }
    [[apis.api.routes]]
    path = "/plain"
    authorizer = "plain"
    integration = { type = "plugin", plugin = "echo" }
    [[apis.api.routes]]
    path = "/strict"
    authorizer = "strict"
    integration = { type = "plugin", plugin = "echo" }
    [[apis.api.routes]]
    path = "/request"
    authorizer = "request"
    integration = { type = "plugin", plugin = "echo" }
    [[apis.api.routes]]
    path = "/faults"
    authorizer = "faults"
    integration = { type = "plugin", plugin = "echo" }
"#;

/// How often an authorizer plugin was called, whatever came of it.
async fn calls(gateway: &Running, plugin: &str) -> f64 {
    let metrics = gateway.control("/_portcullis/metrics").await;
    let prefix = format!("portcullis_plugin_calls_total{{plugin=\"{plugin}\",");
    let lines = metrics.text().lines().filter(|line| line.starts_with(&prefix));
    lines
        .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
        .sum()
}

#[tokio::test]
async fn a_token_authorizer_decides() {
    let gateway = Running::start(&format!("{GUARDED}{ECHO}"), guests()).await;
    // behaviours: 401 where the identity source is missing, 403 with a capital M where the authorizer denies.
    // apigateway-use-lambda-authorizer.html: identityValidationExpression is checked first, without a call.
    let token = "authorization";
    for (name, path, headers, expected, called) in [
        ("no token", "/plain", &[][..], UNAUTHORIZED, false),
        ("empty token", "/plain", &[(token, "")], UNAUTHORIZED, false),
        (
            "unknown token",
            "/plain",
            &[(token, "Bearer nobody")],
            UNAUTHORIZED,
            true,
        ),
        (
            "denied",
            "/plain",
            &[(token, "Bearer mallory-secret")],
            DENIED,
            true,
        ),
        (
            "repeated token",
            "/plain",
            &[(token, "Bearer alice-secret"), (token, "Bearer alice-secret")],
            UNAUTHORIZED,
            false,
        ),
        (
            "another header",
            "/strict",
            &[(token, "Bearer bobsecret")],
            UNAUTHORIZED,
            false,
        ),
        (
            "not the pattern",
            "/strict",
            &[("x-token", "Bearer alice-secret")],
            UNAUTHORIZED,
            false,
        ),
        (
            "the pattern is for the whole",
            "/strict",
            &[("x-token", "Bearer bobsecret!")],
            UNAUTHORIZED,
            false,
        ),
        (
            "the pattern, unknown",
            "/strict",
            &[("x-token", "Bearer nobody")],
            UNAUTHORIZED,
            true,
        ),
    ] {
        let before = calls(&gateway, "tokens").await;
        let answer = gateway.get(&format!("/dev{path}"), headers).await;
        assert_refused(&answer, expected, name);
        let after = calls(&gateway, "tokens").await;
        assert_eq!(after - before, if called { 1.0 } else { 0.0 }, "{name}: calls");
        assert_eq!(calls(&gateway, "echo").await, 0.0, "{name}: nothing gets past");
    }
    let told = gateway
        .get("/dev/plain", &[(token, "Bearer alice-secret")])
        .await
        .json();
    assert_eq!(context(&told)["authorizer.principalId"], "alice");
    assert_eq!(context(&told)["authorizer.team"], "blue");
    assert_eq!(context(&told)["authorizer.level"], "3");
    let told = gateway
        .get("/dev/strict", &[("x-token", "Bearer bobsecret")])
        .await
        .json();
    assert_eq!(context(&told)["authorizer.principalId"], "bob");
    let told = gateway.get("/dev/open", &[]).await.json();
    assert_eq!(context(&told).get("authorizer.principalId"), None);
}

#[tokio::test]
async fn a_request_authorizer_decides_without_a_token() {
    let gateway = Running::start(&format!("{GUARDED}{ECHO}"), guests()).await;
    let told = gateway.send("POST", "/dev/request", &[], b"").await.json();
    let context = context(&told);
    assert_eq!(
        context["authorizer.methodArn"],
        "arn:aws:execute-api:us-east-1:000000000000:api/dev/POST/request"
    );
    assert_eq!(context["authorizer.path"], "/request");
}

#[tokio::test]
async fn an_authorizer_that_fails_lets_nobody_in() {
    let gateway = Running::start(&format!("{GUARDED}{ECHO}"), guests()).await;
    // behaviours: AUTHORIZER_FAILURE and a malformed answer are both 500 with a null message.
    for mode in ["fault", "trap", "panic", "bad-context", "bad-json", "bad-policy"] {
        let answer = gateway.get("/dev/faults", &[("authorization", mode)]).await;
        assert_refused(&answer, BAD_AUTHORIZER, mode);
    }
    assert_eq!(calls(&gateway, "echo").await, 0.0);
    assert_eq!(
        gateway
            .get("/dev/faults", &[("authorization", "ok")])
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_filter_blocks_before_everything_else() {
    let toml = r#"
        {listener api}
        [plugins.guard]
        builtin = "ip-filter"
        config.block_paths = ["/admin/**"]
        [plugins.here]
        builtin = "ip-filter"
        config.deny = ["127.0.0.0/8"]
        [plugins.tokens]
        builtin = "bearer-token"
        config.tokens = [{ token = "t", principal = "p" }]
        [apis.api.authorizers.tokens]
        type = "token"
        plugin = "tokens"
        [apis.api.stages.dev]
        filters = ["guard"]
        [apis.api.stages.open]
        [apis.api.stages.closed]
        filters = ["here"]
        [[apis.api.routes]]
        path = "/public"
        integration = { type = "mock" }
        [[apis.api.routes]]
        path = "/admin/users"
        authorizer = "tokens"
        integration = { type = "mock" }
    "#;
    let gateway = Running::of(toml).await;
    // behaviours: a request filter's refusal is 403 Forbidden; it runs before every other access control.
    for path in [
        "/dev/admin/users",
        "/dev/%61dmin/users",
        "/dev/%2561dmin/users",
        "/dev//admin/users",
        "/dev/ADMIN",
        "/dev/public/../admin/users",
        "/dev/admin/no-such-route",
        "/closed/public",
        "/closed/nope",
    ] {
        assert_refused(&gateway.get(path, &[]).await, FORBIDDEN, path);
    }
    assert_eq!(gateway.get("/dev/public", &[]).await.status, 200);
    assert_refused(
        &gateway.get("/open/admin/users", &[]).await,
        UNAUTHORIZED,
        "a stage without filters",
    );
    let told = gateway
        .get("/open/admin/users", &[("authorization", "Bearer t")])
        .await;
    assert_eq!(told.status, 200);
}

const FILTERED: &str = r#"
    {listener api}
    [plugins.respond]
    file = "filter.wasm"
    config.mode = "respond"
    [plugins.block]
    file = "filter.wasm"
    config.mode = "block"
    [plugins.by-header]
    file = "filter.wasm"
    [plugins.first]
    file = "filter.wasm"
    config = { mode = "ok", on-response = "edit" }
    [plugins.second]
    file = "filter.wasm"
    config = { mode = "ok", on-response = "edit" }
    [apis.api.stages.respond-block]
    filters = ["respond", "block"]
    [apis.api.stages.block-respond]
    filters = ["block", "respond"]
    [apis.api.stages.edit]
    filters = ["by-header"]
    [apis.api.stages.only-second]
    filters = ["second"]
    [apis.api.stages.both]
    filters = ["first", "second"]
    [[apis.api.routes]]
    path = "/{proxy+}"
    integration = { type = "plugin", plugin = "echo" }
"#;

#[tokio::test]
async fn filters_see_requests_in_order_and_responses_in_reverse() {
    let gateway = Running::start(&format!("{FILTERED}{ECHO}"), guests()).await;
    let answer = gateway.get("/respond-block/x", &[]).await;
    assert_eq!(
        (answer.status.as_u16(), answer.text()),
        (418, "this filter responds")
    );
    assert_ids(&answer, "a filter's answer");
    assert_refused(
        &gateway.get("/block-respond/x", &[]).await,
        FORBIDDEN,
        "block first",
    );
    // Each of the two writes how many calls it had; `second` has had two more, and `first` has the last word.
    assert_eq!(gateway.get("/only-second/x", &[]).await.header("x-calls"), "2");
    assert_eq!(gateway.get("/both/x", &[]).await.header("x-calls"), "2");
    assert_eq!(gateway.get("/only-second/x", &[]).await.header("x-calls"), "6");
}

#[tokio::test]
async fn a_filter_changes_what_comes_after_it() {
    let gateway = Running::start(&format!("{FILTERED}{ECHO}"), guests()).await;
    let send = async |mode: &str| {
        let headers = [("x-fault", mode), ("x-remove", "1")];
        gateway.send("POST", "/edit/a/b?q=1", &headers, b"body").await
    };
    let has = |told: &Value, header: &str| told["headers"].to_string().contains(&format!("[\"{header}\""));
    let told = send("edit").await.json();
    assert!(has(&told, "x-calls") && !has(&told, "x-remove"), "{told}");
    let told = send("edit-path").await.json();
    assert_eq!(
        (&told["path"], &told["query"]),
        (&json!("/edited"), &json!([["q", "1"]]))
    );
    assert_eq!(context(&told)["path"], "/edit/edited");
    let told = send("edit-query").await.json();
    assert_eq!(
        (&told["path"], &told["query"]),
        (&json!("/a/b"), &json!([["edited", "a b&c"], ["edited", "2"]]))
    );
    assert_eq!(send("edit-body").await.json()["body"], "BODY");
    let fault = (
        500,
        r#"{"message": "Internal server error"}"#,
        "InternalServerErrorException",
    );
    for mode in [
        "bad-header",
        "bad-value",
        "bad-path",
        "bad-status",
        "fault",
        "trap",
    ] {
        assert_refused(&send(mode).await, fault, mode);
    }
}

const SWAGGER: &str = r#"{
  "swagger": "2.0",
  "info": { "title": "Two", "version": "1" },
  "basePath": "/ignored",
  "securityDefinitions": {
    "tokens": {
      "type": "apiKey", "name": "X-Token", "in": "header",
      "x-amazon-apigateway-authtype": "custom",
      "x-amazon-apigateway-authorizer": {
        "type": "token", "x-portcullis-plugin": "tokens",
        "identityValidationExpression": "Bearer [a-z]+", "authorizerResultTtlInSeconds": 0
      }
    }
  },
  "paths": {
    "/mock": { "get": { "x-amazon-apigateway-integration": {
      "type": "mock", "requestTemplates": { "application/json": "{statusCode: 202}" } } } },
    "/pets/{id}": { "get": {
      "parameters": [{ "name": "id", "in": "path", "required": true, "type": "string" }],
      "security": [{ "tokens": [] }],
      "x-amazon-apigateway-integration": {
        "type": "HTTP_PROXY", "httpMethod": "POST", "uri": "http://${stageVariables.backend}/animals/{pet}",
        "requestParameters": { "integration.request.path.pet": "method.request.path.id" } } } },
    "/slow": { "get": { "x-amazon-apigateway-integration": {
      "type": "http_proxy", "httpMethod": "GET", "uri": "http://${stageVariables.silent}/", "timeoutInMillis": 60 } } },
    "/{proxy+}": { "x-amazon-apigateway-any-method": { "x-amazon-apigateway-integration": {
      "type": "http_proxy", "httpMethod": "ANY", "uri": "http://${stageVariables.backend}/rest/{proxy}" } } }
  }
}"#;

const OPENAPI: &str = r#"
openapi: 3.0.1
info: { title: Three, version: "1" }
security:
  - request: []
paths:
  /greet/{name}:
    get:
      parameters:
        - { name: name, in: path, required: true, schema: { type: string } }
      x-portcullis-integration:
        plugin: echo
        timeoutInMillis: 5000
  /open:
    get:
      security: []
      x-amazon-apigateway-integration:
        $ref: '#/components/x-amazon-apigateway-integrations/mocked'
components:
  x-amazon-apigateway-integrations:
    mocked: { type: mock, requestTemplates: { application/json: '{"statusCode": 203}' } }
  securitySchemes:
    request:
      type: apiKey
      in: header
      name: Unused
      x-amazon-apigateway-authtype: custom
      x-amazon-apigateway-authorizer: { type: request, x-portcullis-plugin: request, authorizerResultTtlInSeconds: 0 }
"#;

#[tokio::test]
async fn serves_openapi_documents_of_both_versions() {
    let files = guests();
    files.write("two.json", SWAGGER);
    files.write("three.yaml", OPENAPI);
    let origin = Origin::echo().await;
    let silent = portcullis_testkit::RawOrigin::start(|stream, _| async move {
        drop(Wire::of(stream).rest().await);
    })
    .await;
    let toml = r#"
        {listener}
        [plugins.tokens]
        builtin = "bearer-token"
        config.tokens = [{ token = "secret", principal = "ann" }]
        [plugins.request]
        file = "authorizer.wasm"
        config.mode = "echo"
        [apis.two]
        openapi = "two.json"
        [apis.two.stages.dev]
        variables = { backend = "ORIGIN", silent = "SILENT" }
        [apis.three]
        openapi = "three.yaml"
        [apis.three.stages.dev]
    "#;
    let toml = toml
        .replace("ORIGIN", &origin.authority())
        .replace("SILENT", &silent.authority());
    let gateway = Running::start(&format!("{toml}{ECHO}"), files).await;
    let get = async |api: &str, path: &str, headers: &[(&str, &str)]| {
        let host = format!("{api}.execute-api.localhost");
        let headers = [&[("host", host.as_str())], headers].concat();
        gateway.get(&format!("/dev{path}"), &headers).await
    };
    assert_eq!(get("two", "/mock", &[]).await.status, 202);
    assert_refused(&get("two", "/pets/7", &[]).await, UNAUTHORIZED, "2.0: no token");
    let token = [("x-token", "Bearer secret")];
    let told = get("two", "/pets/7?q=1", &token).await.json();
    assert_eq!(
        (&told["method"], &told["target"]),
        (&json!("POST"), &json!("/animals/7?q=1"))
    );
    assert_refused(
        &get("two", "/pets/7", &[("x-token", "Bearer 5")]).await,
        UNAUTHORIZED,
        "2.0: expression",
    );
    assert_eq!(get("two", "/slow", &[]).await.status, 504, "2.0: timeoutInMillis");
    let told = get("two", "/a/b", &[]).await.json();
    assert_eq!(
        (&told["method"], &told["target"]),
        (&json!("GET"), &json!("/rest/a/b"))
    );
    let told = get("three", "/greet/ann", &[]).await.json();
    assert_eq!(told["pathParameters"], json!([["name", "ann"]]));
    assert_eq!(
        context(&told)["authorizer.principalId"],
        "caller",
        "3.0: security of the document"
    );
    assert_eq!(
        get("three", "/open", &[]).await.status,
        203,
        "3.0: a shared integration"
    );
    assert_refused(
        &get("three", "/mock", &[]).await,
        NO_TOKEN,
        "the documents are two APIs",
    );
}

/// Recorded from the service: REQUEST with a cache needs each identity source, else 401 without a call; with TTL 0 they are
/// optional.
#[tokio::test]
async fn a_request_authorizer_needs_its_identity_sources_unless_its_ttl_is_0() {
    const SOURCES: &str = "identitySource: 'method.request.header.X-Key, method.request.querystring.q, \
                           stageVariables.v, context.identity.userAgent'";
    let files = guests();
    for (name, lifetime) in [
        ("kept", "authorizerResultTtlInSeconds: 300"),
        ("asked", "authorizerResultTtlInSeconds: 0"),
    ] {
        let document = OPENAPI.replace(
            "authorizerResultTtlInSeconds: 0",
            &format!("{SOURCES}, {lifetime}"),
        );
        files.write(&format!("{name}.yaml"), document);
    }
    let toml = r#"
        {listener}
        [control]
        address = "127.0.0.1:0"
        [plugins.request]
        file = "authorizer.wasm"
        config.mode = "echo"
        [apis.kept]
        openapi = "kept.yaml"
        [apis.kept.stages.with]
        variables = { v = "1" }
        [apis.kept.stages.without]
        [apis.asked]
        openapi = "asked.yaml"
        [apis.asked.stages.without]
    "#;
    let gateway = Running::start(&format!("{toml}{ECHO}"), files).await;
    let all: &[(&str, &str)] = &[("x-key", "1"), ("user-agent", "test")];
    for (name, path, headers, status, called) in [
        ("all there", "/kept/with/greet/x?q=1", all, 200, 1.0),
        (
            "no header",
            "/kept/with/greet/x?q=1",
            &[("user-agent", "test")],
            401,
            0.0,
        ),
        (
            "an empty header",
            "/kept/with/greet/x?q=1",
            &[("x-key", ""), ("user-agent", "test")],
            401,
            0.0,
        ),
        ("no query", "/kept/with/greet/x", all, 401, 0.0),
        ("an empty query value", "/kept/with/greet/x?q=", all, 401, 0.0),
        ("no stage variable", "/kept/without/greet/x?q=1", all, 401, 0.0),
        (
            "no context",
            "/kept/with/greet/x?q=1",
            &[("x-key", "1")],
            401,
            0.0,
        ),
        ("TTL 0", "/asked/without/greet/x", &[], 200, 1.0),
    ] {
        let before = calls(&gateway, "request").await;
        let answer = gateway.get(&format!("/_aws/execute-api{path}"), headers).await;
        assert_eq!(answer.status, status, "{name}");
        assert_eq!(calls(&gateway, "request").await - before, called, "{name}");
    }
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
