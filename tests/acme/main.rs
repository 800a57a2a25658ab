//! Certificates by ACME, from Pebble: each challenge over real sockets, what is kept, what is renewed, what fails.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod rules;

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use portcullis::clock::ManualClock;
use portcullis::node::Options;
use portcullis_testkit::{Files, Running};
use portcullis_tests::https::Https;
use portcullis_tests::pebble::Place;

const HOST: &str = "shop.example.com";
/// Longer than the first pause after a failure.
const PAUSE: Duration = Duration::from_secs(61);

fn toml(place: &Place, more: &str) -> String {
    format!(
        r#"
        {{listener}}
        [[listeners]]
        address = "127.0.0.1:0"
        [listeners.tls]
        [control]
        address = "127.0.0.1:0"
        [acme]
        directory = "{}"
        agree_terms = true
        data = "certificates"
        contact = ["mailto:admin@example.com"]
        {more}
        [domains."{HOST}"]
        acme = true
        mappings."" = "api/dev"
        [apis.api.stages.dev]
        [[apis.api.routes]]
        path = "/"
        integration = {{ type = "mock", template = "here" }}
        "#,
        place.directory()
    )
}

const TRUST: &str = "trust = \"pebble.pem\"\n";

/// A gateway whose time moves only when it is told to, before there is an authority.
async fn started(toml: &str, files: Files) -> (Running, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::default());
    let options = Options {
        clock: Some(clock.clone()),
        ..Options::default()
    };
    (Running::start_with(toml, files, options).await, clock)
}

fn files(place: &Place) -> Files {
    let files = Files::default();
    files.write("pebble.pem", place.trust());
    files
}

async fn until(told: &str, mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..9_000 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{told}: not within 180 s");
}

async fn failures(gateway: &Running, least: f64) {
    until("a failure", async || {
        gateway.metric("portcullis_failed_certificates_total").await >= least
    })
    .await;
}

async fn status(gateway: &Running, root: &str) -> Result<u16, String> {
    let address = gateway.node.addresses()[1];
    let client = Https::of_root(root, rustls::ALL_VERSIONS).naming(HOST);
    let answered = client.get(address, "/", &[]).await?;
    Ok(answered.status.as_u16())
}

/// The files of the one directory below that of certificates.
fn kept(files: &Files) -> PathBuf {
    let directory = std::fs::read_dir(files.path("certificates")).expect("a directory");
    directory
        .map(|entry| entry.expect("one").path())
        .next()
        .expect("an authority's")
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777
}

/// Nobody answers at first: the gateway starts all the same, and its name shows nothing.
async fn issued(challenge: &str) {
    let place = Place::new();
    let settings = toml(&place, &format!("{TRUST}challenge = \"{challenge}\"\n"));
    let (mut gateway, clock) = started(&settings, files(&place)).await;
    failures(&gateway, 1.0).await;
    let nothing = place.trust().to_owned();
    status(&gateway, &nothing)
        .await
        .expect_err("there is no certificate");
    let ports: Vec<u16> = gateway
        .node
        .addresses()
        .iter()
        .map(|address| address.port())
        .collect();
    let pebble = place.start(ports[0], ports[1]).await;
    let root = pebble.root().await;
    // It is not tried again before the pause is over.
    assert!(!gateway.node.reload().await.has_errors());
    status(&gateway, &root).await.expect_err("a pause");
    clock.advance(PAUSE);
    assert!(!gateway.node.reload().await.has_errors());
    until("a certificate", async || status(&gateway, &root).await == Ok(200)).await;
    assert!(
        gateway
            .metrics()
            .await
            .sum("portcullis_certificate_expiry_days", &[("domain", HOST)])
            > 1.0
    );
    let directory = kept(&gateway.files);
    let certificate = directory.join(format!("{HOST}.pem"));
    for (path, expected) in [
        (&gateway.files.path("certificates"), 0o700),
        (&directory, 0o700),
        (&certificate, 0o600),
        (&directory.join("account.json"), 0o600),
    ] {
        assert_eq!(mode(path), expected, "{}", path.display());
    }
    // Challenges are answered while they are open, and no longer.
    let path = "/.well-known/acme-challenge/token";
    assert_eq!(gateway.get(path, &[]).await.status, 403);

    // At two thirds of its time there is another one; the old one is shown until then.
    let first = std::fs::read(&certificate).expect("a certificate");
    clock.advance(Duration::from_secs(10 * 365 * 86_400));
    assert!(!gateway.node.reload().await.has_errors());
    until("another certificate", async || {
        std::fs::read(&certificate).expect("a certificate") != first
    })
    .await;
    assert_eq!(status(&gateway, &root).await, Ok(200));

    // What is kept is shown after a restart, without asking anybody.
    drop(pebble);
    let Running { files, node, .. } = gateway;
    assert!(node.shutdown(Duration::from_secs(10)).await, "it drains");
    let (gateway, _clock) = started(&settings, files).await;
    assert_eq!(status(&gateway, &root).await, Ok(200));
    assert_eq!(gateway.metric("portcullis_failed_certificates_total").await, 0.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn http_01_is_answered_in_clear_text() {
    issued("http-01").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_alpn_01_is_answered_by_a_handshake() {
    issued("tls-alpn-01").await;
}

/// The authority cannot reach the name: it is told, counted, and tried again later; all else is served.
#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_that_fails_is_told_and_tried_again() {
    let place = Place::new();
    let settings = toml(&place, TRUST);
    let (mut gateway, clock) = started(&settings, files(&place)).await;
    failures(&gateway, 1.0).await;
    let pebble = place.start(9, 9).await;
    clock.advance(PAUSE);
    assert!(!gateway.node.reload().await.has_errors());
    failures(&gateway, 2.0).await;
    status(&gateway, &pebble.root().await)
        .await
        .expect_err("nothing was issued");
    assert_eq!(
        gateway.get("/", &[("host", HOST)]).await.status,
        200,
        "in clear text"
    );
}

/// Whoever answers at the authority's address is not trusted for that.
#[tokio::test(flavor = "multi_thread")]
async fn an_authority_is_one_that_is_trusted() {
    let place = Place::new();
    let (mut gateway, clock) = started(&toml(&place, ""), files(&place)).await;
    failures(&gateway, 1.0).await;
    let ports: Vec<u16> = gateway
        .node
        .addresses()
        .iter()
        .map(|address| address.port())
        .collect();
    let directory = toml(&place, TRUST);
    let pebble = place.start(ports[0], ports[1]).await;
    clock.advance(PAUSE);
    assert!(!gateway.node.reload().await.has_errors());
    failures(&gateway, 2.0).await;
    let root = pebble.root().await;
    status(&gateway, &root).await.expect_err("nothing was issued");
    // A reload lets it be trusted.
    clock.advance(2 * PAUSE);
    assert!(!gateway.rewrite(&directory).await.has_errors());
    until("a certificate", async || status(&gateway, &root).await == Ok(200)).await;
}
