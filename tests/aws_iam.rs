//! AWS_IAM where it needs more than botocore has: HTTP/2, and a clock of the test's. The rest is in
//! `control_plane/invoke_iam.py`.

#![allow(clippy::expect_used, reason = "tests")]

use std::sync::Arc;
use std::time::Duration;

use portcullis::clock::{Clock as _, ManualClock};
use portcullis::node::Options;
use portcullis_testkit::{Answer, Client, Files, Running};
use portcullis_tests::signed::{self, administrator};

const TOML: &str = r#"
    {listener api}
    [control]
    address = "127.0.0.1:0"
    data = "data"
    region = "eu-central-1"
    [apis.api.stages.dev]
    [[apis.api.routes]]
    path = "/{proxy+}"
    authorization = "AWS_IAM"
    integration = { type = "mock" }
"#;

async fn gateway() -> (Running, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::default());
    let options = Options {
        clock: Some(clock.clone()),
        ..Options::default()
    };
    (Running::start_with(TOML, Files::default(), options).await, clock)
}

/// A call that is signed for a time since 1970, by AWS's own signer.
async fn call(gateway: &Running, client: &Client, signed_at: Duration) -> Answer {
    let (url, body) = (gateway.url("/dev/pets?b=2&a=1"), b"{}");
    let headers = signed::call(&administrator(gateway), &url, body, "eu-central-1", signed_at);
    let headers: Vec<(&str, &str)> = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    client
        .send("POST", &url, &headers, body)
        .await
        .expect("an answer")
}

#[tokio::test]
async fn over_both_versions_of_http() {
    let (gateway, clock) = gateway().await;
    for http2 in [false, true] {
        let answer = call(&gateway, &Client::of_version(http2), clock.wall()).await;
        assert_eq!(answer.status, 200, "HTTP/2: {http2}: {answer:?}");
    }
    assert!(gateway.stop().await, "it drains");
}

/// Five minutes either way, to the second.
#[tokio::test]
async fn for_as_long_as_a_signature_is_good() {
    let (gateway, clock) = gateway().await;
    clock.advance(Duration::from_secs(3_600));
    let (now, client) = (clock.wall(), gateway.client());
    let seconds = Duration::from_secs;
    for (signed_at, expected) in [
        (now - seconds(300), None),
        (
            now - seconds(301),
            Some(
                "Signature expired: 20260101T005459Z is now earlier than 20260101T005500Z (20260101T010000Z - 5 min.)",
            ),
        ),
        (now + seconds(300), None),
        (
            now + seconds(301),
            Some(
                "Signature not yet current: 20260101T010501Z is still later than 20260101T010500Z (20260101T010000Z + 5 min.)",
            ),
        ),
    ] {
        let answer = call(&gateway, &client, signed_at).await;
        match expected {
            None => assert_eq!(answer.status, 200, "{signed_at:?}: {answer:?}"),
            Some(message) => {
                let body = format!(r#"{{"message":"{message}"}}"#);
                assert_eq!(answer.refusal(), (403, "InvalidSignatureException", &*body));
            }
        }
    }
    assert!(gateway.stop().await, "it drains");
}
