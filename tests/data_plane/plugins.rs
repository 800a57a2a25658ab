//! Plugins and stages with settings.

use portcullis_testkit::{Origin, Running};
use portcullis_tests::gateways::*;
use serde_json::json;

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
