//! TLS of custom domain names: their certificates, trust stores and security policies, from gateway.toml.

use portcullis_testkit::{Files, Running};
use portcullis_tests::gateways::*;
use portcullis_tests::https::Https;
use portcullis_tests::tls::Authority;
use rustls::version::{TLS12, TLS13};

use super::{SHOWN, failed_handshakes, toml, write};

const OPEN: &str = "api.example.com";
const MUTUAL: &str = "mutual.example.com";

/// One with names of its own: `OPEN` shows `open.pem`; `MUTUAL` asks for certificates.
fn named(tls: &str, open: &str, mutual: &str) -> String {
    let domains = format!(
        "[domains.\"{OPEN}\"]\nmappings.\"\" = \"api/dev\"\n{open}\n\
         [domains.\"{MUTUAL}\"]\nmappings.\"\" = \"api/dev\"\n{mutual}\n"
    );
    toml(tls, &domains)
}

const OWN: &str = "certificate = \"open.pem\"\nkey = \"open.key\"\n";
const TRUST: &str = "certificate = \"mutual.pem\"\nkey = \"mutual.key\"\nclient_trust = \"clients.pem\"\n";

fn files(server: &Authority, clients: &Authority) -> Files {
    let files = guests();
    for (file, host) in [("server", "localhost"), ("open", OPEN), ("mutual", MUTUAL)] {
        write(&files, file, &server.issue(host));
    }
    files.write("clients.pem", &clients.pem);
    files
}

async fn status(client: &Https, gateway: &Running, host: &str, path: &str) -> Result<u16, String> {
    let answered = client.naming(host).get(gateway.address(), path, &[]).await;
    answered.map(|answered| answered.status.as_u16())
}

#[tokio::test]
async fn a_name_shows_its_own_certificate_and_follows_it() {
    let (old, new, clients) = (Authority::new("old"), Authority::new("new"), Authority::new("c"));
    let mut gateway = Running::start(&named(SHOWN, OWN, ""), files(&old, &clients)).await;
    let (of_old, of_new) = (Https::trusting(&old), Https::trusting(&new));
    assert_eq!(status(&of_old, &gateway, OPEN, "/echo").await, Ok(200));
    assert_eq!(status(&of_old, &gateway, "localhost", "/dev/echo").await, Ok(200));
    // The listener's first, which is for another host.
    let refused = status(&of_old, &gateway, MUTUAL, "/echo").await;
    assert!(refused.expect_err("another's").contains("not valid for name"));
    write(&gateway.files, "open", &new.issue(OPEN));
    assert!(!gateway.node.reload().await.has_errors());
    assert_eq!(status(&of_new, &gateway, OPEN, "/echo").await, Ok(200));
    status(&of_old, &gateway, OPEN, "/echo")
        .await
        .expect_err("no longer");
    // What cannot be used is told with its place, and what there was stays.
    gateway.files.write("open.key", &old.issue(OPEN).key);
    let outcome = gateway.node.reload().await;
    let told: String = outcome.problems.iter().map(ToString::to_string).collect();
    assert!(
        told.contains("gateway.toml:") && told.contains("open.key: the private key is not that of"),
        "{told}"
    );
    assert_eq!(status(&of_new, &gateway, OPEN, "/echo").await, Ok(200));
}

#[tokio::test]
async fn a_listener_may_have_no_certificate_of_its_own() {
    let (server, clients) = (Authority::new("server"), Authority::new("clients"));
    let gateway = Running::start(&named("", OWN, ""), files(&server, &clients)).await;
    let client = Https::trusting(&server);
    assert_eq!(status(&client, &gateway, OPEN, "/echo").await, Ok(200));
    for host in ["localhost", MUTUAL] {
        let refused = status(&client, &gateway, host, "/echo").await;
        assert!(refused.expect_err(host).contains("AccessDenied"), "{host}");
    }
    failed_handshakes(&gateway, 2.0).await;
}

#[tokio::test]
async fn a_wildcard_shows_its_certificate_to_one_label() {
    let authority = Authority::new("ours");
    let files = guests();
    write(&files, "wild", &authority.issue("*.example.com"));
    let domains = "[domains.\"*.example.com\"]\nmappings.\"\" = \"api/dev\"\n\
                   certificate = \"wild.pem\"\nkey = \"wild.key\"\n";
    let gateway = Running::start(&toml("", domains), files).await;
    let client = Https::trusting(&authority);
    assert_eq!(status(&client, &gateway, "a.example.com", "/echo").await, Ok(200));
    status(&client, &gateway, "a.b.example.com", "/echo")
        .await
        .expect_err("two labels");
}

#[tokio::test]
async fn a_trust_store_is_one_names_alone() {
    let (server, clients, others) = (
        Authority::new("server"),
        Authority::new("clients"),
        Authority::new("others"),
    );
    let gateway = Running::start(&named(SHOWN, OWN, TRUST), files(&server, &clients)).await;
    for versions in [&TLS12, &TLS13] {
        for offered in ["http/1.1", "h2"] {
            let client = Https::of(&server, &[versions]).offering(&[offered]);
            assert_eq!(status(&client, &gateway, OPEN, "/echo").await, Ok(200));
            let refused = status(&client, &gateway, MUTUAL, "/echo").await;
            assert!(refused.expect_err("none").contains("CertificateRequired"));
            let other = client.showing(&others.issue("c"));
            status(&other, &gateway, MUTUAL, "/echo")
                .await
                .expect_err("of another authority");
            let own = client.showing(&clients.issue("c"));
            assert_eq!(status(&own, &gateway, MUTUAL, "/echo").await, Ok(200));
            let told = own.naming(MUTUAL).get(gateway.address(), "/echo", &[]).await;
            let told = context(&told.expect("an answer").json());
            assert_eq!(told["identity.clientCert.issuerDN"], "CN=clients");
        }
    }
}

