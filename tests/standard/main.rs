//! Standard components: `wasi:http` handlers that other people's tools make, as integrations.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod javascript;

use bytes::Bytes;
use http::Response;
use portcullis::node::{Node, Options};
use portcullis_testkit::{Files, Origin, Running};
use portcullis_tests::control::{self, CONTROLLED, call, deploy, get, root_method};
use portcullis_tests::gateways::*;
use portcullis_tests::guest;
use portcullis_tests::tls::Closed;
use serde_json::json;

const INTERNAL: (u16, &str, &str) = (
    500,
    r#"{"message": "Internal server error"}"#,
    "InternalServerErrorException",
);
fn files() -> Files {
    let files = Files::default();
    files.write("standard.wasm", guest("standard"));
    files
}

/// A gateway whose every path is answered by the component, with these settings of its plugin.
async fn running(plugin: &str) -> Running {
    let toml = format!(
        r#"
        {{listener api}}
        [control]
        address = "127.0.0.1:0"
        [plugins.standard]
        file = "standard.wasm"
        {plugin}
        [apis.api.stages.dev]
        [[apis.api.routes]]
        path = "/{{proxy+}}"
        integration = {{ type = "plugin", plugin = "standard", timeout_ms = 20000 }}
        "#
    );
    Running::start(&toml, files()).await
}

#[tokio::test]
async fn a_component_is_passed_the_request_and_gives_the_response() {
    let gateway = running("").await;
    let headers = [("host", "shop.example.com"), ("x-one", "1"), ("te", "trailers")];
    let answer = gateway.send("PUT", "/dev/told?q=1%20", &headers, b"").await;
    assert_eq!((answer.status.as_u16(), answer.header("x-told")), (200, "yes"));
    let told = answer.text();
    for line in [
        "PUT http://shop.example.com/told?q=1%20",
        "x-one: 1",
        "x-forwarded-for: 127.0.0.1",
        "x-amzn-apigateway-api-id: api",
    ] {
        assert!(told.lines().any(|known| known == line), "{line}: {told}");
    }
    assert!(!told.contains("trailers"), "{told}");
    assert!(answer.header("x-amzn-trace-id").starts_with("Root=1-"));
    assert_eq!(gateway.get("/dev/nothing", &[]).await.status, 404);
    assert_eq!(
        gateway.send("POST", "/dev/echo", &[], b"hello").await.text(),
        "hello"
    );
    assert_eq!(calls(&gateway, "standard").await, 3.0);
}

/// What the client sends comes back before it has sent the rest.
#[tokio::test]
async fn both_bodies_stream() {
    let gateway = running("").await;
    let mut wire = gateway.wire().await;
    wire.send("POST /dev/echo HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n")
        .await;
    wire.send_chunk(b"one").await;
    assert!(wire.head().await.starts_with("HTTP/1.1 200"));
    assert_eq!(wire.chunk().await.as_deref(), Some(&b"one"[..]));
    wire.send_chunk(b"two").await;
    assert_eq!(wire.chunk().await.as_deref(), Some(&b"two"[..]));
    wire.send_chunk(b"").await;
    assert_eq!(wire.chunk().await.as_deref(), Some(&b""[..]), "the end");
    // More than fits between the two at once.
    let large: Vec<u8> = (0..3_000_000_u32)
        .flat_map(u32::to_le_bytes)
        .take(9_000_000)
        .collect();
    let answer = gateway.send("POST", "/dev/echo", &[], &large).await;
    assert!(answer.body[..] == large, "{} bytes", answer.body.len());
}

#[tokio::test]
async fn each_request_has_an_instance_of_its_own_unless_it_is_said_otherwise() {
    for (settings, expected) in [
        ("", ["1", "1", "1"]),
        ("isolation = \"fresh\"", ["1", "1", "1"]),
        ("isolation = \"reused\"", ["1", "2", "3"]),
    ] {
        let gateway = running(settings).await;
        for calls in expected {
            assert_eq!(gateway.get("/dev/calls", &[]).await.text(), calls, "{settings}");
        }
    }
}

#[tokio::test]
async fn limits_are_those_of_every_plugin() {
    let limits = "limits = { cpu_ms = 20, wall_ms = 2000, memory_mib = 16, output_kib = 64 }";
    let gateway = running(limits).await;
    for (path, expected) in [
        ("loop", INTERNAL),
        ("trap", INTERNAL),
        ("fail", INTERNAL),
        ("big", INTERNAL),
    ] {
        assert_refused(&gateway.get(&format!("/dev/{path}"), &[]).await, expected, path);
    }
    // What is too large is known when it has begun: the response is cut off.
    let mut wire = gateway.wire().await;
    let body = "x".repeat(65 * 1024);
    let length = body.len();
    wire.send(format!(
        "POST /dev/echo HTTP/1.1\r\nhost: a\r\ncontent-length: {length}\r\n\r\n{body}"
    ))
    .await;
    let all = wire.rest().await;
    assert!(!all.ends_with(b"0\r\n\r\n"), "{} bytes", all.len());
    // A client that never ends its body: the component waits for it no longer than its time.
    let mut wire = gateway.wire().await;
    wire.send("POST /dev/echo HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nhalf")
        .await;
    let all = wire.rest().await;
    assert!(!all.ends_with(b"0\r\n\r\n"), "{all:?}");
    assert_eq!(
        gateway.get("/dev/calls", &[]).await.text(),
        "1",
        "others never notice"
    );
}

