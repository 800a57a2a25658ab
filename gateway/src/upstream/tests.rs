//! What is shared, and what is not.

use std::time::Duration;

use http::{Method, Request};
use http_body_util::BodyExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixListener;

use super::*;
use crate::proxy::body::Body;
use crate::proxy::timers::SpareTimers;

fn authority(text: &str) -> Authority {
    text.parse().expect(text)
}

fn address(text: &str) -> Address {
    Address::parse(text).expect(text)
}

fn tls(upstream: &Upstream, any_issuer: bool) -> Arc<TlsSettings> {
    let options = TlsOptions {
        any_issuer,
        ..TlsOptions::default()
    };
    upstream.tls(&options).expect("settings")
}

#[test]
fn the_same_settings_are_one() {
    let upstream = Upstream::new();
    let first = tls(&upstream, true);
    assert!(Arc::ptr_eq(&first, &tls(&upstream, true)));
    assert!(!Arc::ptr_eq(&first, &tls(&upstream, false)));
    assert_ne!(first.id(), tls(&upstream, false).id());
}

#[test]
fn the_same_backend_is_one() {
    let upstream = Upstream::new();
    let (strict, lenient) = (tls(&upstream, false), tls(&upstream, true));
    let (one, two) = ([address("a:1")], [address("a:1"), address("b:1")]);
    let host = authority("h");
    let endpoint = Endpoint {
        authority: &host,
        tls: None,
        link: None,
        protocol: BackendProtocol::Http1,
    };
    let all = [
        endpoint,
        Endpoint {
            tls: Some(&strict),
            ..endpoint
        },
        Endpoint {
            tls: Some(&lenient),
            ..endpoint
        },
        Endpoint {
            protocol: BackendProtocol::Http2,
            ..endpoint
        },
        Endpoint {
            link: Some(("l", &one)),
            ..endpoint
        },
        Endpoint {
            link: Some(("l", &two)),
            ..endpoint
        },
        Endpoint {
            link: Some(("m", &two)),
            ..endpoint
        },
        Endpoint {
            link: Some(("m", &two)),
            tls: Some(&strict),
            ..endpoint
        },
    ];
    let backends = all.map(|endpoint| upstream.backend(endpoint).expect("a backend"));
    for (index, backend) in backends.iter().enumerate() {
        for (other, endpoint) in all.into_iter().enumerate() {
            let again = upstream.backend(endpoint).expect("a backend");
            assert_eq!(Arc::ptr_eq(backend, &again), index == other, "{index} {other}");
        }
    }
    // `a` of `l` keeps its connections when `b` comes.
    let known = upstream.known.lock();
    assert_eq!(known.pools.0.len(), 10);
    assert_eq!(known.links.0.len(), 2);
}

#[test]
fn a_backend_that_nobody_holds_is_forgotten() {
    let upstream = Upstream::new();
    let (first, second) = (authority("h:1"), authority("h:2"));
    let endpoint = |authority| Endpoint {
        authority,
        tls: None,
        link: None,
        protocol: BackendProtocol::Http1,
    };
    drop(upstream.backend(endpoint(&first)).expect("a backend"));
    let _held = upstream.backend(endpoint(&second)).expect("a backend");
    let known = upstream.known.lock();
    assert_eq!((known.backends.0.len(), known.pools.0.len()), (1, 1));
}

#[test]
fn knows_whose_certificate_it_must_be() {
    for (text, expected) in [
        ("h.example:8443", Some("h.example")),
        ("my_service", Some("my_service")),
        ("10.0.0.7:443", Some("10.0.0.7")),
        ("[::1]:443", Some("::1")),
        ("a..b", None),
        ("300.0.0.1", None),
    ] {
        let name = server_name(&authority(text)).ok();
        assert_eq!(
            name.as_ref().map(|name| name.to_str()).as_deref(),
            expected,
            "{text}"
        );
    }
}

/// Answers each connection's first request, and closes it without having said so.
async fn closing(listener: UnixListener) {
    loop {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let mut read = Vec::new();
        while !read.ends_with(b"\r\n\r\n") {
            read.push(stream.read_u8().await.expect("a request"));
        }
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        stream.write_all(answer).await.expect("it is read");
    }
}

#[tokio::test]
async fn a_connection_that_its_backend_has_closed_is_passed_over() {
    let files = tempfile::tempdir().expect("a directory");
    let socket = files.path().join("backend.sock");
    let listener = UnixListener::bind(&socket).expect("a socket");
    #[allow(clippy::disallowed_methods, reason = "a test")]
    let server = tokio::spawn(closing(listener));
    let targets = [Address::Unix(Arc::from(socket))];
    let host = authority("h");
    let endpoint = Endpoint {
        authority: &host,
        tls: None,
        link: Some(("l", &targets)),
        protocol: BackendProtocol::Http1,
    };
    let backend = Upstream::new().backend(endpoint).expect("a backend");
    let timers = SpareTimers::default();
    for _ in 0..3 {
        let mut request = Request::new(Body::Empty);
        // It is not sent again: nothing of it may go to the connection before.
        *request.method_mut() = Method::POST;
        request.headers_mut().insert("host", backend.host().clone());
        let sent = backend.send(Box::new(request), Duration::from_secs(10), &timers);
        let body = sent.await.expect("an answer").into_body();
        assert_eq!(body.collect().await.expect("a body").to_bytes(), "ok");
        // The close comes in.
        for _ in 0..16 {
            tokio::task::yield_now().await;
        }
    }
    server.abort();
}
