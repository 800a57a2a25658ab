//! Requests while the process, or its configuration, is replaced.

use portcullis_testkit::{Files, Running};
use portcullis_tests::https::Https;
use portcullis_tests::tls::Authority;

use super::Replaceable;
use super::load::Load;

const TOML: &str = r#"
    [[listeners]]
    address = "127.0.0.1:0"
    default_api = "shop"
    tls.certificates = [{ certificate = "server.pem", key = "server.key" }]
    [control]
    address = "127.0.0.1:0"
    [apis.shop.stages.dev.variables]
    version = "VERSION"
    [[apis.shop.routes]]
    path = "/mock"
    integration = { type = "mock", template = "$stageVariables.version" }
"#;

fn files(authority: &Authority) -> Files {
    let files = Files::default();
    let server = authority.issue("localhost");
    files.write("server.pem", &server.certificate);
    files.write("server.key", &server.key);
    files
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_upgrades_under_load_over_tls_fail_no_request() {
    let authority = Authority::new("authority");
    let mut gateway = Replaceable::start(TOML, files(&authority), &[]);
    let address = gateway.process.secure_address().await;
    let load = Load::start(&Https::trusting(&authority), address, "/dev/mock");
    load.answered(20).await;
    gateway.upgrade(1).await;
    // Beside the one that drains, too.
    load.answered(20).await;
    gateway.process.replaced().await;
    gateway.upgrade(2).await;
    load.answered(20).await;
    // The second to drain: idle connections were closed long before its limit.
    gateway.process.lines("draining for 30 s", 2).await;
    load.answered(100).await;
    let answers = load.stop().await;
    let output = gateway.end().await;
    assert!(!output.contains("did not finish"), "{output}");
    assert!(!output.contains("ERROR"), "{output}");
    println!("{answers} answers");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_reloads_under_load_over_tls_fail_no_request() {
    let authority = Authority::new("authority");
    let mut gateway = Running::start(TOML, files(&authority)).await;
    let address = gateway.address();
    let load = Load::start(&Https::trusting(&authority), address, "/dev/mock");
    for number in 0..100 {
        load.answered(1).await;
        // Every tenth brings another certificate.
        if number % 10 == 9 {
            let server = authority.issue("localhost");
            gateway.files.write("server.pem", &server.certificate);
            gateway.files.write("server.key", &server.key);
        }
        let outcome = gateway
            .rewrite(&TOML.replace("VERSION", &number.to_string()))
            .await;
        assert!(outcome.problems.is_empty(), "{:?}", outcome.problems);
        assert_eq!(outcome.swapped.len(), 1, "{outcome:?}");
    }
    let answers = load.stop().await;
    println!("{answers} answers");
    assert!(gateway.stop().await);
}
