//! Metrics under CloudWatch's names.

use portcullis_testkit::Running;
use portcullis_tests::gateways::guests;

use super::{counted, logged, settled};

#[tokio::test]
async fn metrics_have_cloudwatchs_names() {
    let mut gateway = Running::start(&counted(""), guests()).await;
    for (path, status) in [
        ("/dev/echo", 200),
        ("/dev/guarded", 401),
        ("/dev/offline", 503),
        ("/dev/offline", 503),
    ] {
        assert_eq!(gateway.get(path, &[]).await.status, status, "{path}");
    }
    let stage = r#"{api="api",stage="dev"}"#;
    let expected = [
        ("Count_total", 4.0),
        ("4XXError_total", 1.0),
        ("5XXError_total", 2.0),
        ("CacheHitCount_total", 0.0),
        ("CacheMissCount_total", 0.0),
        ("Latency_milliseconds_count", 4.0),
        // The 401 came to no integration.
        ("IntegrationLatency_milliseconds_count", 3.0),
    ];
    settled(&gateway, &format!("apigateway_Count_total{stage}"), 4.0).await;
    for (name, value) in expected {
        assert_eq!(
            gateway.metric(&format!("apigateway_{name}{stage}")).await,
            value,
            "{name}"
        );
    }
    let text = gateway.control("/_portcullis/metrics").await;
    assert!(
        text.text()
            .contains("apigateway_Count_total{api=\"api\",stage=\"dev\"} 4"),
        "{}",
        text.text()
    );
    assert!(
        !text.text().contains("resource=\""),
        "by method only where the setting is on"
    );
    let sum = gateway
        .metric(&format!("apigateway_Latency_milliseconds_sum{stage}"))
        .await;
    assert!(sum > 0.0 && sum < 60_000.0, "{sum} ms");

    // By method, for the one that says so; and the counts go on over reloads.
    let on = r#"methods."/offline/ANY" = { metrics = true }"#;
    assert!(!gateway.rewrite(&counted(on)).await.has_errors());
    let method = r#"{api="api",stage="dev",resource="/offline",method="ANY"}"#;
    gateway.get("/dev/offline", &[]).await;
    gateway.get("/dev/echo", &[]).await;
    settled(&gateway, &format!("apigateway_Count_total{stage}"), 6.0).await;
    let variables = r#"methods."/offline/ANY" = { metrics = true }
        variables = { a = "b" }"#;
    assert!(!gateway.rewrite(&counted(variables)).await.has_errors());
    gateway.get("/dev/offline", &[]).await;
    settled(&gateway, &format!("apigateway_Count_total{stage}"), 7.0).await;
    for (name, value) in [
        ("Count_total", 2.0),
        ("4XXError_total", 0.0),
        ("5XXError_total", 2.0),
        ("Latency_milliseconds_count", 2.0),
        ("IntegrationLatency_milliseconds_count", 2.0),
    ] {
        assert_eq!(
            gateway.metric(&format!("apigateway_{name}{method}")).await,
            value,
            "{name} of the method"
        );
    }
    let text = gateway.control("/_portcullis/metrics").await;
    assert!(!text.text().contains("resource=\"/{proxy+}\""), "{}", text.text());
    assert!(!gateway.rewrite(&counted("")).await.has_errors());
    let text = gateway.control("/_portcullis/metrics").await;
    assert!(!text.text().contains("resource=\""), "{}", text.text());
}

#[tokio::test]
async fn lines_that_are_lost_are_counted() {
    let gateway = Running::of(&logged(r#"destination = "/dev/full""#)).await;
    assert_eq!(gateway.metric("portcullis_access_log_dropped_total").await, 0.0);
    assert_eq!(gateway.get("/dev/pets/7", &[]).await.status, 201);
    settled(&gateway, "portcullis_access_log_dropped_total", 1.0).await;
}
