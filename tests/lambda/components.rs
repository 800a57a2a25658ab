//! Functions that run here, as components: for methods, and for authorizers.

use portcullis_testkit::{Files, Running};
use portcullis_tests::gateways::*;
use portcullis_tests::guest;
use serde_json::{Value, json};

use super::BAD_GATEWAY;

/// A gateway whose `/{mode}` is answered by the guest, with these settings of its plugin.
async fn running(plugin: &str, more: &str) -> Running {
    let files = Files::default();
    files.write("function.wasm", guest("faults-function"));
    let toml = format!(
        r#"
        {{listener api}}
        [control]
        address = "127.0.0.1:0"
        [plugins.f]
        file = "function.wasm"
        {plugin}
        [apis.api.stages.dev]
        [[apis.api.routes]]
        path = "/{{mode}}"
        integration = {{ type = "lambda", function = "f", timeout_ms = 300_000 }}
        {more}"#
    );
    Running::start(&toml, files).await
}

#[tokio::test]
async fn a_component_is_passed_the_event_and_gives_the_response() {
    let gateway = running("", "").await;
    let echo = gateway.get("/dev/echo?q=1", &[]).await.json();
    assert_eq!(
        (&echo["httpMethod"], &echo["queryStringParameters"]),
        (&json!("GET"), &json!({"q": "1"}))
    );
    let told = gateway.get("/dev/told", &[]).await;
    let (id, told) = (told.header("x-amzn-requestid").to_owned(), told.json());
    assert_eq!(
        (&told["requestId"], &told["functionName"]),
        (&json!(id), &json!("f"))
    );
    assert!(told["deadlineMs"].as_u64().expect("a time") > 1_700_000_000_000);
    // Instances are reused: its memory counts on.
    let counts: Vec<String> = [
        gateway.get("/dev/ok", &[]).await,
        gateway.get("/dev/ok", &[]).await,
    ]
    .iter()
    .map(|answer| answer.text().to_owned())
    .collect();
    assert_eq!(counts, ["3", "4"]);
}

#[tokio::test]
async fn isolation_and_limits_are_those_of_plugins() {
    let fresh = running("isolation = \"fresh\"", "").await;
    for _ in 0..2 {
        assert_eq!(fresh.get("/dev/ok", &[]).await.text(), "1");
    }
    let gateway = running(
        "limits = { cpu_ms = 20, wall_ms = 2000, memory_mib = 4, output_kib = 64 }",
        "",
    )
    .await;
    for mode in [
        "loop",
        "alloc",
        "trap",
        "panic",
        "recurse",
        "fault",
        "big",
        "no-json",
        "sleep-long",
    ] {
        let answer = gateway.get(&format!("/dev/{mode}"), &[]).await;
        assert_refused(&answer, BAD_GATEWAY, mode);
    }
    assert_eq!(
        gateway.get("/dev/ok", &[]).await.status,
        200,
        "others never notice"
    );
}

#[tokio::test]
async fn one_with_more_work_than_it_can_take_says_so() {
    let gateway = running("limits = { concurrency = 1, queue = 0 }", "").await;
    let slow = gateway.get("/dev/sleep-ok", &[]);
    let quick = async {
        loop {
            let answer = gateway.get("/dev/ok", &[]).await;
            if answer.status == 503 {
                return answer;
            }
        }
    };
    let (slow, quick) = tokio::join!(slow, quick);
    assert_eq!((slow.status.as_u16(), quick.header("retry-after")), (200, "1"));
}

/// What its limits end has the words that it has on Lambda, so that one pattern fits.
#[tokio::test]
async fn templates_and_patterns_are_for_components_too() {
    const DOCUMENT: &str = r#"
swagger: '2.0'
paths:
  /{mode}:
    get:
      parameters: [{in: path, name: mode, required: true, type: string}]
      responses: {'200': {}, '404': {}, '504': {}}
      x-amazon-apigateway-integration:
        type: aws
        httpMethod: POST
        uri: arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:1:function:f/invocations
        requestTemplates: {application/json: '{"mode": "$input.params(''mode'')"}'}
        responses:
          default: {statusCode: 200}
          '.*Task timed out.*': {statusCode: 504, responseTemplates: {application/json: "$input.path('$.errorType')"}}
          '.*reports a fault': {statusCode: 404, responseTemplates: {application/json: "$input.path('$.errorType')"}}
"#;
    let files = Files::default();
    files.write("function.wasm", guest("faults-function"));
    files.write("api.yaml", DOCUMENT);
    let toml = r#"
        {listener api}
        [plugins.f]
        file = "function.wasm"
        limits = { wall_ms = 2000 }
        [plugins.vtl]
        builtin = "vtl"
        [apis.api]
        openapi = "api.yaml"
        [apis.api.stages.dev]
    "#;
    let gateway = Running::start(toml, files).await;
    let ok = gateway.get("/dev/ok", &[]).await;
    assert_eq!(
        (ok.status.as_u16(), ok.json()["statusCode"].as_u64()),
        (200, Some(200))
    );
    for (mode, status, text) in [("sleep-long", 504, "Sandbox.Timedout"), ("fault", 404, "Fault")] {
        let answer = gateway.get(&format!("/dev/{mode}"), &[]).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (status, text), "{mode}");
    }
}

