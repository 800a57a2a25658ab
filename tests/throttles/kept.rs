//! What is used of quotas over restarts, and over a death.

use std::time::{Duration, Instant};

use portcullis_testkit::{Client, Files, Process, Running};
use portcullis_tests::control::CONTROLLED;
use serde_json::{Value, json};

use super::control::{keyed, planned, usage};

const BINARY: &str = env!("CARGO_BIN_EXE_portcullis-under-test");
const DAYS: (&str, &str) = ("2026-01-01", "2026-01-01");
/// Of a process that is killed, what was counted in the last second may be lost.
const LOST: Duration = Duration::from_secs(1);

#[tokio::test(flavor = "multi_thread")]
async fn a_quota_goes_on_after_a_restart() {
    let (gateway, clock) = super::started(CONTROLLED, Files::default()).await;
    let quota = json!({"quota": {"limit": 10, "period": "DAY"}});
    let (api, plan, key) = planned(&gateway, quota).await;
    assert_eq!(keyed(&gateway, &api, 4).await, 4);
    let Running { files, node, .. } = gateway;
    assert!(node.shutdown(Duration::from_secs(10)).await, "it drains");
    drop(clock);
    let (gateway, _clock) = super::started(CONTROLLED, files).await;
    assert_eq!(usage(&gateway, &plan, DAYS).await[&key], json!([[4, 6]]));
    assert_eq!(keyed(&gateway, &api, 9).await, 6);
    gateway.stop().await;
}

const KEY: &str = "one-0123456789-0123456789";

/// Of a plan of `gateway.toml`, in a process of its own: what it had counted a second before it was killed, it has counted.
#[tokio::test(flavor = "multi_thread")]
async fn a_death_loses_no_more_than_a_second() {
    const LIMIT: usize = 100_000;
    let toml = format!(
        r#"
[[listeners]]
address = "127.0.0.1:0"
default_api = "api"
[control]
address = "127.0.0.1:0"
data = "data"
access = "anonymous-on-loopback"
[apis.api.stages.dev]
[[apis.api.routes]]
path = "/a"
api_key_required = true
integration = {{ type = "mock" }}
[api_keys.one]
value = "{KEY}"
[usage_plans.paid]
stages = ["api/dev"]
keys = ["one"]
quota = {{ limit = {LIMIT}, period = "month" }}
"#
    );
    let files = Files::in_memory();
    let path = files.write("gateway.toml", toml);
    let start = || Process::start(BINARY, &["run", "--no-cache", path.to_str().expect("a path")]);
    let mut process = start();
    let url = format!("http://{}/dev/a", process.address().await);
    let client = Client::default();
    let mut times: Vec<Instant> = Vec::new();
    while times.first().is_none_or(|first| first.elapsed() < 2 * LOST) {
        let answer = client.send("GET", &url, &[("x-api-key", KEY)], b"").await;
        assert_eq!(answer.expect("an answer").status, 200);
        times.push(Instant::now());
    }
    let killed = Instant::now();
    process.signal(libc::SIGKILL);
    process.ended().await;
    let least = times.iter().filter(|time| killed - **time >= LOST).count();

    let mut process = start();
    process.address().await;
    process.signal(libc::SIGTERM);
    process.ended().await;
    let counted = kept(&files).await;
    assert!(
        (least..=times.len()).contains(&counted),
        "{counted} of {}, of which {least} were older than a second",
        times.len()
    );
    assert!(least > 0);
}

/// What the store of a gateway that does not run has of the key.
async fn kept(files: &Files) -> usize {
    let mut options = portcullis_store::Options::new(files.path("data"));
    options.read_only = true;
    let store = portcullis_store::Store::open(options).await.expect("a store");
    let mut read = store.read().await.expect("a reader");
    let rows = read.latest_usage().await.expect("rows");
    let [row] = rows.as_slice() else {
        panic!("{rows:?}");
    };
    assert_eq!((row.plan.as_str(), row.key.as_str()), ("file/paid", "one"));
    usize::try_from(row.used).expect("a count")
}

/// A grant is kept, too, and one that is made while nothing else counts.
#[tokio::test(flavor = "multi_thread")]
async fn a_grant_goes_on_after_a_restart() {
    let (gateway, _clock) = super::started(CONTROLLED, Files::default()).await;
    let quota = json!({"quota": {"limit": 10, "period": "DAY"}});
    let (api, plan, key) = planned(&gateway, quota).await;
    let operation = json!({"op": "replace", "path": "/remaining", "value": "3"});
    let path = format!("{plan}/keys/{key}/usage");
    let body = json!({"patchOperations": [operation]});
    let granted = portcullis_tests::control::call(&gateway, "PATCH", &path, body).await;
    assert_eq!(granted["values"][&key], json!([[0, 3]]));
    let Running { files, node, .. } = gateway;
    assert!(node.shutdown(Duration::from_secs(10)).await, "it drains");
    let (gateway, _clock) = super::started(CONTROLLED, files).await;
    assert_eq!(keyed(&gateway, &api, 9).await, 3);
    let history = portcullis_tests::control::call(&gateway, "GET", "/_portcullis/history", Value::Null).await;
    assert!(history.to_string().contains("UpdateUsage"), "{history}");
    gateway.stop().await;
}
