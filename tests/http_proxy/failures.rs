//! What a backend, a client or a network can do wrong.

use std::sync::Arc;

use portcullis_testkit::{Client, Origin};
use portcullis_tests::tls::Closed;
use tokio::sync::mpsc;

use super::{
    LOST, TIMED_OUT, UNREACHABLE, answering, assert_refused, assert_usable, backend, gateway, request,
};

#[tokio::test]
async fn a_silent_backend_times_out() {
    let origin = backend(|mut wire, _| async move { drop(wire.rest().await) }).await;
    let gateway = gateway(&origin.authority()).await;
    let mut wire = gateway.wire().await;
    for (method, more) in [("GET", ""), ("POST", "Content-Length: 2\r\n\r\nok")] {
        let request = request(method, "/quick", more).replace("\r\n\r\nok\r\n", "\r\n\r\nok");
        assert_refused(&wire.exchange(&request).await, TIMED_OUT, method);
    }
    assert_eq!(origin.connections(), 2, "a time-out is not tried again");
    assert_usable(&mut wire, "afterwards").await;
    let refusals =
        gateway.metric(r#"portcullis_refusals_total{api="api",stage="dev",type="INTEGRATION_TIMEOUT"}"#);
    assert_eq!(refusals.await, 2.0);
    assert_eq!(
        gateway
            .metric(r#"portcullis_blames_total{api="api",stage="dev",blame="upstream"}"#)
            .await,
        2.0
    );
}

#[tokio::test]
async fn the_timeout_is_for_the_head_alone() {
    let (go_on, gate) = mpsc::channel::<()>(1);
    let gate = Arc::new(tokio::sync::Mutex::new(gate));
    let origin = backend(move |mut wire, number| {
        let gate = gate.clone();
        async move {
            wire.head().await;
            if number == 0 {
                wire.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\none").await;
                gate.lock().await.recv().await;
                wire.send("two").await;
            }
            wire.rest().await;
        }
    })
    .await;
    let gateway = gateway(&origin.authority()).await;
    let mut wire = gateway.wire().await;
    wire.send(request("GET", "/slower", "")).await;
    wire.head().await;
    assert_eq!(wire.bytes(3).await, b"one");
    // A second request, begun after the first one's head came, runs out of the same time: so it is over for the first.
    let silent = gateway
        .wire()
        .await
        .exchange(&request("GET", "/slower", ""))
        .await;
    assert_refused(&silent, TIMED_OUT, "the second one");
    go_on.send(()).await.expect("the backend waits");
    assert_eq!(wire.bytes(3).await, b"two");
    assert_usable(&mut wire, "afterwards").await;
}

#[tokio::test]
async fn a_backend_that_cannot_be_connected_to_is_unavailable() {
    let refusing = Closed::new();
    let gateway = gateway(&refusing.address().to_string()).await;
    let mut wire = gateway.wire().await;
    for (name, path) in [("refused", "/to/x"), ("no such host", "/no-such-host")] {
        for method in ["GET", "DELETE"] {
            let answer = wire.exchange(&request(method, path, "")).await;
            assert_refused(&answer, UNREACHABLE, name);
        }
    }
    let posted = wire
        .exchange(&format!(
            "{}ok",
            request("POST", "/to/x", "Content-Length: 2\r\n")
        ))
        .await;
    assert_refused(&posted, UNREACHABLE, "POST");
}

#[tokio::test]
async fn a_lost_connection_is_tried_again_once_where_that_is_safe() {
    const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    let body = "Content-Length: 2\r\n";
    // RFC 9110 section 9.2.2: idempotent verbs; a body that was streamed cannot be sent again.
    for (name, method, more, responses, attempts, expected) in [
        ("GET, never an answer", "GET", "", &["", ""][..], 2, Some(LOST)),
        ("GET, the second attempt answers", "GET", "", &["", OK], 2, None),
        ("GET, the first attempt answers", "GET", "", &[OK], 1, None),
        ("HEAD", "HEAD", "", &["", OK], 2, None),
        ("OPTIONS", "OPTIONS", "", &["", OK], 2, None),
        ("PUT without a body", "PUT", "", &["", OK], 2, None),
        ("DELETE", "DELETE", "", &["", OK], 2, None),
        ("POST", "POST", body, &["", OK], 1, Some(LOST)),
        ("POST without a body", "POST", "", &["", OK], 1, Some(LOST)),
        ("PATCH without a body", "PATCH", "", &["", OK], 1, Some(LOST)),
        ("PUT with a body", "PUT", body, &["", OK], 1, Some(LOST)),
        ("GET with a body", "GET", body, &["", OK], 1, Some(LOST)),
        (
            "half a status line",
            "GET",
            "",
            &["HTTP/1.1 2", OK],
            1,
            Some(LOST),
        ),
        (
            "half a head",
            "GET",
            "",
            &["HTTP/1.1 200 OK\r\nContent-Le", OK],
            1,
            Some(LOST),
        ),
    ] {
        let (tell, mut heads) = mpsc::unbounded_channel();
        let origin = backend(move |mut wire, number| {
            let tell = tell.clone();
            async move {
                let _ = tell.send(wire.head().await);
                if !more.is_empty() {
                    wire.bytes(2).await;
                }
                let response = responses.get(number).copied().unwrap_or_default();
                wire.send(response).await;
                if response == OK {
                    wire.rest().await;
                }
            }
        })
        .await;
        let gateway = gateway(&origin.authority()).await;
        let mut wire = gateway.wire().await;
        let content = if more.is_empty() { "" } else { "ok" };
        let answer = wire
            .exchange(&format!(
                "{}{content}",
                request(method, "/to/x?a=%20&b", &format!("X-Two: 1\r\nX-Two: \r\n{more}"))
            ))
            .await;
        match expected {
            Some(refused) => assert_refused(&answer, refused, name),
            None => assert_eq!(answer.status, 200, "{name}"),
        }
        assert_usable(&mut wire, name).await;
        assert_eq!(origin.connections(), attempts, "{name}: attempts");
        let first = heads.recv().await.expect("a head");
        assert!(first.contains("x-two: 1\r\nx-two: \r\n"), "{name}: {first}");
        if attempts == 2 {
            assert_eq!(heads.recv().await, Some(first), "{name}: it is the same request");
        }
    }
}

#[tokio::test]
async fn what_is_not_http_is_a_lost_connection() {
    for (name, response) in [
        ("no HTTP", "SSH-2.0-OpenSSH_9.0\r\n"),
        ("no status", "HTTP/1.1\r\n\r\n"),
        ("bad status", "HTTP/1.1 abc OK\r\n\r\n"),
        (
            "line without a colon",
            "HTTP/1.1 200 OK\r\nthis is no header\r\n\r\n",
        ),
        ("blank in a name", "HTTP/1.1 200 OK\r\nbad name: x\r\n\r\n"),
        ("NUL in a value", "HTTP/1.1 200 OK\r\nX-Bad: a\0b\r\n\r\n"),
        ("bare CR in a value", "HTTP/1.1 200 OK\r\nX-Bad: a\rb\r\n\r\n"),
        (
            "two lengths",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        ),
        ("no length", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"),
        ("negative length", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"),
    ] {
        let origin = answering(response).await;
        let gateway = gateway(&origin.authority()).await;
        let mut wire = gateway.wire().await;
        let answer = wire.exchange(&request("GET", "/to/x", "")).await;
        assert_refused(&answer, LOST, name);
        assert_eq!(
            origin.connections(),
            1,
            "{name}: bytes were seen, so it is not tried again"
        );
        assert_usable(&mut wire, name).await;
    }
}

#[tokio::test]
async fn a_backend_that_dies_in_its_body_cuts_the_response_off() {
    for (name, response, got) in [
        (
            "length",
            "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
            "half",
        ),
        (
            "chunked",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
            "half",
        ),
        (
            "in a chunk",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf",
            "half",
        ),
        (
            "bad chunk",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\n",
            "half",
        ),
    ] {
        let origin = backend(move |mut wire, _| async move {
            wire.head().await;
            wire.send(response).await;
        })
        .await;
        let gateway = gateway(&origin.authority()).await;
        let mut wire = gateway.wire().await;
        let answer = wire.exchange(&request("GET", "/to/x", "")).await;
        assert_eq!(answer.status, 200, "{name}");
        assert!(!answer.complete, "{name}: {answer:?}");
        assert!(got.starts_with(&answer.text()), "{name}: {answer:?}");
        assert_eq!(wire.rest().await, b"", "{name}: the connection is closed");
        // HTTP/2 resets the stream.
        let sent = Client::of_version(true)
            .send("GET", &gateway.url("/dev/to/x"), &[], b"")
            .await;
        assert!(sent.is_err(), "{name}: {sent:?}");
    }
}

#[tokio::test]
async fn a_client_that_leaves_ends_the_backends_work() {
    for (name, sent, response) in [
        ("while it sends", "Content-Length: 100\r\n\r\nhalf", ""),
        (
            "while it sends chunks",
            "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
            "",
        ),
        ("while it waits", "", ""),
        (
            "while it reads",
            "",
            "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
        ),
    ] {
        let (tell, mut told) = mpsc::channel::<&str>(2);
        let origin = backend(move |mut wire, _| {
            let tell = tell.clone();
            async move {
                wire.head().await;
                wire.send(response).await;
                tell.send("begun").await.expect("the test listens");
                // The end of the connection, whatever comes before.
                wire.rest().await;
                tell.send("closed").await.expect("the test listens");
            }
        })
        .await;
        let gateway = gateway(&origin.authority()).await;
        let mut wire = gateway.wire().await;
        let head = request("POST", "/to/x", "");
        let head = head.strip_suffix("\r\n").expect("an end");
        wire.send(format!("{head}{}", if sent.is_empty() { "\r\n" } else { sent }))
            .await;
        if !response.is_empty() {
            wire.head().await;
            assert_eq!(wire.bytes(4).await, b"half", "{name}");
        }
        assert_eq!(told.recv().await, Some("begun"), "{name}");
        drop(wire);
        assert_eq!(told.recv().await, Some("closed"), "{name}");
        assert_eq!(origin.connections(), 1, "{name}");
    }
}

#[tokio::test]
async fn requests_of_unclear_length_are_refused() {
    let origin = Origin::echo().await;
    let gateway = gateway(&origin.authority()).await;
    // RFC 9112 section 6: what could be read as two different requests is read as none.
    for (name, more) in [
        ("two lengths", "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
        ("no length", "Content-Length: x\r\n\r\n"),
        ("signed length", "Content-Length: +2\r\n\r\nab"),
        (
            "unknown coding",
            "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        ),
        (
            "blank before the colon",
            "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        ),
        (
            "a length and a coding",
            "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        ),
        ("bad chunk size", "Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
    ] {
        let head = request("POST", "/to/x", "");
        let head = head.strip_suffix("\r\n").expect("an end");
        let answer = gateway.wire().await.exchange(&format!("{head}{more}")).await;
        assert_eq!(answer.status, 400, "{name}: {}", answer.text());
    }
    assert_eq!(origin.recorded().len(), 0);
}
