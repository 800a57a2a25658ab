//! Which headers pass, and under which name.

use portcullis_testkit::{Client, Origin};
use serde_json::json;

use super::{answering, assert_usable, gateway, request, told};

#[tokio::test]
async fn withholds_headers_from_the_backend() {
    let origin = Origin::echo().await;
    let gateway = gateway(&origin.authority()).await;
    // known issues and behaviours: never reach an integration; hop-by-hop headers by RFC 9110 section 7.6.1; Connection
    // names further ones.
    let sent = "Connection: x-hop, X-Other-Hop\r\nX-Hop: 1\r\nX-Other-Hop: 1\r\nKeep-Alive: timeout=5\r\n\
        Content-MD5: 1\r\nContent-Encoding: gzip\r\nMax-Forwards: 1\r\nProxy-Authenticate: Basic\r\n\
        Proxy-Authorization: Basic\r\nProxy-Connection: keep-alive\r\nServer: x\r\nTE: trailers\r\nTrailer: x-t\r\n\
        Upgrade: x\r\nVia: 1.1 x\r\nWWW-Authenticate: Basic\r\n\
        X-Amzn-Apigateway-Api-Id: forged\r\nX-Forwarded-Port: 1\r\nX-Forwarded-Proto: https\r\n";
    let told = told(&gateway, &request("GET", "/to/x", sent)).await;
    let mut names: Vec<&str> = told["headers"]
        .as_object()
        .expect("headers")
        .keys()
        .map(String::as_str)
        .collect();
    names.sort_unstable();
    let expected = [
        "host",
        "user-agent",
        "x-amzn-apigateway-api-id",
        "x-amzn-trace-id",
        "x-forwarded-for",
        "x-forwarded-port",
        "x-forwarded-proto",
    ];
    assert_eq!(names, expected);
    let port = gateway.address().port().to_string();
    let authority = origin.authority();
    // behaviours: HTTP_PROXY sends X-Amzn-Apigateway-Api-Id and X-Amzn-Trace-Id; User-Agent AmazonAPIGateway_{apiId}.
    for (name, value) in [
        ("host", authority.as_str()),
        ("user-agent", "AmazonAPIGateway_api"),
        ("x-amzn-apigateway-api-id", "api"),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-port", &port),
        ("x-forwarded-proto", "http"),
    ] {
        assert_eq!(told["headers"][name], json!([value]), "{name}");
    }
    // xray-api-devguide: Root=1-{8 hexadecimal digits}-{24}.
    let trace = told["headers"]["x-amzn-trace-id"][0].as_str().expect("text");
    let lengths: Vec<usize> = trace.split('-').map(str::len).collect();
    assert!(trace.starts_with("Root=1-") && lengths == [6, 8, 24], "{trace}");
}

#[tokio::test]
async fn passes_other_headers_to_the_backend() {
    let origin = Origin::echo().await;
    let gateway = gateway(&origin.authority()).await;
    let kept = [
        ("Accept", "image/webp,*/*"),
        ("Accept-Encoding", "gzip"),
        ("Authorization", "Bearer x"),
        ("Cache-Control", "no-cache"),
        ("Content-Type", "text/plain"),
        ("Cookie", "a=1; b=2"),
        ("Date", "Thu, 01 Jan 2026 00:00:00 GMT"),
        ("If-None-Match", "\"x\""),
        ("Origin", "http://x"),
        ("Range", "bytes=0-1"),
        ("Referer", "http://x/"),
        ("User-Agent", "tests/1"),
        ("X-Amzn-Trace-Id", "Root=1-00000000-000000000000000000000000"),
        ("X-Custom", "ä"),
    ];
    let lines: String = kept
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let sent = format!(
        "{lines}X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: 192.0.2.2\r\nConnection: close, content-length\r\nContent-Length: 2\r\n"
    );
    let told = told(&gateway, &format!("{}ok", request("POST", "/to/x", &sent))).await;
    for (name, value) in kept {
        assert_eq!(told["headers"][name.to_lowercase()], json!([value]), "{name}");
    }
    assert_eq!(
        told["headers"]["x-forwarded-for"],
        json!(["192.0.2.1, 192.0.2.2, 127.0.0.1"])
    );
    assert_eq!(
        (&told["headers"]["content-length"], &told["body"]),
        (&json!(["2"]), &json!("ok"))
    );
}

#[tokio::test]
async fn renames_a_backends_headers() {
    // known issues: remapped to x-amzn-Remapped-{name}; behaviours: HTTP_PROXY renames likewise, and x-amzn-requestid.
    let remapped = [
        ("Authorization", "a"),
        ("Connection", "X-Hop"),
        ("Content-Length", "2"),
        ("Content-MD5", "b"),
        ("Date", "Thu, 01 Jan 2026 00:00:00 GMT"),
        ("Expect", "c"),
        ("Host", "d"),
        ("Max-Forwards", "1"),
        ("Proxy-Authenticate", "Basic"),
        ("Server", "theirs"),
        ("Trailer", "x-t"),
        ("Upgrade", "h2c"),
        ("User-Agent", "e"),
        ("WWW-Authenticate", "Basic"),
        ("x-amzn-requestid", "theirs"),
    ];
    let lines: String = remapped
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let more = "X-Hop: 1\r\nKeep-Alive: 5\r\nx-amz-apigw-id: theirs\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\
        Content-Encoding: gzip\r\nETag: \"x\"\r\nX-Custom: 1\r\n";
    let origin = answering(&format!("HTTP/1.1 201 Made\r\n{lines}{more}\r\nok")).await;
    let gateway = gateway(&origin.authority()).await;
    let mut wire = gateway.wire().await;
    let answer = wire.exchange(&request("GET", "/to/x", "")).await;
    assert_eq!((answer.status, answer.text().as_str()), (201, "ok"));
    for (name, value) in remapped {
        let name = format!("x-amzn-remapped-{}", name.to_lowercase());
        assert_eq!(answer.values(&name), [value], "{name}");
    }
    for (name, values) in [
        ("content-length", &["2"][..]),
        ("set-cookie", &["a=1", "b=2"]),
        ("content-encoding", &["gzip"]),
        ("etag", &["\"x\""]),
        ("x-custom", &["1"]),
        ("x-hop", &[]),
        ("keep-alive", &[]),
        ("connection", &[]),
        ("server", &[]),
        ("upgrade", &[]),
        ("trailer", &[]),
        ("www-authenticate", &[]),
        ("authorization", &[]),
    ] {
        assert_eq!(answer.values(name), values, "{name}");
    }
    assert_ne!(
        answer.values("date"),
        ["Thu, 01 Jan 2026 00:00:00 GMT"],
        "the gateway's own"
    );
    for own in ["date", "x-amzn-requestid", "x-amz-apigw-id"] {
        assert_eq!(answer.values(own).len(), 1, "{own}");
        assert_ne!(answer.values(own), ["theirs"], "{own}");
    }
    assert_usable(&mut wire, "afterwards").await;
}

#[tokio::test]
async fn cookies_that_http2_splits_reach_the_backend_as_one() {
    let origin = Origin::echo().await;
    let gateway = gateway(&origin.authority()).await;
    let headers = [("cookie", "a=1"), ("x-a", "1"), ("cookie", "b=2; c=3")];
    let client = Client::of_version(true);
    // RFC 9113 section 8.2.3.
    let sent = client.send("GET", &gateway.url("/dev/to/x"), &headers, b"").await;
    assert_eq!(
        sent.expect("an answer").json()["headers"]["cookie"],
        json!(["a=1; b=2; c=3"])
    );
}
