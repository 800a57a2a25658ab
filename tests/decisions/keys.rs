//! Whose decisions are kept, and about what.

use portcullis_testkit::Running;
use portcullis_tests::gateways::*;

use crate::kept::{TOML, started};

/// Name, path, headers, and the status with how often the plugin was asked.
type Row = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
    (u16, f64),
);

async fn asks(gateway: &Running, path: &str, headers: &[(&str, &str)]) -> (u16, f64) {
    let before = calls(gateway, "decides").await;
    let answer = gateway.get(path, headers).await;
    (answer.status.as_u16(), calls(gateway, "decides").await - before)
}

fn policy(resource: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"arn:aws:execute-api:us-east-1:000000000000:api/dev/{resource}"}}]}}"#
    )
}

/// behaviours: a cached policy serves all methods of the stage; one that allows a single method's ARN denies the next.
#[tokio::test]
async fn a_policy_is_kept_for_all_methods() {
    let (gateway, clock) = started(TOML, guests()).await;
    let narrow = policy("GET/kept/a");
    let headers = [("authorization", "policy"), ("x-policy", narrow.as_str())];
    assert_eq!(asks(&gateway, "/dev/kept/a", &headers).await, (200, 1.0));
    assert_eq!(asks(&gateway, "/dev/kept/a", &headers).await, (200, 0.0));
    assert_eq!(asks(&gateway, "/dev/kept/b", &headers).await, (403, 0.0));
    assert_eq!(
        gateway.send("POST", "/dev/kept/a", &headers, b"").await.status,
        403,
        "another verb"
    );
    clock.advance(std::time::Duration::from_secs(120));
    let wide = policy("*");
    let headers = [("authorization", "policy"), ("x-policy", wide.as_str())];
    assert_eq!(asks(&gateway, "/dev/kept/b", &headers).await, (200, 1.0));
    assert_eq!(asks(&gateway, "/dev/kept/a", &headers).await, (200, 0.0));
    assert_eq!(asks(&gateway, "/dev/kept/c", &headers).await, (200, 0.0));
}

/// Without a policy the plugin has said nothing of other methods, or of the same one with other parameters.
#[tokio::test]
async fn an_allowance_without_a_policy_is_kept_for_what_it_was_asked_about() {
    let (gateway, _) = started(TOML, guests()).await;
    let headers = [("authorization", "ok")];
    for (path, expected) in [
        ("/dev/kept/a", 1.0),
        ("/dev/kept/b", 1.0),
        ("/dev/kept/a", 0.0),
        ("/dev/kept/b", 0.0),
        // The same thing, spelled otherwise.
        ("/dev/kept/%61/", 0.0),
        ("/dev/kept/a?x=1", 0.0),
    ] {
        assert_eq!(asks(&gateway, path, &headers).await, (200, expected), "{path}");
    }
    let before = calls(&gateway, "decides").await;
    gateway.send("POST", "/dev/kept/a", &headers, b"").await;
    assert_eq!(calls(&gateway, "decides").await - before, 1.0, "another verb");
}

#[tokio::test]
async fn callers_and_authorizers_are_kept_apart() {
    let (gateway, _) = started(TOML, guests()).await;
    assert_eq!(
        asks(&gateway, "/dev/kept/a", &[("authorization", "ok")]).await,
        (200, 1.0)
    );
    assert_eq!(
        asks(&gateway, "/dev/kept/a", &[("authorization", "deny")]).await,
        (403, 1.0)
    );
    assert_eq!(
        asks(&gateway, "/dev/kept/a", &[("authorization", "ok")]).await,
        (200, 0.0)
    );
    assert_eq!(
        asks(&gateway, "/dev/short", &[("authorization", "ok")]).await,
        (200, 1.0)
    );
}

const REQUEST: &str = r#"
    {listener api}
    [control]
    address = "127.0.0.1:0"
    [plugins.decides]
    file = "authorizer.wasm"
    config.mode = "ok"
    [apis.api.stages.dev]
    variables = { colour = "blue" }
    [apis.api.authorizers.sources]
    type = "request"
    plugin = "decides"
    ttl_seconds = 120
    identity_sources = [
        "method.request.header.X-Key",
        "method.request.querystring.user",
        "stageVariables.colour",
        "context.identity.sourceIp",
    ]
    [[apis.api.routes]]
    path = "/a"
    authorizer = "sources"
    integration = { type = "mock" }
"#;

/// API_CreateAuthorizer.html, identitySource: all of them are the key, and each must be there.
#[tokio::test]
async fn all_identity_sources_tell_callers_apart() {
    let (gateway, _) = started(REQUEST, guests()).await;
    let rows: [Row; 12] = [
        ("the first", "/dev/a?user=1", &[("x-key", "k")], (200, 1.0)),
        ("the same", "/dev/a?user=1", &[("x-key", "k")], (200, 0.0)),
        (
            "more that is no source",
            "/dev/a?user=1&x=2",
            &[("x-key", "k"), ("x-other", "1")],
            (200, 0.0),
        ),
        (
            "the same, encoded",
            "/dev/a?user=%31",
            &[("x-key", "k")],
            (200, 0.0),
        ),
        ("another header", "/dev/a?user=1", &[("x-key", "l")], (200, 1.0)),
        (
            "another parameter",
            "/dev/a?user=2",
            &[("x-key", "k")],
            (200, 1.0),
        ),
        ("values exchanged", "/dev/a?user=k", &[("x-key", "1")], (200, 1.0)),
        (
            "a second header",
            "/dev/a?user=1",
            &[("x-key", "k"), ("x-key", "m")],
            (200, 1.0),
        ),
        (
            "a second parameter",
            "/dev/a?user=1&user=2",
            &[("x-key", "k")],
            (200, 1.0),
        ),
        ("no header", "/dev/a?user=1", &[], (401, 0.0)),
        ("no parameter", "/dev/a", &[("x-key", "k")], (401, 0.0)),
        (
            "an empty parameter",
            "/dev/a?user=",
            &[("x-key", "k")],
            (401, 0.0),
        ),
    ];
    for (name, path, headers, expected) in rows {
        assert_eq!(asks(&gateway, path, headers).await, expected, "{name}");
    }
}

/// API Gateway refuses such an authorizer when it is made (API_CreateAuthorizer.html).
#[tokio::test]
async fn decisions_about_nobody_are_not_kept() {
    let (mut gateway, _) = started(REQUEST, guests()).await;
    let start = REQUEST.find("    identity_sources").expect("the sources");
    let end = REQUEST.find("    [[apis.api.routes]]").expect("what follows");
    let without = format!("{}{}", &REQUEST[..start], &REQUEST[end..]);
    let problems = gateway.rewrite(&without).await.problems;
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(
        told.iter()
            .any(|problem| problem.contains("has no identity source")),
        "{told:?}"
    );
    let wrong = REQUEST.replace("context.identity.sourceIp", "identity.sourceIp");
    let problems = gateway.rewrite(&wrong).await.problems;
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(
        told.iter()
            .any(|problem| problem.contains("`identity.sourceIp` is not an identity source")),
        "{told:?}"
    );
    let long = REQUEST.replace("ttl_seconds = 120", "ttl_seconds = 3601");
    assert!(gateway.rewrite(&long).await.has_errors());
}
