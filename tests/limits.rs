//! Every limit and grant of a plugin: each test fails where the option is ignored.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests"
)]

use portcullis_testkit::{Answer, Files, Process, Running};
use portcullis_tests::guest;

const INTERNAL: (u16, &str, &str) = (
    500,
    "InternalServerErrorException",
    r#"{"message": "Internal server error"}"#,
);
const OVERLOADED: (u16, &str, &str) = (
    503,
    "ServiceUnavailableException",
    r#"{"message": "Service Unavailable"}"#,
);

/// The same component twice: `/limited/{mode}` with the settings of the test, `/default/{mode}` without.
async fn start(settings: &str) -> Running {
    let files = Files::default();
    files.write("plugin.wasm", guest("faults-integration"));
    let toml = r#"
        {listener shop}
        [control]
        address = "127.0.0.1:0"
        [plugins.limited]
        file = "plugin.wasm"
        SETTINGS
        [plugins.default]
        file = "plugin.wasm"
        [apis.shop.stages.dev]
        [[apis.shop.routes]]
        path = "/limited/{mode}"
        integration = { type = "plugin", plugin = "limited" }
        [[apis.shop.routes]]
        path = "/default/{mode}"
        integration = { type = "plugin", plugin = "default" }
    "#;
    Running::start(&toml.replace("SETTINGS", settings), files).await
}

async fn calls(gateway: &Running, plugin: &str, outcome: &str) -> f64 {
    let labels = [("plugin", plugin), ("outcome", outcome)];
    gateway
        .metrics()
        .await
        .sum("portcullis_plugin_calls_total", &labels)
}

/// What so many requests at once were answered.
async fn at_once(gateway: &Running, path: &str, count: usize) -> Vec<Answer> {
    let tasks: Vec<_> = (0..count)
        .map(|_| {
            let (client, url) = (gateway.client(), gateway.url(path));
            tokio::spawn(async move { client.send("GET", &url, &[], b"").await.expect("an answer") })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.expect("an answer"));
    }
    answers
}

fn with_status(answers: &[Answer], status: u16) -> usize {
    answers.iter().filter(|answer| answer.status == status).count()
}

#[tokio::test]
async fn cpu_ms_ends_a_call_that_computes_for_longer() {
    let gateway = start("limits = { cpu_ms = 1 }").await;
    let limited = gateway.get("/dev/limited/slow-ok", &[]).await;
    assert_eq!(limited.refusal(), INTERNAL);
    assert_eq!(calls(&gateway, "limited", "cpu").await, 1.0);
    assert_eq!(gateway.get("/dev/limited/ok", &[]).await.status, 200);
    // Time in a host call is no CPU time: it sleeps for 1 s.
    let gateway = start("limits = { cpu_ms = 100 }").await;
    assert_eq!(gateway.get("/dev/limited/sleep-ok", &[]).await.status, 200);
    let gateway = start("limits = { cpu_ms = 5000 }").await;
    assert_eq!(gateway.get("/dev/limited/slow-ok", &[]).await.status, 200);
}

#[tokio::test]
async fn wall_ms_ends_a_call_that_waits_for_longer() {
    let gateway = start("limits = { wall_ms = 300 }").await;
    let limited = gateway.get("/dev/limited/sleep-ok", &[]).await;
    let timed_out = r#"{"message": "Endpoint request timed out"}"#;
    assert_eq!(
        limited.refusal(),
        (504, "InternalServerErrorException", timed_out)
    );
    assert_eq!(calls(&gateway, "limited", "wall").await, 1.0);
    assert_eq!(gateway.get("/dev/default/sleep-ok", &[]).await.status, 200);
}

#[tokio::test]
async fn wall_ms_counts_the_wait_for_a_turn() {
    let gateway = start("limits = { wall_ms = 3000, concurrency = 1 }").await;
    // Each sleeps 1 s, one after the other: not all six have their turn in time.
    let answers = at_once(&gateway, "/dev/limited/sleep-ok", 6).await;
    let (served, late) = (with_status(&answers, 200), with_status(&answers, 504));
    assert!(
        served >= 1 && late >= 3 && served + late == 6,
        "{served} served, {late} late"
    );
}

