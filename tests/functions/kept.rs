//! Decisions of functions are kept as those of plugins are, and counted.

use portcullis_tests::gateways::*;
use portcullis_tests::lambda::Answers;

use super::{TOKEN, allow, answering};

#[tokio::test]
async fn a_decision_is_kept_and_counted() {
    let (gateway, lambda) =
        answering(&format!("{TOKEN}\nttl_seconds = 60"), |invocation| {
            match invocation.event["authorizationToken"].as_str() {
                Some("nobody") => Answers::Error("Unauthorized"),
                _ => allow(invocation),
            }
        })
        .await;
    for token in ["one", "one", "two", "one"] {
        let answer = gateway.get("/dev/pets/7", &[("authorization", token)]).await;
        assert_eq!(answer.status, 200, "{token}");
    }
    assert_eq!(lambda.invocations().len(), 2, "once for each caller");
    for _ in 0..2 {
        let answer = gateway.get("/dev/pets/7", &[("authorization", "nobody")]).await;
        assert_refused(&answer, UNAUTHORIZED, "nobody");
    }
    assert_eq!(lambda.invocations().len(), 4, "what is no decision is not kept");
    gateway.get("/dev/pets/7", &[]).await;
    let metrics = gateway.metrics().await;
    for (name, label, expected) in [
        (
            "portcullis_authorizer_requests_total",
            ("decision", "allowed"),
            4.0,
        ),
        (
            "portcullis_authorizer_requests_total",
            ("decision", "denied"),
            0.0,
        ),
        (
            "portcullis_authorizer_requests_total",
            ("decision", "unauthorized"),
            3.0,
        ),
        (
            "portcullis_authorizer_requests_total",
            ("decision", "failed"),
            0.0,
        ),
        ("portcullis_authorizer_cache_total", ("result", "hit"), 2.0),
        ("portcullis_authorizer_cache_total", ("result", "miss"), 4.0),
        (
            "portcullis_authorizer_latency_seconds_count",
            ("authorizer", "guard"),
            4.0,
        ),
    ] {
        let labels = [("api", "api"), ("stage", "dev"), ("authorizer", "guard"), label];
        assert_eq!(metrics.sum(name, &labels), expected, "{name} {label:?}");
    }
}

#[tokio::test]
async fn callers_that_want_the_same_ask_once() {
    let (gateway, lambda) = answering(&format!("{TOKEN}\nttl_seconds = 60"), allow).await;
    let get = || gateway.get("/dev/pets/7", &[("authorization", "same")]);
    let (one, two, three, four) = tokio::join!(get(), get(), get(), get());
    for answer in [one, two, three, four] {
        assert_eq!(answer.status, 200);
    }
    assert_eq!(lambda.invocations().len(), 1);
}
