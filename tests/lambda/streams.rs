//! Answers that stream. Source: response-transfer-mode-lambda.html of the developer guide.

use bytes::Bytes;
use http::Response;
use portcullis_testkit::{Files, Origin, RawOrigin, Running, Wire};
use portcullis_tests::gateways::*;
use portcullis_tests::lambda::{Answers, complete, message};
use tokio::sync::watch;

use super::{BAD_GATEWAY, INTERNAL, answering, proxied};

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

/// A gateway with a function that streams a first part, and these messages when it is told to.
async fn in_two_parts(rest: Vec<Vec<u8>>) -> (Running, watch::Sender<bool>, RawOrigin) {
    let (open, opened) = watch::channel(false);
    let origin = RawOrigin::start(move |stream, _| {
        let (mut opened, rest) = (opened.clone(), rest.clone());
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
            let first = "{\"statusCode\":200}\0\0\0\0\0\0\0\0one";
            wire.send_chunk(&message("PayloadChunk", first)).await;
            opened.wait_for(|open| *open).await.expect("a sender");
            for message in rest {
                wire.send_chunk(&message).await;
            }
            wire.send_chunk(b"").await;
        }
    })
    .await;
    let gateway = proxied(&format!("http://{}", origin.authority()), STREAM, "").await;
    (gateway, open, origin)
}

/// A client that has the first part.
async fn begun(gateway: &Running) -> Wire {
    let mut wire = gateway.wire().await;
    wire.send("GET /dev/pets/7 HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert!(wire.head().await.starts_with("HTTP/1.1 200"));
    assert_eq!(wire.chunk().await.as_deref(), Some(&b"one"[..]));
    wire
}

/// The client has the first part before the function has made the second one.
#[tokio::test]
async fn parts_are_sent_on_as_they_come() {
    let (gateway, open, _origin) = in_two_parts(vec![message("PayloadChunk", "two"), complete(None)]).await;
    let mut wire = begun(&gateway).await;
    open.send(true).expect("a receiver");
    assert_eq!(wire.chunk().await.as_deref(), Some(&b"two"[..]));
    assert_eq!(wire.chunk().await.as_deref(), Some(&b""[..]), "the end");
}

/// The status is out when it fails: the response is cut off, and not passed off as whole.
#[tokio::test]
async fn a_failure_in_the_middle_cuts_the_response_off() {
    for rest in [
        vec![complete(Some("Unhandled"))],
        vec![message("SomethingElse", "x")],
        vec![b"no message of an event stream".to_vec()],
        // Nobody says that it is all.
        vec![],
    ] {
        let (gateway, open, _origin) = in_two_parts(rest).await;
        let mut wire = begun(&gateway).await;
        open.send(true).expect("a receiver");
        assert_eq!(wire.rest().await, b"");
    }
}

/// The same setting lets the responses of HTTP backends be larger than 10 MB.
#[tokio::test]
async fn a_backend_may_stream_more_than_a_buffered_response_has() {
    const SIZE: usize = 10 * 1024 * 1024 + 1;
    let origin = Origin::start(|_| Response::new(Bytes::from(vec![b'x'; SIZE]))).await;
    let document = format!(
        "swagger: '2.0'\npaths:\n  /stream:\n    get:\n      x-amazon-apigateway-integration: {{type: http_proxy, uri: 'http://{0}', responseTransferMode: STREAM}}\n  /whole:\n    get:\n      x-amazon-apigateway-integration: {{type: http_proxy, uri: 'http://{0}'}}\n",
        origin.authority()
    );
    let files = Files::default();
    files.write("api.yaml", document);
    let toml = "{listener api}\n[apis.api]\nopenapi = \"api.yaml\"\n[apis.api.stages.dev]\n";
    let gateway = Running::start(toml, files).await;
    let answer = gateway.get("/dev/stream", &[]).await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (200, SIZE));
    assert_refused(&gateway.get("/dev/whole", &[]).await, INTERNAL, "whole");
}