#[tokio::test]
async fn timeout_ms_of_an_integration_ends_a_call_too() {
    let mut gateway = start("").await;
    let text = std::fs::read_to_string(gateway.files.path("gateway.toml")).expect("the file");
    let text = text.replace(
        "plugin = \"limited\" }",
        "plugin = \"limited\", timeout_ms = 300 }",
    );
    assert!(!gateway.rewrite(&text).await.has_errors());
    assert_eq!(gateway.get("/dev/limited/sleep-ok", &[]).await.status, 504);
    assert_eq!(gateway.get("/dev/default/sleep-ok", &[]).await.status, 200);
}

#[tokio::test]
async fn memory_mib_bounds_what_an_instance_may_hold() {
    let gateway = start("limits = { memory_mib = 4 }").await;
    let body = vec![b'a'; 3 << 20];
    let limited = gateway.send("POST", "/dev/limited/ok", &[], &body).await;
    assert_eq!(limited.refusal(), INTERNAL);
    assert_eq!(calls(&gateway, "limited", "memory").await, 1.0);
    let default = gateway.send("POST", "/dev/default/ok", &[], &body).await;
    assert_eq!(default.status, 200);
    assert_eq!(gateway.get("/dev/limited/ok", &[]).await.status, 200);
}

#[tokio::test]
async fn a_plugin_that_needs_more_than_memory_mib_is_not_loaded() {
    let mut gateway = start("").await;
    let text = std::fs::read_to_string(gateway.files.path("gateway.toml")).expect("the file");
    let text = text.replacen(
        "file = \"plugin.wasm\"",
        "file = \"plugin.wasm\"\nlimits = { memory_mib = 1 }",
        1,
    );
    let outcome = gateway.rewrite(&text).await;
    let told: Vec<String> = outcome.problems.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].contains("`limited`") && told[0].contains("memory limit"),
        "{told:?}"
    );
}

#[tokio::test]
async fn output_kib_bounds_one_answer() {
    let gateway = start("limits = { output_kib = 16 }").await;
    // The answer is what was sent and a little more.
    for (bytes, status) in [(8 << 10, 200), (64 << 10, 500)] {
        let body = vec![b'a'; bytes];
        let limited = gateway.send("POST", "/dev/limited/echo", &[], &body).await;
        assert_eq!(limited.status, status, "{bytes} bytes");
        let default = gateway.send("POST", "/dev/default/echo", &[], &body).await;
        assert_eq!(default.status, 200, "{bytes} bytes");
    }
    assert_eq!(calls(&gateway, "limited", "output").await, 1.0);
    let gateway = start("limits = { output_kib = 128 }").await;
    let body = vec![b'a'; 64 << 10];
    let limited = gateway.send("POST", "/dev/limited/echo", &[], &body).await;
    assert_eq!(limited.status, 200);
}

#[tokio::test]
async fn concurrency_bounds_the_calls_that_run_at_once() {
    for concurrency in [1, 3] {
        let gateway = start(&format!("limits = {{ concurrency = {concurrency}, queue = 0 }}")).await;
        let answers = at_once(&gateway, "/dev/limited/sleep-ok", 5).await;
        assert_eq!(with_status(&answers, 200), concurrency);
        assert_eq!(with_status(&answers, 503), 5 - concurrency);
        assert_eq!(calls(&gateway, "limited", "busy").await, (5 - concurrency) as f64);
        // Whoever comes when there is room is served.
        assert_eq!(gateway.get("/dev/limited/ok", &[]).await.status, 200);
    }
}

#[tokio::test]
async fn queue_bounds_the_calls_that_wait() {
    for queue in [0, 2] {
        let gateway = start(&format!(
            "limits = {{ concurrency = 1, queue = {queue}, wall_ms = 60000 }}"
        ))
        .await;
        let answers = at_once(&gateway, "/dev/limited/sleep-ok", 5).await;
        assert_eq!(with_status(&answers, 200), 1 + queue);
        for refused in answers.iter().filter(|answer| answer.status != 200) {
            assert_eq!(refused.refusal(), OVERLOADED);
            assert_eq!(refused.header("retry-after"), "1");
        }
    }
}

