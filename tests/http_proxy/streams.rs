//! Bodies as they stream, and connections that are kept.

use std::sync::Arc;

use portcullis_testkit::{Origin, RawOrigin};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::mpsc;

use super::{answering, assert_usable, backend, gateway, request, told};

#[tokio::test]
async fn a_request_streams_to_the_backend() {
    let (seen, mut first) = mpsc::channel::<Vec<u8>>(1);
    let origin = backend(move |mut wire, _| {
        let seen = seen.clone();
        async move {
            let head = wire.head().await;
            assert!(
                head.to_lowercase().contains("transfer-encoding: chunked\r\n"),
                "{head}"
            );
            let mut body = Vec::new();
            while let Some(chunk) = wire.chunk().await.filter(|chunk| !chunk.is_empty()) {
                body.extend_from_slice(&chunk);
                seen.send(chunk).await.expect("the test listens");
            }
            wire.send(format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n",
                body.len()
            ))
            .await;
            wire.send(body).await;
            wire.rest().await;
        }
    })
    .await;
    let gateway = gateway(&origin.authority()).await;
    let mut wire = gateway.wire().await;
    wire.send(request("POST", "/to/x", "Transfer-Encoding: chunked\r\n"))
        .await;
    for part in ["one", "two", "three"] {
        wire.send_chunk(part.as_bytes()).await;
        // Nothing more is sent before the backend has this.
        assert_eq!(first.recv().await.as_deref(), Some(part.as_bytes()));
    }
    wire.send_chunk(b"").await;
    assert_eq!(wire.answer().await.text(), "onetwothree");
    assert_usable(&mut wire, "afterwards").await;
}

#[tokio::test]
async fn a_response_streams_to_the_client() {
    for framing in ["Transfer-Encoding: chunked\r\n", "Content-Length: 6\r\n", ""] {
        let (go_on, gate) = mpsc::channel::<()>(1);
        let gate = Arc::new(tokio::sync::Mutex::new(gate));
        let chunked = framing.starts_with("Transfer");
        let origin = backend(move |mut wire, _| {
            let gate = gate.clone();
            async move {
                wire.head().await;
                wire.send(format!("HTTP/1.1 200 OK\r\n{framing}\r\n")).await;
                for part in ["one", "two"] {
                    if chunked {
                        wire.send_chunk(part.as_bytes()).await;
                    } else {
                        wire.send(part).await;
                    }
                    gate.lock().await.recv().await;
                }
                if chunked {
                    wire.send_chunk(b"").await;
                }
            }
        })
        .await;
        let gateway = gateway(&origin.authority()).await;
        let mut wire = gateway.wire().await;
        wire.send(request("GET", "/to/x", "")).await;
        let head = wire.head().await;
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        for part in ["one", "two"] {
            let read = match framing.starts_with("Content-Length") {
                true => wire.bytes(3).await,
                // Without a length the gateway chunks by itself.
                false => wire.chunk().await.expect("a chunk"),
            };
            assert_eq!(read, part.as_bytes(), "{framing}");
            // Only now the backend goes on.
            go_on.send(()).await.expect("the backend listens");
        }
        if !framing.starts_with("Content-Length") {
            assert_eq!(wire.chunk().await.as_deref(), Some(&b""[..]));
        }
        assert_usable(&mut wire, framing).await;
    }
}

#[tokio::test]
async fn expect_continue_is_answered_by_the_gateway() {
    let origin = Origin::echo().await;
    let gateway = gateway(&origin.authority()).await;
    let mut wire = gateway.wire().await;
    wire.send(request(
        "POST",
        "/to/x",
        "Content-Length: 4\r\nExpect: 100-continue\r\n",
    ))
    .await;
    assert_eq!(wire.head().await, "HTTP/1.1 100 Continue\r\n\r\n");
    wire.send("body").await;
    let told: Value = serde_json::from_slice(&wire.answer().await.body).expect("JSON");
    assert_eq!(
        (&told["body"], told["headers"].get("expect")),
        (&json!("body"), None)
    );
}

#[tokio::test]
async fn a_request_that_is_refused_is_not_asked_for_its_body() {
    let gateway = gateway("127.0.0.1:1").await;
    let head = "POST /nope/x HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n";
    assert_eq!(gateway.wire().await.exchange(head).await.status, 403);
}

