//! Sockets beside those of IPv4: IPv6, alone or with IPv4, and Unix sockets of listeners and of backends.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::net::{Ipv6Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use http::Version;
use portcullis::node::{Node, Options};
use portcullis_testkit::{Client, Files, Running, Wire};
use portcullis_tests::h2::Backend;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, UnixListener, UnixStream};

const API: &str = r#"
    [apis.api.stages.dev]
    [[apis.api.routes]]
    path = "/source"
    integration = { type = "mock", headers = { x-source = "context.identity.sourceIp" } }
"#;

fn toml(listener: &str) -> String {
    format!("[[listeners]]\ndefault_api = \"api\"\n{listener}\n{API}")
}

async fn source_at(address: SocketAddr) -> Option<String> {
    let url = format!("http://{address}/dev/source");
    let answer = Client::default().send("GET", &url, &[], b"").await.ok()?;
    Some(answer.header("x-source").to_owned())
}

#[tokio::test]
async fn an_ipv6_listener_is_for_ipv4_too_unless_it_is_for_ipv6_alone() {
    for (only, by_four) in [(false, Some("127.0.0.1".to_owned())), (true, None)] {
        let listener = format!("address = \"[::]:0\"\nipv6_only = {only}");
        let gateway = Running::of(&toml(&listener)).await;
        let port = gateway.address().port();
        assert_eq!(gateway.address().ip(), Ipv6Addr::UNSPECIFIED);
        let by_six = source_at(SocketAddr::from((Ipv6Addr::LOCALHOST, port))).await;
        assert_eq!(by_six.as_deref(), Some("::1"), "{only}");
        let found = source_at(SocketAddr::from(([127, 0, 0, 1], port))).await;
        assert_eq!(found, by_four, "{only}: an IPv4 address in its own form");
    }
}

#[tokio::test]
async fn backends_and_policies_know_ipv6() {
    let listener = TcpListener::bind("[::1]:0").await.expect("a port");
    let host = listener.local_addr().expect("an address").to_string();
    let asked = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("a connection");
        let mut wire = Wire::of(stream);
        let head = wire.head().await;
        wire.send("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
        head
    });
    let text = format!(
        r#"
        [[listeners]]
        address = "[::1]:0"
        default_api = "api"
        [apis.api]
        policy.Statement = [
            {{ Effect = "Allow", Principal = "*", Action = "execute-api:Invoke", Resource = "execute-api:/*", Condition.IpAddress."aws:SourceIp" = "::1/128" }},
        ]
        [apis.api.stages.dev]
        [[apis.api.routes]]
        path = "/a"
        integration = {{ type = "http_proxy", uri = "http://{host}/a" }}
        "#
    );
    let gateway = Running::of(&text).await;
    assert_eq!(gateway.get("/dev/a", &[]).await.status, 200);
    let head = asked.await.expect("a request").to_ascii_lowercase();
    assert!(head.contains(&format!("\r\nhost: {host}\r\n")), "{head}");
    assert!(head.contains("\r\nx-forwarded-for: ::1\r\n"), "{head}");
}

/// The answer to a request by a Unix socket.
async fn ask(path: &Path, before: &str, headers: &str) -> String {
    let mut stream = UnixStream::connect(path).await.expect("a connection");
    let request =
        format!("{before}GET /dev/source HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await.expect("taken");
    let mut text = String::new();
    stream.read_to_string(&mut text).await.expect("an answer");
    text
}

fn has_source(text: &str, source: &str) {
    assert!(
        text.contains(&format!("\r\nx-source: {source}\r\n")),
        "{source}: {text}"
    );
}

fn unix(files: &Files, more: &str) -> String {
    let path = files.path("gateway.sock");
    toml(&format!("address = \"unix:{}\"\n{more}", path.display()))
}

#[tokio::test]
async fn a_unix_socket_is_served_and_gone_at_the_end() {
    let files = Files::default();
    let path = files.path("gateway.sock");
    let text = unix(&files, "");
    let gateway = Running::start(&text, files).await;
    has_source(&ask(&path, "", "").await, "127.0.0.1");
    has_source(
        &ask(&path, "", "x-forwarded-for: 192.0.2.1\r\n").await,
        "127.0.0.1",
    );
    let mode = |path: &Path| std::fs::metadata(path).expect("a socket").permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o660);
    assert!(gateway.stop().await);
    assert!(!path.exists());

    let files = Files::default();
    let path = files.path("gateway.sock");
    let text = unix(&files, "socket_mode = \"600\"");
    let _gateway = Running::start(&text, files).await;
    assert_eq!(mode(&path), 0o600);
}

