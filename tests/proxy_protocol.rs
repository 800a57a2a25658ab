//! The PROXY protocol on listeners: who is believed, what of it reaches policies and backends, and what is closed.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use portcullis_testkit::{Files, Origin, Running, Wire};
use portcullis_tests::tls::Authority;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

fn toml(listener: &str, origin: &str) -> String {
    format!(
        r#"
        [[listeners]]
        address = "127.0.0.1:0"
        default_api = "api"
        {listener}
        [networks.here]
        cidrs = ["127.0.0.0/8"]
        [networks.elsewhere]
        cidrs = ["192.0.2.0/24"]
        [apis.api]
        policy.Statement = [
            {{ Effect = "Allow", Principal = "*", Action = "execute-api:Invoke", Resource = "execute-api:/*" }},
            {{ Effect = "Deny", Principal = "*", Action = "execute-api:Invoke", Resource = "execute-api:/*", Condition.IpAddress."aws:SourceIp" = "198.51.100.0/24" }},
        ]
        [apis.api.stages.dev]
        [[apis.api.routes]]
        path = "/source"
        integration = {{ type = "mock", headers = {{ x-source = "context.identity.sourceIp" }} }}
        [[apis.api.routes]]
        path = "/echo"
        integration = {{ type = "http_proxy", uri = "http://{origin}/echo" }}
        "#
    )
}

async fn started(listener: &str) -> Running {
    Running::of(&toml(listener, "127.0.0.1:1")).await
}

const HERE: &str = "proxy_protocol = [\"here\"]";
const GET: &str = "GET /dev/source HTTP/1.1\r\nhost: a\r\n\r\n";

/// The head of the answer to a request behind these bytes; nothing where the connection is closed.
async fn behind(gateway: &Running, header: &[u8]) -> String {
    let mut wire: Wire = gateway.wire().await;
    wire.send([header, GET.as_bytes()].concat()).await;
    wire.head().await
}

fn source(head: &str) -> Option<&str> {
    assert!(head.is_empty() || head.starts_with("HTTP/1.1 "), "{head}");
    head.lines().find_map(|line| line.strip_prefix("x-source: "))
}

fn two(command: u8, family: u8, tail: &[u8]) -> Vec<u8> {
    let length = u16::try_from(tail.len()).expect("short").to_be_bytes();
    [b"\r\n\r\n\0\r\nQUIT\n", &[command, family][..], &length, tail].concat()
}

#[tokio::test]
async fn both_versions_tell_who_the_client_is() {
    let gateway = started(HERE).await;
    let four = [192, 0, 2, 1, 192, 0, 2, 2, 0, 5, 1, 187];
    let mut six = [0_u8; 36];
    (six[0], six[1], six[15], six[31]) = (0x20, 0x01, 7, 1);
    let mut mapped = [0_u8; 36];
    mapped[10..16].copy_from_slice(&[255, 255, 192, 0, 2, 9]);
    let long = [&four[..], &[4; 2000]].concat();
    for (name, header, expected) in [
        (
            "1, IPv4",
            b"PROXY TCP4 192.0.2.1 192.0.2.2 5 443\r\n".to_vec(),
            "192.0.2.1",
        ),
        (
            "1, IPv6",
            b"PROXY TCP6 2001:db8::1 ::1 5 443\r\n".to_vec(),
            "2001:db8::1",
        ),
        ("1, unknown", b"PROXY UNKNOWN\r\n".to_vec(), "127.0.0.1"),
        ("2, IPv4", two(0x21, 0x11, &four), "192.0.2.1"),
        ("2, IPv6", two(0x21, 0x21, &six), "2001::7"),
        ("2, IPv4 in IPv6", two(0x21, 0x21, &mapped), "192.0.2.9"),
        ("2, with more behind it", two(0x21, 0x11, &long), "192.0.2.1"),
        ("2, of the load balancer", two(0x20, 0x00, &[]), "127.0.0.1"),
        ("2, unspecified", two(0x21, 0x00, &[1, 2, 3]), "127.0.0.1"),
    ] {
        let head = behind(&gateway, &header).await;
        assert_eq!(source(&head), Some(expected), "{name}: {head}");
    }
}

#[tokio::test]
async fn what_has_no_good_header_is_closed_unanswered() {
    let gateway = started(HERE).await;
    for (name, header) in [
        ("none", Vec::new()),
        ("lower case", b"proxy TCP4 192.0.2.1 192.0.2.2 5 443\r\n".to_vec()),
        (
            "an endless line",
            [b"PROXY TCP4 ".as_slice(), &[b'1'; 200]].concat(),
        ),
        ("no address", b"PROXY TCP4 x y 5 443\r\n".to_vec()),
        ("short", two(0x21, 0x11, &[1, 2, 3])),
        ("too long", two(0x21, 0x11, &[0; 5000])),
        ("another version", two(0x31, 0x11, &[0; 12])),
        ("datagrams", two(0x21, 0x12, &[0; 12])),
    ] {
        assert_eq!(behind(&gateway, &header).await, "", "{name}");
    }
}