#[tokio::test]
async fn a_busy_authorizer_or_filter_is_a_503_too() {
    let files = Files::default();
    files.write("authorizer.wasm", guest("faults-authorizer"));
    files.write("filter.wasm", guest("faults-filter"));
    let gateway = Running::start(
        r#"
        {listener shop}
        [plugins.gatekeeper]
        file = "authorizer.wasm"
        limits = { concurrency = 1, queue = 0 }
        [plugins.sieve]
        file = "filter.wasm"
        limits = { concurrency = 1, queue = 0 }
        [apis.shop.stages.dev]
        [apis.shop.stages.filtered]
        filters = ["sieve"]
        [apis.shop.authorizers.token]
        type = "token"
        plugin = "gatekeeper"
        [[apis.shop.routes]]
        path = "/secured"
        authorizer = "token"
        integration = { type = "mock" }
        [[apis.shop.routes]]
        path = "/open"
        integration = { type = "mock" }
    "#,
        files,
    )
    .await;
    for (path, header) in [
        ("/dev/secured", ("authorization", "sleep-ok")),
        ("/filtered/open", ("x-fault", "sleep-ok")),
    ] {
        let headers = [header];
        let answers = tokio::join!(gateway.get(path, &headers), gateway.get(path, &headers));
        let mut answers = [answers.0, answers.1];
        answers.sort_by_key(|answer| answer.status);
        assert_eq!(answers[0].status, 200, "{path}");
        assert_eq!(answers[1].refusal(), OVERLOADED, "{path}");
        assert_eq!(answers[1].header("retry-after"), "1", "{path}");
    }
}

/// The counter of the instance that answered, for so many calls one after the other.
async fn counters(gateway: &Running, count: usize) -> Vec<u64> {
    let mut counters = Vec::new();
    for _ in 0..count {
        let answer = gateway.get("/dev/limited/ok", &[]).await;
        counters.push(answer.json()["calls"].as_u64().expect("a number"));
    }
    counters
}

#[tokio::test]
async fn calls_per_instance_replaces_an_instance_after_so_many() {
    let gateway = start("limits = { calls_per_instance = 3 }").await;
    assert_eq!(counters(&gateway, 7).await, [1, 2, 3, 1, 2, 3, 1]);
    let gateway = start("limits = { calls_per_instance = 1 }").await;
    assert_eq!(counters(&gateway, 3).await, [1, 1, 1]);
}

#[tokio::test]
async fn isolation_says_whether_calls_share_an_instance() {
    let gateway = start("").await;
    assert_eq!(counters(&gateway, 4).await, [1, 2, 3, 4]);
    let gateway = start("isolation = \"reused\"").await;
    assert_eq!(counters(&gateway, 4).await, [1, 2, 3, 4]);
    let gateway = start("isolation = \"fresh\"").await;
    assert_eq!(counters(&gateway, 4).await, [1, 1, 1, 1]);
}

#[tokio::test]
async fn config_reaches_the_plugin() {
    let gateway = start("config = { mode = \"bad-status\" }").await;
    assert_eq!(gateway.get("/dev/limited/ok", &[]).await.refusal(), INTERNAL);
    assert_eq!(gateway.get("/dev/default/ok", &[]).await.status, 200);
}

#[tokio::test]
async fn grants_environment_is_all_that_a_plugin_sees_around_it() {
    let gateway = start("grants.environment = { REGION = \"nord\", EMPTY = \"\" }").await;
    assert!(
        std::env::vars_os().any(|(name, _)| name == "PATH"),
        "there is something to hide"
    );
    let granted = gateway.get("/dev/limited/ambient", &[]).await.json();
    assert_eq!(
        granted["variables"],
        serde_json::json!({"REGION": "nord", "EMPTY": ""})
    );
    let plain = gateway.get("/dev/default/ambient", &[]).await.json();
    assert_eq!(plain["variables"], serde_json::json!({}));
    for told in [granted, plain] {
        assert_eq!(told["arguments"], serde_json::json!([]));
        assert_eq!(told["root"], serde_json::Value::Null, "no files: {told}");
    }
}

/// A gateway in which a plugin comes with a reload, and what is said of it.
async fn problems_of(component: &[u8], settings: &str) -> (Running, Vec<String>) {
    let plain = r#"
        {listener shop}
        [apis.shop.stages.dev]
        [[apis.shop.routes]]
        path = "/mock"
        integration = { type = "mock" }
    "#;
    let mut gateway = Running::of(plain).await;
    gateway.files.write("late.wasm", component);
    let outcome = gateway
        .rewrite(&format!(
            "{plain}\n[[apis.shop.routes]]\npath = \"/late\"\n\
             integration = {{ type = \"plugin\", plugin = \"late\" }}\n\
             [plugins.late]\nfile = \"late.wasm\"\n{settings}\n"
        ))
        .await;
    let told = outcome.problems.iter().map(ToString::to_string).collect();
    (gateway, told)
}

