//! HTTP/2 to backends: what is spoken with whom, and how requests share connections.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::sync::Arc;

use bytes::Bytes;
use futures_like::join_all;
use http::{HeaderMap, HeaderValue, Request, Version};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use portcullis_testkit::{Answer, Client, Files, Running};
use portcullis_tests::h2::Backend;
use portcullis_tests::tls::{Authority, Server};
use tokio::net::{TcpListener, TcpStream};

/// Futures that are waited for together.
mod futures_like {
    pub(crate) async fn join_all<T: Send + 'static>(
        all: Vec<impl Future<Output = T> + Send + 'static>,
    ) -> Vec<T> {
        let tasks: Vec<_> = all.into_iter().map(tokio::spawn).collect();
        let mut done = Vec::new();
        for task in tasks {
            done.push(task.await.expect("a task"));
        }
        done
    }
}

/// One route `/{proxy+}` to `URI/{proxy}`.
fn toml(uri: &str, integration: &str, more: &str) -> String {
    format!(
        r#"
        {{listener api}}
        [apis.api.stages.dev]
        [[apis.api.routes]]
        path = "/{{proxy+}}"
        integration = {{ type = "http_proxy", uri = "{uri}/{{proxy}}"{integration} }}
        {more}
        "#
    )
}

fn speaking(host: &str, protocol: &str) -> String {
    format!("[backends.\"{host}\"]\nprotocol = \"{protocol}\"")
}

async fn clear(backend: &Backend, integration: &str) -> Running {
    let host = backend.authority();
    Running::of(&toml(
        &format!("http://{host}"),
        integration,
        &speaking(&host, "http2"),
    ))
    .await
}

async fn get(gateway: &Running, path: &str) -> u16 {
    gateway.get(path, &[]).await.status.as_u16()
}

#[tokio::test]
async fn in_clear_text_what_is_spoken_is_what_is_configured() {
    let backend = Backend::start(None, None).await;
    let host = backend.authority();
    for (name, more, expected) in [
        ("nothing", String::new(), Version::HTTP_11),
        ("http1", speaking(&host, "http1"), Version::HTTP_11),
        ("http2", speaking(&host, "http2"), Version::HTTP_2),
        ("all ports", speaking("127.0.0.1", "http2"), Version::HTTP_2),
        ("another", speaking("127.0.0.1:1", "http2"), Version::HTTP_11),
        ("auto", speaking(&host, "auto"), Version::HTTP_11),
    ] {
        let gateway = Running::of(&toml(&format!("http://{host}"), "", &more)).await;
        assert_eq!(get(&gateway, "/dev/a?b=1").await, 200, "{name}");
        let got = backend.last();
        assert_eq!(got.version, expected, "{name}");
        if expected == Version::HTTP_2 {
            assert_eq!(got.uri, format!("http://{host}/a?b=1"), "{name}");
            assert!(!got.headers.contains_key("host"), "{name}");
        }
    }
}

#[tokio::test]
async fn a_reload_changes_what_is_spoken() {
    let backend = Backend::start(None, None).await;
    let host = backend.authority();
    let uri = format!("http://{host}");
    let mut gateway = Running::of(&toml(&uri, "", "")).await;
    assert_eq!(get(&gateway, "/dev/a").await, 200);
    assert_eq!(backend.last().version, Version::HTTP_11);
    gateway.rewrite(&toml(&uri, "", &speaking(&host, "http2"))).await;
    assert_eq!(get(&gateway, "/dev/a").await, 200);
    assert_eq!(backend.last().version, Version::HTTP_2);
}

/// A gateway that trusts an authority, towards `localhost`.
async fn secured(authority: &Authority, port: u16, protocol: &str) -> Running {
    let files = Files::default();
    files.write("ca.pem", &authority.pem);
    let more = format!(
        "{}\n[trust_bundles.ours]\nfile = \"ca.pem\"",
        speaking("localhost", protocol)
    );
    let uri = format!("https://localhost:{port}");
    Running::start(&toml(&uri, ", trust_bundle = \"ours\"", &more), files).await
}