#[tokio::test]
async fn a_component_decides_as_a_function_does() {
    let guarded = |mode: &str| {
        format!(
            "config.mode = \"{mode}\"\n[apis.api.authorizers.guard]\ntype = \"token\"\nfunction = \"f\"\n\
             [[apis.api.routes]]\npath = \"/guarded/x\"\nauthorizer = \"guard\"\nintegration = {{ type = \"mock\" }}\n"
        )
    };
    let gateway = running(&guarded("allow"), "").await;
    let token = [("authorization", "t")];
    assert_eq!(gateway.get("/dev/guarded/x", &token).await.status, 200);
    for mode in ["echo", "trap", "no-json"] {
        let gateway = running(&guarded(mode), "").await;
        assert_refused(&gateway.get("/dev/guarded/x", &token).await, BAD_AUTHORIZER, mode);
    }
}

/// `[lambda.functions]` may name another plugin for a function, which is known by its ARN.
#[tokio::test]
async fn a_plugin_is_named_for_a_function() {
    let route = r#"
        [lambda.functions.orders]
        plugin = "f"
        [[apis.api.routes]]
        path = "/orders/x"
        integration = { type = "lambda", function = "arn:aws:lambda:eu-central-1:1:function:orders:live" }
    "#;
    let gateway = running("config.mode = \"told\"", route).await;
    let told = gateway.get("/dev/orders/x", &[]).await.json();
    assert_eq!(
        told["functionName"],
        "arn:aws:lambda:eu-central-1:1:function:orders"
    );
}

/// Nobody waits, but it runs.
#[tokio::test]
async fn a_component_may_run_in_the_background() {
    const DOCUMENT: &str = r#"
swagger: '2.0'
paths:
  /:
    get:
      responses: {'200': {}}
      x-amazon-apigateway-integration:
        type: aws_proxy
        httpMethod: POST
        uri: arn:aws:lambda:us-east-1:1:function:f
        requestParameters: {integration.request.header.X-Amz-Invocation-Type: "'Event'"}
"#;
    let files = Files::default();
    files.write("function.wasm", guest("faults-function"));
    files.write("api.yaml", DOCUMENT);
    let toml = r#"
        {listener api}
        [control]
        address = "127.0.0.1:0"
        [plugins.f]
        file = "function.wasm"
        config.mode = "slow-ok"
        [apis.api]
        openapi = "api.yaml"
        [apis.api.stages.dev]
    "#;
    let gateway = Running::start(toml, files).await;
    let answer = gateway.get("/dev/", &[]).await;
    assert_eq!((answer.status.as_u16(), answer.text()), (200, ""));
    let metrics = gateway.control("/_portcullis/metrics");
    assert_eq!(metrics.await.status, 200);
    // A drain waits for it, so that it has run then.
    let plugins = async {
        loop {
            if calls(&gateway, "f").await == 1.0 {
                break;
            }
            tokio::task::yield_now().await;
        }
    };
    plugins.await;
    assert!(gateway.stop().await, "drained");
}

/// The example that comes with the binary.
#[tokio::test]
async fn the_function_that_comes_with_the_binary_greets() {
    let toml = r#"
        {listener api}
        [plugins.greet]
        builtin = "hello-function"
        config.greeting = "Moin"
        [apis.api.stages.dev]
        [[apis.api.routes]]
        path = "/hello/{name}"
        integration = { type = "lambda", function = "greet" }
        [[apis.api.routes]]
        path = "/second/{name}"
        integration = { type = "lambda", function = "greet", payload_format_version = "2.0", stream = true }
    "#;
    let gateway = Running::of(toml).await;
    for path in ["/dev/hello/ann", "/dev/second/ann"] {
        let answer = gateway.get(path, &[]).await;
        assert_eq!(answer.json(), json!({"message": "Moin, ann!"}), "{path}");
    }
    let refused: Value = gateway.get("/dev/hello/nobody", &[]).await.json();
    assert_eq!(refused, json!({"message": "Internal server error"}));
}
