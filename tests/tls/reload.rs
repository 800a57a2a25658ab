//! Certificates and trust stores that change while connections are open.

use portcullis_tests::https::Https;
use portcullis_tests::tls::Authority;

use super::{MUTUAL, SHOWN, started, toml, write};

#[tokio::test]
async fn a_trust_store_is_followed_and_connections_stay() {
    let (server, old, new) = (
        Authority::new("server"),
        Authority::new("old"),
        Authority::new("new"),
    );
    let mut gateway = started(MUTUAL, "", &server, Some(&old)).await;
    let client = Https::trusting(&server);
    let (of_old, of_new) = (client.showing(&old.issue("c")), client.showing(&new.issue("c")));
    let mut open = of_old.open(gateway.address()).await.expect("a connection");
    assert_eq!(open.get("/dev/echo").await.expect("an answer").status, 200);
    of_old
        .get(gateway.address(), "/dev/echo", &[])
        .await
        .expect("the old one");
    of_new
        .get(gateway.address(), "/dev/echo", &[])
        .await
        .expect_err("not yet the new one");
    gateway.files.write("clients.pem", &new.pem);
    let outcome = gateway.node.reload().await;
    assert!(!outcome.has_errors(), "{:?}", outcome.problems);
    assert!(
        outcome
            .directories
            .iter()
            .any(|directory| directory == gateway.files.directory())
    );
    assert_eq!(open.get("/dev/echo").await.expect("it stays").status, 200);
    // Neither by a new handshake nor by a session of before.
    of_old
        .get(gateway.address(), "/dev/echo", &[])
        .await
        .expect_err("no longer the old one");
    of_new
        .get(gateway.address(), "/dev/echo", &[])
        .await
        .expect("the new one");
    // What is broken keeps what there was, and is told with its place.
    gateway
        .files
        .write("clients.pem", "-----BEGIN CERTIFICATE-----\n");
    let outcome = gateway.node.reload().await;
    let told: String = outcome.problems.iter().map(ToString::to_string).collect();
    assert!(
        told.contains("gateway.toml:") && told.contains("clients.pem: it is not well-formed PEM"),
        "{told}"
    );
    of_new
        .get(gateway.address(), "/dev/echo", &[])
        .await
        .expect("kept");
    of_old
        .get(gateway.address(), "/dev/echo", &[])
        .await
        .expect_err("kept");
    assert_eq!(open.get("/dev/echo").await.expect("it stays").status, 200);
}

#[tokio::test]
async fn certificates_are_followed() {
    let (old, new) = (Authority::new("old"), Authority::new("new"));
    let mut gateway = started(SHOWN, "", &old, None).await;
    let (of_old, of_new) = (Https::trusting(&old), Https::trusting(&new));
    let mut open = of_old.open(gateway.address()).await.expect("a connection");
    write(&gateway.files, "server", &new.issue("localhost"));
    assert!(!gateway.node.reload().await.has_errors());
    of_new
        .get(gateway.address(), "/dev/echo", &[])
        .await
        .expect("the new one");
    of_old
        .get(gateway.address(), "/dev/echo", &[])
        .await
        .expect_err("no longer the old one");
    assert_eq!(open.get("/dev/echo").await.expect("it stays").status, 200);
    // The key of another certificate, as in the middle of a change.
    gateway.files.write("server.key", &old.issue("localhost").key);
    let outcome = gateway.node.reload().await;
    let told: String = outcome.problems.iter().map(ToString::to_string).collect();
    assert!(
        told.contains("server.key: the private key is not that of the certificate"),
        "{told}"
    );
    of_new
        .get(gateway.address(), "/dev/echo", &[])
        .await
        .expect("kept");
    // And TLS goes, and comes, with the file.
    let plain = toml(SHOWN, "")
        .replace("[listeners.tls]", "")
        .replace(SHOWN.trim_end(), "");
    assert!(!gateway.rewrite(&plain).await.has_errors());
    assert_eq!(gateway.get("/dev/echo", &[]).await.status, 200);
    write(&gateway.files, "server", &new.issue("localhost"));
    assert!(!gateway.rewrite(&toml(SHOWN, "")).await.has_errors());
    of_new
        .get(gateway.address(), "/dev/echo", &[])
        .await
        .expect("TLS again");
}

#[tokio::test]
async fn what_did_not_change_keeps_its_sessions() {
    let authority = Authority::new("ours");
    let mut gateway = started(SHOWN, "", &authority, None).await;
    let client = Https::trusting(&authority);
    assert!(!client.resumes(gateway.address()).await, "there is none at first");
    assert!(client.resumes(gateway.address()).await);
    assert!(!gateway.node.reload().await.has_errors());
    assert!(
        client.resumes(gateway.address()).await,
        "a reload that changed nothing"
    );
    write(&gateway.files, "server", &authority.issue("localhost"));
    assert!(!gateway.node.reload().await.has_errors());
    assert!(!client.resumes(gateway.address()).await, "another certificate");
}

#[tokio::test]
async fn with_mutual_tls_each_handshake_is_whole() {
    let (server, clients) = (Authority::new("server"), Authority::new("clients"));
    let gateway = started(MUTUAL, "", &server, Some(&clients)).await;
    let client = Https::trusting(&server).showing(&clients.issue("c"));
    for _ in 0..2 {
        assert!(!client.resumes(gateway.address()).await);
    }
}

/// A listener that is new and whose certificate cannot be used does not open, least of all in clear text.
#[tokio::test]
async fn a_new_listener_without_its_certificate_stays_closed() {
    let authority = Authority::new("ours");
    let mut gateway = started(SHOWN, "", &authority, None).await;
    let more = "[[listeners]]\naddress = \"127.0.0.1:0\"\n[listeners.tls]\n\
                certificates = [{ certificate = \"nothere.pem\", key = \"server.key\" }]\n";
    let outcome = gateway.rewrite(&format!("{}{more}", toml(SHOWN, ""))).await;
    assert!(outcome.has_errors());
    assert_eq!(gateway.node.addresses().len(), 1);
    write(&gateway.files, "nothere", &authority.issue("localhost"));
    let fitting = more.replace("server.key", "nothere.key");
    assert!(
        !gateway
            .rewrite(&format!("{}{fitting}", toml(SHOWN, "")))
            .await
            .has_errors()
    );
    let addresses = gateway.node.addresses();
    let answer = Https::trusting(&authority)
        .get(addresses[1], "/dev/echo", &[])
        .await;
    assert_eq!(answer.expect("it is open").status, 403, "it has no default API");
}