#[tokio::test]
async fn by_tls_it_is_agreed_upon() {
    let authority = Authority::new("ours");
    for (offered, protocol, expected) in [
        (&["h2", "http/1.1"][..], "http1", Some(Version::HTTP_11)),
        (&["h2", "http/1.1"], "auto", Some(Version::HTTP_2)),
        (&["h2", "http/1.1"], "http2", Some(Version::HTTP_2)),
        (&["http/1.1"], "auto", Some(Version::HTTP_11)),
        (&["http/1.1"], "http2", None),
        (&[], "auto", Some(Version::HTTP_11)),
        (&[], "http2", None),
    ] {
        let mut tls = authority.issue("localhost").server();
        tls.alpn_protocols = offered.iter().map(|name| name.as_bytes().to_vec()).collect();
        let backend = Backend::start(Some(tls), None).await;
        let gateway = secured(&authority, backend.port(), protocol).await;
        // Twice: what was learned of the server counts for the next.
        for _ in 0..2 {
            let status = get(&gateway, "/dev/a").await;
            match expected {
                Some(version) => {
                    assert_eq!(
                        (status, backend.last().version),
                        (200, version),
                        "{offered:?} {protocol}"
                    );
                }
                None => assert_eq!(status, 500, "{offered:?} {protocol}: a configuration error"),
            }
        }
    }
}

#[tokio::test]
async fn a_client_certificate_is_shown_whatever_is_spoken() {
    let (authority, clients) = (Authority::new("ours"), Authority::new("clients"));
    let identity = authority.issue("localhost");
    let server = Server::start(Some(identity.server_of(rustls::ALL_VERSIONS, Some(&clients.pem))));
    let files = Files::default();
    files.write("ca.pem", &authority.pem);
    let client = clients.issue("gateway");
    files.write("gw.pem", &client.certificate);
    files.write("gw.key", &client.key);
    // That server speaks HTTP/1.1 alone, whatever it agrees to: what it was shown is what counts.
    let more = format!(
        "{}\n[trust_bundles.ours]\nfile = \"ca.pem\"\n[client_certificates.gw]\ncertificate = \"gw.pem\"\nkey = \"gw.key\"",
        speaking("localhost", "http1")
    );
    let uri = format!("https://localhost:{}", server.port());
    let text = toml(&uri, ", trust_bundle = \"ours\"", &more).replace(
        "[apis.api.stages.dev]",
        "[apis.api.stages.dev]\nclient_certificate = \"gw\"",
    );
    let gateway = Running::start(&text, files).await;
    assert_eq!(get(&gateway, "/dev/a").await, 200);
    assert_eq!(server.last().client, Some(client.der()));

    let backend = Backend::start(
        Some(identity.server_of(rustls::ALL_VERSIONS, Some(&clients.pem))),
        None,
    )
    .await;
    let mut gateway = gateway;
    let text = text
        .replace(&server.port().to_string(), &backend.port().to_string())
        .replace("http1", "http2");
    gateway.rewrite(&text).await;
    assert_eq!(get(&gateway, "/dev/a").await, 200);
    assert_eq!(backend.last().version, Version::HTTP_2);
}

fn gets(gateway: &Running, path: &str, count: usize) -> Vec<impl Future<Output = u16> + use<>> {
    let (client, url) = (Client::default(), gateway.url(path));
    let one = |_| {
        let (client, url) = (client.clone(), url.clone());
        async move {
            let answer: Answer = client.send("GET", &url, &[], b"").await.expect("an answer");
            answer.status.as_u16()
        }
    };
    (0..count).map(one).collect()
}

#[tokio::test]
async fn requests_share_a_connection() {
    let backend = Backend::start(None, None).await;
    let gateway = clear(&backend, "").await;
    let all = tokio::spawn(join_all(gets(&gateway, "/dev/held", 30)));
    let got = backend.has(30).await;
    backend.release(30);
    assert_eq!(all.await.expect("answers"), vec![200; 30]);
    assert!(got.iter().all(|got| got.connection == 1));
    assert_eq!(backend.connections(), 1);
}

#[tokio::test]
async fn there_are_more_connections_when_streams_run_out() {
    let backend = Backend::start(None, Some(2)).await;
    let gateway = clear(&backend, "").await;
    let all = tokio::spawn(join_all(gets(&gateway, "/dev/held", 6)));
    let got = backend.has(6).await;
    backend.release(6);
    assert_eq!(all.await.expect("answers"), vec![200; 6]);
    for connection in 1..=3 {
        assert_eq!(got.iter().filter(|got| got.connection == connection).count(), 2);
    }
    assert_eq!(backend.connections(), 3);
}

#[tokio::test]
async fn a_server_that_goes_away_fails_no_request() {
    let backend = Backend::start(None, None).await;
    let gateway = clear(&backend, "").await;
    assert_eq!(get(&gateway, "/dev/a").await, 200);
    let held = tokio::spawn(join_all(gets(&gateway, "/dev/held", 1)));
    backend.has(2).await;
    backend.goodbye();
    for _ in 0..20 {
        let answer = gateway.send("POST", "/dev/a", &[], b"body").await;
        assert_eq!((answer.status.as_u16(), answer.text()), (200, "body"));
    }
    backend.release(1);
    assert_eq!(
        held.await.expect("an answer"),
        [200],
        "what was under way is finished"
    );
    assert_eq!(backend.connections(), 2);
}

