//! Authorizers and filters: who gets in, and what is changed on the way.
//!
//! Facts about API Gateway: "behaviours" is the project's list of them, recorded from the service; URLs are the
//! developer guide's.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use portcullis_testkit::Running;
use portcullis_tests::gateways::*;
use serde_json::{Value, json};

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
