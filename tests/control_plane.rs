//! The control plane by AWS's own clients: boto3 and the aws CLI, as PyPI has them. What they do stands in
//! `control_plane/*.py`; here each script gets a gateway of its own.

#![allow(clippy::expect_used, clippy::disallowed_methods, reason = "tests")]

use std::path::PathBuf;
use std::process::Command;

use portcullis_testkit::Running;

const ANONYMOUS: &str = "anonymous-on-loopback";
const SIGNED: &str = "signed";

fn here() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The Python with AWS's clients.
fn python() -> PathBuf {
    let python = here().join("../target/python/bin/python");
    assert!(
        python.exists(),
        "this suite needs boto3 and the aws CLI in target/python; `cargo xtask test` installs them"
    );
    python
}

fn toml(access: &str) -> String {
    format!("{{listener}}\n[control]\naddress = \"127.0.0.1:0\"\ndata = \"data\"\naccess = \"{access}\"\n")
}

async fn started(access: &str) -> Running {
    Running::of(&toml(access)).await
}

/// A script of `control_plane/`, against a gateway.
async fn script(gateway: &Running, name: &str, arguments: &[&str]) -> String {
    let control = gateway.node.control_address().expect("a control listener");
    let mut command = Command::new(python());
    command
        .arg("-B")
        .arg(here().join("control_plane").join(name))
        .args(arguments)
        .env("CONTROL", format!("http://{control}"))
        .env("GATEWAY", gateway.address().to_string())
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env_remove("AWS_PROFILE");
    let credentials = gateway.files.path("data/administrator.credentials");
    if credentials.exists() {
        command
            .env("AWS_SHARED_CREDENTIALS_FILE", credentials)
            .env_remove("AWS_ACCESS_KEY_ID")
            .env_remove("AWS_SECRET_ACCESS_KEY")
            .env_remove("AWS_SESSION_TOKEN");
    } else {
        command
            .env("AWS_ACCESS_KEY_ID", "anybody")
            .env("AWS_SECRET_ACCESS_KEY", "anything");
    }
    let output = tokio::task::spawn_blocking(move || command.output()).await;
    let output = output.expect("no panic").expect("Python runs");
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{name}: {}\n{out}\n{err}", output.status);
    out.into_owned()
}

async fn passes(name: &str, access: &str) {
    let gateway = started(access).await;
    script(&gateway, name, &[]).await;
    assert!(gateway.stop().await, "it drains");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_from_nothing_to_a_rollback() {
    passes("lifecycle.py", SIGNED).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canary_from_nothing_to_its_promotion() {
    passes("canary.py", ANONYMOUS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn resources_are_a_tree() {
    passes("resources.py", ANONYMOUS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn definitions_come_back_as_they_were_written() {
    passes("definitions.py", ANONYMOUS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_surrounds_them_comes_back_as_it_was_written() {
    passes("surroundings.py", ANONYMOUS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_terraforms_provider_calls_for_the_example() {
    passes("terraform.py", ANONYMOUS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_the_callers_and_changes_nothing() {
    passes("errors.py", ANONYMOUS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_is_who_signs_and_whom_a_policy_lets() {
    passes("access.py", SIGNED).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_there_and_live_after_a_restart() {
    let gateway = started(SIGNED).await;
    let made = script(&gateway, "restart.py", &["make"]).await;
    let Running { files, node, .. } = gateway;
    assert!(
        node.shutdown(std::time::Duration::from_secs(10)).await,
        "it drains"
    );
    let gateway = Running::start(&toml(SIGNED), files).await;
    script(&gateway, "restart.py", &["find", made.trim()]).await;
    gateway.stop().await;
}
