//! Client certificates and VPC links that calls make, with real backends: they act on the stages that name them.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use std::time::Duration;

use portcullis::clock::iso_time;
use portcullis_store::{Key, Options, Store};
use portcullis_testkit::{Files, Running};
use portcullis_tests::control::{CONTROLLED, answer, api, call, deploy, get, set, text};
use portcullis_tests::tls::{Authority, Identity, Server};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::{Value, json};

/// A private upstream that has no live target, as issue and docs/errors.md have it.
const UNREACHABLE: (u16, &str, &str) = (
    503,
    "ServiceUnavailableException",
    r#"{"message": "Service Unavailable"}"#,
);

fn der(pem: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(pem.as_bytes()).expect("a certificate")
}

/// A backend that asks for this certificate and lets nobody in without it.
fn asking(certificate: &str) -> Server {
    let identity = Authority::new("backends").issue("localhost");
    Server::start(Some(identity.server_of(rustls::ALL_VERSIONS, Some(certificate))))
}

fn https(server: &Server) -> Value {
    json!({
        "type": "HTTP_PROXY", "httpMethod": "GET", "uri": format!("https://localhost:{}/", server.port()),
        "tlsConfig": {"insecureSkipVerification": true},
    })
}

async fn generate(gateway: &Running) -> (String, Value) {
    let made = call(gateway, "POST", "/clientcertificates", json!({})).await;
    (text(&made, "clientCertificateId"), made)
}