#[tokio::test]
async fn requests_go_where_they_are_granted_to() {
    let origin = Origin::start(|request| {
        let asked = request.headers.get("x-asked").cloned();
        let response = Response::builder()
            .status(203)
            .header("x-origin", asked.expect("a header"));
        response.body(Bytes::from_static(b"fetched")).expect("a response")
    })
    .await;
    let url = format!("http://{}", origin.authority());
    let gateway = running(&format!("grants.http = [\"{url}\"]")).await;
    let answer = gateway.get(&format!("/dev/fetch?{url}/x"), &[]).await;
    assert_eq!(
        (answer.status.as_u16(), answer.text(), answer.header("x-origin")),
        (203, "fetched", "yes")
    );
    let recorded = origin.recorded().pop().expect("a request");
    assert_eq!(
        (recorded.target.as_str(), &recorded.headers["host"]),
        (
            "/x",
            &origin.authority().parse::<http::HeaderValue>().expect("a host")
        )
    );
    // Nowhere else: not to another port, nor by a user in the name.
    for other in [
        "http://127.0.0.1:1/".to_owned(),
        format!("http://u@{}/", origin.authority()),
    ] {
        let answer = gateway.get(&format!("/dev/fetch?{other}"), &[]).await;
        assert!(
            answer.status == 502 || answer.status == 500,
            "{other}: {answer:?}"
        );
    }
    let without = running("").await;
    let answer = without.get(&format!("/dev/fetch?{url}/x"), &[]).await;
    assert_eq!(answer.status, 502);
    assert_eq!(origin.recorded().len(), 1);
    let closed = Closed::new();
    let gone = format!("http://{}", closed.address());
    let gateway = running(&format!("grants.http = [\"{gone}\"]")).await;
    let answer = gateway.get(&format!("/dev/fetch?{gone}/"), &[]).await;
    assert_eq!(answer.status, 502, "{answer:?}");
}

#[tokio::test]
async fn variables_are_those_that_are_granted() {
    let gateway = running("grants.environment = { COLOUR = \"blue\" }").await;
    assert_eq!(gateway.get("/dev/variable", &[]).await.text(), "blue");
}

/// The control plane names it as any plugin.
#[tokio::test]
async fn the_control_plane_has_them_too() {
    let toml = format!("{CONTROLLED}[plugins.standard]\nfile = \"standard.wasm\"\n");
    let gateway = Running::start(&toml, files()).await;
    let integration = json!({"type": "HTTP_PROXY", "httpMethod": "ANY", "uri": "portcullis:plugin:standard"});
    let api = control::api(&gateway, integration).await;
    deploy(&gateway, &api, json!({"stageName": "dev"})).await;
    assert_eq!(
        get(&gateway, &api, "dev").await.status,
        404,
        "it knows no such path"
    );
    let method = root_method(&gateway, &api).await;
    let tried = call(&gateway, "POST", &method, json!({})).await;
    assert_eq!(tried["status"], 404, "{tried}");
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused_by_name() {
    for (plugin, expected) in [
        (
            "file = \"standard.wasm\"\nconfig.a = 1",
            "a component of wasi:http reads no configuration",
        ),
        (
            "file = \"standard.wasm\"\ngrants.http = [\"example.com\"]",
            "`example.com` is not the origin of a server",
        ),
        (
            "file = \"standard.wasm\"\ngrants.http = [\"https://example.com/path\"]",
            "`https://example.com/path` is not the origin of a server",
        ),
        (
            "builtin = \"hello\"\ngrants.http = [\"https://example.com\"]",
            "`grants.http` is for components of wasi:http, and this one is of world integration",
        ),
    ] {
        let files = files();
        let toml = format!("[[listeners]]\naddress = \"127.0.0.1:0\"\n[plugins.p]\n{plugin}\n");
        files.write("gateway.toml", toml);
        let told = match Node::start(files.path("gateway.toml"), Options::default()).await {
            Ok(_) => String::new(),
            Err(problems) => problems.iter().map(|problem| format!("{problem}\n")).collect(),
        };
        assert!(told.contains(expected), "{plugin}: {told}");
    }
}
