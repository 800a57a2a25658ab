//! Heads of HTTP/2: what is refused of HTTP/1.1's for what a head as a whole says is refused here too.

use bytes::Bytes;
use http::Request;
use http_body_util::Empty;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use portcullis_testkit::{Origin, Running};
use tokio::net::TcpStream;

const TOML: &str = r#"
    {listener api}
    [control]
    address = "127.0.0.1:0"
    [apis.api.stages.dev]
    [[apis.api.routes]]
    path = "/{proxy+}"
    integration = { type = "http_proxy", uri = "http://ORIGIN/{proxy}", http_method = "ANY" }
"#;

#[tokio::test(flavor = "multi_thread")]
async fn heads_that_can_be_read_in_two_ways_are_refused() {
    let origin = Origin::echo().await;
    let gateway = Running::of(&TOML.replace("ORIGIN", &origin.authority())).await;
    let stream = TcpStream::connect(gateway.address()).await.expect("a connection");
    let handshake = http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
    let (mut sender, connection) = handshake.await.expect("HTTP/2");
    let connection = tokio::spawn(connection);
    let mut passed = 0;
    for (uri, field, status, reason) in [
        ("http://a/dev/x", None, 200, ""),
        ("http://a/dev/x", Some(("host", "A:80")), 200, ""),
        ("http://a/dev/x%2Fy?z=..", None, 200, ""),
        ("http://a/dev/x", Some(("host", "b")), 400, "other_host"),
        ("http://a:99999/dev/x", None, 400, "host"),
        ("http://a/dev/x", Some(("host", "a b")), 400, "host"),
        ("ftp://a/dev/x", None, 400, "target"),
        ("http://a/dev/../x", None, 400, "path"),
        ("http://a/dev/%2e%2e/x", None, 400, "path"),
        ("http://a/dev/%252e%252e/x", None, 400, "path"),
        ("http://a/dev/x%5cy", None, 400, "path"),
        ("http://a/dev/x%00", None, 400, "path"),
        ("http://a/dev/\u{e9}", None, 400, "target"),
        ("http://a/dev/x", Some(("expect", "x")), 417, "expectation"),
    ] {
        let metric = format!("portcullis_refused_requests_total{{reason=\"{reason}\"}}");
        let before = gateway.metric(&metric).await;
        let mut request = Request::builder().uri(uri);
        if let Some((name, value)) = field {
            request = request.header(name, value);
        }
        let request = request.body(Empty::<Bytes>::new()).expect("a request");
        let answer = sender.send_request(request).await.expect("an answer");
        assert_eq!(answer.status().as_u16(), status, "{uri} {field:?}");
        let counted = gateway.metric(&metric).await - before;
        assert!(
            (counted - f64::from(u8::from(status != 200))).abs() < 0.5,
            "{uri} {field:?}"
        );
        passed += usize::from(status == 200);
    }
    assert_eq!(origin.recorded().len(), passed);
    drop(sender);
    connection.await.expect("no panic").expect("a good end");
    gateway.stop().await;
}
