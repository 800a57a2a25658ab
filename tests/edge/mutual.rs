//! Who may forward to whom.

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
