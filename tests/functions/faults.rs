//! What comes of functions that cannot be asked, or do not answer. Never open by mistake.

use std::time::Duration;

use portcullis_testkit::{RawOrigin, Running, Wire};
use portcullis_tests::gateways::*;
use portcullis_tests::lambda::Answers;
use portcullis_tests::tls::Closed;

use super::{TOKEN, answering, guarded};

/// The status is that of the response, and nothing gets past the authorizer.
async fn fails(gateway: &Running, name: &str) {
    let answer = gateway.get("/dev/pets/7", &[("authorization", "x")]).await;
    // behaviours: AUTHORIZER_FAILURE, which is a 500 with a null message.
    assert_refused(&answer, BAD_AUTHORIZER, name);
    assert_eq!(calls(gateway, "echo").await, 0.0, "{name}");
}

#[tokio::test]
async fn a_function_that_is_not_invoked_fails() {
    for (name, answers) in [
        ("unknown", Answers::Refused(404, "ResourceNotFoundException")),
        ("throttled", Answers::Refused(429, "TooManyRequestsException")),
        ("no access", Answers::Refused(403, "AccessDeniedException")),
        ("the service fails", Answers::Refused(500, "ServiceException")),
        ("moved", Answers::Refused(307, "Elsewhere")),
        ("an error", Answers::Error("boom")),
        ("an error with no message", Answers::Error("")),
        ("too large", Answers::Text(" ".repeat(64 * 1024 + 1))),
    ] {
        let (gateway, lambda) = answering(TOKEN, move |_| answers.clone()).await;
        fails(&gateway, name).await;
        assert_eq!(lambda.invocations().len(), 1, "{name}: nothing is tried again");
        let labels = [("authorizer", "guard"), ("decision", "failed")];
        let failed = gateway
            .metrics()
            .await
            .sum("portcullis_authorizer_requests_total", &labels);
        assert_eq!(failed, 1.0, "{name}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_fails() {
    let closed = Closed::new();
    let gateway = guarded(&format!("http://{}", closed.address()), TOKEN).await;
    fails(&gateway, "refused").await;
}

/// It answers nothing, or only begins to.
async fn silent(begins: &'static str) -> RawOrigin {
    RawOrigin::start(move |stream, _| async move {
        let mut wire = Wire::of(stream);
        wire.head().await;
        wire.send(begins).await;
        // Until the gateway goes.
        wire.rest().await;
    })
    .await
}

#[tokio::test]
async fn a_function_that_does_not_answer_in_time_fails() {
    for (name, begins) in [
        ("silent", ""),
        ("begun", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"),
    ] {
        let origin = silent(begins).await;
        let functions = "[lambda.functions.check]\ntimeout_ms = 200\n[apis.api.authorizers.other]\n";
        let lambda = format!("http://{}", origin.authority());
        let gateway = guarded(&lambda, &format!("{TOKEN}\n{functions}{TOKEN}")).await;
        let failing = fails(&gateway, name);
        tokio::time::timeout(Duration::from_secs(8), failing)
            .await
            .expect("the time-out that is configured");
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_fails() {
    for (name, answer) in [
        ("no answer", ""),
        ("no HTTP", "allow\r\n\r\n"),
        (
            "cut off",
            "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"principalId\":\"a\"",
        ),
    ] {
        let origin = RawOrigin::start(move |stream, _| async move {
            let mut wire = Wire::of(stream);
            wire.head().await;
            wire.send(answer).await;
        })
        .await;
        let gateway = guarded(&format!("http://{}", origin.authority()), TOKEN).await;
        fails(&gateway, name).await;
    }
}
