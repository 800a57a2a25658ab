//! HTTP_PROXY: headers, streaming, and everything that a backend, a client or a network can do wrong.
//!
//! "behaviours" is the project's list of facts about API Gateway, "known issues" is
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html>.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use std::sync::Arc;

use portcullis_testkit::{Client, Origin, RawAnswer, RawOrigin, Running, Wire};
use serde_json::{Value, json};
use tokio::sync::mpsc;

/// API Gateway's payload limit, both ways (limits.html).
const LIMIT: usize = 10 * 1024 * 1024;

const TOML: &str = r#"
    {listener api}
    [control]
    address = "127.0.0.1:0"
    [apis.api.stages.dev]
    [[apis.api.routes]]
    path = "/fixed"
    integration = { type = "http_proxy", uri = "http://ORIGIN/base" }
    [[apis.api.routes]]
    path = "/fixed/{name}"
    integration = { type = "http_proxy", uri = "http://ORIGIN/base/{name}?k=1" }
    [[apis.api.routes]]
    path = "/put"
    integration = { type = "http_proxy", uri = "http://ORIGIN/put", http_method = "PUT" }
    [[apis.api.routes]]
    path = "/as-is"
    integration = { type = "http_proxy", uri = "http://ORIGIN/as-is", http_method = "ANY" }
    [[apis.api.routes]]
    path = "/get"
    integration = { type = "http_proxy", uri = "http://ORIGIN/get", http_method = "GET" }
    [[apis.api.routes]]
    path = "/quick"
    integration = { type = "http_proxy", uri = "http://ORIGIN/quick", timeout_ms = 100 }
    [[apis.api.routes]]
    path = "/no-such-host"
    integration = { type = "http_proxy", uri = "http://no-such-host.invalid/" }
    [[apis.api.routes]]
    path = "/to/{proxy+}"
    integration = { type = "http_proxy", uri = "http://ORIGIN/at/{proxy}" }
"#;

async fn gateway(origin: &str) -> Running {
    Running::of(&TOML.replace("ORIGIN", origin)).await
}

