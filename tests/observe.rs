//! What people see of requests: access logs, execution logs, metrics under CloudWatch's names, and traces.
//!
//! Sources are pages of the API Gateway developer guide: `set-up-access-logging`, `api-gateway-variables-for-access-logging`,
//! `set-up-logging`, `api-gateway-metrics-and-dimensions`.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

#[path = "observe/access_log.rs"]
mod access_log;
#[path = "observe/execution_log.rs"]
mod execution_log;
#[path = "observe/metrics.rs"]
mod metrics;
#[path = "observe/settings.rs"]
mod settings;
#[path = "observe/trace.rs"]
mod trace;
#[path = "observe/variables.rs"]
mod variables;

use portcullis_testkit::{Answer, Client, Files, Process, Running};
use portcullis_tests::gateways::ECHO;
use serde_json::Value;

const BINARY: &str = env!("CARGO_BIN_EXE_portcullis-under-test");

/// Ends a gateway, which writes its logs, and gives the lines of one of its files.
async fn lines_of(mut gateway: Running, name: &str) -> Vec<String> {
    let files = std::mem::take(&mut gateway.files);
    assert!(gateway.stop().await, "everything finished");
    lines(&files, name)
}

/// Requests on two connections may end in any order.
fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort();
    lines
}

fn lines(files: &Files, name: &str) -> Vec<String> {
    let text = std::fs::read_to_string(files.path(name)).expect("a log");
    assert!(text.is_empty() || text.ends_with('\n'), "{text:?}");
    text.lines().map(str::to_owned).collect()
}

fn ids(answer: &Answer) -> (&str, &str) {
    (answer.header("x-amzn-requestid"), answer.header("x-amz-apigw-id"))
}

/// A stage `dev` with an access log, for the settings of an access log.
fn logged(access_log: &str) -> String {
    format!(
        r#"
        {{listener api}}
        [control]
        address = "127.0.0.1:0"
        [apis.api.stages.dev]
        access_log = {{ {access_log} }}
        [[apis.api.routes]]
        path = "/pets/{{id}}"
        integration = {{ type = "mock", status = 201 }}
        "#
    )
}

/// Writes a `gateway.toml`.
fn write(files: &Files, toml: &str) -> String {
    let toml = toml.replace(
        "{listener api}",
        "[[listeners]]\naddress = \"127.0.0.1:0\"\ndefault_api = \"api\"\n",
    );
    files
        .write("gateway.toml", toml)
        .to_str()
        .expect("a path of text")
        .to_owned()
}

/// Runs the binary on a `gateway.toml`.
fn run(files: &Files, toml: &str, more: &[&str]) -> Process {
    let path = write(files, toml);
    let mut arguments = vec!["run", &path, "--no-cache"];
    arguments.extend(more);
    Process::start(BINARY, &arguments)
}

async fn get(process: &Process, path: &str, headers: &[(&str, &str)]) -> Answer {
    let url = format!("http://{}{path}", process.address().await);
    Client::default()
        .send("GET", &url, headers, b"")
        .await
        .expect("an answer")
}

/// A stage whose methods log as `methods` says.
fn executed(origin: &str, methods: &str) -> String {
    format!(
        r#"
        {{listener api}}
        {ECHO}
        [plugins.guard]
        file = "authorizer.wasm"
        config.mode = "echo"
        [apis.api.authorizers.guard]
        type = "token"
        plugin = "guard"
        header = "X-Token"
        [apis.api.stages.dev]
        {methods}
        [[apis.api.routes]]
        path = "/pets/{{id}}"
        method = "POST"
        integration = {{ type = "http_proxy", uri = "http://{origin}/{{id}}?fixed=1" }}
        [[apis.api.routes]]
        path = "/offline"
        integration = {{ type = "http_proxy", uri = "http://127.0.0.1:1/" }}
        [[apis.api.routes]]
        path = "/guarded"
        authorizer = "guard"
        integration = {{ type = "mock", status = 200 }}
        "#
    )
}

fn counted(settings: &str) -> String {
    let toml = executed("127.0.0.1:1", settings);
    let toml = toml.replace(
        "{listener api}",
        "{listener api}\n[control]\naddress = \"127.0.0.1:0\"",
    );
    toml.replace("path = \"/guarded\"", "path = \"/{proxy+}\"\nintegration = { type = \"plugin\", plugin = \"echo\" }\n[[apis.api.routes]]\npath = \"/guarded\"")
}

/// Waits until a metric has a value: a request is counted when its last byte has left, which its client may see sooner.
async fn settled(gateway: &Running, name: &str, value: f64) {
    let counted = async {
        while gateway.metric(name).await < value {
            tokio::task::yield_now().await;
        }
    };
    let counted = tokio::time::timeout(std::time::Duration::from_secs(180), counted).await;
    counted.unwrap_or_else(|_| panic!("{name} does not become {value}"));
}

/// The fields of a line of JSON.
fn fields(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}
