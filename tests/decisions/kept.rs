//! For how long decisions are kept.

use std::sync::Arc;
use std::time::Duration;

use portcullis::clock::ManualClock;
use portcullis::node::Options;
use portcullis_testkit::{Files, Running};
use portcullis_tests::gateways::*;

/// The token is the plugin's mode.
pub(crate) const TOML: &str = r#"
    {listener api}
    [control]
    address = "127.0.0.1:0"
    [plugins.decides]
    file = "authorizer.wasm"
    [apis.api.stages.dev]
    [apis.api.authorizers.kept]
    type = "token"
    plugin = "decides"
    ttl_seconds = 120
    [apis.api.authorizers.short]
    type = "token"
    plugin = "decides"
    ttl_seconds = 30
    [apis.api.authorizers.always]
    type = "token"
    plugin = "decides"
    [apis.api.gateway_responses.ACCESS_DENIED]
    templates."application/json" = '$context.authorizer.why'
    [[apis.api.routes]]
    path = "/kept/{proxy+}"
    authorizer = "kept"
    integration = { type = "plugin", plugin = "echo" }
    [[apis.api.routes]]
    path = "/short"
    authorizer = "short"
    integration = { type = "plugin", plugin = "echo" }
    [[apis.api.routes]]
    path = "/always"
    authorizer = "always"
    integration = { type = "plugin", plugin = "echo" }
"#;

/// A gateway whose time moves only when it is told to.
pub(crate) async fn started(toml: &str, files: Files) -> (Running, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::default());
    let options = Options {
        clock: Some(clock.clone()),
        ..Options::default()
    };
    (
        Running::start_with(&format!("{toml}{ECHO}"), files, options).await,
        clock,
    )
}

/// The status of calls, one after another, and how often they asked the plugin.
async fn calls_of(gateway: &Running, token: &str, paths: &[&str]) -> (Vec<u16>, f64) {
    let before = calls(gateway, "decides").await;
    let mut statuses = Vec::new();
    for path in paths {
        let answer = gateway
            .get(&format!("/dev{path}"), &[("authorization", token)])
            .await;
        statuses.push(answer.status.as_u16());
    }
    (statuses, calls(gateway, "decides").await - before)
}

#[tokio::test]
async fn a_decision_is_kept_for_its_time() {
    let (gateway, clock) = started(TOML, guests()).await;
    let twice = ["/kept/a", "/kept/a"];
    assert_eq!(calls_of(&gateway, "ok", &twice).await, (vec![200, 200], 1.0));
    clock.advance(Duration::from_secs(119));
    assert_eq!(calls_of(&gateway, "ok", &twice).await, (vec![200, 200], 0.0));
    clock.advance(Duration::from_secs(1));
    assert_eq!(calls_of(&gateway, "ok", &twice).await, (vec![200, 200], 1.0));
    // Without a time to live everything is asked.
    let twice = ["/always", "/always"];
    assert_eq!(calls_of(&gateway, "ok", &twice).await, (vec![200, 200], 2.0));
}

#[tokio::test]
async fn the_answer_can_shorten_its_time_and_not_lengthen_it() {
    let (gateway, clock) = started(TOML, guests()).await;
    let asks = async |path, after| {
        clock.advance(Duration::from_secs(after));
        calls_of(&gateway, "kept", &[path]).await.1
    };
    // The plugin says 60 seconds.
    assert_eq!(asks("/kept/a", 0).await, 1.0);
    assert_eq!(asks("/kept/a", 59).await, 0.0);
    assert_eq!(asks("/kept/a", 1).await, 1.0);
    assert_eq!(asks("/short", 0).await, 1.0);
    assert_eq!(asks("/short", 29).await, 0.0);
    assert_eq!(asks("/short", 1).await, 1.0);
    let twice = ["/kept/a", "/kept/a"];
    assert_eq!(
        calls_of(&gateway, "not-kept", &twice).await,
        (vec![200, 200], 2.0)
    );
}

