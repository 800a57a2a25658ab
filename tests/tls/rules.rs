//! What is refused before a listener opens.

use portcullis::node::{Node, Options};
use portcullis_testkit::Files;
use portcullis_tests::tls::Authority;

use super::write;

async fn problems(tls: &str) -> String {
    let files = Files::default();
    let authority = Authority::new("ours");
    write(&files, "server", &authority.issue("localhost"));
    write(&files, "other", &authority.issue("localhost"));
    files.write("ca.pem", &authority.pem);
    files.write(
        "gateway.toml",
        format!("[[listeners]]\naddress = \"127.0.0.1:0\"\n[listeners.tls]\n{tls}\n"),
    );
    match Node::start(files.path("gateway.toml"), Options::default()).await {
        Ok(_) => String::new(),
        Err(problems) => problems.iter().map(|problem| format!("{problem}\n")).collect(),
    }
}

#[tokio::test]
async fn what_cannot_be_spoken_is_refused_by_name() {
    const PAIR: &str = "certificates = [{ certificate = \"server.pem\", key = \"server.key\" }]\n";
    for (tls, expected) in [
        (
            "certificates = []",
            "gateway.toml:4:1: error: a listener with TLS needs a certificate",
        ),
        (
            "client_trust = \"ca.pem\"",
            "missing required key \"certificates\"",
        ),
        (
            "certificates = [{ certificate = \"server.pem\", key = \"other.key\" }]",
            "the private key is not that of the certificate",
        ),
        (
            "certificates = [{ certificate = \"nothere.pem\", key = \"server.key\" }]",
            "cannot read ",
        ),
        (
            "certificates = [{ certificate = \"server.key\", key = \"server.key\" }]",
            "it has no certificate",
        ),
        (&format!("{PAIR}client_trust = \"nothere.pem\""), "nothere.pem"),
        (
            &format!("{PAIR}client_trust = \"server.key\""),
            "it has no certificate",
        ),
        (&format!("{PAIR}edge_trust = \"nothere.pem\""), "nothere.pem"),
        (
            &format!("{PAIR}edge_trust = \"server.key\""),
            "it has no certificate",
        ),
        (
            &format!("{PAIR}client_auth = \"optional\""),
            "but client_trust does not say whose",
        ),
        (
            &format!("{PAIR}client_auth = \"never\""),
            "expected \"required\" or \"optional\"",
        ),
    ] {
        let told = problems(tls).await;
        assert!(told.contains(expected), "{tls}: {told}");
    }
    assert_eq!(problems(&format!("{PAIR}client_trust = \"ca.pem\"")).await, "");
}
