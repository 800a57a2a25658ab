//! What comes of functions that cannot be invoked, or do not answer. Source: services-apigateway-errors.html of the Lambda guide:
//! what the service refuses is a 500, what the function does wrong a 502.

use std::time::Duration;

use portcullis_testkit::{RawOrigin, Wire};
use portcullis_tests::gateways::*;
use portcullis_tests::lambda::{Answers, Lambda};
use portcullis_tests::tls::Closed;

use super::{BAD_GATEWAY, INTERNAL, answering, proxied};

const TOO_LONG: (u16, &str, &str) = (
    413,
    r#"{"message":"Request Too Long"}"#,
    "RequestEntityTooLargeException",
);
const TIMED_OUT: (u16, &str, &str) = (
    504,
    r#"{"message": "Endpoint request timed out"}"#,
    "InternalServerErrorException",
);
const UNREACHABLE: (u16, &str, &str) = (
    503,
    r#"{"message": "Service Unavailable"}"#,
    "ServiceUnavailableException",
);
const LOST: (u16, &str, &str) = (
    504,
    r#"{"message": "Network error communicating with endpoint"}"#,
    "InternalServerErrorException",
);

#[tokio::test]
async fn what_the_service_refuses_is_an_internal_error() {
    for (name, status, kind, expected) in [
        ("unknown", 404, "ResourceNotFoundException", INTERNAL),
        ("throttled", 429, "TooManyRequestsException", INTERNAL),
        ("expired", 403, "ExpiredTokenException", INTERNAL),
        ("no access", 403, "AccessDeniedException", INTERNAL),
        ("the service fails", 500, "ServiceException", INTERNAL),
        ("too large", 413, "RequestEntityTooLargeException", TOO_LONG),
    ] {
        for settings in ["", ", stream = true"] {
            let (gateway, lambda) = answering(settings, move |_| Answers::Refused(status, kind)).await;
            let answer = gateway.get("/dev/pets/7", &[]).await;
            assert_refused(&answer, expected, name);
            assert_eq!(lambda.invocations().len(), 1, "{name}: nothing is tried again");
        }
    }
}

#[tokio::test]
async fn what_the_function_does_wrong_is_a_bad_gateway() {
    for message in [
        "boom",
        "",
        "RequestId: 1 Error: Task timed out after 3.00 seconds",
    ] {
        let (gateway, _lambda) = answering("", move |_| Answers::Error(message)).await;
        assert_refused(&gateway.get("/dev/pets/7", &[]).await, BAD_GATEWAY, message);
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let closed = Closed::new();
    let gateway = proxied(&format!("http://{}", closed.address()), "", "").await;
    assert_refused(&gateway.get("/dev/pets/7", &[]).await, UNREACHABLE, "refused");
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
async fn one_that_does_not_answer_in_time_is_a_time_out() {
    const BEGUN: &str = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{";
    for (name, begins, settings, more) in [
        ("silent", "", ", timeout_ms = 200", ""),
        ("begun", BEGUN, ", timeout_ms = 200", ""),
        (
            "a stream that is silent",
            "",
            ", timeout_ms = 200, stream = true",
            "",
        ),
        (
            "a stream that has begun",
            BEGUN,
            ", timeout_ms = 200, stream = true",
            "",
        ),
        (
            "the function's own",
            "",
            "",
            "[lambda.functions.f]\ntimeout_ms = 200",
        ),
    ] {
        let origin = silent(begins).await;
        let gateway = proxied(&format!("http://{}", origin.authority()), settings, more).await;
        let got = gateway.get("/dev/pets/7", &[]);
        let answer = tokio::time::timeout(Duration::from_secs(8), got)
            .await
            .expect("the time-out that is configured");
        assert_refused(&answer, TIMED_OUT, name);
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_a_lost_connection() {
    for (name, answer) in [
        ("no answer", ""),
        ("no HTTP", "allow\r\n\r\n"),
        (
            "cut off",
            "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"statusCode\":200",
        ),
    ] {
        let origin = RawOrigin::start(move |stream, _| async move {
            let mut wire = Wire::of(stream);
            wire.head().await;
            wire.send(answer).await;
        })
        .await;
        let gateway = proxied(&format!("http://{}", origin.authority()), "", "").await;
        assert_refused(&gateway.get("/dev/pets/7", &[]).await, LOST, name);
    }
}

/// API Gateway's limit; Lambda's own, 6 MB, is a failure of the function.
#[tokio::test]
async fn an_answer_that_is_too_large_is_refused() {
    let large = |bytes: usize| format!(r#"{{"body":"{}"}}"#, "x".repeat(bytes - 11));
    let fits = large(10 * 1024 * 1024);
    let (gateway, _lambda) = answering("", move |_| Answers::Text(fits.clone())).await;
    assert_eq!(gateway.get("/dev/pets/7", &[]).await.status, 200);
    let larger = large(10 * 1024 * 1024 + 1);
    let (gateway, _lambda) = answering("", move |_| Answers::Text(larger.clone())).await;
    assert_refused(&gateway.get("/dev/pets/7", &[]).await, INTERNAL, "too large");
}

#[tokio::test]
async fn a_request_that_is_too_large_never_leaves() {
    let lambda = Lambda::start(super::fine).await;
    let gateway = proxied(&lambda.endpoint(), "", "").await;
    let body = vec![b'x'; 10 * 1024 * 1024 + 1];
    let answer = gateway.send("POST", "/dev/pets/7", &[], &body).await;
    assert_refused(&answer, TOO_LONG, "too large");
    assert_eq!(lambda.invocations().len(), 0);
}
