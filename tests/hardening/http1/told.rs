//! What a client whose request is refused is told, and what the log is.

use portcullis_testkit::Wire;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{get, start};

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_one_of_api_gateways_kind() {
    let (_backend, gateway) = start().await;
    for (bytes, status, message) in [
        ("GET / HTTP/1.1\n", "400 Bad Request", "Bad Request"),
        (
            "CONNECT a:1 HTTP/1.1\r\n",
            "405 Method Not Allowed",
            "Method Not Allowed",
        ),
        (
            "GET / HTTP/3.0\r\n",
            "505 HTTP Version Not Supported",
            "HTTP Version Not Supported",
        ),
    ] {
        let mut wire = gateway.wire().await;
        wire.send(bytes).await;
        let head = wire.head().await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{head}");
        for field in ["connection: close", "content-type: application/json", "date: "] {
            assert!(head.contains(&format!("\r\n{field}")), "{field} is not in {head}");
        }
        assert_eq!(head.contains("\r\nallow:"), status.starts_with("405"), "{head}");
        let body = wire.rest().await;
        assert_eq!(
            String::from_utf8_lossy(&body),
            format!(r#"{{"message": "{message}"}}"#)
        );
    }
    gateway.stop().await;
}

/// Bytes that nobody reads when a socket is closed reset the connection, and the client may lose the response.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_goes_on_sending_can_read_its_refusal() {
    let (_backend, gateway) = start().await;
    let mut client = TcpStream::connect(gateway.address()).await.expect("a connection");
    let bytes = format!("GET / HTTP/3.0\r\n{}", "x".repeat(500_000));
    client
        .write_all(bytes.as_bytes())
        .await
        .expect("the bytes are taken");
    let mut answer = String::new();
    client
        .read_to_string(&mut answer)
        .await
        .expect("an end and no reset");
    assert!(answer.starts_with("HTTP/1.1 505 "), "{answer}");
    for _ in 0..100 {
        client.write_all(&[b'x'; 4_000]).await.expect("no reset yet");
    }
    gateway.stop().await;
}

/// The requests before are answered first, however slowly, and each in its turn.
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_waits_for_its_turn() {
    let (backend, gateway) = start().await;
    let mut wire = gateway.wire().await;
    wire.send(format!("{}\0", get("").repeat(50))).await;
    for place in 0..50 {
        assert_eq!(wire.answer().await.status, 200, "{place}");
    }
    assert_eq!(wire.answer().await.status, 400);
    assert_eq!(wire.rest().await, b"");
    assert_eq!(backend.take().len(), 50);
    gateway.stop().await;
}

/// A response that the client is slow to take is not overtaken, and comes whole.
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_does_not_overtake_a_large_response() {
    const SIZE: usize = 8 * 1024 * 1024;
    let backend = portcullis_testkit::RawOrigin::start(|stream, _| async move {
        let mut wire = Wire::of(stream);
        wire.head().await;
        wire.send(format!("HTTP/1.1 200 OK\r\nContent-Length: {SIZE}\r\n\r\n"))
            .await;
        wire.send(vec![b'x'; SIZE]).await;
        wire.rest().await;
    })
    .await;
    let toml = super::TOML.replace("ORIGIN", &backend.authority());
    let gateway = portcullis_testkit::Running::of(&toml).await;
    let mut wire = gateway.wire().await;
    wire.send(format!("{}\0", get(""))).await;
    let answer = wire.answer().await;
    assert_eq!(
        (answer.status, answer.complete, answer.body.len()),
        (200, true, SIZE)
    );
    assert_eq!(wire.answer().await.status, 400);
    gateway.stop().await;
}
