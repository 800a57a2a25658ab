//! TLS of domain names that calls make: certificates that come with them or are named by ARN, trust stores, policies.

use std::time::Duration;

use portcullis_testkit::{Files, Running};
use portcullis_tests::control::*;
use portcullis_tests::https::Https;
use portcullis_tests::tls::Authority;
use rustls::version::{TLS12, TLS13};
use serde_json::{Value, json};

use super::write;

const ARN: &str = "arn:aws:acm:us-east-1:000000000000:certificate/shop";
const HOST: &str = "shop.example.com";
const STORE: &str = "s3://bucket/clients.pem";

/// A listener with a certificate for `*.example.com`, and what calls may name.
fn toml(more: &str) -> String {
    format!(
        "{{listener}}\n[listeners.tls]\ncertificates = [{{ certificate = \"server.pem\", key = \"server.key\" }}]\n\
         [control]\naddress = \"127.0.0.1:0\"\ndata = \"data\"\naccess = \"anonymous-on-loopback\"\n{more}"
    )
}

const NAMED: &str = "[certificates.shop]\ncertificate = \"shop.pem\"\nkey = \"shop.key\"\n\
                     [truststores]\n\"s3://bucket/clients.pem\" = \"clients.pem\"\n";

/// With an API of one stage, `prod`, behind the names.
async fn started(listeners: &Authority, shop: &Authority, clients: &Authority) -> (Running, String) {
    let files = Files::default();
    write(&files, "server", &listeners.issue("*.example.com"));
    write(&files, "shop", &shop.issue(HOST));
    files.write("clients.pem", &clients.pem);
    let gateway = Running::start(&toml(NAMED), files).await;
    let id = api(&gateway, mock()).await;
    deploy(&gateway, &id, json!({"stageName": "prod"})).await;
    (gateway, id)
}

async fn made(gateway: &Running, id: &str, host: &str, members: Value) -> Value {
    let mut body = json!({"domainName": host, "endpointConfiguration": {"types": ["REGIONAL"]}});
    let (of_body, members) = (body.as_object_mut(), members.as_object());
    of_body
        .expect("an object")
        .extend(members.expect("an object").clone());
    let made = call(gateway, "POST", "/domainnames", body).await;
    let mapping = json!({"restApiId": id, "stage": "prod"});
    call(
        gateway,
        "POST",
        &format!("/domainnames/{host}/basepathmappings"),
        mapping,
    )
    .await;
    made
}