async fn status(gateway: &Running, api: &str) -> u16 {
    get(gateway, api, "prod").await.status.as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_generated_certificate_is_shown_at_once_and_after_a_restart() {
    let gateway = Running::of(CONTROLLED).await;
    let (id, made) = generate(&gateway).await;
    let (other, _) = generate(&gateway).await;
    let pem = text(&made, "pemEncodedCertificate");
    let server = asking(&pem);
    let api = api(&gateway, https(&server)).await;
    deploy(&gateway, &api, json!({"stageName": "prod"})).await;
    assert_eq!(status(&gateway, &api).await, 500, "nothing is shown");

    set(&gateway, &api, "prod", "/clientCertificateId", &id).await;
    assert_eq!(status(&gateway, &api).await, 200);
    assert_eq!(server.last().client, Some(der(&pem)));

    set(&gateway, &api, "prod", "/clientCertificateId", &other).await;
    assert_eq!(status(&gateway, &api).await, 500, "the backend knows another");
    set(&gateway, &api, "prod", "/clientCertificateId", &id).await;

    let Running { files, node, .. } = gateway;
    assert!(node.shutdown(Duration::from_secs(10)).await, "it drains");
    let gateway = Running::start(CONTROLLED, files).await;
    let asked = server.asked().len();
    assert_eq!(status(&gateway, &api).await, 200);
    assert_eq!(server.asked().len(), asked + 1);
    assert_eq!(server.last().client, Some(der(&pem)));
    gateway.stop().await;
}

/// What the call says of its time is what the certificate says: in it stand two times, as RFC 5280, section 4.1.2.5, has
/// them.
#[tokio::test(flavor = "multi_thread")]
async fn a_generated_certificate_expires_when_the_call_says() {
    let gateway = Running::of(CONTROLLED).await;
    let (_, made) = generate(&gateway).await;
    let der = der(&text(&made, "pemEncodedCertificate"));
    let seconds = |name: &str| made[name].as_u64().expect("seconds");
    let (from, to) = (seconds("createdDate"), seconds("expirationDate"));
    assert_eq!(to - from, 365 * 86_400);
    for at in [from, to] {
        let digits: String = iso_time(Duration::from_secs(at))
            .chars()
            .filter(|char| !matches!(char, '-' | ':' | 'T'))
            .collect();
        let time = [b"\x17\x0d", &digits.as_bytes()[2..]].concat();
        assert!(der.windows(time.len()).any(|part| part == time), "{digits}");
    }
    gateway.stop().await;
}

/// The status of a test invocation of an API's `GET /`.
async fn tried(gateway: &Running, api: &str, certificate: &str) -> Value {
    let root = text(
        &call(gateway, "GET", &format!("/restapis/{api}"), json!({})).await,
        "rootResourceId",
    );
    let path = format!("/restapis/{api}/resources/{root}/methods/GET");
    let body = json!({"clientCertificateId": certificate});
    call(gateway, "POST", &path, body).await["status"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn test_invocations_show_certificates_too() {
    let authority = Authority::new("clients");
    let Identity { certificate, key } = &authority.issue("me");
    let files = Files::default();
    files.write("me.pem", certificate);
    files.write("me.key", key);
    let named = "[client_certificates.me]\ncertificate = \"me.pem\"\nkey = \"me.key\"\n";
    let gateway = Running::start(&format!("{CONTROLLED}\n{named}"), files).await;
    let (id, made) = generate(&gateway).await;
    for (certificate, known) in [
        (id.as_str(), text(&made, "pemEncodedCertificate")),
        ("me", authority.pem.clone()),
    ] {
        let server = asking(&known);
        let api = api(&gateway, https(&server)).await;
        assert_eq!(tried(&gateway, &api, certificate).await, 200, "{certificate}");
        assert!(server.last().client.is_some(), "{certificate}");
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_the_file_can_be_named_too() {
    let authority = Authority::new("clients");
    let me = authority.issue("me");
    let files = Files::default();
    let Identity { certificate, key } = &me;
    files.write("me.pem", certificate);
    files.write("me.key", key);
    let toml =
        format!("{CONTROLLED}\n[client_certificates.me]\ncertificate = \"me.pem\"\nkey = \"me.key\"\n");
    let gateway = Running::start(&toml, files).await;
    let server = asking(&authority.pem);
    let api = api(&gateway, https(&server)).await;
    deploy(&gateway, &api, json!({"stageName": "prod"})).await;
    set(&gateway, &api, "prod", "/clientCertificateId", "me").await;
    assert_eq!(status(&gateway, &api).await, 200);
    assert_eq!(server.last().client, Some(me.der()));
    gateway.stop().await;
}

/// Who can write the store, but has not its key, cannot let one stage show the certificate of another.
#[tokio::test(flavor = "multi_thread")]
async fn a_private_key_that_was_moved_to_another_row_is_not_used() {
    let gateway = Running::of(CONTROLLED).await;
    let (id, made) = generate(&gateway).await;
    let (other, _) = generate(&gateway).await;
    let server = asking(&text(&made, "pemEncodedCertificate"));
    let api = api(&gateway, https(&server)).await;
    deploy(&gateway, &api, json!({"stageName": "prod"})).await;
    set(&gateway, &api, "prod", "/clientCertificateId", &other).await;
    let Running { files, node, .. } = gateway;
    assert!(node.shutdown(Duration::from_secs(10)).await, "it drains");

    let store = Store::open(Options::new(files.path("data"))).await;
    let store = store.expect("the store");
    let mut write = store.write("a test", "moves a secret").await.expect("a write");
    let key = |id: &str| Key::new("clientcertificate", "", id);
    let one = write.get(&key(&id)).await.expect("a read").expect("a row");
    write.update(&key(&other), &one.document).await.expect("a row");
    write.commit().await.expect("a commit");
    store.close().await;

    let gateway = Running::start(CONTROLLED, files).await;
    assert_eq!(status(&gateway, &api).await, 403, "the stage is not served");
    assert_eq!(server.asked(), []);
    set(&gateway, &api, "prod", "/clientCertificateId", &id).await;
    assert_eq!(status(&gateway, &api).await, 200, "its own row has it");
    gateway.stop().await;
}

fn upstream(server: &Server) -> String {
    format!(
        "{CONTROLLED}\n[vpc_links.orders]\ntargets = [\"{}\"]\n",
        server.address()
    )
}

async fn link(gateway: &Running, name: &str) -> String {
    let arn = format!(
        "arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/net/{name}/50dc6c495c0c9188"
    );
    let made = call(
        gateway,
        "POST",
        "/vpclinks",
        json!({"name": "l", "targetArns": [arn]}),
    )
    .await;
    assert_eq!(made["status"], "PENDING");
    text(&made, "id")
}

async fn link_status(gateway: &Running, link: &str) -> String {
    text(
        &call(gateway, "GET", &format!("/vpclinks/{link}"), Value::Null).await,
        "status",
    )
}

fn linked(connection: &str) -> Value {
    json!({
        "type": "HTTP_PROXY", "httpMethod": "GET", "uri": "http://orders.internal/stock",
        "connectionType": "VPC_LINK", "connectionId": connection,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_reaches_the_private_upstream_that_its_target_names() {
    let server = Server::start(None);
    let gateway = Running::of(&upstream(&server)).await;
    let link = link(&gateway, "orders").await;
    assert_eq!(link_status(&gateway, &link).await, "AVAILABLE");
    let plain = api(&gateway, linked(&link)).await;
    let variable = api(&gateway, linked("${stageVariables.link}")).await;
    let settings = json!({"stageName": "prod", "variables": {"link": link}});
    deploy(&gateway, &variable, settings).await;
    deploy(&gateway, &plain, json!({"stageName": "prod"})).await;
    for api in [&plain, &variable] {
        assert_eq!(status(&gateway, api).await, 200);
        let asked = server.last();
        assert_eq!((&*asked.host, &*asked.target), ("orders.internal", "/stock"));
    }
    let refused = answer(&gateway, "DELETE", &format!("/vpclinks/{link}"), Value::Null).await;
    assert_eq!(refused.status, 400, "{refused:?}");

    let Running { files, node, .. } = gateway;
    assert!(node.shutdown(Duration::from_secs(10)).await, "it drains");
    let gateway = Running::start(&upstream(&server), files).await;
    for api in [&plain, &variable] {
        assert_eq!(status(&gateway, api).await, 200, "after a restart");
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_leads_nowhere_comes_alive_with_a_reload() {
    let server = Server::start(None);
    let mut gateway = Running::of(CONTROLLED).await;
    let link = link(&gateway, "orders").await;
    let got = call(&gateway, "GET", &format!("/vpclinks/{link}"), Value::Null).await;
    assert_eq!(got["status"], "FAILED");
    let message = text(&got, "statusMessage");
    assert!(message.contains("[vpc_links.orders]"), "{message}");
    let api = api(&gateway, linked(&link)).await;
    deploy(&gateway, &api, json!({"stageName": "prod"})).await;
    assert_eq!(get(&gateway, &api, "prod").await.refusal(), UNREACHABLE);

    let outcome = gateway.rewrite(&upstream(&server)).await;
    assert_eq!(outcome.swapped.len(), 1, "{:?}", outcome.problems);
    assert_eq!(link_status(&gateway, &link).await, "AVAILABLE");
    assert_eq!(status(&gateway, &api).await, 200);

    let outcome = gateway.rewrite(CONTROLLED).await;
    let told: Vec<String> = outcome.problems.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].contains(&format!("the VPC link `{link}` leads nowhere")),
        "{told:?}"
    );
    assert_eq!(link_status(&gateway, &link).await, "FAILED");
    assert_eq!(get(&gateway, &api, "prod").await.refusal(), UNREACHABLE);

    // The id itself, as a name of the file, goes before what a target names.
    let own = upstream(&server).replace("vpc_links.orders", &format!("vpc_links.{link}"));
    gateway.rewrite(&own).await;
    assert_eq!(link_status(&gateway, &link).await, "AVAILABLE");
    assert_eq!(status(&gateway, &api).await, 200);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_nobody_made_cannot_be_deployed() {
    let gateway = Running::of(CONTROLLED).await;
    let api = api(&gateway, linked("nope")).await;
    let refused = answer(
        &gateway,
        "POST",
        &format!("/restapis/{api}/deployments"),
        json!({"stageName": "prod"}),
    )
    .await;
    let message = text(&refused.json(), "message");
    assert_eq!(refused.status, 400, "{message}");
    assert!(message.contains("there is no VPC link `nope`"), "{message}");
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_has_the_length_that_the_file_says() {
    let gateway = Running::of(&format!("{CONTROLLED}history = 3\n")).await;
    for _ in 0..5 {
        generate(&gateway).await;
    }
    let history = call(&gateway, "GET", "/_portcullis/history", Value::Null).await;
    assert_eq!(history["item"].as_array().expect("a list").len(), 3, "{history}");
    gateway.stop().await;
}
