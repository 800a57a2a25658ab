//! TLS of listeners, and mutual TLS.
//!
//! "mutual-tls" is <https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mutual-tls.html>.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod control;
mod domains;
mod listener;
mod mutual;
mod policies;
mod reload;
mod rules;
mod sessions;
mod strict;

use std::time::Duration;

use portcullis_testkit::{Files, Running};
use portcullis_tests::gateways::*;
use portcullis_tests::tls::{Authority, Identity};

/// A gateway whose listener speaks TLS with these settings beside its certificate, `server.pem`, and answers by the plugin
/// `echo`.
fn toml(tls: &str, more: &str) -> String {
    format!(
        r#"
        {{listener api}}
        [listeners.tls]
        {tls}
        [control]
        address = "127.0.0.1:0"
        [apis.api.stages.dev]
        [[apis.api.routes]]
        path = "/echo"
        integration = {{ type = "plugin", plugin = "echo" }}
        {more}
        {ECHO}"#
    )
}

const SHOWN: &str = "certificates = [{ certificate = \"server.pem\", key = \"server.key\" }]\n";
const MUTUAL: &str = "certificates = [{ certificate = \"server.pem\", key = \"server.key\" }]\nclient_trust = \"clients.pem\"\n";

/// Writes a certificate and its key.
fn write(files: &Files, name: &str, identity: &Identity) {
    files.write(&format!("{name}.pem"), &identity.certificate);
    files.write(&format!("{name}.key"), &identity.key);
}

/// One with `server.pem` for `localhost` of an authority.
async fn started(tls: &str, more: &str, server: &Authority, clients: Option<&Authority>) -> Running {
    let files = guests();
    write(&files, "server", &server.issue("localhost"));
    if let Some(clients) = clients {
        files.write("clients.pem", &clients.pem);
    }
    Running::start(&toml(tls, more), files).await
}

/// Waits until so many handshakes have failed: a client may know of one before it is counted.
async fn failed_handshakes(gateway: &Running, expected: f64) {
    let mut failed = 0.0;
    for _ in 0..500 {
        failed = gateway.metric("portcullis_failed_handshakes_total").await;
        if failed == expected {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{failed} handshakes failed, not {expected}");
}
