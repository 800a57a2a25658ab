//! Mutual TLS: whose certificates are good, and what is told of them.

use std::time::Duration;

use portcullis_testkit::Running;
use portcullis_tests::gateways::*;
use portcullis_tests::https::Https;
use portcullis_tests::lambda::{Answers, Lambda};
use portcullis_tests::tls::{Authority, Identity};
use rcgen::{DistinguishedName, DnType, ExtendedKeyUsagePurpose, SerialNumber, date_time_ymd};
use rustls::version::{TLS12, TLS13};
use serde_json::json;

use super::{MUTUAL, failed_handshakes, started};

fn client_of(authority: &Authority) -> Identity {
    authority.issue_with("client.example", |params| {
        let mut name = DistinguishedName::new();
        name.push(DnType::OrganizationName, "Shop, Inc.");
        name.push(DnType::CommonName, "client");
        params.distinguished_name = name;
        params.serial_number = Some(SerialNumber::from(vec![0x01, 0xa1, 0xff]));
        params.not_before = date_time_ymd(2019, 5, 28);
        params.not_after = date_time_ymd(2121, 8, 5);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    })
}

#[tokio::test]
async fn clients_show_a_certificate_of_the_trust_store() {
    let (server, clients, others) = (
        Authority::new("server"),
        Authority::new("clients"),
        Authority::new("clients"),
    );
    let gateway = started(MUTUAL, "", &server, Some(&clients)).await;
    let ended = clients.issue_with("c", |params| params.not_after = date_time_ymd(2025, 1, 1));
    let to_come = clients.issue_with("c", |params| params.not_before = date_time_ymd(2120, 1, 1));
    let of_servers = clients.issue_with("c", |params| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    });
    for versions in [&TLS12, &TLS13] {
        for offered in ["http/1.1", "h2"] {
            let client = Https::of(&server, &[versions]).offering(&[offered]);
            // mutual-tls: what is not trusted is refused before any request.
            for (name, identity, alert) in [
                ("none", None, "CertificateRequired"),
                (
                    "of another authority of the same name",
                    Some(others.issue("c")),
                    "DecryptError",
                ),
                ("expired", Some(ended.clone()), "CertificateExpired"),
                ("not yet valid", Some(to_come.clone()), "CertificateExpired"),
                ("for servers", Some(of_servers.clone()), "UnsupportedCertificate"),
                ("the server's authority's", Some(server.issue("c")), "UnknownCA"),
            ] {
                let client = identity.map_or_else(|| client.clone(), |identity| client.showing(&identity));
                let refused = client.get(gateway.address(), "/dev/echo", &[]).await;
                let refused = refused.expect_err(name);
                let expected = format!("received fatal alert: {alert}");
                assert!(refused.ends_with(&expected), "{name} {offered}: {refused}");
            }
            let client = client.showing(&client_of(&clients));
            let answer = client
                .get(gateway.address(), "/dev/echo", &[])
                .await
                .expect("an answer");
            assert_eq!(answer.status, 200, "{offered}");
        }
    }
    assert_eq!(calls(&gateway, "echo").await, 4.0, "nothing else got in");
    failed_handshakes(&gateway, 24.0).await;
}

#[tokio::test]
async fn a_certificate_may_be_optional() {
    let (server, clients) = (Authority::new("server"), Authority::new("clients"));
    let optional = format!("{MUTUAL}client_auth = \"optional\"\n");
    let gateway = started(&optional, "", &server, Some(&clients)).await;
    let client = Https::trusting(&server);
    let told = client
        .get(gateway.address(), "/dev/echo", &[])
        .await
        .expect("none is shown")
        .json();
    assert_eq!(context(&told).get("identity.clientCert.subjectDN"), None);
    let showing = client.showing(&client_of(&clients));
    let told = showing
        .get(gateway.address(), "/dev/echo", &[])
        .await
        .expect("a good one")
        .json();
    assert_eq!(context(&told)["identity.clientCert.serialNumber"], "01:a1:ff");
    let bad = client.showing(&Authority::new("other").issue("c"));
    bad.get(gateway.address(), "/dev/echo", &[])
        .await
        .expect_err("a bad one");
}