/// A server that resets the first stream of each connection so, and answers the others.
async fn resetting(reason: h2::Reason) -> (String, Arc<parking_lot::Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let host = listener.local_addr().expect("an address").to_string();
    let seen: Arc<parking_lot::Mutex<Vec<String>>> = Arc::default();
    let log = seen.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let log = log.clone();
            tokio::spawn(async move {
                let Ok(mut connection) = h2::server::handshake(stream).await else {
                    return;
                };
                let mut first = true;
                while let Some(Ok((request, mut respond))) = connection.accept().await {
                    log.lock().push(request.method().to_string());
                    if std::mem::take(&mut first) {
                        respond.send_reset(reason);
                    } else {
                        let _ = respond.send_response(http::Response::new(()), true);
                    }
                }
            });
        }
    });
    (host, seen)
}

#[tokio::test]
async fn what_was_refused_untouched_is_sent_again() {
    for (reason, method, status, sent) in [
        (h2::Reason::REFUSED_STREAM, "POST", 200, 2),
        (h2::Reason::INTERNAL_ERROR, "POST", 504, 1),
        (h2::Reason::INTERNAL_ERROR, "GET", 200, 2),
    ] {
        let (host, seen) = resetting(reason).await;
        let gateway = Running::of(&toml(&format!("http://{host}"), "", &speaking(&host, "http2"))).await;
        let answer = gateway.send(method, "/dev/a", &[], b"").await;
        assert_eq!(answer.status.as_u16(), status, "{reason:?} {method}");
        assert_eq!(seen.lock().len(), sent, "{reason:?} {method}");
    }
}

/// Its first connection answers once and is dead then, as behind a firewall that has forgotten it; others answer always.
#[tokio::test]
async fn a_dead_connection_gets_no_more_requests() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let host = listener.local_addr().expect("an address").to_string();
    tokio::spawn(async move {
        let mut dead = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            let mut connection = h2::server::handshake(stream).await.expect("HTTP/2");
            if dead.is_empty() {
                let (_, mut respond) = connection.accept().await.expect("a request").expect("a stream");
                respond
                    .send_response(http::Response::new(()), true)
                    .expect("taken");
                // Its answer leaves, and nothing is read any more.
                let flushed = std::future::poll_fn(|cx| {
                    let _ = connection.poll_closed(cx);
                    std::task::Poll::Ready(())
                });
                flushed.await;
                dead.push(connection);
                continue;
            }
            tokio::spawn(async move {
                while let Some(Ok((_, mut respond))) = connection.accept().await {
                    let _ = respond.send_response(http::Response::new(()), true);
                }
            });
        }
    });
    let text = toml(
        &format!("http://{host}"),
        ", timeout_ms = 5_000",
        &speaking(&host, "http2"),
    );
    let gateway = Running::of(&text).await;
    assert_eq!(get(&gateway, "/dev/a").await, 200);
    assert_eq!(get(&gateway, "/dev/a").await, 504, "nobody knows yet");
    assert_eq!(get(&gateway, "/dev/a").await, 200, "by another connection");
}

#[tokio::test]
async fn headers_of_a_response_are_bounded() {
    let backend = Backend::start(None, None).await;
    let gateway = clear(&backend, "").await;
    assert_eq!(get(&gateway, "/dev/large").await, 504);
    assert_eq!(get(&gateway, "/dev/a").await, 200, "others are served");
}

#[tokio::test]
async fn bodies_pass_whole_and_a_client_that_takes_nothing_keeps_nobody_waiting() {
    let backend = Backend::start(None, None).await;
    let gateway = clear(&backend, "").await;
    let body = vec![b'x'; 4 * 1024 * 1024];
    // It sends its request and reads nothing.
    let mut stalled = Vec::new();
    for _ in 0..3 {
        let mut wire = gateway.wire().await;
        wire.send(format!(
            "POST /dev/a HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n",
            body.len()
        ))
        .await;
        wire.send(&body).await;
        stalled.push(wire);
    }
    backend.has(3).await;
    for _ in 0..3 {
        let answer = gateway.send("POST", "/dev/a", &[], &body).await;
        assert!(answer.status == 200 && answer.body == body);
    }
    assert_eq!(backend.connections(), 1);
}

