//! Traces, here and at backends and plugins.

use std::path::Path;

use portcullis_testkit::{Origin, Running};
use portcullis_tests::gateways::{calls, guests};

use super::{counted, ids, lines_of, sorted};

#[tokio::test]
async fn one_trace_has_one_name_here_and_at_the_backend() {
    let origin = Origin::echo().await;
    let toml = format!(
        r#"
        {{listener api}}
        [apis.api.stages.dev]
        access_log = {{ destination = "a.log", format = "$context.requestId $context.xrayTraceId $context.traceparent" }}
        [[apis.api.routes]]
        path = "/x"
        integration = {{ type = "http_proxy", uri = "http://{}/" }}
        "#,
        origin.authority()
    );
    let gateway = Running::of(&toml).await;
    let w3c = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let mut told = Vec::new();
    for (headers, amazon, parent, root) in [
        (
            &[("traceparent", w3c), ("tracestate", "a=1")][..],
            Some("Root=1-4bf92f35-77b34da6a3ce929d0e0e4736"),
            w3c,
            "1-4bf92f35-77b34da6a3ce929d0e0e4736",
        ),
        (
            &[
                (
                    "x-amzn-trace-id",
                    "Root=1-67891233-abcdef012345678912345678;Sampled=1",
                ),
                ("traceparent", w3c),
            ],
            Some("Root=1-67891233-abcdef012345678912345678;Sampled=1"),
            w3c,
            "1-67891233-abcdef012345678912345678",
        ),
        (&[], None, "-", ""),
    ] {
        let answer = gateway.get("/dev/x", headers).await;
        let sent = answer.json()["headers"].clone();
        let passed = sent["x-amzn-trace-id"][0]
            .as_str()
            .expect("a trace id")
            .to_owned();
        if let Some(amazon) = amazon {
            assert_eq!(passed, amazon);
        }
        assert_eq!(sent["traceparent"][0].as_str().unwrap_or("-"), parent);
        assert_eq!(
            sent["tracestate"].is_array(),
            headers.iter().any(|(name, _)| *name == "tracestate")
        );
        let root = if root.is_empty() {
            passed.trim_start_matches("Root=")
        } else {
            root
        };
        told.push(format!("{} {root} {parent}", ids(&answer).0));
    }
    assert_eq!(sorted(lines_of(gateway, "a.log").await), sorted(told));
}

#[tokio::test]
async fn plugins_see_what_is_known_of_a_request() {
    let toml = counted("");
    let gateway = Running::start(&toml, guests()).await;
    let answer = gateway
        .get(
            "/dev/some/path",
            &[(
                "traceparent",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            )],
        )
        .await;
    let context = portcullis_tests::gateways::context(&answer.json());
    for (name, expected) in [
        ("accountId", "000000000000"),
        ("extendedRequestId", ids(&answer).1),
        ("xrayTraceId", "1-4bf92f35-77b34da6a3ce929d0e0e4736"),
        (
            "traceparent",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ),
        ("domainPrefix", "127"),
    ] {
        assert_eq!(context[name], expected, "{name}");
    }
    for absent in [
        "status",
        "responseLength",
        "identity.user",
        "error.message",
        "integration.status",
    ] {
        assert_eq!(context.get(absent), None, "{absent}");
    }
    assert_eq!(calls(&gateway, "echo").await, 1.0);
    assert!(!Path::new("access.log").exists());
}