/// The host of a request is not the one that the connection was made for: the trust store of one does not open the other.
#[tokio::test]
async fn another_hosts_connection_does_not_open_a_name() {
    let (server, clients) = (Authority::new("server"), Authority::new("clients"));
    let both = format!("{}client_trust = \"clients.pem\"\n", OWN);
    let mut gateway = Running::start(&named(SHOWN, OWN, TRUST), files(&server, &clients)).await;
    let plain = Https::trusting(&server);
    let showing = plain.showing(&clients.issue("c"));
    let fronted = |client: &Https, sni: &str, host: &'static str| {
        let client = client.naming(sni).asking(host);
        let address = gateway.address();
        async move {
            let answered = client.get(address, "/echo", &[]).await.expect("an answer");
            answered.status.as_u16()
        }
    };
    for host in [MUTUAL, "MUTUAL.example.com", "mutual.example.com:443"] {
        assert_eq!(fronted(&plain, OPEN, host).await, 421, "{host}");
        assert_eq!(fronted(&showing, OPEN, host).await, 421, "{host}");
        assert_eq!(fronted(&plain, "localhost", host).await, 421, "{host}");
        assert_eq!(fronted(&showing, MUTUAL, host).await, 200, "{host}");
        let h2 = plain.offering(&["h2"]);
        assert_eq!(fronted(&h2, OPEN, host).await, 421, "{host} by HTTP/2");
    }
    assert_eq!(fronted(&showing, MUTUAL, OPEN).await, 421, "verified for another");
    assert_eq!(
        fronted(&plain, "localhost", OPEN).await,
        200,
        "neither has a store"
    );
    // Two stores, though of the same authority, are two.
    assert!(!gateway.rewrite(&named(SHOWN, &both, TRUST)).await.has_errors());
    let address = gateway.address();
    let answered = showing
        .naming(OPEN)
        .asking(MUTUAL)
        .get(address, "/echo", &[])
        .await;
    assert_eq!(answered.expect("an answer").status, 421);
    // In clear text nobody is verified.
    let clear = named(SHOWN, OWN, TRUST)
        .replace("[listeners.tls]", "")
        .replace(SHOWN.trim_end(), "");
    assert!(!gateway.rewrite(&clear).await.has_errors());
    for (host, expected) in [(MUTUAL, 421), (OPEN, 200)] {
        let answer = gateway.get("/echo", &[("host", host)]).await;
        assert_eq!(answer.status, expected, "{host}");
    }
}

#[tokio::test]
async fn a_new_trust_store_counts_for_the_next_handshake() {
    let (server, old, new) = (
        Authority::new("server"),
        Authority::new("old"),
        Authority::new("new"),
    );
    let mut gateway = Running::start(&named(SHOWN, OWN, TRUST), files(&server, &old)).await;
    let client = Https::trusting(&server);
    let (of_old, of_new) = (client.showing(&old.issue("c")), client.showing(&new.issue("c")));
    assert_eq!(status(&of_old, &gateway, MUTUAL, "/echo").await, Ok(200));
    gateway.files.write("clients.pem", &new.pem);
    assert!(!gateway.node.reload().await.has_errors());
    status(&of_old, &gateway, MUTUAL, "/echo")
        .await
        .expect_err("no longer, nor by a session");
    assert_eq!(status(&of_new, &gateway, MUTUAL, "/echo").await, Ok(200));
    // Broken, it stays as it was; never does a name open for want of a store.
    gateway.files.write("clients.pem", "nothing");
    assert!(gateway.node.reload().await.has_errors());
    status(&client, &gateway, MUTUAL, "/echo")
        .await
        .expect_err("none is shown");
    assert_eq!(status(&of_new, &gateway, MUTUAL, "/echo").await, Ok(200));
}

/// A name that is new and cannot be used is closed, not served by the listener's settings.
#[tokio::test]
async fn a_new_name_that_cannot_be_used_is_closed() {
    let (server, clients) = (Authority::new("server"), Authority::new("clients"));
    let wild = [("server", "*.example.com")];
    let files = files(&server, &clients);
    for (file, host) in wild {
        write(&files, file, &server.issue(host));
    }
    let mut gateway = Running::start(&toml(SHOWN, ""), files).await;
    gateway.files.write("clients.pem", "nothing");
    assert!(
        gateway
            .rewrite(&named(SHOWN, OWN, "client_trust = \"clients.pem\""))
            .await
            .has_errors()
    );
    let client = Https::trusting(&server).showing(&clients.issue("c"));
    status(&client, &gateway, MUTUAL, "/echo")
        .await
        .expect_err("closed");
    let fronted = client.naming(OPEN).asking(MUTUAL);
    let fronted = fronted.get(gateway.address(), "/echo", &[]).await;
    assert_eq!(fronted.expect("an answer").status, 421);
}
