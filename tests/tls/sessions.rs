//! Sessions that are taken up again, and HTTP as ALPN has it.

use portcullis_testkit::Running;
use portcullis_tests::https::Https;
use portcullis_tests::tls::Authority;
use rustls::version::{TLS12, TLS13};

use super::{MUTUAL, SHOWN, started, toml, write};

#[tokio::test]
async fn sessions_resume_in_both_versions() {
    let authority = Authority::new("ours");
    let gateway = started(SHOWN, "", &authority, None).await;
    for versions in [&TLS12, &TLS13] {
        let client = Https::of(&authority, &[versions]);
        assert!(!client.resumes(gateway.address()).await, "there is none at first");
        for _ in 0..3 {
            assert!(client.resumes(gateway.address()).await);
        }
    }
}

/// Nothing of the first handshake may stand for a certificate that ended since.
#[tokio::test]
async fn nothing_resumes_where_clients_show_certificates() {
    let (server, clients) = (Authority::new("server"), Authority::new("clients"));
    let gateway = started(MUTUAL, "", &server, Some(&clients)).await;
    for versions in [&TLS12, &TLS13] {
        let client = Https::of(&server, &[versions]).showing(&clients.issue("c"));
        for _ in 0..2 {
            assert!(!client.resumes(gateway.address()).await);
        }
    }
}

/// Two listeners that say the same, and a name of one: a ticket of one is nothing to the others.
#[tokio::test]
async fn tickets_are_of_one_listener() {
    let authority = Authority::new("ours");
    let files = portcullis_tests::gateways::guests();
    write(&files, "server", &authority.issue("localhost"));
    let second = format!("[[listeners]]\naddress = \"127.0.0.1:0\"\n[listeners.tls]\n{SHOWN}");
    let gateway = Running::start(&toml(SHOWN, &second), files).await;
    let addresses = gateway.node.addresses();
    let (first, second) = (addresses[0], addresses[1]);
    for versions in [&TLS12, &TLS13] {
        let client = Https::of(&authority, &[versions]);
        assert!(!client.resumes(first).await);
        assert!(client.resumes(first).await);
        // The client has a session for `localhost`, and offers it.
        assert!(!client.resumes(second).await, "{versions:?}");
    }
}

#[tokio::test]
async fn http_is_what_was_agreed_upon() {
    let authority = Authority::new("ours");
    let gateway = started(SHOWN, "", &authority, None).await;
    const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00";
    const REQUEST: &[u8] = b"GET /dev/echo HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    let client = Https::trusting(&authority);
    for (offered, sent, http1) in [
        (&["http/1.1"][..], REQUEST, true),
        (&["http/1.1"], PREFACE, false),
        (&[], REQUEST, true),
        (&[], PREFACE, false),
        (&["h2"], REQUEST, false),
    ] {
        let answered = client.offering(offered).raw(gateway.address(), sent).await;
        let is_ok = answered.starts_with(b"HTTP/1.1 200");
        assert_eq!(
            is_ok,
            http1,
            "{offered:?}: {:?}",
            String::from_utf8_lossy(&answered)
        );
        // Settings would be frame type 4.
        let is_h2 = offered.is_empty() && answered.get(3) == Some(&4);
        assert!(!is_h2, "HTTP/2 without having agreed upon it");
    }
    assert_eq!(portcullis_tests::gateways::calls(&gateway, "echo").await, 2.0);
}
