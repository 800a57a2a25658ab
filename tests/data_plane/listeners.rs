//! The control listener, and the limit on connections.

use portcullis_testkit::Running;
use portcullis_tests::gateways::*;

use super::MOCKS;

#[tokio::test]
async fn the_control_listener_tells_of_health_and_metrics() {
    let gateway = echoing(
        "[apis.idle.stages.dev]\n[[apis.idle.routes]]\npath = \"/\"\nintegration = { type = \"mock\" }\n",
    )
    .await;
    for (path, status, body) in [
        ("/_portcullis/health", 200, "ok\n"),
        ("/_portcullis/ready", 200, "ready\n"),
        (
            "/",
            404,
            "there are /_portcullis/health, /_portcullis/ready and /_portcullis/metrics\n",
        ),
    ] {
        let answer = gateway.control(path).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (status, body), "{path}");
    }
    assert_eq!(gateway.get("/dev/one/1", &[]).await.status, 200);
    assert_eq!(gateway.get("/dev", &[]).await.status, 403);
    assert_eq!(gateway.get("/nope/x", &[]).await.status, 403);
    let metrics = gateway.control("/_portcullis/metrics").await;
    assert_eq!(
        metrics.header("content-type"),
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    );
    let text = metrics.text();
    for line in [
        r#"portcullis_requests_total{api="api",stage="dev",status="2xx"} 1"#,
        r#"portcullis_requests_total{api="api",stage="dev",status="4xx"} 1"#,
        r#"portcullis_refusals_total{api="api",stage="dev",type="MISSING_AUTHENTICATION_TOKEN"} 1"#,
        r#"portcullis_blames_total{api="api",stage="dev",blame="client"} 1"#,
        "portcullis_unresolved_requests_total 1",
        "portcullis_open_connections 1",
        "portcullis_connections_total 1",
        r#"portcullis_latency_seconds_count{api="api",stage="dev"} 2"#,
        r#"portcullis_latency_seconds_bucket{le="+Inf",api="api",stage="dev"} 2"#,
        r#"portcullis_latency_seconds_bucket{le="+Inf",api="idle",stage="dev"} 0"#,
        r#"portcullis_plugin_calls_total{plugin="echo",outcome="ok"} 1"#,
        r#"portcullis_plugin_instances{plugin="echo"} 1"#,
        "# EOF",
    ] {
        assert!(
            text.lines().any(|known| known == line),
            "{line} is not in:\n{text}"
        );
    }
    let buckets = text
        .lines()
        .filter(|line| line.starts_with("portcullis_latency_seconds_bucket"));
    assert_eq!(
        buckets.count(),
        2 * 13,
        "twelve bounds and +Inf for each stage:\n{text}"
    );
    let body = gateway.send("POST", "/dev/x", &[], b"x").await.body.len();
    let bytes = gateway
        .metric(r#"portcullis_response_bytes_total{api="api",stage="dev"}"#)
        .await;
    assert!(bytes > body as f64, "{bytes}");
}

#[tokio::test]
async fn connections_over_the_limit_wait() {
    let toml = MOCKS.replace(
        "{listener mocks}",
        "[[listeners]]\naddress = \"127.0.0.1:0\"\ndefault_api = \"mocks\"\nmax_connections = 1\n\
         [control]\naddress = \"127.0.0.1:0\"\n",
    );
    let gateway = Running::of(&toml).await;
    let request = "GET /dev/any HTTP/1.1\r\nHost: h\r\n\r\n";
    let mut first = gateway.wire().await;
    assert_eq!(first.exchange(request).await.status, 200);
    let mut second = gateway.wire().await;
    second.send(request).await;
    for _ in 0..20 {
        assert_eq!(first.exchange(request).await.status, 200);
    }
    assert_eq!(
        gateway.metric("portcullis_connections_total").await,
        1.0,
        "the second one waits"
    );
    drop(first);
    assert_eq!(second.answer().await.status, 200, "its turn has come");
}