#[tokio::test]
async fn connections_to_a_backend_are_kept() {
    let origin = Origin::echo().await;
    let gateway = gateway(&origin.authority()).await;
    for _ in 0..20 {
        // A connection of its own for each request: the backend's are shared by all clients.
        told(
            &gateway,
            &format!("{}ok", request("POST", "/to/x", "Content-Length: 2\r\n")),
        )
        .await;
    }
    assert_eq!((origin.recorded().len(), origin.connections()), (20, 1));
}

#[tokio::test]
async fn statuses_pass_as_they_are() {
    for (name, method, response, status, body, length) in [
        ("204", "GET", "HTTP/1.1 204 No Content\r\n\r\n", 204, "", &[][..]),
        (
            "304",
            "GET",
            "HTTP/1.1 304 Not Modified\r\nETag: x\r\nContent-Length: 9\r\n\r\n",
            304,
            "",
            &[],
        ),
        (
            "304 without length",
            "GET",
            "HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n",
            304,
            "",
            &[],
        ),
        (
            "HEAD",
            "HEAD",
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
            200,
            "",
            &["9"],
        ),
        (
            "empty",
            "GET",
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
            200,
            "",
            &["0"],
        ),
        (
            "404",
            "GET",
            "HTTP/1.1 404 Nope\r\nContent-Length: 2\r\n\r\nno",
            404,
            "no",
            &["2"],
        ),
        (
            "500",
            "POST",
            "HTTP/1.1 500 Oh\r\nContent-Length: 2\r\n\r\nno",
            500,
            "no",
            &["2"],
        ),
        (
            "unknown",
            "GET",
            "HTTP/1.1 799 Oh\r\nContent-Length: 2\r\n\r\nno",
            799,
            "no",
            &["2"],
        ),
        (
            "informational first",
            "GET",
            "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
            200,
            "ok",
            &["2"],
        ),
        (
            "HTTP/1.0",
            "GET",
            "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
            200,
            "ok",
            &["2"],
        ),
    ] {
        let origin = answering(response).await;
        let gateway = gateway(&origin.authority()).await;
        let mut wire = gateway.wire().await;
        let answer = wire.exchange(&request(method, "/to/x", "")).await;
        assert_eq!((answer.status, answer.text().as_str()), (status, body), "{name}");
        assert_eq!(answer.values("content-length"), length, "{name}");
        assert!(answer.complete, "{name}");
        assert_eq!(answer.values("x-amzn-errortype"), [""; 0], "{name}");
        assert_usable(&mut wire, name).await;
    }
}

#[tokio::test]
async fn a_backend_may_answer_before_it_has_read_the_request() {
    let origin = answering("HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno").await;
    let gateway = gateway(&origin.authority()).await;
    let mut wire = gateway.wire().await;
    wire.send(request("POST", "/to/x", "Content-Length: 100\r\n"))
        .await;
    let answer = wire.answer().await;
    assert_eq!((answer.status, answer.text().as_str()), (403, "no"));
}

/// By a client that reads nothing before it has sent all, and with more of both than is held on the way.
#[tokio::test]
async fn a_request_goes_on_while_nobody_reads_its_response() {
    const SIZE: usize = 9 * 1024 * 1024;
    let origin = RawOrigin::start(|stream, _| async move {
        let (mut read, mut write) = stream.into_split();
        let mut bytes = vec![0; 64 * 1024];
        let mut left = SIZE - read.read(&mut bytes).await.expect("the head").min(SIZE);
        let answer = async {
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {SIZE}\r\n\r\n");
            write.write_all(head.as_bytes()).await.expect("it is read");
            write.write_all(&vec![b'a'; SIZE]).await.expect("it is read");
        };
        let asked = async {
            while left > 0 {
                let count = read.read(&mut bytes).await.expect("it goes on");
                assert_ne!(count, 0, "it was cut off");
                left = left.saturating_sub(count);
            }
        };
        tokio::join!(answer, asked);
        while read.read(&mut bytes).await.is_ok_and(|count| count > 0) {}
    })
    .await;
    let gateway = gateway(&origin.authority()).await;
    let mut wire = gateway.wire().await;
    wire.send(request("POST", "/to/x", &format!("Content-Length: {SIZE}\r\n")))
        .await;
    wire.send(vec![b'q'; SIZE]).await;
    let answer = wire.answer().await;
    assert_eq!(
        (answer.status, answer.body.len(), answer.complete),
        (200, SIZE, true)
    );
    assert_usable(&mut wire, "afterwards").await;
    assert_eq!(origin.connections(), 1);
}
