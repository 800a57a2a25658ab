//! Where a request goes: path, query and verb.

use portcullis_testkit::Origin;
use serde_json::json;

use super::{BAD_PATH, assert_refused, assert_usable, gateway, request, told};

#[tokio::test]
async fn joins_paths_and_queries() {
    let origin = Origin::echo().await;
    let gateway = gateway(&origin.authority()).await;
    // behaviours: query strings of the URI and of the request are joined, a repeated name appends.
    for (path, target) in [
        ("/fixed", "/base"),
        ("/fixed?", "/base"),
        ("/fixed?a=1&a=2", "/base?a=1&a=2"),
        ("/fixed/n", "/base/n?k=1"),
        ("/fixed/n?k=2&a", "/base/n?k=1&k=2&a"),
        ("/to/a/b%2Fc//d?x=%20+", "/at/a/b%2Fc//d?x=%20+"),
    ] {
        assert_eq!(
            told(&gateway, &request("GET", path, "")).await["target"],
            target,
            "{path}"
        );
    }
}

#[tokio::test]
async fn the_verb_can_be_overridden() {
    let origin = Origin::echo().await;
    let gateway = gateway(&origin.authority()).await;
    let body = "Content-Length: 2\r\n";
    for (path, verb, expected) in [
        ("/put", "POST", "PUT"),
        ("/as-is", "PATCH", "PATCH"),
        ("/fixed", "DELETE", "DELETE"),
        ("/get", "POST", "GET"),
    ] {
        let told = told(&gateway, &format!("{}ok", request(verb, path, body))).await;
        assert_eq!(
            (&told["method"], &told["body"]),
            (&json!(expected), &json!("ok")),
            "{path}"
        );
    }
    // A HEAD that becomes a GET gets no body, however much the backend sends.
    let mut wire = gateway.wire().await;
    assert_eq!(wire.exchange(&request("HEAD", "/get", "")).await.status, 200);
    assert_usable(&mut wire, "HEAD").await;
}

#[tokio::test]
async fn dot_segments_do_not_reach_a_backend() {
    let origin = Origin::echo().await;
    let gateway = gateway(&origin.authority()).await;
    let mut wire = gateway.wire().await;
    for path in [
        "/to/..",
        "/to/../secret",
        "/to/a/../../secret",
        "/to/%2e%2e/secret",
        "/to/.%2E/secret",
        "/to/a%2F..%2F..%2Fsecret",
        "/to/..;x=1/secret",
        "/to/a%5c..%5c..%5csecret",
        "/to/./a",
        "/fixed/..",
    ] {
        assert_refused(&wire.exchange(&request("GET", path, "")).await, BAD_PATH, path);
    }
    assert_eq!(origin.recorded().len(), 0);
    assert_eq!(
        wire.exchange(&request("GET", "/to/a..b/.hidden", ""))
            .await
            .status,
        200
    );
}