#[tokio::test]
async fn the_log_is_refused_by_name_where_it_is_not_granted() {
    for settings in ["", "grants = { log = false }"] {
        let (gateway, told) = problems_of(guest("wants-log"), settings).await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(
            told[0].contains("`portcullis:plugin/log@0.1.0`, which is not granted"),
            "{told:?}"
        );
        assert!(told[0].contains("log = true"), "a hint: {told:?}");
        assert_eq!(gateway.get("/dev/late", &[]).await.refusal(), INTERNAL);
        assert_eq!(gateway.get("/dev/mock", &[]).await.status, 200);
    }
    let (gateway, told) = problems_of(guest("wants-log"), "grants = { log = true }").await;
    assert!(told.is_empty(), "{told:?}");
    assert_eq!(gateway.get("/dev/late", &[]).await.text(), "logged");
}

#[tokio::test]
async fn the_log_has_a_plugins_lines_under_its_name() {
    let files = Files::default();
    files.write("plugin.wasm", guest("wants-log"));
    let path = files.write(
        "gateway.toml",
        r#"
        [[listeners]]
        address = "127.0.0.1:0"
        default_api = "shop"
        [plugins.chatty]
        file = "plugin.wasm"
        grants = { log = true }
        [apis.shop.stages.dev]
        [[apis.shop.routes]]
        path = "/{proxy+}"
        integration = { type = "plugin", plugin = "chatty" }
    "#,
    );
    let arguments = ["run", path.to_str().expect("a path"), "--no-cache"];
    let gateway = Process::start(env!("CARGO_BIN_EXE_portcullis-under-test"), &arguments);
    let url = format!("http://{}/dev/here", gateway.address().await);
    let answer = portcullis_testkit::Client::default()
        .send("GET", &url, &[], b"")
        .await
        .expect("an answer");
    let id = answer.header("x-amzn-requestid");
    for (level, text) in [
        ("INFO", "info /here"),
        ("WARN", "warn /here"),
        ("ERROR", "error /here"),
    ] {
        let line = gateway.line(text).await;
        assert!(
            line.contains(level) && line.contains("plugin=\"chatty\"") && line.contains(id),
            "{line}"
        );
    }
    assert!(!gateway.output().contains("debug /here"), "the level is kept to");
    let started = gateway.line(" init").await;
    assert!(started.contains("plugin=\"chatty\""), "{started}");
}

#[tokio::test]
async fn sockets_are_refused_by_name() {
    let (gateway, told) = problems_of(guest("wants-sockets"), "grants = { log = true }").await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].contains("imports `wasi:sockets/") && told[0].contains("which this gateway does not offer"),
        "{told:?}"
    );
    assert_eq!(gateway.get("/dev/late", &[]).await.refusal(), INTERNAL);
}

/// The component with every occurrence of a name replaced by one as long.
fn renamed(component: &[u8], name: &str, other: &str) -> Vec<u8> {
    assert_eq!(name.len(), other.len());
    let mut bytes = component.to_vec();
    let places: Vec<usize> = (0..bytes.len())
        .filter(|at| bytes[*at..].starts_with(name.as_bytes()))
        .collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at..at + name.len()].copy_from_slice(other.as_bytes());
    }
    bytes
}

#[tokio::test]
async fn what_is_no_plugin_is_refused_for_what_it_is() {
    let integration = guest("faults-integration");
    let foreign = renamed(
        integration,
        "portcullis:plugin/handling",
        "someoneelse:thing/handling",
    );
    let newer = renamed(
        integration,
        "portcullis:plugin/handling@0.1.0",
        "portcullis:plugin/handling@0.2.0",
    );
    for (case, component, expected) in [
        (
            "a core module",
            b"\0asm\x01\0\0\0".to_vec(),
            "a core WebAssembly module, not a component",
        ),
        (
            "a foreign world",
            foreign,
            "exports no world of portcullis:plugin (it exports",
        ),
        ("another version", newer, "portcullis:plugin/handling@0.2.0"),
        (
            "another place's world",
            guest("faults-authorizer").to_vec(),
            "is of world authorizer; here one of world integration is needed",
        ),
    ] {
        let (gateway, told) = problems_of(&component, "").await;
        assert_eq!(told.len(), 1, "{case}: {told:?}");
        assert!(
            told[0].contains("`late`") && told[0].contains(expected),
            "{case}: {told:?}"
        );
        assert!(told[0].contains("gateway.toml:"), "{case}: {told:?}");
        assert_ne!(gateway.get("/dev/late", &[]).await.status, 200, "{case}");
        assert_eq!(gateway.get("/dev/mock", &[]).await.status, 200, "{case}");
    }
}