#[tokio::test]
async fn processes_of_this_machine_are_believed_where_they_are_named() {
    let files = Files::default();
    let path = files.path("gateway.sock");
    let text = unix(&files, "trust_forwarded = [\"unix\"]");
    let _gateway = Running::start(&text, files).await;
    has_source(
        &ask(&path, "", "x-forwarded-for: 6.6.6.6, 192.0.2.1\r\n").await,
        "192.0.2.1",
    );

    let files = Files::default();
    let path = files.path("gateway.sock");
    let text = unix(&files, "proxy_protocol = [\"unix\"]");
    let _gateway = Running::start(&text, files).await;
    has_source(
        &ask(&path, "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n", "").await,
        "192.0.2.1",
    );

    // Whoever names the loopback addresses means those of IP.
    let files = Files::default();
    let path = files.path("gateway.sock");
    let networks = "trust_forwarded = [\"here\"]\n[networks.here]\ncidrs = [\"127.0.0.0/8\"]";
    let text = unix(&files, networks);
    let _gateway = Running::start(&text, files).await;
    has_source(
        &ask(&path, "", "x-forwarded-for: 192.0.2.1\r\n").await,
        "127.0.0.1",
    );
}

async fn start(files: &Files, text: &str) -> Result<Node, Vec<String>> {
    let path = files.write("gateway.toml", text);
    let started = Node::start(path, Options::default()).await;
    started
        .map(|(node, _)| node)
        .map_err(|problems| problems.iter().map(ToString::to_string).collect())
}

#[tokio::test]
async fn a_socket_that_was_left_behind_is_replaced_and_a_live_one_is_not() {
    let files = Files::default();
    let path = files.path("gateway.sock");
    drop(UnixListener::bind(&path).expect("a socket"));
    assert!(path.exists(), "left behind");
    let text = unix(&files, "");
    let node = start(&files, &text).await.expect("a node");
    let told = start(&files, &text).await.expect_err("another node");
    assert!(told[0].contains("another process listens there"), "{told:?}");
    has_source(&ask(&path, "", "").await, "127.0.0.1");
    node.shutdown(std::time::Duration::from_secs(10)).await;

    std::fs::write(&path, "a file").expect("a file");
    let told = start(&files, &text).await.expect_err("a file");
    assert!(told[0].contains("no socket"), "{told:?}");
    assert_eq!(std::fs::read_to_string(&path).expect("the file"), "a file");
}

#[tokio::test]
async fn a_backend_may_be_at_a_unix_socket() {
    for (protocol, version) in [("http1", Version::HTTP_11), ("http2", Version::HTTP_2)] {
        let files = Files::default();
        let path = files.path("app.sock");
        let backend = Backend::at(&path);
        let text = format!(
            r#"
            {{listener api}}
            [vpc_links.app]
            targets = ["unix:{}"]
            protocol = "{protocol}"
            [apis.api.stages.dev]
            [[apis.api.routes]]
            path = "/{{proxy+}}"
            integration = {{ type = "http_proxy", uri = "http://app.example.com/{{proxy}}", vpc_link = "app" }}
            "#,
            path.display()
        );
        let gateway = Running::start(&text, files).await;
        let answer = gateway.send("POST", "/dev/a", &[], b"body").await;
        assert_eq!(
            (answer.status.as_u16(), answer.text()),
            (200, "body"),
            "{protocol}"
        );
        assert_eq!(backend.last().version, version);
        drop(backend);
        std::fs::remove_file(&path).expect("the socket");
        assert_eq!(
            gateway.get("/dev/a", &[]).await.status,
            503,
            "{protocol}: nobody is there"
        );
    }
}