async fn status(client: &Https, gateway: &Running, host: &str) -> Result<u16, String> {
    let answered = client.naming(host).get(gateway.address(), "/", &[]).await;
    answered.map(|answered| answered.status.as_u16())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_named_by_its_arn() {
    let (listeners, shop, clients) = (Authority::new("l"), Authority::new("s"), Authority::new("c"));
    let (mut gateway, id) = started(&listeners, &shop, &clients).await;
    let (of_listener, of_shop) = (Https::trusting(&listeners), Https::trusting(&shop));
    made(&gateway, &id, HOST, json!({"regionalCertificateArn": ARN})).await;
    assert_eq!(status(&of_shop, &gateway, HOST).await, Ok(200));
    status(&of_listener, &gateway, HOST)
        .await
        .expect_err("its own is shown");
    // It follows the file.
    write(&gateway.files, "shop", &listeners.issue(HOST));
    assert!(!gateway.node.reload().await.has_errors());
    assert_eq!(status(&of_listener, &gateway, HOST).await, Ok(200));
    // One that nobody has mapped is told, and the listener's is shown.
    write(&gateway.files, "shop", &shop.issue(HOST));
    let outcome = gateway.rewrite(&toml("")).await;
    let told: String = outcome.problems.iter().map(ToString::to_string).collect();
    assert!(
        !outcome.has_errors() && told.contains(ARN) && told.contains("the listener's"),
        "{told}"
    );
    assert_eq!(status(&of_listener, &gateway, HOST).await, Ok(200));
    assert!(!gateway.rewrite(&toml(NAMED)).await.has_errors());
    assert_eq!(status(&of_shop, &gateway, HOST).await, Ok(200));
    let path = format!("/domainnames/{HOST}");
    call(&gateway, "DELETE", &path, Value::Null).await;
    assert_eq!(
        status(&of_listener, &gateway, HOST).await,
        Ok(403),
        "the name is gone"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_comes_with_a_call_and_is_sealed() {
    let (listeners, shop, clients) = (Authority::new("l"), Authority::new("s"), Authority::new("c"));
    let (gateway, id) = started(&listeners, &shop, &clients).await;
    let own = shop.issue(HOST);
    let sent = json!({"certificateName": "mine", "certificateBody": own.certificate,
        "certificatePrivateKey": own.key, "certificateChain": shop.pem});
    let told = made(&gateway, &id, HOST, sent.clone()).await.to_string();
    assert!(!told.contains("BEGIN"), "{told}");
    let of_shop = Https::trusting(&shop);
    assert_eq!(status(&of_shop, &gateway, HOST).await, Ok(200));
    let mut other = sent;
    other["domainName"] = json!("other.example.com");
    other["certificatePrivateKey"] = json!(shop.issue(HOST).key);
    let refused = answer(&gateway, "POST", "/domainnames", other).await;
    assert_eq!(refused.status, 400);
    assert!(
        refused
            .text()
            .contains("the private key is not that of the certificate")
    );
    let Running { files, node, .. } = gateway;
    assert!(node.shutdown(Duration::from_secs(10)).await, "it drains");
    let key: String = own.key.lines().nth(1).expect("a line").to_owned();
    for file in std::fs::read_dir(files.path("data")).expect("files") {
        let path = file.expect("a file").path();
        let bytes = std::fs::read(&path).unwrap_or_default();
        let found = bytes.windows(key.len()).any(|part| part == key.as_bytes());
        assert!(!found, "{}", path.display());
    }
    let mut gateway = Running::start(&toml(NAMED), files).await;
    assert_eq!(status(&of_shop, &gateway, HOST).await, Ok(200), "after a restart");
    // Another certificate takes its place.
    write(&gateway.files, "shop", &listeners.issue(HOST));
    assert!(!gateway.node.reload().await.has_errors());
    assert_eq!(status(&of_shop, &gateway, HOST).await, Ok(200), "it has its own");
    patch(
        &gateway,
        &format!("/domainnames/{HOST}"),
        "replace",
        "/regionalCertificateArn",
        ARN,
    )
    .await;
    status(&of_shop, &gateway, HOST).await.expect_err("no longer");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trust_store_is_named_by_its_address() {
    let (listeners, shop, clients) = (Authority::new("l"), Authority::new("s"), Authority::new("c"));
    let (mut gateway, id) = started(&listeners, &shop, &clients).await;
    let plain = Https::trusting(&listeners);
    let showing = plain.showing(&clients.issue("c"));
    let mutual = json!({"mutualTlsAuthentication": {"truststoreUri": STORE}});
    let told = made(&gateway, &id, HOST, mutual.clone()).await;
    assert_eq!(told["mutualTlsAuthentication"], mutual["mutualTlsAuthentication"]);
    status(&plain, &gateway, HOST).await.expect_err("none is shown");
    assert_eq!(status(&showing, &gateway, HOST).await, Ok(200));
    made(&gateway, &id, "open.example.com", json!({})).await;
    assert_eq!(status(&plain, &gateway, "open.example.com").await, Ok(200));
    let fronted = plain.naming("open.example.com").asking(HOST);
    let fronted = fronted.get(gateway.address(), "/", &[]).await;
    assert_eq!(fronted.expect("an answer").status, 421);
    // One that nobody has mapped is refused, and lets nobody in where it was known once.
    let other = json!({"domainName": "x.example.com", "endpointConfiguration": {"types": ["REGIONAL"]},
        "mutualTlsAuthentication": {"truststoreUri": "s3://bucket/other.pem"}});
    let refused = answer(&gateway, "POST", "/domainnames", other).await;
    assert_eq!(refused.status, 400);
    assert!(refused.text().contains("[truststores]"));
    let outcome = gateway.rewrite(&toml("")).await;
    assert!(!outcome.has_errors(), "{:?}", outcome.problems);
    for client in [&plain, &showing] {
        status(client, &gateway, HOST).await.expect_err("nobody");
    }
    assert!(!gateway.rewrite(&toml(NAMED)).await.has_errors());
    assert_eq!(status(&showing, &gateway, HOST).await, Ok(200));
    let path = format!("/domainnames/{HOST}");
    patch(
        &gateway,
        &path,
        "replace",
        "/mutualTlsAuthentication/truststoreUri",
        "",
    )
    .await;
    assert_eq!(status(&plain, &gateway, HOST).await, Ok(200), "for all again");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_odd_about_a_trust_store_is_told() {
    let (listeners, shop, clients) = (Authority::new("l"), Authority::new("s"), Authority::new("c"));
    let (gateway, id) = started(&listeners, &shop, &clients).await;
    gateway.files.write("clients.pem", clients.issue("c").certificate);
    let mut gateway = gateway;
    assert!(!gateway.node.reload().await.has_errors());
    let mutual = json!({"mutualTlsAuthentication": {"truststoreUri": STORE}});
    let told = made(&gateway, &id, HOST, mutual).await;
    let warnings = told["mutualTlsAuthentication"]["truststoreWarnings"].to_string();
    assert!(warnings.contains("is none of an authority"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_security_policy_is_kept_to() {
    let (listeners, shop, clients) = (Authority::new("l"), Authority::new("s"), Authority::new("c"));
    let (gateway, id) = started(&listeners, &shop, &clients).await;
    let (old, new) = (Https::of(&listeners, &[&TLS12]), Https::of(&listeners, &[&TLS13]));
    made(&gateway, &id, HOST, json!({})).await;
    assert_eq!(status(&old, &gateway, HOST).await, Ok(200));
    let path = format!("/domainnames/{HOST}");
    let policy = "SecurityPolicy_TLS13_1_3_2025_09";
    patch(&gateway, &path, "replace", "/securityPolicy", policy).await;
    status(&old, &gateway, HOST).await.expect_err("1.3 alone");
    assert_eq!(status(&new, &gateway, HOST).await, Ok(200));
}
