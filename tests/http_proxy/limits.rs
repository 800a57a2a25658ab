//! How large bodies may be.

use super::{INTERNAL, LIMIT, TOO_LARGE, assert_refused, assert_usable, backend, gateway, request};

#[tokio::test]
async fn requests_have_at_most_10_mb() {
    let origin = backend(|mut wire, _| async move {
        let head = wire.head().await;
        let mut size = 0;
        if head.to_lowercase().contains("chunked") {
            while let Some(chunk) = wire.chunk().await.filter(|chunk| !chunk.is_empty()) {
                size += chunk.len();
            }
        } else {
            size = wire.bytes(LIMIT).await.len();
        }
        let size = size.to_string();
        wire.send(format!(
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{size}",
            size.len()
        ))
        .await;
        wire.rest().await;
    })
    .await;
    let gateway = gateway(&origin.authority()).await;
    let content = vec![b'x'; LIMIT + 1];
    for (name, size, chunked) in [
        ("10 MB", LIMIT, false),
        ("10 MB chunked", LIMIT, true),
        ("more", LIMIT + 1, false),
        ("more, chunked", LIMIT + 1, true),
    ] {
        let mut wire = gateway.wire().await;
        if chunked {
            wire.send(request("POST", "/to/x", "Transfer-Encoding: chunked\r\n"))
                .await;
            for chunk in content[..size].chunks(64 * 1024) {
                wire.send_chunk(chunk).await;
            }
            wire.send_chunk(b"").await;
        } else {
            wire.send(request("POST", "/to/x", &format!("Content-Length: {size}\r\n")))
                .await;
            if size <= LIMIT {
                wire.send(&content[..size]).await;
            }
        }
        let answer = wire.answer().await;
        if size > LIMIT {
            assert_refused(&answer, TOO_LARGE, name);
        } else {
            assert_eq!((answer.status, answer.text()), (200, size.to_string()), "{name}");
            assert_usable(&mut wire, name).await;
        }
    }
}

#[tokio::test]
async fn responses_have_at_most_10_mb() {
    for (name, size, chunked) in [
        ("10 MB", LIMIT, false),
        ("10 MB chunked", LIMIT, true),
        ("more", LIMIT + 1, false),
        ("more, chunked", LIMIT + 1, true),
    ] {
        let origin = backend(move |mut wire, _| async move {
            wire.head().await;
            let content = vec![b'x'; size];
            if chunked {
                wire.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                    .await;
                for chunk in content.chunks(64 * 1024) {
                    wire.send_chunk(chunk).await;
                }
                wire.send_chunk(b"").await;
            } else {
                wire.send(format!("HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n"))
                    .await;
                wire.send(content).await;
            }
            wire.rest().await;
        })
        .await;
        let gateway = gateway(&origin.authority()).await;
        let mut wire = gateway.wire().await;
        let answer = wire.exchange(&request("GET", "/to/x", "")).await;
        match (size > LIMIT, chunked) {
            (false, _) => assert_eq!(
                (answer.status, answer.body.len(), answer.complete),
                (200, LIMIT, true),
                "{name}"
            ),
            (true, false) => assert_refused(&answer, INTERNAL, name),
            // Its head had left before.
            (true, true) => assert_eq!((answer.status, answer.complete), (200, false), "{name}"),
        }
        if answer.complete {
            assert_usable(&mut wire, name).await;
        }
    }
}