#[tokio::test]
async fn the_certificate_is_told_in_the_context_and_to_authorizers() {
    let (server, clients) = (Authority::new("server"), Authority::new("clients"));
    let lambda = Lambda::start(|_| Answers::Text(r#"{"isAuthorized":true}"#.to_owned())).await;
    let more = |format: &str, simple: &str| {
        format!(
            r#"
            [lambda]
            endpoint = "{}"
            [apis.api.authorizers.guard]
            type = "request"
            function = "check"
            payload_format_version = "{format}"
            {simple}
            [[apis.api.routes]]
            path = "/mapped"
            authorizer = "guard"
            integration = {{ type = "mock", template = "$context.identity.clientCert.subjectDN $context.tlsVersion" }}
            "#,
            lambda.endpoint()
        )
    };
    let (_first, second) = (more("1.0", ""), more("2.0", "simple_responses = true"));
    let mut gateway = started(MUTUAL, &second, &server, Some(&clients)).await;
    let identity = client_of(&clients);
    let client = Https::trusting(&server).showing(&identity);
    let told = client
        .get(gateway.address(), "/dev/echo", &[])
        .await
        .expect("an answer")
        .json();
    let pem = identity.certificate.replace("\r\n", "\n");
    let told = context(&told);
    for (name, expected) in [
        ("subjectDN", r"CN=client,O=Shop\, Inc."),
        ("issuerDN", "CN=clients"),
        ("serialNumber", "01:a1:ff"),
        ("validity.notBefore", "May 28 00:00:00 2019 GMT"),
        ("validity.notAfter", "Aug  5 00:00:00 2121 GMT"),
        ("clientCertPem", pem.as_str()),
    ] {
        assert_eq!(told[format!("identity.clientCert.{name}")], expected, "{name}");
    }
    let answer = client
        .get(gateway.address(), "/dev/mapped", &[])
        .await
        .expect("an answer");
    assert_eq!(answer.body, r"CN=client,O=Shop\, Inc. TLSv1.3");
    let certificate = json!({
        "clientCertPem": pem, "subjectDN": r"CN=client,O=Shop\, Inc.", "issuerDN": "CN=clients",
        "serialNumber": "01:a1:ff",
        "validity": {"notBefore": "May 28 00:00:00 2019 GMT", "notAfter": "Aug  5 00:00:00 2121 GMT"},
    });
    // http-api-lambda-authorizer.html for 2.0, api-gateway-lambda-authorizer-input.html for 1.0.
    assert_eq!(
        lambda.last().event["requestContext"]["authentication"]["clientCert"],
        certificate
    );
    assert!(
        !gateway
            .rewrite(&super::toml(MUTUAL, &more("1.0", "")))
            .await
            .has_errors()
    );
    client
        .get(gateway.address(), "/dev/mapped", &[])
        .await
        .expect("an answer");
    assert_eq!(
        lambda.last().event["requestContext"]["identity"]["clientCert"],
        certificate
    );
}

#[tokio::test]
async fn the_access_log_tells_it() {
    let (server, clients) = (Authority::new("server"), Authority::new("clients"));
    let log = "[apis.api.stages.dev.access_log]\ndestination = \"access.log\"\n\
               format = \"$context.requestId|$context.tlsVersion|$context.identity.clientCert.subjectDN|\
               $context.identity.clientCert.validity.notAfter\"\n";
    let gateway = started(MUTUAL, log, &server, Some(&clients)).await;
    let client = Https::trusting(&server).showing(&client_of(&clients));
    client
        .get(gateway.address(), "/dev/echo", &[])
        .await
        .expect("an answer");
    let Running { files, node, .. } = gateway;
    assert!(node.shutdown(Duration::from_secs(10)).await);
    let told = std::fs::read_to_string(files.path("access.log")).expect("a log");
    let (_, told) = told.trim_end().split_once('|').expect("an id");
    assert_eq!(told, r"TLSv1.3|CN=client,O=Shop\\, Inc.|Aug  5 00:00:00 2121 GMT");
}
