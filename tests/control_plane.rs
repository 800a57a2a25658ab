//! The control plane by AWS's own clients: boto3 and the aws CLI, as PyPI has them. What they do stands in
//! `control_plane/*.py`; here each script gets a gateway of its own.

#![allow(clippy::expect_used, clippy::disallowed_methods, reason = "tests")]

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use portcullis_testkit::{Files, Process, Running};
use portcullis_tests::gateways::guests;
use portcullis_tests::tls::Authority;

const BINARY: &str = env!("CARGO_BIN_EXE_portcullis-under-test");

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

/// Trust stores that domain names of the scripts have.
const TRUSTSTORES: &str =
    "[truststores]\n\"s3://bucket/bundle.pem\" = \"trust.pem\"\n\"s3://b/c.pem\" = \"trust.pem\"\n";

async fn started(access: &str) -> Running {
    Running::start(&toml(access), Files::in_memory()).await
}

/// Where a gateway is, for scripts.
#[derive(Debug, Clone)]
struct Place {
    control: SocketAddr,
    listener: SocketAddr,
    data: PathBuf,
}

impl Place {
    fn of(gateway: &Running) -> Self {
        Self {
            control: gateway.node.control_address().expect("a control listener"),
            listener: gateway.address(),
            data: gateway.files.path("data"),
        }
    }
}