#[tokio::test]
async fn what_is_kept_is_handed_on_as_at_first() {
    let (gateway, _) = started(TOML, guests()).await;
    let mut told = Vec::new();
    for _ in 0..2 {
        let answer = gateway
            .get("/dev/kept/a", &[("authorization", "ok")])
            .await
            .json();
        told.push(context(&answer));
    }
    for told in told {
        assert_eq!(told["authorizer.principalId"], "caller");
        assert_eq!(told["authorizer.calls"], "1");
    }
}

#[tokio::test]
async fn a_deny_is_kept_with_its_context_and_a_failure_is_not() {
    let (gateway, _) = started(TOML, guests()).await;
    let twice = ["/kept/a", "/kept/a"];
    assert_eq!(calls_of(&gateway, "deny", &twice).await, (vec![403, 403], 1.0));
    for name in ["asked", "kept"] {
        let answer = gateway
            .get("/dev/kept/a", &[("authorization", "context-of-denied")])
            .await;
        assert_eq!((answer.status.as_u16(), answer.text()), (403, "late"), "{name}");
    }
    for (mode, status) in [
        ("unauthorized", 401),
        ("fault", 500),
        ("trap", 500),
        ("bad-policy", 500),
    ] {
        assert_eq!(
            calls_of(&gateway, mode, &twice).await,
            (vec![status, status], 2.0),
            "{mode}"
        );
    }
}

/// Those who come while the plugin is asked about the same wait for its answer.
#[tokio::test]
async fn the_plugin_is_asked_once_at_a_time() {
    let (gateway, _) = started(TOML, guests()).await;
    let call = || gateway.get("/dev/kept/a", &[("authorization", "sleep-ok")]);
    let answers = tokio::join!(call(), call(), call(), call());
    let answers = [answers.0, answers.1, answers.2, answers.3];
    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    assert_eq!(calls(&gateway, "decides").await, 1.0);
}

#[tokio::test]
async fn hits_and_misses_are_counted() {
    let (gateway, _) = started(TOML, guests()).await;
    calls_of(&gateway, "ok", &["/kept/a", "/kept/a", "/kept/a", "/always"]).await;
    let metrics = gateway.metrics().await;
    let count = |authorizer, result| {
        let labels = [
            ("api", "api"),
            ("stage", "dev"),
            ("authorizer", authorizer),
            ("result", result),
        ];
        metrics.sum("portcullis_authorizer_cache_total", &labels)
    };
    assert_eq!((count("kept", "hit"), count("kept", "miss")), (2.0, 1.0));
    assert_eq!((count("always", "hit"), count("always", "miss")), (0.0, 0.0));
}

/// API_CreateAuthorizer.html: 300 seconds where it does not say.
#[tokio::test]
async fn an_authorizer_of_a_document_keeps_for_five_minutes() {
    let files = guests();
    files.write(
        "api.yaml",
        r#"
openapi: 3.0.1
info: { title: t, version: "1" }
components:
  securitySchemes:
    tokens:
      type: apiKey
      in: header
      name: Authorization
      x-amazon-apigateway-authtype: custom
      x-amazon-apigateway-authorizer: { type: token, x-portcullis-plugin: decides }
paths:
  /a:
    get:
      security: [{ tokens: [] }]
      responses: { "200": { description: d } }
      x-amazon-apigateway-integration:
        type: mock
        requestTemplates: { application/json: '{"statusCode": 200}' }
        responses: { default: { statusCode: "200" } }
"#,
    );
    let toml = r#"
        {listener api}
        [control]
        address = "127.0.0.1:0"
        [plugins.decides]
        file = "authorizer.wasm"
        [apis.api]
        openapi = "api.yaml"
        [apis.api.stages.dev]
    "#;
    let (gateway, clock) = started(toml, files).await;
    assert_eq!(calls_of(&gateway, "ok", &["/a"]).await, (vec![200], 1.0));
    clock.advance(Duration::from_secs(299));
    assert_eq!(calls_of(&gateway, "ok", &["/a"]).await, (vec![200], 0.0));
    clock.advance(Duration::from_secs(1));
    assert_eq!(calls_of(&gateway, "ok", &["/a"]).await, (vec![200], 1.0));
}
