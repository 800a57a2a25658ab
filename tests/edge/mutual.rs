//! Who may forward to whom.

use std::time::Duration;

use portcullis_testkit::Wire;
use portcullis_tests::gateways::*;
use portcullis_tests::https::Https;
use portcullis_tests::tls::Authority;

use super::support::*;

#[tokio::test]
async fn a_region_refuses_whoever_is_no_point_of_presence() {
    let authorities = Authorities::new();
    let gateway = authorities.region("", "").await;
    let files = authorities.files();
    write(&files, "edge", &Authority::new("others").issue("edge.example"));
    let edge = Edge::alone(&toml(&region("eu", gateway.address())), files).await;
    eventually("the certificate is refused", async || {
        gateway.metric("portcullis_failed_handshakes_total").await > 1.0
    })
    .await;
    let answer = edge.get("/dev/echo", &[]).await;
    assert_eq!(
        (answer.status.as_u16(), answer.text(), answer.header("x-cache")),
        (
            503,
            r#"{"message": "Service Unavailable"}"#,
            "Error from portcullis"
        )
    );
    assert_eq!(edge.control("ready").await.text(), "no region is up\n");
    assert_eq!(edge.control("health").await.status, 200);
    let client = Https::trusting(&authorities.regions);
    client
        .get(gateway.address(), "/dev/echo", &[])
        .await
        .expect_err("none is shown");
    assert_eq!(calls(&gateway, "echo").await, 0.0);
}

#[tokio::test]
async fn a_point_of_presence_refuses_a_region_of_others() {
    let authorities = Authorities::new();
    let gateway = authorities.region("", "").await;
    let files = authorities.files();
    files.write("others.pem", &Authority::new("others").pem);
    let others = region("others", gateway.address()).replace("regions.pem", "others.pem");
    let named = region("named", gateway.address()).replace("localhost", "eu.example");
    let edge = Edge::alone(&toml(&format!("{others}{named}")), files).await;
    eventually("both are refused", async || {
        gateway.metric("portcullis_failed_handshakes_total").await > 3.0
    })
    .await;
    assert_eq!(edge.get("/dev/echo", &[]).await.status, 503);
    assert_eq!(calls(&gateway, "echo").await, 0.0);
}

#[tokio::test]
async fn connections_are_made_at_the_start_and_kept() {
    let authorities = Authorities::new();
    let gateway = authorities.region("", "").await;
    let three = format!("{}connections = 3\n", region("eu", gateway.address()));
    let edge = Edge::start(&toml(&three), authorities.files()).await;
    let up = "portcullis_edge_region_connections{region=\"eu\"}";
    eventually("all are up", async || edge.metric(up).await == 3.0).await;
    for _ in 0..10 {
        assert_eq!(edge.get("/dev/echo", &[]).await.status, 200);
    }
    // Each of them, and that of the metrics.
    assert_eq!(gateway.metric("portcullis_open_connections").await, 3.0);
    assert_eq!(
        edge.metric("portcullis_edge_requests_total{status=\"2xx\"}")
            .await,
        10.0
    );
    assert!(
        edge.metric("portcullis_edge_region_rtt_seconds{region=\"eu\"}")
            .await
            > 0.0
    );
}

/// The second connection waits to be accepted until the first has ended.
#[tokio::test]
async fn so_many_clients_are_let_in_at_once() {
    let authorities = Authorities::new();
    let gateway = authorities.region("", "").await;
    let toml = toml(&region("eu", gateway.address())).replace(":0\" }]", ":0\", max_connections = 1 }]");
    let edge = Edge::start(&toml, authorities.files()).await;
    let mut first = Wire::connect(edge.address()).await;
    let request = b"GET /dev/echo HTTP/1.1\r\nhost: localhost\r\n\r\n";
    first.send(request).await;
    assert_eq!(first.answer().await.status, 200);
    let mut second = Wire::connect(edge.address()).await;
    second.send(request).await;
    let waits = tokio::time::timeout(Duration::from_millis(200), second.answer()).await;
    assert!(waits.is_err(), "nobody has accepted it");
    drop(first);
    assert_eq!(second.answer().await.status, 200);
}
