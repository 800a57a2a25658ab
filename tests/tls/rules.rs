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
            "gateway.toml:3:12: error: a listener with TLS needs a certificate",
        ),
        (
            "client_trust = \"ca.pem\"",
            "gateway.toml:3:12: error: a listener with TLS needs a certificate",
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
        (
            &format!("{PAIR}client_auth = \"optional\""),
            "but client_trust does not say whose",
        ),
        (
            &format!("{PAIR}client_auth = \"never\""),
            "expected \"required\" or \"optional\"",
        ),
        (
            &format!("{PAIR}security_policy = \"TLS_1_0\""),
            "gateway.toml:5:1: error: the security policy TLS_1_0 is not supported: it lets TLS 1.0 and 1.1 in",
        ),
        (
            &format!("{PAIR}security_policy = \"TLS_1_3\""),
            "there is no security policy `TLS_1_3`",
        ),
        (
            &format!(
                "{PAIR}[domains.\"a.example.com\"]\nsecurity_policy = \"SecurityPolicy_TLS13_1_3_FIPS_2025_09\""
            ),
            "gateway.toml:6:1: error: the security policy SecurityPolicy_TLS13_1_3_FIPS_2025_09 is not supported",
        ),
        (
            &format!("{PAIR}[domains.\"a.example.com\"]\ncertificate = \"server.pem\""),
            "gateway.toml:6:1: error: the domain name `a.example.com` has certificate without key",
        ),
        (
            &format!("{PAIR}[domains.\"a.example.com\"]\nkey = \"server.key\""),
            "gateway.toml:6:1: error: the domain name `a.example.com` has key without certificate",
        ),
        (
            &format!("{PAIR}[domains.\"a.example.com\"]\nkey = \"other.key\"\ncertificate = \"server.pem\""),
            "the private key is not that of the certificate",
        ),
        (
            &format!("{PAIR}[domains.\"a.example.com\"]\nclient_trust = \"nothere.pem\""),
            "gateway.toml:6:1: error: cannot read ",
        ),
        (
            &format!("{PAIR}[truststores]\n\"/a/b\" = \"ca.pem\""),
            "`/a/b` is no address of a trust store",
        ),
        (
            &format!("{PAIR}[truststores]\n\"s3://a/b\" = \"server.key\""),
            "it has no certificate",
        ),
        (
            &format!(
                "{PAIR}[certificates.a]\narn = \"shop\"\ncertificate = \"server.pem\"\nkey = \"server.key\""
            ),
            "`shop` is no ARN",
        ),
        (
            &format!("{PAIR}[certificates.a]\ncertificate = \"server.pem\"\nkey = \"other.key\""),
            "the private key is not that of the certificate",
        ),
    ] {
        let told = problems(tls).await;
        assert!(told.contains(expected), "{tls}: {told}");
    }
    assert_eq!(problems(&format!("{PAIR}client_trust = \"ca.pem\"")).await, "");
}
