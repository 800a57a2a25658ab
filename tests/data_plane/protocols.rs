//! HTTP/2, and a client that everybody has.

use portcullis_testkit::{Client, curl};
use portcullis_tests::gateways::*;
use serde_json::{Value, json};

#[tokio::test]
async fn speaks_http2_with_prior_knowledge() {
    let gateway = echoing("").await;
    let client = Client::of_version(true);
    let url = gateway.url("/dev/one/7?q=1&q=2");
    let told = client
        .send("POST", &url, &[("x-a", "1"), ("x-a", "2")], b"body")
        .await;
    let told = told.expect("an answer").json();
    assert_eq!(context(&told)["protocol"], "HTTP/2.0");
    assert_eq!(
        (&told["body"], &told["query"]),
        (&json!("body"), &json!([["q", "1"], ["q", "2"]]))
    );
    let mut many = tokio::task::JoinSet::new();
    for index in 0..50 {
        let (client, url) = (client.clone(), gateway.url(&format!("/dev/one/{index}")));
        many.spawn(async move {
            (
                index,
                client.send("GET", &url, &[], b"").await.expect("an answer"),
            )
        });
    }
    for (index, answer) in many.join_all().await {
        assert_eq!(answer.json()["path"], format!("/one/{index}"));
    }
    let unknown = client
        .send("GET", &gateway.url("/nope/x"), &[], b"")
        .await
        .expect("an answer");
    assert_refused(&unknown, FORBIDDEN, "HTTP/2");
    // The host form, by :authority.
    let resolve = format!("api.execute-api.localhost:{}:127.0.0.1", gateway.address().port());
    let url = format!(
        "http://api.execute-api.localhost:{}/dev/one/9",
        gateway.address().port()
    );
    let told = curl_in_background(vec![
        "--http2-prior-knowledge".into(),
        "--resolve".into(),
        resolve,
        url,
    ])
    .await;
    let told: Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!(
        (&told["path"], &context(&told)["protocol"]),
        (&json!("/one/9"), &json!("HTTP/2.0"))
    );
}

/// curl blocks its thread; the gateway runs on this test's.
async fn curl_in_background(arguments: Vec<String>) -> String {
    let running = tokio::task::spawn_blocking(move || {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        curl(&arguments)
    });
    running.await.expect("curl runs")
}

#[tokio::test]
async fn answers_real_curl() {
    let gateway = echoing("").await;
    let port = gateway.address().port();
    let arguments = |line: &str| -> Vec<String> {
        let line = line.replace("PORT", &port.to_string());
        line.split(' ').map(str::to_owned).collect()
    };
    // curl resolves *.localhost to the loopback address by itself; --resolve is for those built without.
    let by_host =
        "--resolve api.execute-api.localhost:PORT:127.0.0.1 http://api.execute-api.localhost:PORT/dev/one/7";
    let told: Value = serde_json::from_str(&curl_in_background(arguments(by_host)).await).expect("JSON");
    assert_eq!(
        context(&told)["domainName"],
        format!("api.execute-api.localhost:{port}")
    );
    let posted = "-d a=1&b=2 -H Expect:100-continue http://127.0.0.1:PORT/dev/post?x=%20";
    let told: Value = serde_json::from_str(&curl_in_background(arguments(posted)).await).expect("JSON");
    assert_eq!(
        (&told["body"], &told["query"]),
        (&json!("a=1&b=2"), &json!([["x", " "]]))
    );
    let head = curl_in_background(arguments("-i http://127.0.0.1:PORT/nope/x")).await;
    assert!(head.starts_with("HTTP/1.1 403 Forbidden\r\n"), "{head}");
    assert!(head.ends_with("\r\n\r\n{\"message\":\"Forbidden\"}"), "{head}");
}
