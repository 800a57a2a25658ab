//! Changes of files become live, touch only what changed, and never take away what was good.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests"
)]

mod watched;

use std::path::Path;
use std::sync::Arc;

use portcullis::node::Node;
use portcullis::plan::StageLive;
use portcullis_testkit::{Client, Files, GatedOrigin, Hold, Origin, Running};
use portcullis_tests::{guest, ports};

/// Two APIs: one of a document with a plugin behind it, one inline.
const TWO_APIS: &str = r#"
    {listener shop}
    [control]
    address = "127.0.0.1:0"
    [plugins.counter]
    file = "counter.wasm"
    [apis.shop]
    openapi = "shop.yaml"
    [apis.shop.stages.dev]
    [apis.shop.stages.test]
    [apis.side.stages.live]
    [[apis.side.routes]]
    path = "/mock"
    integration = { type = "mock", status = 200 }
"#;

const DOCUMENT: &str = "openapi: 3.0.1
info: {title: Shop, version: '1'}
paths:
  /count/ok:
    get:
      x-portcullis-integration: {plugin: counter}
  /mock:
    get:
      x-amazon-apigateway-integration:
        type: mock
        requestTemplates: {application/json: '{\"statusCode\": 200}'}
        responses: {default: {\"statusCode\": 200}}
";

async fn two_apis() -> Running {
    let files = Files::default();
    files.write("counter.wasm", guest("faults-integration"));
    files.write("shop.yaml", DOCUMENT);
    Running::start(TWO_APIS, files).await
}

fn plan(node: &Node, api: &str, stage: &str) -> Arc<StageLive> {
    node.gateway()
        .live
        .stage(api, stage)
        .expect("a live stage")
        .plan()
}

async fn status(gateway: &Running, path: &str) -> u16 {
    gateway.get(path, &[]).await.status.as_u16()
}

async fn count(gateway: &Running, stage: &str) -> u64 {
    let answer = gateway.get(&format!("/{stage}/count/ok"), &[]).await;
    answer.json()["calls"].as_u64().expect("a number")
}

const SIDE: &str = "/_aws/execute-api/side/live/mock";
const FORBIDDEN: (u16, &str, &str) = (403, "ForbiddenException", r#"{"message":"Forbidden"}"#);

#[tokio::test]
async fn a_reload_without_a_change_swaps_nothing() {
    let mut gateway = two_apis().await;
    let before = ["dev", "test"].map(|stage| plan(&gateway.node, "shop", stage));
    assert_eq!(count(&gateway, "dev").await, 1);
    let outcome = gateway.node.reload().await;
    assert!(outcome.problems.is_empty(), "{:?}", outcome.problems);
    assert_eq!((outcome.swapped.len(), outcome.unchanged), (0, 3));
    let after = ["dev", "test"].map(|stage| plan(&gateway.node, "shop", stage));
    assert!(before.iter().zip(&after).all(|(a, b)| Arc::ptr_eq(a, b)));
    assert_eq!(count(&gateway, "dev").await, 2, "the instance is warm");
    // Neither comments nor order are changes.
    let text = format!("# A comment.\n{TWO_APIS}");
    assert_eq!(gateway.rewrite(&text).await.swapped.len(), 0);
}

#[tokio::test]
async fn a_changed_gateway_toml_swaps_only_the_stage_it_changes() {
    let mut gateway = two_apis().await;
    let (dev, test, side) = (
        plan(&gateway.node, "shop", "dev"),
        plan(&gateway.node, "shop", "test"),
        plan(&gateway.node, "side", "live"),
    );
    assert_eq!(count(&gateway, "dev").await, 1);
    let outcome = gateway
        .rewrite(&TWO_APIS.replace("status = 200", "status = 201"))
        .await;
    assert_eq!(outcome.swapped.len(), 1);
    assert_eq!(outcome.swapped[0].to_string(), "side/live");
    assert_eq!(status(&gateway, SIDE).await, 201);
    assert!(!Arc::ptr_eq(&side, &plan(&gateway.node, "side", "live")));
    // A stage variable is of one stage alone.
    let text = TWO_APIS.replace("status = 200", "status = 201").replace(
        "[apis.shop.stages.test]",
        "[apis.shop.stages.test]\nvariables = { a = \"b\" }",
    );
    let outcome = gateway.rewrite(&text).await;
    assert_eq!(outcome.swapped.len(), 1);
    assert!(Arc::ptr_eq(&dev, &plan(&gateway.node, "shop", "dev")));
    assert!(!Arc::ptr_eq(&test, &plan(&gateway.node, "shop", "test")));
    assert_eq!(count(&gateway, "dev").await, 2, "the plugin's instance is warm");
    assert_eq!(count(&gateway, "test").await, 3, "for all stages");
}

#[tokio::test]
async fn a_changed_document_is_live_in_every_stage_of_its_api() {
    let mut gateway = two_apis().await;
    let side = plan(&gateway.node, "side", "live");
    assert_eq!(count(&gateway, "dev").await, 1);
    gateway.files.write(
        "shop.yaml",
        DOCUMENT.replace("\"statusCode\": 200", "\"statusCode\": 202"),
    );
    let outcome = gateway.node.reload().await;
    assert_eq!((outcome.swapped.len(), outcome.unchanged), (2, 1));
    for stage in ["dev", "test"] {
        assert_eq!(status(&gateway, &format!("/{stage}/mock")).await, 202);
    }
    assert!(Arc::ptr_eq(&side, &plan(&gateway.node, "side", "live")));
    assert_eq!(count(&gateway, "dev").await, 2, "the plugin's instance is warm");
}

#[tokio::test]
async fn a_changed_component_is_live_and_touches_no_other_stage() {
    let mut gateway = two_apis().await;
    let side = plan(&gateway.node, "side", "live");
    assert_eq!(count(&gateway, "dev").await, 1);
    gateway.files.write(
        "counter.wasm",
        portcullis::builtin::component("hello").expect("hello"),
    );
    let outcome = gateway.node.reload().await;
    assert_eq!((outcome.swapped.len(), outcome.unchanged), (2, 1), "{outcome:?}");
    let answer = gateway.get("/dev/count/ok", &[]).await;
    assert_eq!(answer.json()["message"], "Hello, world!");
    assert!(Arc::ptr_eq(&side, &plan(&gateway.node, "side", "live")));
    // Back again: the same component, but new instances.
    gateway.files.write("counter.wasm", guest("faults-integration"));
    gateway.node.reload().await;
    assert_eq!(count(&gateway, "dev").await, 1);
}

#[tokio::test]
async fn a_plugins_changed_settings_make_it_another_plugin() {
    let mut gateway = two_apis().await;
    assert_eq!(count(&gateway, "dev").await, 1);
    assert_eq!(count(&gateway, "dev").await, 2);
    for setting in [
        "config = { mode = \"ok\" }",
        "limits = { cpu_ms = 51 }",
        "grants = { log = true }",
        "grants.environment = { A = \"b\" }",
    ] {
        let text = TWO_APIS.replace(
            "file = \"counter.wasm\"",
            &format!("file = \"counter.wasm\"\n{setting}"),
        );
        let outcome = gateway.rewrite(&text).await;
        assert_eq!(outcome.swapped.len(), 2, "{setting}");
        assert_eq!(count(&gateway, "dev").await, 1, "{setting}");
    }
}

/// `file:line:column` of a text in a file.
fn place(path: &Path, text: &str) -> String {
    let content = std::fs::read_to_string(path).expect("the file");
    let (before, _) = content.split_once(text).expect("the text");
    let line = before.lines().count().max(1);
    let column = before.lines().last().unwrap_or_default().chars().count() + 1;
    let start = before.is_empty() || before.ends_with('\n');
    let (line, column) = if start {
        (line + usize::from(!before.is_empty()), 1)
    } else {
        (line, column)
    };
    format!("{}:{line}:{column}: ", path.display())
}

#[tokio::test]
async fn what_is_broken_is_reported_with_its_place_and_keeps_what_was_good() {
    let mut gateway = two_apis().await;
    let before = plan(&gateway.node, "shop", "dev");
    let cases = [
        // Where the bracket is missing.
        (
            "gateway.toml",
            TWO_APIS.replace("[apis.shop]", "[apis.shop"),
            "\n    openapi",
        ),
        ("gateway.toml", format!("{TWO_APIS}\n[bogus]\n"), "bogus"),
        (
            "gateway.toml",
            TWO_APIS.replace("status = 200", "status = 2000"),
            "2000",
        ),
        ("shop.yaml", DOCUMENT.replace("'1'}", "'1'"), "paths"),
        (
            "shop.yaml",
            DOCUMENT.replace("{plugin: counter}", "{plugin: nobody}"),
            "x-portcullis-integration",
        ),
        ("shop.yaml", DOCUMENT.replace("/mock:", "/{a+}/mock:"), "/{a+}"),
    ];
    for (file, text, at) in cases {
        let outcome = if file == "gateway.toml" {
            gateway.rewrite(&text).await
        } else {
            gateway.files.write(file, &text);
            gateway.node.reload().await
        };
        let place = &place(&gateway.files.path(file), at);
        let told: Vec<String> = outcome.problems.iter().map(ToString::to_string).collect();
        assert!(outcome.has_errors(), "{place} of {text}");
        assert!(
            told.iter().any(|told| told.contains(place)),
            "{place} in {told:?}"
        );
        assert_eq!(outcome.swapped.len(), 0, "{place}");
        assert!(
            Arc::ptr_eq(&before, &plan(&gateway.node, "shop", "dev")),
            "{place}"
        );
        assert_eq!(status(&gateway, "/dev/mock").await, 200, "{place}");
        assert_eq!(status(&gateway, SIDE).await, 200, "{place}");
        gateway.files.write("shop.yaml", DOCUMENT);
        let outcome = gateway.rewrite(TWO_APIS).await;
        assert!(!outcome.has_errors() && outcome.swapped.is_empty(), "{place}");
    }
    assert_eq!(
        gateway
            .metrics()
            .await
            .sum("portcullis_failed_reloads_total", &[]),
        6.0
    );
}

#[tokio::test]
async fn a_missing_file_keeps_what_was_good() {
    let mut gateway = two_apis().await;
    for file in ["shop.yaml", "counter.wasm"] {
        let (path, aside) = (gateway.files.path(file), gateway.files.path("aside"));
        std::fs::rename(&path, &aside).expect("moved");
        let outcome = gateway.node.reload().await;
        let told: Vec<String> = outcome.problems.iter().map(ToString::to_string).collect();
        assert!(told.len() == 1 && told[0].contains(file), "{told:?}");
        assert!(told[0].contains("gateway.toml:"), "{told:?}");
        assert_eq!(status(&gateway, "/dev/mock").await, 200);
        assert_eq!(status(&gateway, "/dev/count/ok").await, 200);
        std::fs::rename(&aside, &path).expect("moved back");
        assert!(!gateway.node.reload().await.has_errors());
    }
    let toml = gateway.files.path("gateway.toml");
    std::fs::rename(&toml, gateway.files.path("aside")).expect("moved");
    assert!(gateway.node.reload().await.has_errors());
    assert_eq!(status(&gateway, "/dev/mock").await, 200);
}

#[tokio::test]
async fn one_broken_api_does_not_hold_up_another() {
    let mut gateway = two_apis().await;
    gateway.files.write(
        "shop.yaml",
        DOCUMENT.replace("{plugin: counter}", "{plugin: nobody}"),
    );
    let outcome = gateway
        .rewrite(&TWO_APIS.replace("status = 200", "status = 299"))
        .await;
    assert!(outcome.has_errors());
    assert_eq!((outcome.swapped.len(), outcome.unchanged), (1, 2));
    assert_eq!(status(&gateway, SIDE).await, 299);
    assert_eq!(status(&gateway, "/dev/mock").await, 200);
    assert_eq!(count(&gateway, "dev").await, 1, "the last good plan serves");
    // A stage that is new with a broken API is not there, and one that is removed is gone.
    let text = TWO_APIS.replace("[apis.shop.stages.test]", "[apis.shop.stages.new]");
    let outcome = gateway.rewrite(&text).await;
    assert!(outcome.has_errors());
    assert_eq!(gateway.get("/new/mock", &[]).await.refusal(), FORBIDDEN);
    assert_eq!(gateway.get("/test/mock", &[]).await.refusal(), FORBIDDEN);
    assert_eq!(status(&gateway, "/dev/mock").await, 200);
    // Put right, the new one is there.
    gateway.files.write("shop.yaml", DOCUMENT);
    assert!(!gateway.node.reload().await.has_errors());
    assert_eq!(status(&gateway, "/new/mock").await, 200);
}

#[tokio::test]
async fn stages_and_apis_come_and_go() {
    let mut gateway = two_apis().await;
    let dev = plan(&gateway.node, "shop", "dev");
    let text = TWO_APIS.replace("[apis.shop.stages.test]", "[apis.shop.stages.prod]");
    let outcome = gateway.rewrite(&text).await;
    assert_eq!(
        (outcome.swapped.len(), outcome.ended.len(), outcome.unchanged),
        (1, 1, 2)
    );
    assert_eq!(gateway.get("/test/mock", &[]).await.refusal(), FORBIDDEN);
    assert_eq!(status(&gateway, "/prod/mock").await, 200);
    assert!(Arc::ptr_eq(&dev, &plan(&gateway.node, "shop", "dev")));
    // A whole API goes.
    let (start, _) = text.split_once("[apis.side").expect("the second API");
    let outcome = gateway.rewrite(start).await;
    assert_eq!(outcome.ended.len(), 1);
    assert_eq!(gateway.get(SIDE, &[]).await.refusal(), FORBIDDEN);
    assert_eq!(status(&gateway, "/prod/mock").await, 200);
    // And comes back.
    assert_eq!(gateway.rewrite(TWO_APIS).await.swapped.len(), 2);
    assert_eq!(status(&gateway, SIDE).await, 200);
}

#[tokio::test]
async fn a_plugin_that_is_removed_gives_its_instances_back() {
    let mut gateway = two_apis().await;
    assert_eq!(count(&gateway, "dev").await, 1);
    let text = TWO_APIS.replace("[plugins.counter]\n    file = \"counter.wasm\"\n", "");
    gateway.files.write(
        "shop.yaml",
        DOCUMENT.replace(
            "x-portcullis-integration: {plugin: counter}",
            "x-amazon-apigateway-integration: {type: mock, responses: {default: {statusCode: 200}}}",
        ),
    );
    let plugins = gateway.metrics().await;
    let labels = [("plugin", "counter")];
    assert_eq!(plugins.sum("portcullis_plugin_instances", &labels), 1.0);
    let outcome = gateway.rewrite(&text).await;
    assert!(!outcome.has_errors(), "{:?}", outcome.problems);
    assert_eq!(status(&gateway, "/dev/count/ok").await, 200);
    let plugins = gateway.metrics().await;
    assert_eq!(plugins.sum("portcullis_plugin_instances", &labels), 0.0);
}

#[tokio::test]
async fn listeners_come_and_go_while_others_serve() {
    let mut gateway = two_apis().await;
    let first = gateway.address();
    let client = Client::default();
    let get = async |address: std::net::SocketAddr, path: &str| {
        let url = format!("http://{address}{path}");
        client.send("GET", &url, &[], b"").await
    };
    assert_eq!(get(first, "/dev/mock").await.expect("an answer").status, 200);
    // Another one, for the other API.
    let two = TWO_APIS.replace("{listener shop}", "{listener shop}\n{listener side}");
    let outcome = gateway.rewrite(&two).await;
    assert!(!outcome.has_errors() && outcome.swapped.is_empty());
    let addresses = gateway.node.addresses();
    assert_eq!((addresses.len(), addresses[0]), (2, first));
    assert_eq!(
        get(addresses[1], "/live/mock").await.expect("an answer").status,
        200
    );
    assert_eq!(
        get(first, "/live/mock").await.expect("an answer").refusal(),
        FORBIDDEN
    );
    // The first one changes its default API, on connections that are open.
    let side = TWO_APIS.replace("{listener shop}", "{listener side}\n{listener side}");
    gateway.rewrite(&side).await;
    assert_eq!(get(first, "/live/mock").await.expect("an answer").status, 200);
    assert_eq!(
        get(first, "/dev/mock").await.expect("an answer").refusal(),
        FORBIDDEN
    );
    // Without a default only addresses that name an API are answered.
    gateway
        .rewrite(&TWO_APIS.replace("{listener shop}", "{listener}\n{listener side}"))
        .await;
    assert_eq!(
        get(first, "/live/mock").await.expect("an answer").refusal(),
        FORBIDDEN
    );
    assert_eq!(get(first, SIDE).await.expect("an answer").status, 200);
    // The second one goes: nothing accepts there any more, and kept connections are closed.
    gateway.rewrite(TWO_APIS).await;
    assert_eq!(gateway.node.addresses(), [first]);
    while tokio::net::TcpStream::connect(addresses[1]).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(get(addresses[1], "/live/mock").await.is_err());
    assert_eq!(get(first, "/dev/mock").await.expect("an answer").status, 200);
}

#[tokio::test]
async fn a_listener_that_cannot_be_bound_is_reported_and_costs_nothing_else() {
    let mut gateway = two_apis().await;
    let taken = ports::free();
    let address = taken.local_addr().expect("an address");
    let more = format!("{{listener shop}}\n[[listeners]]\naddress = \"{address}\"");
    let text = TWO_APIS
        .replace("{listener shop}", &more)
        .replace("status = 200", "status = 204");
    let outcome = gateway.rewrite(&text).await;
    let told: Vec<String> = outcome.problems.iter().map(ToString::to_string).collect();
    assert!(
        told.len() == 1 && told[0].contains(&address.to_string()),
        "{told:?}"
    );
    assert!(told[0].contains("gateway.toml:"), "{told:?}");
    assert_eq!(status(&gateway, SIDE).await, 204);
    // Once the port is free the next reload takes it.
    drop(taken);
    assert!(!gateway.node.reload().await.has_errors());
    let url = format!("http://{address}{SIDE}");
    let answer = Client::default()
        .send("GET", &url, &[], b"")
        .await
        .expect("an answer");
    assert_eq!(answer.status, 204);
}

#[tokio::test]
async fn a_request_under_way_finishes_on_the_plan_it_started_with() {
    for hold in [Hold::Head, Hold::Body] {
        let gated = GatedOrigin::start(hold, vec![b'o'; 100_000]).await;
        let echo = Origin::echo().await;
        let files = Files::default();
        files.write("filter.wasm", guest("faults-filter"));
        let old = format!(
            "{{listener shop}}\n[plugins.sieve]\nfile = \"filter.wasm\"\nconfig = {{ on-response = \"edit\" }}\n\
             [apis.shop.stages.dev]\nfilters = [\"sieve\"]\n[[apis.shop.routes]]\npath = \"/here\"\n\
             integration = {{ type = \"http_proxy\", uri = \"http://{}/old\", timeout_ms = 300_000 }}\n",
            gated.authority()
        );
        let new = old
            .replace(
                &format!("{}/old", gated.authority()),
                &format!("{}/new", echo.authority()),
            )
            .replace("filters = [\"sieve\"]", "filters = []");
        let mut gateway = Running::start(&old, files).await;
        let (client, url) = (gateway.client(), gateway.url("/dev/here"));
        let under_way =
            tokio::spawn(async move { client.send("GET", &url, &[], b"").await.expect("an answer") });
        gated.arrived().await;
        for round in 0..3 {
            let text = format!("{new}\n[apis.shop.stages.dev.variables]\nround = \"{round}\"\n");
            assert!(!gateway.rewrite(&text).await.has_errors());
            let answer = gateway.get("/dev/here", &[]).await;
            assert_eq!(answer.json()["target"], "/new");
            assert_eq!(answer.header("x-calls"), "", "no filter any more");
        }
        assert!(!under_way.is_finished());
        gated.open();
        let answer = under_way.await.expect("an answer");
        assert_eq!((answer.status.as_u16(), answer.body.len()), (200, 100_000));
        assert_eq!(answer.header("x-calls"), "2", "the filter that it started with");
        assert!(gateway.stop().await);
    }
}

#[tokio::test]
async fn an_ended_stage_finishes_its_requests() {
    let gated = GatedOrigin::start(Hold::Body, vec![b'o'; 1000]).await;
    let text = |stage: &str| {
        format!(
            "{{listener shop}}\n[apis.shop.stages.{stage}]\n[[apis.shop.routes]]\npath = \"/here\"\n\
             integration = {{ type = \"http_proxy\", uri = \"http://{}/\" }}\n",
            gated.authority()
        )
    };
    let mut gateway = Running::of(&text("dev")).await;
    let (client, url) = (gateway.client(), gateway.url("/dev/here"));
    let under_way = tokio::spawn(async move { client.send("GET", &url, &[], b"").await.expect("an answer") });
    gated.arrived().await;
    gateway.rewrite(&text("prod")).await;
    assert_eq!(gateway.get("/dev/here", &[]).await.refusal(), FORBIDDEN);
    gated.open();
    assert_eq!(under_way.await.expect("an answer").body.len(), 1000);
}
