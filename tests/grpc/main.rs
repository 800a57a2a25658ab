//! gRPC through HTTP_PROXY, by gRPC's own library on both sides: every kind of call, metadata, statuses, in clear text and
//! by TLS, from a client of HTTP/2 to a backend of HTTP/2.

#![allow(clippy::expect_used, reason = "tests")]

use std::path::{Path, PathBuf};
use std::process::Stdio;

use portcullis_testkit::{Files, Running};
use portcullis_tests::tls::Authority;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

const HOST: &str = "grpc.example.com";

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn peer(arguments: &[&str]) -> Command {
    let mut command = Command::new(here().join("../target/grpc/bin/python"));
    command.arg(here().join("grpc/peer.py")).args(arguments);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// A server, and its port.
async fn serving() -> (Child, String) {
    let mut child = peer(&["serve"])
        .spawn()
        .expect("grpcio, which `cargo xtask test` installs");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let port = lines.next_line().await.expect("a line").expect("a port");
    (child, port)
}

/// A gateway whose host of its own is the service, as clients of gRPC know no paths before their methods.
fn toml(port: &str, listener: &str) -> String {
    format!(
        r#"
        [[listeners]]
        address = "127.0.0.1:0"
        {listener}
        [backends."127.0.0.1:{port}"]
        protocol = "http2"
        [domains."{HOST}"]
        mappings = {{ "" = "api/dev" }}
        [apis.api.stages.dev]
        [[apis.api.routes]]
        path = "/tests.Echo/{{proxy+}}"
        method = "POST"
        integration = {{ type = "http_proxy", uri = "http://127.0.0.1:{port}/tests.Echo/{{proxy}}" }}
        [[apis.api.routes]]
        path = "/tests.Echo/Slow"
        method = "POST"
        integration = {{ type = "http_proxy", uri = "http://127.0.0.1:{port}/tests.Echo/Slow", timeout_ms = 2000 }}
        "#
    )
}

async fn called(gateway: &Running, more: &[&str]) {
    let target = gateway.address().to_string();
    let arguments = [&["call", &target, HOST], more].concat();
    let done = peer(&arguments)
        .stderr(Stdio::piped())
        .output()
        .await
        .expect("a run");
    let told = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{told}");
    assert_eq!(String::from_utf8_lossy(&done.stdout), "good\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn passes_in_clear_text() {
    let (_server, port) = serving().await;
    let gateway = Running::of(&toml(&port, "")).await;
    called(&gateway, &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn passes_by_tls() {
    let (_server, port) = serving().await;
    let authority = Authority::new("ours");
    let identity = authority.issue(HOST);
    let files = Files::default();
    files.write("server.pem", &identity.certificate);
    files.write("server.key", &identity.key);
    let ca = files.write("ca.pem", &authority.pem).display().to_string();
    let tls = "tls.certificates = [{ certificate = \"server.pem\", key = \"server.key\" }]";
    let gateway = Running::start(&toml(&port, tls), files).await;
    called(&gateway, &[&ca]).await;
}