#[tokio::test]
async fn a_request_that_was_given_up_is_not_sent_on() {
    let backend = Backend::start(None, None).await;
    let gateway = clear(&backend, ", timeout_ms = 3_000").await;
    let mut wire = gateway.wire().await;
    wire.send("POST /dev/a HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n")
        .await;
    wire.send_chunk(b"begun").await;
    let head = wire.head().await;
    assert!(head.starts_with("HTTP/1.1 504 "), "{head}");
    assert_eq!(get(&gateway, "/dev/b").await, 200);
    assert!(!backend.got()[0].whole);
}

#[tokio::test]
async fn a_private_upstream_speaks_what_it_says() {
    let backend = Backend::start(None, None).await;
    for (protocol, expected) in [("http1", Version::HTTP_11), ("http2", Version::HTTP_2)] {
        let more = format!(
            "[vpc_links.inside]\ntargets = [\"{}\"]\nprotocol = \"{protocol}\"",
            backend.authority()
        );
        let gateway = Running::of(&toml("http://app.internal:81", ", vpc_link = \"inside\"", &more)).await;
        assert_eq!(get(&gateway, "/dev/a").await, 200);
        let got = backend.last();
        assert_eq!(got.version, expected);
        if expected == Version::HTTP_2 {
            assert_eq!(got.uri, "http://app.internal:81/a");
        }
    }
}

#[tokio::test]
async fn trailers_pass_both_ways_without_what_belongs_into_a_head() {
    let backend = Backend::start(None, None).await;
    let gateway = clear(&backend, "").await;
    let stream = TcpStream::connect(gateway.address()).await.expect("a connection");
    let handshake = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await;
    let (mut sender, connection) = handshake.expect("HTTP/2");
    tokio::spawn(connection);
    let mut trailers = HeaderMap::new();
    for (name, value) in [
        ("x-sum", "2"),
        ("x-forwarded-for", "6.6.6.6"),
        ("authorization", "x"),
    ] {
        trailers.insert(name, HeaderValue::from_static(value));
    }
    let body = Full::new(Bytes::from_static(b"body")).with_trailers(std::future::ready(Some(Ok(trailers))));
    let request = Request::post(gateway.url("/dev/a"))
        .header("te", "trailers")
        .body(body);
    let response = sender
        .send_request(request.expect("a request"))
        .await
        .expect("a response");
    assert_eq!(response.status(), 200);
    let read = response.into_body().collect().await.expect("a body");
    let trailers = read.trailers().expect("trailers");
    assert_eq!((trailers.len(), trailers["x-sum"].as_bytes()), (1, &b"1"[..]));
    let got = backend.last();
    assert_eq!(got.headers["te"], "trailers");
    let trailers = got.trailers.expect("trailers");
    assert_eq!((trailers.len(), trailers["x-sum"].as_bytes()), (1, &b"2"[..]));
}

#[tokio::test]
async fn a_client_of_http_1_gets_trailers_that_it_takes() {
    let backend = Backend::start(None, None).await;
    let gateway = clear(&backend, "").await;
    for (te, expected) in [("te: trailers\r\nconnection: te\r\n", true), ("", false)] {
        let mut wire = gateway.wire().await;
        wire.send(format!(
            "POST /dev/a HTTP/1.1\r\nhost: a\r\n{te}content-length: 4\r\n\r\nbody"
        ))
        .await;
        let head = wire.head().await.to_ascii_lowercase();
        assert!(
            head.starts_with("http/1.1 200 ") && head.contains("\r\ntransfer-encoding: chunked\r\n"),
            "{head}"
        );
        let rest = wire.head().await;
        assert_eq!(rest.contains("x-sum: 1\r\n"), expected, "{rest}");
        assert!(!rest.contains("set-cookie"), "{rest}");
    }
}

#[tokio::test]
async fn what_is_wrong_is_told_with_its_place() {
    for (more, at) in [
        ("[backends.\"H:1\"]", "/backends/H:1"),
        ("[backends.\"http://h\"]", "/backends/http:~1~1h"),
        ("[backends.h]\nprotocol = \"h2\"", "/backends/h/protocol"),
        (
            "[vpc_links.l]\ntargets = [\"unix:app.sock\"]",
            "/vpc_links/l/targets/0",
        ),
    ] {
        let backend = "http://127.0.0.1:1";
        let mut gateway = Running::of(&toml(backend, "", "")).await;
        let outcome = gateway.rewrite(&toml(backend, "", more)).await;
        let problem = outcome.problems.first().expect(more);
        assert_eq!(problem.pointer, at, "{problem}");
        assert!(problem.is_error(), "{problem}");
    }
}
