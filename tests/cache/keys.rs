//! Nobody gets another's answer.

use crate::support::{ALL, get, plain, started, toml, with};

/// The API, the path and the headers.
type Request = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

/// What tells requests apart: every pair of these must not share.
const REQUESTS: &[Request] = &[
    ("shop.", "/dev/a/1?q=1", &[]),
    ("other.", "/dev/a/1?q=1", &[]),
    ("shop.", "/two/a/1?q=1", &[]),
    ("shop.", "/dev/b/1?q=1", &[]),
    ("shop.", "/dev/a/2?q=1", &[]),
    ("shop.", "/dev/a/1?q=2", &[]),
    ("shop.", "/dev/a/1?q=", &[]),
    ("shop.", "/dev/a/1", &[]),
    ("shop.", "/dev/a/1?q=1&q=1", &[]),
    ("shop.", "/dev/a/1?q=1&q=2", &[]),
    ("shop.", "/dev/a/1?q=1,2", &[]),
    ("shop.", "/dev/a/1?q=1", &[("x-h", "")]),
    ("shop.", "/dev/a/1?q=1", &[("x-h", "1")]),
    ("shop.", "/dev/a/1?q=1", &[("x-h", "1"), ("x-h", "1")]),
    ("shop.", "/dev/a/1?q=1", &[("x-h", "1,1")]),
    ("shop.", "/dev/a/11?q=", &[]),
    ("shop.", "/dev/a/1%2F1?q=", &[]),
    ("shop.", "/dev/a/1?q=11", &[]),
];

fn api(name: &str) -> String {
    let route = |path: &str| {
        format!(
            r#"
            [[apis.{name}.routes]]
            path = "/{path}/{{id}}"
            method = "GET"
            cache.key_parameters = ["method.request.path.id", "method.request.querystring.q", "method.request.header.X-H"]
            integration = {{ type = "http_proxy", uri = "http://ORIGIN/{path}/{{id}}" }}
            "#
        )
    };
    format!("{}{}", route("a"), route("b"))
}

#[tokio::test]
async fn no_two_requests_share_that_must_not() {
    let origin = plain().await;
    let stages = format!(
        "{ALL}\n[apis.shop.stages.two]\ncache = {{}}\n{ALL}\n[apis.other.stages.dev]\ncache = {{}}\n{ALL}\n"
    );
    let routes = format!("{}{}", api("shop"), api("other"));
    let (gateway, _) = started(&toml(&origin, &stages, &routes)).await;
    let ask = async |(api, path, headers): &Request| {
        let host = format!("{api}execute-api.localhost");
        let mut headers = headers.to_vec();
        headers.push(("host", &host));
        let answer = with(&gateway, path, &headers).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.text().to_owned()
    };
    let mut answers = Vec::new();
    for request in REQUESTS {
        answers.push(ask(request).await);
    }
    for (request, first) in REQUESTS.iter().zip(&answers) {
        assert_eq!(ask(request).await, *first, "{request:?} is kept");
        let same = answers.iter().filter(|answer| *answer == first).count();
        assert_eq!(same, 1, "{request:?} shares with another");
    }
}

#[tokio::test]
async fn verbs_do_not_share() {
    let origin = plain().await;
    let routes = r#"
        [[apis.shop.routes]]
        path = "/item"
        method = "ANY"
        integration = { type = "http_proxy", uri = "http://ORIGIN/item" }
    "#;
    let (gateway, _) = started(&toml(
        &origin,
        "methods.\"/item/ANY\" = { caching = true }",
        routes,
    ))
    .await;
    let verbs = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    let mut seen = Vec::new();
    for _ in 0..2 {
        for verb in verbs {
            seen.push(gateway.send(verb, "/dev/item", &[], b"").await.text().to_owned());
        }
    }
    let (first, second) = seen.split_at(verbs.len());
    assert_eq!(first, second);
    assert_eq!(origin.recorded().len(), verbs.len());
}

/// Source: the API reference, `Integration.cacheNamespace`; behaviours: equal namespaces share.
#[tokio::test]
async fn routes_share_by_their_namespace_alone() {
    let origin = plain().await;
    let route = |path: &str, namespace: &str| {
        format!(
            r#"
            [[apis.shop.routes]]
            path = "/{path}"
            method = "GET"
            {namespace}
            integration = {{ type = "http_proxy", uri = "http://ORIGIN/{path}" }}
            "#
        )
    };
    let shared = "cache.namespace = \"both\"";
    let routes = [
        route("one", shared),
        route("two", shared),
        route("three", ""),
        route("four", "cache.namespace = \"/three\""),
    ];
    let (gateway, _) = started(&toml(&origin, ALL, &routes.concat())).await;
    assert_eq!(get(&gateway, "/dev/one").await, get(&gateway, "/dev/two").await);
    assert_ne!(get(&gateway, "/dev/three").await, get(&gateway, "/dev/one").await);
    assert_ne!(
        get(&gateway, "/dev/three").await,
        get(&gateway, "/dev/four").await
    );
}

/// What is no key does not count, as on AWS.
#[tokio::test]
async fn what_is_no_key_does_not_tell_apart() {
    let origin = plain().await;
    let (gateway, _) = started(&toml(&origin, ALL, crate::support::ITEM)).await;
    let first = get(&gateway, "/dev/item?q=1&other=1").await;
    assert_eq!(get(&gateway, "/dev/item?other=2&q=1").await, first);
    assert_eq!(
        with(&gateway, "/dev/item?q=1", &[("x-h", "1")]).await.text(),
        first
    );
}

/// The mapping of a parameter of the integration is carried out for the key, and nothing else of the request.
#[tokio::test]
async fn a_key_may_be_what_the_integration_is_sent() {
    let origin = plain().await;
    let routes = r#"
        [[apis.shop.routes]]
        path = "/item"
        method = "ANY"
        cache.key_parameters = ["integration.request.header.X-Who", "integration.request.querystring.kind"]
        [apis.shop.routes.integration]
        type = "http_proxy"
        uri = "http://ORIGIN/item"
        parameters."integration.request.header.X-Who" = "method.request.header.X-From"
        parameters."integration.request.querystring.kind" = "method.request.body.kind"
    "#;
    let stage = "methods.\"/item/ANY\" = { caching = true }";
    let (gateway, _) = started(&toml(&origin, stage, routes)).await;
    let ask = async |from: &str, body: &str| {
        let headers = [("x-from", from), ("content-type", "application/json")];
        let answer = gateway.send("POST", "/dev/item", &headers, body.as_bytes()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.text().to_owned()
    };
    let first = ask("a", r#"{"kind": "x", "n": 1}"#).await;
    assert_eq!(ask("a", r#"{"kind": "x", "n": 2}"#).await, first);
    assert_ne!(ask("b", r#"{"kind": "x"}"#).await, first);
    assert_ne!(ask("a", r#"{"kind": "y"}"#).await, first);
    assert!(origin.recorded()[0].target.ends_with("kind=x"));
}