/// A script of `control_plane/`, against a gateway.
async fn script(place: &Place, name: &str, arguments: &[&str]) -> String {
    let mut command = Command::new(python());
    command
        .arg("-B")
        .arg(here().join("control_plane").join(name))
        .args(arguments)
        .env("CONTROL", format!("http://{}", place.control))
        .env("GATEWAY", place.listener.to_string())
        .env("DATA", &place.data)
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env_remove("AWS_PROFILE")
        .env_remove("AWS_SESSION_TOKEN");
    let credentials = place.data.join("administrator.credentials");
    if credentials.exists() {
        command
            .env("AWS_SHARED_CREDENTIALS_FILE", credentials)
            .env_remove("AWS_ACCESS_KEY_ID")
            .env_remove("AWS_SECRET_ACCESS_KEY");
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
    script(&Place::of(&gateway), name, &[]).await;
    assert!(gateway.stop().await, "it drains");
}

/// The same, with authorizers: one that asks for tokens, and guests that echo or fail.
async fn passes_with_authorizers(name: &str) {
    let plugins = r#"
        [plugins.echo]
        file = "authorizer.wasm"
        config.mode = "echo"
        [plugins.faults]
        file = "authorizer.wasm"
        [plugins.tokens]
        builtin = "bearer-token"
        config.tokens = [
            { token = "alice-secret", principal = "alice" },
            { token = "mallory-secret", principal = "mallory", deny = true },
        ]
    "#;
    let gateway = Running::start(&format!("{}{plugins}", toml(ANONYMOUS)), guests()).await;
    script(&Place::of(&gateway), name, &[]).await;
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

/// A gateway with a web ACL that blocks queries of more than 8 bytes.
fn with_web_acl(access: &str) -> String {
    let acl = r#"
        [plugins.waf]
        builtin = "waf"
        grants = { log = true, counter = true }
        [[plugins.waf.config.groups]]
        name = "g"
        rules = [{ type = "size", name = "r", query = 8 }]
        [web_acls.main]
        filters = ["waf"]
        description = "the one"
        [web_acls.other]
        filters = ["waf"]
    "#;
    let file = r#"
        [apis.filed.stages.prod]
        web_acl = "main"
        [[apis.filed.routes]]
        path = "/"
        integration = { type = "mock" }
    "#;
    format!("{}{acl}{file}", toml(access))
}

#[tokio::test(flavor = "multi_thread")]
async fn stages_are_associated_with_web_acls() {
    let gateway = Running::of(&with_web_acl(SIGNED)).await;
    script(&Place::of(&gateway), "web_acl.py", &[]).await;
    assert!(gateway.stop().await, "it drains");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stage_whose_web_acl_is_gone_is_closed() {
    let mut gateway = Running::of(&with_web_acl(ANONYMOUS)).await;
    let place = Place::of(&gateway);
    let api = script(&place, "web_acl_kept.py", &["make"]).await;
    let api = api.trim();
    script(&place, "web_acl_kept.py", &["blocks", api]).await;
    let without = with_web_acl(ANONYMOUS).replace("[web_acls.main]", "[web_acls.another]");
    let without = without.replace("web_acl = \"main\"", "");
    let outcome = gateway.rewrite(&without).await;
    assert!(!outcome.has_errors(), "{outcome:?}");
    script(&place, "web_acl_kept.py", &["closed", api]).await;
    gateway.rewrite(&with_web_acl(ANONYMOUS)).await;
    script(&place, "web_acl_kept.py", &["blocks", api]).await;
    assert!(gateway.stop().await, "it drains");
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
    let upstream = "[vpc_links.x]\ntargets = [\"127.0.0.1:9\"]\n";
    let files = Files::default();
    files.write("trust.pem", &Authority::new("clients").pem);
    let gateway = Running::start(&format!("{}{upstream}{TRUSTSTORES}", toml(ANONYMOUS)), files).await;
    script(&Place::of(&gateway), "surroundings.py", &[]).await;
    assert!(gateway.stop().await, "it drains");
}

#[tokio::test(flavor = "multi_thread")]
async fn routing_rules_are_of_the_second_protocol() {
    passes("routing_rules.py", ANONYMOUS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_come_in_and_go_out() {
    passes("imports.py", ANONYMOUS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_acts_when_it_is_deployed() {
    passes_with_authorizers("enforced.py").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_hold_and_usage_is_told() {
    passes("limits.py", ANONYMOUS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_edited_can_be_tried() {
    passes_with_authorizers("invoke.py").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn authorizers_can_be_tried() {
    passes_with_authorizers("invoke_authorizer.py").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_have_whatever_was_made() {
    passes("lists.py", ANONYMOUS).await;
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
async fn no_member_with_any_value_is_a_fault_of_the_server() {
    passes("shapes.py", ANONYMOUS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_at_the_same_time_lose_no_update() {
    passes("concurrency.py", ANONYMOUS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_is_who_signs_and_whom_a_policy_lets() {
    passes("access.py", SIGNED).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_signs_may_call_what_policies_let() {
    passes("invoke_iam.py", SIGNED).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn responses_are_kept_as_the_stage_says() {
    passes("cache.py", SIGNED).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_there_and_live_after_a_restart() {
    let gateway = started(SIGNED).await;
    let made = script(&Place::of(&gateway), "restart.py", &["make"]).await;
    let Running { files, node, .. } = gateway;
    assert!(node.shutdown(Duration::from_secs(10)).await, "it drains");
    let gateway = Running::start(&toml(SIGNED), files).await;
    script(&Place::of(&gateway), "restart.py", &["find", made.trim()]).await;
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_there_and_live_after_a_kill() {
    let files = Files::default();
    let listener = "[[listeners]]\naddress = \"127.0.0.1:0\"\n";
    let path = files.write("gateway.toml", toml(SIGNED).replace("{listener}\n", listener));
    let run = ["run", "--no-cache", path.to_str().expect("a path of UTF-8 text")];
    let mut made = None;
    for arguments in ["make", "find"] {
        let mut gateway = Process::start(BINARY, &run);
        let place = Place {
            control: gateway.control().await,
            listener: gateway.address().await,
            data: files.path("data"),
        };
        let all: Vec<&str> = std::iter::once(arguments).chain(made.as_deref()).collect();
        made = Some(script(&place, "restart.py", &all).await.trim().to_owned());
        gateway.signal(libc::SIGKILL);
        gateway.ended().await;
    }
}
