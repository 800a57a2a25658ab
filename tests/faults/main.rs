//! Plugins that fail in every way: each costs its own requests and nobody else's.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests"
)]

mod loading;

use std::time::Duration;

use http::Response;
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
    # Many that take turns may take longer than the default's 29 s.
    integration = { type = "plugin", plugin = "faulty", timeout_ms = 300_000 }
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
    let shop = Shop::start("cpu_ms = 1000").await;
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
    let shop = Shop::start("cpu_ms = 1000").await;
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
    let shop = Shop::start("cpu_ms = 1000").await;
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
    let shop = Shop::start("cpu_ms = 1000").await;
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
    let shop = Shop::start("cpu_ms = 1000, wall_ms = 300000").await;
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
    let shop = Shop::start("cpu_ms = 100, concurrency = 96, wall_ms = 300000").await;
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
    let begun = async {
        while faulty.stats().instances_live() < 64 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let begun = tokio::time::timeout(Duration::from_secs(180), begun).await;
    begun.expect("all loop at once");
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
    let shop = Shop::start("wall_ms = 2000").await;
    let (answer, ()) = tokio::join!(shop.gateway.get("/dev/faulty/sleep-long", &[]), shop.others());
    assert_eq!(answer.refusal(), TIMED_OUT);
    assert_eq!(shop.calls("faulty", "wall").await, 1.0);
    assert_eq!(shop.gateway.get("/dev/faulty/ok", &[]).await.status, 200);
    let token = [("authorization", "sleep-long")];
    assert_eq!(
        shop.gateway.get("/dev/secured", &token).await.refusal(),
        AUTHORIZER
    );
    let fault = [("x-fault", "sleep-long")];
    assert_eq!(
        shop.gateway.get("/filtered/mock", &fault).await.refusal(),
        INTERNAL
    );
}

#[tokio::test]
async fn faults_are_logged_with_the_plugins_name() {
    let origin = Origin::echo().await;
    let files = guests();
    let text = SHOP
        .replace("LIMITS", "memory_mib = 256, cpu_ms = 2000, wall_ms = 2000")
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
    let modes = ["alloc", "trap", "panic", "recurse", "fault", "big", "sleep-long"];
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