#[tokio::test]
async fn a_header_must_come_in_time() {
    let gateway = started(HERE).await;
    for begun in ["", "PROXY TCP4 192.0.2.1 "] {
        let mut wire = gateway.wire().await;
        wire.send(begun).await;
        assert_eq!(wire.head().await, "", "{begun}");
    }
}

#[tokio::test]
async fn a_drain_waits_for_no_header() {
    let gateway = started(HERE).await;
    let mut wire = gateway.wire().await;
    wire.send("PROXY TCP4 ").await;
    assert!(gateway.stop().await);
    assert_eq!(wire.head().await, "");
}

#[tokio::test]
async fn only_those_who_are_named_are_believed() {
    let header = b"PROXY TCP4 192.0.2.1 192.0.2.2 5 443\r\n";
    let strangers = started("proxy_protocol = [\"elsewhere\"]").await;
    assert_eq!(behind(&strangers, header).await, "", "a stranger's header");
    assert_eq!(behind(&strangers, b"").await, "", "a stranger without one");
    let unspoken = started("").await;
    assert!(
        behind(&unspoken, header).await.starts_with("HTTP/1.1 400 "),
        "it is no HTTP"
    );
    assert_eq!(source(&behind(&unspoken, b"").await), Some("127.0.0.1"));
}

#[tokio::test]
async fn policies_and_backends_see_the_client() {
    let origin = Origin::echo().await;
    let gateway = Running::of(&toml(HERE, &origin.authority())).await;
    let denied = behind(&gateway, b"PROXY TCP4 198.51.100.7 192.0.2.2 5 443\r\n").await;
    assert!(denied.starts_with("HTTP/1.1 403 "), "{denied}");
    let mut wire = gateway.wire().await;
    wire.send("PROXY TCP4 192.0.2.1 192.0.2.2 5 8443\r\nGET /dev/echo HTTP/1.1\r\nhost: a\r\n\r\n")
        .await;
    assert!(wire.head().await.starts_with("HTTP/1.1 200 "));
    let headers = origin.recorded()[0].headers.clone();
    assert_eq!(headers["x-forwarded-for"], "192.0.2.1");
    assert_eq!(headers["x-forwarded-port"], "8443");
}

#[tokio::test]
async fn it_comes_before_tls() {
    let authority = Authority::new("ours");
    let identity = authority.issue("localhost");
    let files = Files::default();
    files.write("server.pem", &identity.certificate);
    files.write("server.key", &identity.key);
    let listener =
        format!("{HERE}\ntls.certificates = [{{ certificate = \"server.pem\", key = \"server.key\" }}]");
    let gateway = Running::start(&toml(&listener, "127.0.0.1:1"), files).await;
    let mut stream = TcpStream::connect(gateway.address()).await.expect("a connection");
    stream
        .write_all(b"PROXY TCP4 192.0.2.1 192.0.2.2 5 443\r\n")
        .await
        .expect("taken");
    let mut roots = rustls::RootCertStore::empty();
    let pem =
        rustls::pki_types::pem::PemObject::from_pem_slice(authority.pem.as_bytes()).expect("a certificate");
    roots.add(pem).expect("an authority");
    let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = tokio_rustls::TlsConnector::from(std::sync::Arc::new(config));
    let name = "localhost".try_into().expect("a name");
    let mut stream = connector.connect(name, stream).await.expect("TLS");
    let request = GET.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("taken");
    let mut text = String::new();
    let _ = stream.read_to_string(&mut text).await;
    assert_eq!(source(&text), Some("192.0.2.1"), "{text}");
}

#[tokio::test]
async fn a_reload_counts_for_the_connections_to_come() {
    let mut gateway = started("").await;
    assert_eq!(source(&behind(&gateway, b"").await), Some("127.0.0.1"));
    let address = gateway.address();
    let text = toml(HERE, "127.0.0.1:1");
    gateway.rewrite(&text).await;
    assert_eq!(gateway.address(), address, "the same socket");
    assert_eq!(behind(&gateway, b"").await, "");
}

#[tokio::test]
async fn unknown_networks_are_told() {
    let mut gateway = started("").await;
    for (listener, at) in [
        ("proxy_protocol = [\"her\"]", "/listeners/0/proxy_protocol/0"),
        (
            "trust_forwarded = [\"here\", \"x\"]",
            "/listeners/0/trust_forwarded/1",
        ),
        (
            "forwarded_header = \"forwarded\"",
            "/listeners/0/forwarded_header",
        ),
        ("ipv6_only = true", "/listeners/0/ipv6_only"),
        ("socket_mode = \"600\"", "/listeners/0/socket_mode"),
    ] {
        let outcome = gateway.rewrite(&toml(listener, "127.0.0.1:1")).await;
        let problem = outcome.problems.first().expect(listener);
        assert_eq!(problem.pointer, at, "{problem}");
        assert!(problem.hint.is_some() || !problem.is_error(), "{problem}");
    }
}
