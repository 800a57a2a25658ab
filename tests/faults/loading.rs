//! Plugins that cannot be loaded, at a start and at a reload: what needs them is closed, and everything else goes on.

use portcullis::node::{Node, Options};
use portcullis_testkit::{Client, Files, Process, Running};
use portcullis_tests::guest;

use super::*;

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
    limits = { wall_ms = 300_000 }
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