/// A backend at the level of bytes.
async fn backend<F>(serve: impl Fn(Wire, usize) -> F + Send + Sync + 'static) -> RawOrigin
where
    F: Future<Output = ()> + Send + 'static,
{
    RawOrigin::start(move |stream, number| serve(Wire::of(stream), number)).await
}

/// A backend that answers each connection's first request with these bytes and then waits for its end.
async fn answering(response: &str) -> RawOrigin {
    let response = response.to_owned();
    backend(move |mut wire, _| {
        let response = response.clone();
        async move {
            wire.head().await;
            wire.send(response).await;
            wire.rest().await;
        }
    })
    .await
}

fn request(method: &str, path: &str, more: &str) -> String {
    format!("{method} /dev{path} HTTP/1.1\r\nHost: client.example\r\n{more}\r\n")
}

type Refused = (u16, &'static str, &'static str);

// behaviours, "Data plane: order and errors".
const TIMED_OUT: Refused = (
    504,
    r#"{"message": "Endpoint request timed out"}"#,
    "InternalServerErrorException",
);
const UNREACHABLE: Refused = (
    503,
    r#"{"message": "Service Unavailable"}"#,
    "ServiceUnavailableException",
);
const LOST: Refused = (
    504,
    r#"{"message": "Network error communicating with endpoint"}"#,
    "InternalServerErrorException",
);
const TOO_LARGE: Refused = (
    413,
    r#"{"message":"Request Too Long"}"#,
    "RequestEntityTooLargeException",
);
const INTERNAL: Refused = (
    500,
    r#"{"message": "Internal server error"}"#,
    "InternalServerErrorException",
);
const BAD_PATH: Refused = (400, r#"{"message": "Invalid path"}"#, "BadRequestException");

fn assert_refused(answer: &RawAnswer, (status, body, error_type): Refused, name: &str) {
    assert_eq!(
        (
            answer.status,
            answer.text().as_str(),
            answer.values("x-amzn-errortype")
        ),
        (status, body, vec![error_type]),
        "{name}"
    );
    assert_eq!(answer.values("x-amzn-requestid")[0].len(), 36, "{name}");
    assert_eq!(answer.values("x-amz-apigw-id")[0].len(), 16, "{name}");
}

/// Fails where the connection does not answer another request.
async fn assert_usable(wire: &mut Wire, name: &str) {
    let answer = wire.exchange("GET /nope/x HTTP/1.1\r\nHost: h\r\n\r\n").await;
    assert_eq!(answer.status, 403, "{name}: the connection still answers");
}

/// What an echoing backend says that it got.
async fn told(gateway: &Running, request: &str) -> Value {
    let answer = gateway.wire().await.exchange(request).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    serde_json::from_slice(&answer.body).expect("JSON")
}

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
async fn joins_paths_and_queries() {
    let origin = Origin::echo().await;
    let gateway = gateway(&origin.authority()).await;
    // behaviours: query strings of the URI and of the request are joined, a repeated name appends.
    for (path, target) in [
        ("/fixed", "/base"),
        ("/fixed?", "/base"),
        ("/fixed?a=1&a=2", "/base?a=1&a=2"),
        ("/fixed/n", "/base/n?k=1"),
        ("/fixed/n?k=2&a", "/base/n?k=1&k=2&a"),
        ("/to/a/b%2Fc//d?x=%20+", "/at/a/b%2Fc//d?x=%20+"),
    ] {
        assert_eq!(
            told(&gateway, &request("GET", path, "")).await["target"],
            target,
            "{path}"
        );
    }
}

#[tokio::test]
async fn the_verb_can_be_overridden() {
    let origin = Origin::echo().await;
    let gateway = gateway(&origin.authority()).await;
    let body = "Content-Length: 2\r\n";
    for (path, verb, expected) in [
        ("/put", "POST", "PUT"),
        ("/as-is", "PATCH", "PATCH"),
        ("/fixed", "DELETE", "DELETE"),
        ("/get", "POST", "GET"),
    ] {
        let told = told(&gateway, &format!("{}ok", request(verb, path, body))).await;
        assert_eq!(
            (&told["method"], &told["body"]),
            (&json!(expected), &json!("ok")),
            "{path}"
        );
    }
    // A HEAD that becomes a GET gets no body, however much the backend sends.
    let mut wire = gateway.wire().await;
    assert_eq!(wire.exchange(&request("HEAD", "/get", "")).await.status, 200);
    assert_usable(&mut wire, "HEAD").await;
}

#[tokio::test]
async fn dot_segments_do_not_reach_a_backend() {
    let origin = Origin::echo().await;
    let gateway = gateway(&origin.authority()).await;
    let mut wire = gateway.wire().await;
    for path in [
        "/to/..",
        "/to/../secret",
        "/to/a/../../secret",
        "/to/%2e%2e/secret",
        "/to/.%2E/secret",
        "/to/a%2F..%2F..%2Fsecret",
        "/to/..;x=1/secret",
        "/to/a%5c..%5c..%5csecret",
        "/to/./a",
        "/fixed/..",
    ] {
        assert_refused(&wire.exchange(&request("GET", path, "")).await, BAD_PATH, path);
    }
    assert_eq!(origin.recorded().len(), 0);
    assert_eq!(
        wire.exchange(&request("GET", "/to/a..b/.hidden", ""))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_request_streams_to_the_backend() {
    let (seen, mut first) = mpsc::channel::<Vec<u8>>(1);
    let origin = backend(move |mut wire, _| {
        let seen = seen.clone();
        async move {
            let head = wire.head().await;
            assert!(
                head.to_lowercase().contains("transfer-encoding: chunked\r\n"),
                "{head}"
            );
            let mut body = Vec::new();
            while let Some(chunk) = wire.chunk().await.filter(|chunk| !chunk.is_empty()) {
                body.extend_from_slice(&chunk);
                seen.send(chunk).await.expect("the test listens");
            }
            wire.send(format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n",
                body.len()
            ))
            .await;
            wire.send(body).await;
            wire.rest().await;
        }
    })
    .await;
    let gateway = gateway(&origin.authority()).await;
    let mut wire = gateway.wire().await;
    wire.send(request("POST", "/to/x", "Transfer-Encoding: chunked\r\n"))
        .await;
    for part in ["one", "two", "three"] {
        wire.send_chunk(part.as_bytes()).await;
        // Nothing more is sent before the backend has this.
        assert_eq!(first.recv().await.as_deref(), Some(part.as_bytes()));
    }
    wire.send_chunk(b"").await;
    assert_eq!(wire.answer().await.text(), "onetwothree");
    assert_usable(&mut wire, "afterwards").await;
}

#[tokio::test]
async fn a_response_streams_to_the_client() {
    for framing in ["Transfer-Encoding: chunked\r\n", "Content-Length: 6\r\n", ""] {
        let (go_on, gate) = mpsc::channel::<()>(1);
        let gate = Arc::new(tokio::sync::Mutex::new(gate));
        let chunked = framing.starts_with("Transfer");
        let origin = backend(move |mut wire, _| {
            let gate = gate.clone();
            async move {
                wire.head().await;
                wire.send(format!("HTTP/1.1 200 OK\r\n{framing}\r\n")).await;
                for part in ["one", "two"] {
                    if chunked {
                        wire.send_chunk(part.as_bytes()).await;
                    } else {
                        wire.send(part).await;
                    }
                    gate.lock().await.recv().await;
                }
                if chunked {
                    wire.send_chunk(b"").await;
                }
            }
        })
        .await;
        let gateway = gateway(&origin.authority()).await;
        let mut wire = gateway.wire().await;
        wire.send(request("GET", "/to/x", "")).await;
        let head = wire.head().await;
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        for part in ["one", "two"] {
            let read = match framing.starts_with("Content-Length") {
                true => wire.bytes(3).await,
                // Without a length the gateway chunks by itself.
                false => wire.chunk().await.expect("a chunk"),
            };
            assert_eq!(read, part.as_bytes(), "{framing}");
            // Only now the backend goes on.
            go_on.send(()).await.expect("the backend listens");
        }
        if !framing.starts_with("Content-Length") {
            assert_eq!(wire.chunk().await.as_deref(), Some(&b""[..]));
        }
        assert_usable(&mut wire, framing).await;
    }
}

#[tokio::test]
async fn expect_continue_is_answered_by_the_gateway() {
    let origin = Origin::echo().await;
    let gateway = gateway(&origin.authority()).await;
    let mut wire = gateway.wire().await;
    wire.send(request(
        "POST",
        "/to/x",
        "Content-Length: 4\r\nExpect: 100-continue\r\n",
    ))
    .await;
    assert_eq!(wire.head().await, "HTTP/1.1 100 Continue\r\n\r\n");
    wire.send("body").await;
    let told: Value = serde_json::from_slice(&wire.answer().await.body).expect("JSON");
    assert_eq!(
        (&told["body"], told["headers"].get("expect")),
        (&json!("body"), None)
    );
}

#[tokio::test]
async fn a_request_that_is_refused_is_not_asked_for_its_body() {
    let gateway = gateway("127.0.0.1:1").await;
    let head = "POST /nope/x HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n";
    assert_eq!(gateway.wire().await.exchange(head).await.status, 403);
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

#[tokio::test]
async fn connections_to_a_backend_are_kept() {
    let origin = Origin::echo().await;
    let gateway = gateway(&origin.authority()).await;
    for _ in 0..20 {
        // A connection of its own for each request: the backend's are shared by all clients.
        told(
            &gateway,
            &format!("{}ok", request("POST", "/to/x", "Content-Length: 2\r\n")),
        )
        .await;
    }
    assert_eq!((origin.recorded().len(), origin.connections()), (20, 1));
}

#[tokio::test]
async fn statuses_pass_as_they_are() {
    for (name, method, response, status, body, length) in [
        ("204", "GET", "HTTP/1.1 204 No Content\r\n\r\n", 204, "", &[][..]),
        (
            "304",
            "GET",
            "HTTP/1.1 304 Not Modified\r\nETag: x\r\nContent-Length: 9\r\n\r\n",
            304,
            "",
            &[],
        ),
        (
            "304 without length",
            "GET",
            "HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n",
            304,
            "",
            &[],
        ),
        (
            "HEAD",
            "HEAD",
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
            200,
            "",
            &["9"],
        ),
        (
            "empty",
            "GET",
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
            200,
            "",
            &["0"],
        ),
        (
            "404",
            "GET",
            "HTTP/1.1 404 Nope\r\nContent-Length: 2\r\n\r\nno",
            404,
            "no",
            &["2"],
        ),
        (
            "500",
            "POST",
            "HTTP/1.1 500 Oh\r\nContent-Length: 2\r\n\r\nno",
            500,
            "no",
            &["2"],
        ),
        (
            "unknown",
            "GET",
            "HTTP/1.1 799 Oh\r\nContent-Length: 2\r\n\r\nno",
            799,
            "no",
            &["2"],
        ),
        (
            "informational first",
            "GET",
            "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
            200,
            "ok",
            &["2"],
        ),
        (
            "HTTP/1.0",
            "GET",
            "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
            200,
            "ok",
            &["2"],
        ),
    ] {
        let origin = answering(response).await;
        let gateway = gateway(&origin.authority()).await;
        let mut wire = gateway.wire().await;
        let answer = wire.exchange(&request(method, "/to/x", "")).await;
        assert_eq!((answer.status, answer.text().as_str()), (status, body), "{name}");
        assert_eq!(answer.values("content-length"), length, "{name}");
        assert!(answer.complete, "{name}");
        assert_eq!(answer.values("x-amzn-errortype"), [""; 0], "{name}");
        assert_usable(&mut wire, name).await;
    }
}

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
    wire.send(request("GET", "/quick", "")).await;
    wire.head().await;
    assert_eq!(wire.bytes(3).await, b"one");
    // A second request, begun after the first one's head came, runs out of the same time: so it is over for the first.
    let silent = gateway.wire().await.exchange(&request("GET", "/quick", "")).await;
    assert_refused(&silent, TIMED_OUT, "the second one");
    go_on.send(()).await.expect("the backend waits");
    assert_eq!(wire.bytes(3).await, b"two");
    assert_usable(&mut wire, "afterwards").await;
}

#[tokio::test]
async fn a_backend_that_cannot_be_connected_to_is_unavailable() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let refusing = free.local_addr().expect("an address").to_string();
    drop(free);
    let gateway = gateway(&refusing).await;
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
        let origin = backend(move |mut wire, number| async move {
            wire.head().await;
            if !more.is_empty() {
                wire.bytes(2).await;
            }
            let response = responses.get(number).copied().unwrap_or_default();
            wire.send(response).await;
            if response == OK {
                wire.rest().await;
            }
        })
        .await;
        let gateway = gateway(&origin.authority()).await;
        let mut wire = gateway.wire().await;
        let content = if more.is_empty() { "" } else { "ok" };
        let answer = wire
            .exchange(&format!("{}{content}", request(method, "/to/x", more)))
            .await;
        match expected {
            Some(refused) => assert_refused(&answer, refused, name),
            None => assert_eq!(answer.status, 200, "{name}"),
        }
        assert_usable(&mut wire, name).await;
        assert_eq!(origin.connections(), attempts, "{name}: attempts");
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
async fn a_backend_may_answer_before_it_has_read_the_request() {
    let origin = answering("HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno").await;
    let gateway = gateway(&origin.authority()).await;
    let mut wire = gateway.wire().await;
    wire.send(request("POST", "/to/x", "Content-Length: 100\r\n"))
        .await;
    let answer = wire.answer().await;
    assert_eq!((answer.status, answer.text().as_str()), (403, "no"));
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
        ("bad chunk size", "Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
    ] {
        let head = request("POST", "/to/x", "");
        let head = head.strip_suffix("\r\n").expect("an end");
        let answer = gateway.wire().await.exchange(&format!("{head}{more}")).await;
        assert_eq!(answer.status, 400, "{name}: {}", answer.text());
    }
    assert_eq!(origin.recorded().len(), 0);
    // RFC 9112 section 6.1: with both, the transfer coding counts and the length is not passed on.
    let both = "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n";
    let head = request("POST", "/to/x", "");
    let head = head.strip_suffix("\r\n").expect("an end");
    let told = told(&gateway, &format!("{head}{both}")).await;
    assert_eq!(
        (&told["body"], told["headers"].get("content-length")),
        (&json!("ok"), None)
    );
}
