//! Answers that stream. Source: response-transfer-mode-lambda.html of the developer guide.

use portcullis_testkit::{RawOrigin, Wire};
use portcullis_tests::gateways::*;
use portcullis_tests::lambda::{Answers, complete, message};
use tokio::sync::watch;

use super::{BAD_GATEWAY, answering, proxied};

const STREAM: &str = ", stream = true";

#[tokio::test]
async fn metadata_stands_before_the_body() {
    let (gateway, lambda) = answering(STREAM, |_| {
        Answers::Stream(
            vec![
                r#"{"statusCode":201,"headers":{"x-foo":"bar"},"multiValueHeaders":{"x-mv":["1","2"]},"#,
                "\"cookies\":[\"a=1\"]}\0\0\0\0",
                "\0\0\0\0hel",
                "lo",
            ],
            None,
        )
    })
    .await;
    let answer = gateway.get("/dev/pets/7", &[]).await;
    assert_eq!((answer.status.as_u16(), answer.text()), (201, "hello"));
    assert_eq!(
        (answer.header("x-foo"), answer.header("set-cookie")),
        ("bar", "a=1")
    );
    assert_eq!(answer.headers.get_all("x-mv").iter().count(), 2);
    let last = lambda.last();
    assert!(last.streams && last.kind == "RequestResponse" && last.event["httpMethod"] == "GET");
}

#[tokio::test]
async fn what_has_no_metadata_is_a_bad_gateway() {
    for (name, chunks, code) in [
        ("no delimiter", vec!["{\"statusCode\":200}", "body"], None),
        ("seven zeros", vec!["{}\0\0\0\0\0\0\0x"], None),
        ("no JSON", vec!["x\0\0\0\0\0\0\0\0"], None),
        ("an unknown member", vec!["{\"a\":1}\0\0\0\0\0\0\0\0"], None),
        ("nothing", vec![], None),
        ("a failure", vec!["{"], Some("Unhandled")),
    ] {
        let (gateway, _lambda) = answering(STREAM, move |_| Answers::Stream(chunks.clone(), code)).await;
        let answer = gateway.get("/dev/pets/7", &[]).await;
        assert_refused(&answer, BAD_GATEWAY, name);
    }
}

/// The client has the first part before the function has made the second one.
#[tokio::test]
async fn parts_are_sent_on_as_they_come() {
    let (open, opened) = watch::channel(false);
    let origin = RawOrigin::start(move |stream, _| {
        let mut opened = opened.clone();
        async move {
            let mut wire = Wire::of(stream);
            let head = wire.head().await;
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            wire.bytes(length.expect("a length").parse().expect("a number"))
                .await;
            wire.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
                .await;
            wire.send_chunk(&message(
                "PayloadChunk",
                "{\"statusCode\":200}\0\0\0\0\0\0\0\0one",
            ))
            .await;
            opened.wait_for(|open| *open).await.expect("a sender");
            wire.send_chunk(&message("PayloadChunk", "two")).await;
            wire.send_chunk(&complete(None)).await;
            wire.send_chunk(b"").await;
        }
    })
    .await;
    let gateway = proxied(&format!("http://{}", origin.authority()), STREAM, "").await;
    let mut wire = gateway.wire().await;
    wire.send("GET /dev/pets/7 HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert!(wire.head().await.starts_with("HTTP/1.1 200"));
    assert_eq!(wire.chunk().await.as_deref(), Some(&b"one"[..]));
    open.send(true).expect("a receiver");
    assert_eq!(wire.chunk().await.as_deref(), Some(&b"two"[..]));
    assert_eq!(wire.chunk().await, None);
}

/// The status is out when it fails: the response is cut off, and not passed off as whole.
#[tokio::test]
async fn a_failure_in_the_middle_cuts_the_response_off() {
    let (gateway, _lambda) = answering(STREAM, |_| {
        Answers::Stream(vec!["{}\0\0\0\0\0\0\0\0", "some"], Some("Unhandled"))
    })
    .await;
    let mut wire = gateway.wire().await;
    wire.send("GET /dev/pets/7 HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let all = String::from_utf8_lossy(&wire.rest().await).into_owned();
    assert!(all.starts_with("HTTP/1.1 200"), "{all}");
    assert!(!all.ends_with("0\r\n\r\n"), "{all}");
}
