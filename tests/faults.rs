//! Plugins that fail in every way: each costs its own requests and nobody else's.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests"
)]

use std::time::Duration;

use http::Response;
use portcullis::node::{Node, Options};
use portcullis::plan::{IntegrationPlan, PluginUse};
use portcullis_testkit::{Answer, Client, Files, Origin, Process, Running};
use portcullis_tests::guest;

const INTERNAL: (u16, &str, &str) = (
    500,
    "InternalServerErrorException",
    r#"{"message": "Internal server error"}"#,
);
const AUTHORIZER: (u16, &str, &str) = (500, "AuthorizerConfigurationException", r#"{"message":null}"#);
const TIMED_OUT: (u16, &str, &str) = (
    504,
    "InternalServerErrorException",
    r#"{"message": "Endpoint request timed out"}"#,
);

/// One API with every kind of method; `filtered` is the same behind a filter.
const SHOP: &str = r#"
    {listener shop}
    [control]
    address = "127.0.0.1:0"
    [plugins.faulty]
    file = "integration.wasm"
    limits = { LIMITS }
    [plugins.gatekeeper]
    file = "authorizer.wasm"
    limits = { LIMITS }
    [plugins.sieve]
    file = "filter.wasm"
    limits = { LIMITS }
    [plugins.greeter]
    builtin = "hello"
    [apis.shop.stages.dev]
    [apis.shop.stages.filtered]
    filters = ["sieve"]
    [apis.shop.authorizers.token]
    type = "token"
    plugin = "gatekeeper"
    [[apis.shop.routes]]
    path = "/mock"
    integration = { type = "mock", status = 204 }
    [[apis.shop.routes]]
    path = "/hello/{name}"
    integration = { type = "plugin", plugin = "greeter" }
    [[apis.shop.routes]]
    path = "/faulty/{mode}"
    integration = { type = "plugin", plugin = "faulty" }
    [[apis.shop.routes]]
    path = "/secured"
    authorizer = "token"
    integration = { type = "http_proxy", uri = "http://ORIGIN/secured" }
    [[apis.shop.routes]]
    path = "/proxied"
    integration = { type = "http_proxy", uri = "http://ORIGIN/proxied" }
"#;

struct Shop {
    gateway: Running,
    origin: Origin,
    toml: String,
}

impl Shop {
    async fn start(limits: &str) -> Self {
        let origin = tells_target().await;
        let toml = SHOP
            .replace("LIMITS", limits)
            .replace("ORIGIN", &origin.authority());
        let gateway = Running::start(&toml, guests()).await;
        Self {
            gateway,
            origin,
            toml,
        }
    }

    /// The requests that a fault must not touch: answered by the gateway, by a backend and by another plugin.
    async fn others(&self) {
        others(&self.gateway.client(), &self.gateway.url("")).await;
    }

    async fn calls(&self, plugin: &str, outcome: &str) -> f64 {
        let labels = [("plugin", plugin), ("outcome", outcome)];
        let metrics = self.gateway.metrics().await;
        metrics.sum("portcullis_plugin_calls_total", &labels)
    }

    fn seen_by_backend(&self, target: &str) -> usize {
        let recorded = self.origin.recorded();
        recorded.iter().filter(|request| request.target == target).count()
    }
}

/// A backend that tells verb and target, and sends back the fault that a filter is to have on the response.
async fn tells_target() -> Origin {
    Origin::start(|request| {
        let mut response = Response::builder();
        if let Some(mode) = request.headers.get("x-response-fault") {
            response = response.header("x-fault", mode);
        }
        let told = format!("{} {}", request.method, request.target);
        response.body(told.into()).expect("a response")
    })
    .await
}

async fn others(client: &Client, url: &str) {
    let get = |path: &str| {
        let (client, url) = (client.clone(), format!("{url}{path}"));
        async move { client.send("GET", &url, &[], b"").await.expect("an answer") }
    };
    assert_eq!(get("/dev/mock").await.status, 204);
    assert_eq!(get("/dev/hello/ann").await.json()["message"], "Hello, ann!");
    assert_eq!(get("/dev/proxied").await.text(), "GET /proxied");
}

fn guests() -> Files {
    let files = Files::default();
    files.write("integration.wasm", guest("faults-integration"));
    files.write("authorizer.wasm", guest("faults-authorizer"));
    files.write("filter.wasm", guest("faults-filter"));
    files
}

/// How a guest can fail in a call, and the outcome that is counted.
const FAULTS: [(&str, &str); 7] = [
    ("loop", "cpu"),
    ("alloc", "memory"),
    ("trap", "trap"),
    ("panic", "trap"),
    ("recurse", "trap"),
    ("fault", "fault"),
    ("fault-dependency", "fault"),
];

/// Where 100 MB fit into the guest and not into the answer.
const ROOMY: &str = "memory_mib = 1024, cpu_ms = 4000, wall_ms = 60000";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_faulty_integration_costs_its_own_request() {
    let shop = Shop::start("cpu_ms = 100").await;
    for (mode, outcome) in FAULTS {
        let before = shop.calls("faulty", outcome).await;
        let path = format!("/dev/faulty/{mode}");
        let (answer, ()) = tokio::join!(shop.gateway.get(&path, &[]), shop.others());
        assert_eq!(answer.refusal(), INTERNAL, "{mode}");
        assert_eq!(answer.header("content-type"), "application/json", "{mode}");
        assert!(!answer.header("x-amzn-requestid").is_empty(), "{mode}");
        assert_eq!(
            shop.calls("faulty", outcome).await,
            before + 1.0,
            "{mode} counts as {outcome}"
        );
        let good = shop.gateway.get("/dev/faulty/ok", &[]).await;
        assert_eq!(good.status, 200, "the next call after {mode}");
    }
    assert_eq!(shop.calls("faulty", "ok").await, FAULTS.len() as f64);
    assert_eq!(shop.calls("greeter", "ok").await, FAULTS.len() as f64);
    assert!(shop.gateway.stop().await);
}

#[tokio::test]
async fn a_failed_instance_is_never_used_again() {
    let shop = Shop::start("").await;
    for (mode, _) in FAULTS {
        for calls in 1..3 {
            let answer = shop.gateway.get("/dev/faulty/ok", &[]).await;
            // A fault that the plugin reports itself is an answer: its instance goes on.
            if !mode.starts_with("fault-") {
                assert_eq!(answer.json()["calls"], calls, "before {mode}");
            }
        }
        assert_eq!(
            shop.gateway
                .get(&format!("/dev/faulty/{mode}"), &[])
                .await
                .refusal(),
            INTERNAL
        );
    }
}

#[tokio::test]
async fn an_integration_that_answers_100_mb_is_refused() {
    let shop = Shop::start(ROOMY).await;
    let (answer, ()) = tokio::join!(shop.gateway.get("/dev/faulty/big", &[]), shop.others());
    assert_eq!(answer.refusal(), INTERNAL);
    assert_eq!(shop.calls("faulty", "output").await, 1.0);
    assert_eq!(shop.gateway.get("/dev/faulty/ok", &[]).await.status, 200);
}

#[tokio::test]
async fn an_integrations_unusable_answer_is_a_500() {
    let shop = Shop::start("").await;
    for mode in ["bad-status", "bad-header", "bad-value"] {
        let path = format!("/dev/faulty/{mode}");
        let (answer, ()) = tokio::join!(shop.gateway.get(&path, &[]), shop.others());
        assert_eq!(answer.refusal(), INTERNAL, "{mode}");
        assert!(answer.headers.get("x-injected").is_none(), "{mode}");
        assert_eq!(shop.gateway.get("/dev/faulty/ok", &[]).await.status, 200);
    }
    let labels = [("stage", "dev"), ("type", "INTEGRATION_FAILURE")];
    let metrics = shop.gateway.metrics().await;
    assert_eq!(metrics.sum("portcullis_refusals_total", &labels), 3.0);
    let labels = [("stage", "dev"), ("blame", "plugin")];
    assert_eq!(metrics.sum("portcullis_blames_total", &labels), 3.0);
}

#[tokio::test]
async fn a_plugins_framing_headers_do_not_reach_the_client() {
    let shop = Shop::start("").await;
    let answer = shop.gateway.get("/dev/faulty/hop-by-hop", &[]).await;
    assert_eq!(answer.status, 200);
    assert!(answer.headers.get("transfer-encoding").is_none());
    assert!(answer.headers.get("upgrade").is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_faulty_authorizer_lets_nobody_in() {
    let shop = Shop::start("cpu_ms = 100").await;
    for (mode, outcome) in FAULTS {
        let before = shop.calls("gatekeeper", outcome).await;
        let token = [("authorization", mode)];
        let (answer, ()) = tokio::join!(shop.gateway.get("/dev/secured", &token), shop.others());
        assert_eq!(answer.refusal(), AUTHORIZER, "{mode}");
        assert_eq!(
            shop.calls("gatekeeper", outcome).await,
            before + 1.0,
            "{mode} counts as {outcome}"
        );
        assert_eq!(shop.seen_by_backend("/secured"), 0, "{mode}");
        let denied = shop
            .gateway
            .get("/dev/secured", &[("authorization", "deny")])
            .await;
        assert_eq!(denied.status, 403, "the next call after {mode}");
    }
    for mode in ["bad-context", "bad-json", "bad-policy"] {
        let answer = shop.gateway.get("/dev/secured", &[("authorization", mode)]).await;
        assert_eq!(answer.refusal(), AUTHORIZER, "{mode}");
    }
    assert_eq!(shop.seen_by_backend("/secured"), 0);
    let answer = shop.gateway.get("/dev/secured", &[("authorization", "ok")]).await;
    assert_eq!(answer.text(), "GET /secured");
}

#[tokio::test]
async fn an_authorizer_that_answers_100_mb_lets_nobody_in() {
    let shop = Shop::start(ROOMY).await;
    let token = [("authorization", "big")];
    let (answer, ()) = tokio::join!(shop.gateway.get("/dev/secured", &token), shop.others());
    assert_eq!(answer.refusal(), AUTHORIZER);
    assert_eq!(shop.calls("gatekeeper", "output").await, 1.0);
    assert_eq!(shop.seen_by_backend("/secured"), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filter_fails_closed() {
    let shop = Shop::start("cpu_ms = 100").await;
    let unusable = ["bad-status", "bad-header", "bad-value", "bad-path"].map(|mode| (mode, "ok"));
    for (mode, outcome) in FAULTS.into_iter().chain(unusable) {
        let before = shop.calls("sieve", outcome).await;
        let fault = [("x-fault", mode)];
        let (answer, ()) = tokio::join!(shop.gateway.get("/filtered/proxied", &fault), shop.others());
        assert_eq!(answer.refusal(), INTERNAL, "{mode}");
        assert!(answer.headers.get("x-injected").is_none(), "{mode}");
        assert_eq!(
            shop.calls("sieve", outcome).await,
            before + 1.0,
            "{mode} counts as {outcome}"
        );
    }
    // The others went by the stage without the filter.
    let plain = FAULTS.len() + unusable.len();
    assert_eq!(
        shop.seen_by_backend("/proxied"),
        plain,
        "nothing passed the filter"
    );
    let answer = shop.gateway.get("/filtered/proxied", &[("x-fault", "ok")]).await;
    assert_eq!(answer.text(), "GET /proxied");
}

#[tokio::test]
async fn a_filter_that_answers_100_mb_fails_closed() {
    let shop = Shop::start(ROOMY).await;
    let fault = [("x-fault", "big")];
    let (answer, ()) = tokio::join!(shop.gateway.get("/filtered/mock", &fault), shop.others());
    assert_eq!(answer.refusal(), INTERNAL);
    let response = [("x-response-fault", "big")];
    let answer = shop.gateway.get("/filtered/proxied", &response).await;
    assert_eq!(answer.refusal(), INTERNAL);
    assert_eq!(shop.calls("sieve", "output").await, 2.0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filter_that_fails_on_the_response_replaces_it() {
    let shop = Shop::start("cpu_ms = 100").await;
    let unusable = ["bad-status", "bad-header", "bad-value"].map(|mode| (mode, "ok"));
    for (mode, _) in FAULTS.into_iter().chain(unusable) {
        let fault = [("x-response-fault", mode)];
        let (answer, ()) = tokio::join!(shop.gateway.get("/filtered/proxied", &fault), shop.others());
        assert_eq!(answer.refusal(), INTERNAL, "{mode}");
        assert!(answer.headers.get("x-injected").is_none(), "{mode}");
        assert!(
            answer.headers.get("x-fault").is_none(),
            "{mode}: nothing of the backend's response"
        );
    }
    let answer = shop
        .gateway
        .get("/filtered/proxied", &[("x-response-fault", "edit-status")])
        .await;
    assert_eq!((answer.status.as_u16(), answer.text()), (202, "GET /proxied"));
}

/// A request to a loop, in each world.
fn loops(shop: &Shop) -> [(&'static str, tokio::task::JoinHandle<Answer>); 3] {
    let send = |path: &str, header: (&'static str, &'static str)| {
        let (client, url) = (shop.gateway.client(), shop.gateway.url(path));
        tokio::spawn(async move { client.send("GET", &url, &[header], b"").await.expect("an answer") })
    };
    [
        ("integration", send("/dev/faulty/loop", ("x-a", "b"))),
        ("authorizer", send("/dev/secured", ("authorization", "loop"))),
        ("filter", send("/filtered/mock", ("x-fault", "loop"))),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn others_are_answered_while_plugins_of_every_world_loop() {
    let shop = Shop::start("cpu_ms = 1000, wall_ms = 60000").await;
    let loops = loops(&shop);
    for _ in 0..20 {
        shop.others().await;
    }
    // The same plugins too: another instance answers.
    assert_eq!(shop.gateway.get("/dev/faulty/ok", &[]).await.status, 200);
    let secured = shop.gateway.get("/dev/secured", &[("authorization", "ok")]).await;
    assert_eq!(secured.status, 200);
    assert_eq!(shop.gateway.get("/filtered/mock", &[]).await.status, 204);
    for (world, looping) in &loops {
        assert!(!looping.is_finished(), "the {world} looped meanwhile");
    }
    for (world, looping) in loops {
        let expected = if world == "authorizer" {
            AUTHORIZER
        } else {
            INTERNAL
        };
        assert_eq!(looping.await.expect("an answer").refusal(), expected, "{world}");
    }
    assert!(shop.gateway.stop().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn others_are_answered_beside_64_loops() {
    let shop = Shop::start("cpu_ms = 100, concurrency = 96, wall_ms = 60000").await;
    let looping: Vec<_> = (0..64)
        .map(|_| {
            let (client, url) = (shop.gateway.client(), shop.gateway.url("/dev/faulty/loop"));
            tokio::spawn(async move { client.send("GET", &url, &[], b"").await.expect("an answer") })
        })
        .collect();
    // All have begun.
    let cell = shop
        .gateway
        .node
        .gateway()
        .live
        .stage("shop", "dev")
        .expect("a stage");
    let plan = cell.plan();
    let faulty = plan
        .base
        .methods
        .iter()
        .find_map(|method| match &method.integration {
            IntegrationPlan::Plugin {
                plugin: PluginUse::Ready(ready),
                ..
            } if ready.plugin.name() == "faulty" => Some(ready.plugin.clone()),
            _ => None,
        });
    let faulty = faulty.expect("the plugin");
    while faulty.stats().instances_live() < 64 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    for _ in 0..20 {
        shop.others().await;
    }
    assert_eq!(shop.gateway.get("/dev/faulty/ok", &[]).await.status, 200);
    let done = looping.iter().filter(|task| task.is_finished()).count();
    assert_eq!(
        done, 0,
        "loops that were done before the others had their answers"
    );
    for task in looping {
        assert_eq!(task.await.expect("an answer").refusal(), INTERNAL);
    }
    assert_eq!(shop.calls("faulty", "cpu").await, 64.0);
    shop.others().await;
}

#[tokio::test]
async fn an_integration_that_waits_too_long_times_out() {
    let shop = Shop::start("wall_ms = 300").await;
    let (answer, ()) = tokio::join!(shop.gateway.get("/dev/faulty/sleep-ok", &[]), shop.others());
    assert_eq!(answer.refusal(), TIMED_OUT);
    assert_eq!(shop.calls("faulty", "wall").await, 1.0);
    assert_eq!(shop.gateway.get("/dev/faulty/ok", &[]).await.status, 200);
    let token = [("authorization", "sleep-ok")];
    assert_eq!(
        shop.gateway.get("/dev/secured", &token).await.refusal(),
        AUTHORIZER
    );
    let fault = [("x-fault", "sleep-ok")];
    assert_eq!(
        shop.gateway.get("/filtered/mock", &fault).await.refusal(),
        INTERNAL
    );
}

/// Component files that cannot be loaded, with what is said of them.
fn broken_files() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let whole = guest("faults-authorizer");
    let cut = |end: usize| whole[..end].to_vec();
    vec![
        ("empty", cut(0), "it is empty"),
        ("a part of the magic", cut(3), "truncated"),
        ("only the magic", cut(4), "truncated"),
        ("only the preamble", cut(8), "truncated"),
        ("a part of the first section", cut(100), "truncated"),
        ("half", cut(whole.len() / 2), "truncated"),
        ("all but the last byte", cut(whole.len() - 1), "truncated"),
        (
            "a core module",
            b"\0asm\x01\0\0\0".to_vec(),
            "a core WebAssembly module, not a component",
        ),
        ("text", b"(component)".to_vec(), "it is WebAssembly text"),
    ]
}

const PLAIN: &str = r#"
    {listener shop}
    [plugins.greeter]
    builtin = "hello"
    [apis.shop.stages.dev]
    [[apis.shop.routes]]
    path = "/hello/{name}"
    integration = { type = "plugin", plugin = "greeter" }
    [[apis.shop.routes]]
    path = "/mock"
    integration = { type = "mock", status = 204 }
    [[apis.shop.routes]]
    path = "/proxied"
    integration = { type = "http_proxy", uri = "http://ORIGIN/proxied" }
"#;

/// What a reload adds to it: a plugin in each of the three places.
const ADDED: &str = r#"
    [plugins.late]
    file = "late.wasm"
    config = { CONFIG }
"#;
const AS_INTEGRATION: &str = r#"
    [[apis.shop.routes]]
    path = "/late"
    integration = { type = "plugin", plugin = "late" }
"#;
const AS_AUTHORIZER: &str = r#"
    [apis.shop.authorizers.late]
    type = "token"
    plugin = "late"
    [[apis.shop.routes]]
    path = "/late"
    authorizer = "late"
    integration = { type = "http_proxy", uri = "http://ORIGIN/late" }
"#;

#[tokio::test]
async fn an_authorizer_that_cannot_be_loaded_is_never_open() {
    let origin = tells_target().await;
    let plain = PLAIN.replace("ORIGIN", &origin.authority());
    let mut gateway = Running::of(&plain).await;
    let with = |config: &str| {
        format!("{plain}{ADDED}{AS_AUTHORIZER}")
            .replace("ORIGIN", &origin.authority())
            .replace("CONFIG", config)
    };
    let closed = async |gateway: &Running, case: &str| {
        for token in ["ok", "echo", "deny", ""] {
            let answer = gateway.get("/dev/late", &[("authorization", token)]).await;
            let expected = if token.is_empty() { 401 } else { 500 };
            assert_eq!(answer.status, expected, "{case}");
            if expected == 500 {
                assert_eq!(answer.refusal(), AUTHORIZER, "{case}");
            }
        }
        others(&gateway.client(), &gateway.url("")).await;
        assert!(
            origin.recorded().iter().all(|seen| seen.target != "/late"),
            "{case}"
        );
    };
    for (case, bytes, expected) in broken_files() {
        gateway.files.write("late.wasm", bytes);
        let outcome = gateway.rewrite(&with("")).await;
        let told: Vec<String> = outcome.problems.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 1, "{case}: {told:?}");
        assert!(
            told[0].contains("gateway.toml:") && told[0].contains("`late`"),
            "{case}: {told:?}"
        );
        assert!(told[0].contains(expected), "{case}: {told:?}");
        closed(&gateway, case).await;
    }
    gateway.files.write("late.wasm", guest("faults-authorizer"));
    for (config, expected) in [
        ("panic-in-init = true", "cannot start"),
        ("trap-in-init = true", "cannot start"),
        ("loop-in-init = true", "CPU limit"),
        ("no-such-key = true", "no-such-key"),
    ] {
        let outcome = gateway.rewrite(&with(config)).await;
        let told: Vec<String> = outcome.problems.iter().map(ToString::to_string).collect();
        assert!(
            outcome.has_errors() && told[0].contains("gateway.toml:"),
            "{told:?}"
        );
        assert!(told[0].contains(expected), "{config}: {told:?}");
        closed(&gateway, config).await;
    }
    std::fs::remove_file(gateway.files.path("late.wasm")).expect("removed");
    let outcome = gateway.rewrite(&with("")).await;
    assert!(
        outcome.problems[0].to_string().contains("late.wasm"),
        "{:?}",
        outcome.problems
    );
    closed(&gateway, "no file").await;
    // Once it is whole it serves.
    gateway.files.write("late.wasm", guest("faults-authorizer"));
    let outcome = gateway.node.reload().await;
    assert!(!outcome.has_errors(), "{:?}", outcome.problems);
    let answer = gateway.get("/dev/late", &[("authorization", "ok")]).await;
    assert_eq!(answer.text(), "GET /late");
}

#[tokio::test]
async fn an_integration_or_filter_that_cannot_be_loaded_is_closed() {
    let origin = tells_target().await;
    let plain = PLAIN.replace("ORIGIN", &origin.authority());
    let mut gateway = Running::of(&plain).await;
    let integration = format!("{plain}{ADDED}{AS_INTEGRATION}").replace("CONFIG", "");
    for (case, bytes, expected) in broken_files() {
        gateway.files.write("late.wasm", bytes);
        let outcome = gateway.rewrite(&integration).await;
        assert!(
            outcome.problems[0].to_string().contains(expected),
            "{case}: {:?}",
            outcome.problems
        );
        assert_eq!(gateway.get("/dev/late", &[]).await.refusal(), INTERNAL, "{case}");
        let answer = gateway.get("/dev/hello/ann", &[]).await;
        assert_eq!(answer.status, 200, "{case}");
    }
    let filter = "[apis.shop.stages.dev]\nfilters = [\"late\"]\n";
    let filtered = format!("{plain}{ADDED}")
        .replace("CONFIG", "")
        .replace("[apis.shop.stages.dev]", filter);
    let outcome = gateway.rewrite(&filtered).await;
    assert!(outcome.has_errors());
    for path in ["/dev/proxied", "/dev/mock", "/dev/hello/ann", "/dev/unknown"] {
        assert_eq!(gateway.get(path, &[]).await.refusal(), INTERNAL, "{path}");
    }
    assert!(origin.recorded().is_empty(), "nothing passed");
}

#[tokio::test]
async fn a_gateway_does_not_start_with_a_broken_plugin() {
    let files = Files::default();
    let text = format!("{PLAIN}{ADDED}{AS_AUTHORIZER}").replace("ORIGIN", "127.0.0.1:1");
    let text = text.replace(
        "{listener shop}",
        "[[listeners]]\naddress = \"127.0.0.1:0\"\ndefault_api = \"shop\"\n",
    );
    let started = async |files: &Files, config: &str| {
        files.write("gateway.toml", text.replace("CONFIG", config));
        let problems = Node::start(files.path("gateway.toml"), Options::default())
            .await
            .expect_err("it does not start");
        problems.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    for (case, bytes, expected) in broken_files() {
        files.write("late.wasm", bytes);
        let told = started(&files, "").await;
        assert!(
            told.len() == 1 && told[0].contains(expected) && told[0].contains("`late`"),
            "{case}: {told:?}"
        );
    }
    files.write("late.wasm", guest("faults-authorizer"));
    for config in [
        "panic-in-init = true",
        "trap-in-init = true",
        "loop-in-init = true",
    ] {
        let told = started(&files, config).await;
        assert!(
            told.len() == 1 && told[0].contains("`late`") && told[0].contains("cannot start"),
            "{told:?}"
        );
    }
}

#[tokio::test]
async fn a_plugin_that_becomes_bad_keeps_serving_as_it_was() {
    let mut shop = Shop::start("").await;
    let calls = |answer: Answer| answer.json()["calls"].clone();
    assert_eq!(calls(shop.gateway.get("/dev/faulty/ok", &[]).await), 1);
    let mut expected = 1;
    for (case, bytes, _) in broken_files() {
        for file in ["integration.wasm", "authorizer.wasm", "filter.wasm"] {
            shop.gateway.files.write(file, &bytes);
        }
        let outcome = shop.gateway.node.reload().await;
        for plugin in ["`faulty`", "`gatekeeper`", "`sieve`"] {
            let told = outcome
                .problems
                .iter()
                .any(|problem| problem.to_string().contains(plugin));
            assert!(told, "{case}: {plugin} in {:?}", outcome.problems);
        }
        assert_eq!((outcome.swapped.len(), outcome.unchanged), (0, 2), "{case}");
        expected += 1;
        assert_eq!(
            calls(shop.gateway.get("/dev/faulty/ok", &[]).await),
            expected,
            "{case}"
        );
        let secured = shop.gateway.get("/dev/secured", &[("authorization", "ok")]).await;
        assert_eq!(secured.status, 200, "{case}");
        let denied = shop
            .gateway
            .get("/dev/secured", &[("authorization", "deny")])
            .await;
        assert_eq!(denied.status, 403, "{case}");
        let blocked = shop.gateway.get("/filtered/mock", &[("x-fault", "block")]).await;
        assert_eq!(blocked.status, 403, "{case}");
    }
    // Bad in its start: the same.
    shop.gateway
        .files
        .write("integration.wasm", guest("faults-integration"));
    let bad_start = shop.toml.replace(
        "file = \"integration.wasm\"",
        "file = \"integration.wasm\"\nconfig = { panic-in-init = true }",
    );
    assert!(shop.gateway.rewrite(&bad_start).await.has_errors());
    assert_eq!(calls(shop.gateway.get("/dev/faulty/ok", &[]).await), expected + 1);
}

#[tokio::test]
async fn faults_are_logged_with_the_plugins_name() {
    let origin = Origin::echo().await;
    let files = guests();
    let text = SHOP
        .replace("LIMITS", "memory_mib = 256, cpu_ms = 2000, wall_ms = 800")
        .replace("ORIGIN", &origin.authority())
        .replace(
            "{listener shop}",
            "[[listeners]]\naddress = \"127.0.0.1:0\"\ndefault_api = \"shop\"\n",
        );
    let path = files.write("gateway.toml", text);
    let arguments = ["run", path.to_str().expect("a path"), "--no-cache"];
    let gateway = Process::start(env!("CARGO_BIN_EXE_portcullis-under-test"), &arguments);
    let url = format!("http://{}", gateway.address().await);
    let client = Client::default();
    let modes = ["alloc", "trap", "panic", "recurse", "fault", "big", "sleep-ok"];
    for mode in modes {
        let path = format!("{url}/dev/faulty/{mode}");
        let answer = client.send("GET", &path, &[], b"").await.expect("an answer");
        let id = answer.header("x-amzn-requestid").to_owned();
        let line = gateway.line(&format!("request_id=\"{id}\" outcome")).await;
        assert!(line.contains("plugin=\"faulty\""), "{mode}: {line}");
        assert!(line.contains("WARN"), "{mode}: {line}");
    }
    for mode in ["bad-status", "bad-header", "bad-value"] {
        let path = format!("{url}/dev/faulty/{mode}");
        let answer = client.send("GET", &path, &[], b"").await.expect("an answer");
        let line = gateway
            .line(&format!("requestId={} plugin", answer.header("x-amzn-requestid")))
            .await;
        assert!(line.contains("plugin=\"faulty\""), "{mode}: {line}");
    }
    for (path, header, plugin) in [
        ("/dev/secured", ("authorization", "panic"), "gatekeeper"),
        ("/dev/secured", ("authorization", "bad-json"), "gatekeeper"),
        ("/filtered/mock", ("x-fault", "panic"), "sieve"),
        ("/filtered/mock", ("x-fault", "bad-path"), "sieve"),
    ] {
        let answer = client
            .send("GET", &format!("{url}{path}"), &[header], b"")
            .await
            .expect("an answer");
        let id = answer.header("x-amzn-requestid");
        let names = |line: &str| line.contains(id) && line.contains(plugin);
        gateway.line(id).await;
        assert!(
            gateway.output().lines().any(names),
            "{plugin} in {}",
            gateway.output()
        );
    }
    // The guest's own last words are there too, on one line, and never in the response.
    let words = gateway.line("this plugin panics").await;
    assert!(words.contains("stream=\"stderr\""), "{words}");
}

#[tokio::test]
async fn a_half_written_file_becomes_live_when_it_is_whole() {
    let files = Files::default();
    let whole = guest("faults-integration");
    let text = "[[listeners]]\naddress = \"127.0.0.1:0\"\ndefault_api = \"shop\"\n\
        [plugins.faulty]\nfile = \"plugin.wasm\"\n[apis.shop.stages.dev]\n\
        [[apis.shop.routes]]\npath = \"/{proxy+}\"\n\
        integration = { type = \"plugin\", plugin = \"faulty\" }\n";
    files.write(
        "plugin.wasm",
        portcullis::builtin::component("hello").expect("hello"),
    );
    let path = files.write("gateway.toml", text);
    let arguments = ["run", path.to_str().expect("a path"), "--no-cache"];
    let gateway = Process::start(env!("CARGO_BIN_EXE_portcullis-under-test"), &arguments);
    let url = format!("http://{}/dev/ok", gateway.address().await);
    let client = Client::default();
    let get = async || {
        client
            .send("GET", &url, &[], b"")
            .await
            .expect("an answer")
            .json()
    };
    assert_eq!(get().await["message"], "Hello, world!");
    for end in [0, 8, 1000, whole.len() / 2, whole.len() - 1] {
        // In place, as a slow copy does it.
        std::fs::write(files.path("plugin.wasm"), &whole[..end]).expect("written");
        let expected = match end {
            0 => "it is empty".to_owned(),
            end => format!("truncated after {end} bytes"),
        };
        let line = gateway.line(&expected).await;
        assert!(line.contains("`faulty`"), "{line}");
        assert_eq!(get().await["message"], "Hello, world!", "after {end} bytes");
    }
    std::fs::write(files.path("plugin.wasm"), whole).expect("written");
    gateway.line("1 stage changed").await;
    assert_eq!(get().await["calls"], 1);
}
