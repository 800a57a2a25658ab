//! HTTP_PROXY: headers, streaming, and everything that a backend, a client or a network can do wrong.
//!
//! "behaviours" is the project's list of facts about API Gateway, "known issues" is
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html>.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod failures;
mod headers;
mod limits;
mod streams;
mod target;

use portcullis_testkit::{RawAnswer, RawOrigin, Running, Wire};
use serde_json::Value;

/// API Gateway's payload limit, both ways (limits.html).
const LIMIT: usize = 10 * 1024 * 1024;

const TOML: &str = r#"
    {listener api}
    [control]
    address = "127.0.0.1:0"
    [apis.api.stages.dev]
    [[apis.api.routes]]
    path = "/fixed"
    integration = { type = "http_proxy", uri = "http://ORIGIN/base" }
    [[apis.api.routes]]
    path = "/fixed/{name}"
    integration = { type = "http_proxy", uri = "http://ORIGIN/base/{name}?k=1" }
    [[apis.api.routes]]
    path = "/put"
    integration = { type = "http_proxy", uri = "http://ORIGIN/put", http_method = "PUT" }
    [[apis.api.routes]]
    path = "/as-is"
    integration = { type = "http_proxy", uri = "http://ORIGIN/as-is", http_method = "ANY" }
    [[apis.api.routes]]
    path = "/get"
    integration = { type = "http_proxy", uri = "http://ORIGIN/get", http_method = "GET" }
    [[apis.api.routes]]
    path = "/quick"
    integration = { type = "http_proxy", uri = "http://ORIGIN/quick", timeout_ms = 100 }
    [[apis.api.routes]]
    path = "/slower"
    integration = { type = "http_proxy", uri = "http://ORIGIN/slower", timeout_ms = 3_000 }
    [[apis.api.routes]]
    path = "/no-such-host"
    # A resolver may take its time.
    integration = { type = "http_proxy", uri = "http://no-such-host.invalid/", timeout_ms = 300_000 }
    [[apis.api.routes]]
    path = "/to/{proxy+}"
    integration = { type = "http_proxy", uri = "http://ORIGIN/at/{proxy}" }
"#;

async fn gateway(origin: &str) -> Running {
    Running::of(&TOML.replace("ORIGIN", origin)).await
}

/// A backend at the level of bytes.
async fn backend<F>(serve: impl Fn(Wire, usize) -> F + Send + Sync + 'static) -> RawOrigin
where
    F: Future<Output = ()> + Send + 'static,
{
    RawOrigin::start(move |stream, number| serve(Wire::of(stream), number)).await
}

/// A backend that answers each connection's first request with these bytes and then waits for its end.
async fn answering(response: &str) -> RawOrigin {
    let response = response.to_owned();
    backend(move |mut wire, _| {
        let response = response.clone();
        async move {
            wire.head().await;
            wire.send(response).await;
            wire.rest().await;
        }
    })
    .await
}

fn request(method: &str, path: &str, more: &str) -> String {
    format!("{method} /dev{path} HTTP/1.1\r\nHost: client.example\r\n{more}\r\n")
}

type Refused = (u16, &'static str, &'static str);

// behaviours, "Data plane: order and errors".
const TIMED_OUT: Refused = (
    504,
    r#"{"message": "Endpoint request timed out"}"#,
    "InternalServerErrorException",
);
const UNREACHABLE: Refused = (
    503,
    r#"{"message": "Service Unavailable"}"#,
    "ServiceUnavailableException",
);
const LOST: Refused = (
    504,
    r#"{"message": "Network error communicating with endpoint"}"#,
    "InternalServerErrorException",
);
const TOO_LARGE: Refused = (
    413,
    r#"{"message":"Request Too Long"}"#,
    "RequestEntityTooLargeException",
);
const INTERNAL: Refused = (
    500,
    r#"{"message": "Internal server error"}"#,
    "InternalServerErrorException",
);
const BAD_PATH: Refused = (400, r#"{"message": "Invalid path"}"#, "BadRequestException");

fn assert_refused(answer: &RawAnswer, (status, body, error_type): Refused, name: &str) {
    assert_eq!(
        (
            answer.status,
            answer.text().as_str(),
            answer.values("x-amzn-errortype")
        ),
        (status, body, vec![error_type]),
        "{name}"
    );
    assert_eq!(answer.values("x-amzn-requestid")[0].len(), 36, "{name}");
    assert_eq!(answer.values("x-amz-apigw-id")[0].len(), 16, "{name}");
}

/// Fails where the connection does not answer another request.
async fn assert_usable(wire: &mut Wire, name: &str) {
    let answer = wire.exchange("GET /nope/x HTTP/1.1\r\nHost: h\r\n\r\n").await;
    assert_eq!(answer.status, 403, "{name}: the connection still answers");
}

/// What an echoing backend says that it got.
async fn told(gateway: &Running, request: &str) -> Value {
    let answer = gateway.wire().await.exchange(request).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    serde_json::from_slice(&answer.body).expect("JSON")
}
