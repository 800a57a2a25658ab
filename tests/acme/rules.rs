//! What is refused before anybody is asked.

use portcullis::node::{Node, Options};
use portcullis_testkit::Files;

const GOOD: &str = "[acme]\ndirectory = \"https://ca.example/dir\"\nagree_terms = true\ndata = \"data\"\n";

async fn problems(text: &str) -> String {
    let files = Files::default();
    let listener = "[[listeners]]\naddress = \"127.0.0.1:0\"\n";
    files.write("gateway.toml", format!("{listener}{text}"));
    match Node::start(files.path("gateway.toml"), Options::default()).await {
        Ok(_) => String::new(),
        Err(problems) => problems.iter().map(|problem| format!("{problem}\n")).collect(),
    }
}

#[tokio::test]
async fn what_could_not_be_issued_is_refused_by_name() {
    for (text, expected) in [
        (
            GOOD.replace("https", "http"),
            "gateway.toml:4:1: error: `http://ca.example/dir` is no https address",
        ),
        (
            GOOD.replace("true", "false"),
            "gateway.toml:5:1: error: the authority issues nothing to those who do not agree",
        ),
        (
            format!("{GOOD}contact = [\"admin@example.com\"]"),
            "`admin@example.com` is no address to write to",
        ),
        (format!("{GOOD}trust = \"nothere.pem\""), "cannot read "),
        (
            format!("{GOOD}challenge = \"dns-01\""),
            "expected \"http-01\" or \"tls-alpn-01\"",
        ),
        (
            format!("{GOOD}challenge = \"tls-alpn-01\""),
            "no listener could answer the challenge tls-alpn-01",
        ),
        (
            "[domains.\"a.example.com\"]\nacme = true".to_owned(),
            "gateway.toml:4:1: error: nothing says who issues the certificate of `a.example.com`",
        ),
        (
            format!("{GOOD}[domains.\"*.example.com\"]\nacme = true"),
            "no certificate for `*.example.com` can be had",
        ),
        (
            format!(
                "{GOOD}[domains.\"a.example.com\"]\nacme = true\ncertificate = \"a.pem\"\nkey = \"a.key\""
            ),
            "the domain name `a.example.com` has a certificate already",
        ),
    ] {
        let told = problems(&text).await;
        assert!(told.contains(expected), "{text}: {told}");
    }
    assert_eq!(problems(GOOD).await, "");
}
