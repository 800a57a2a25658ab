//! Spans of requests, as a receiver of OTLP gets them. By `cargo xtask test`, or
//! `cargo test -p portcullis-tests --features otel --test spans`.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeMap;
use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span;
use portcullis_testkit::{Origin, Running};
use prost::Message as _;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

const TOML: &str = r#"
    {listener shop}
    [tracing]
    endpoint = "http://COLLECTOR/v1/traces"
    service_name = "edge"
    SETTINGS
    [apis.shop.stages.dev]
    [[apis.shop.routes]]
    path = "/proxied/{id}"
    integration = { type = "http_proxy", uri = "http://ORIGIN/at" }
    [[apis.shop.routes]]
    path = "/broken"
    integration = { type = "mock", status = 500 }
"#;

struct Traced {
    gateway: Running,
    collector: Origin,
    origin: Origin,
}

impl Traced {
    async fn start(settings: &str) -> Self {
        let collector = Origin::start(|_| http::Response::new("".into())).await;
        let origin = Origin::start(|_| http::Response::new("served".into())).await;
        let toml = TOML
            .replace("COLLECTOR", &collector.authority())
            .replace("ORIGIN", &origin.authority())
            .replace("SETTINGS", settings);
        Self {
            gateway: Running::of(&toml).await,
            collector,
            origin,
        }
    }

    /// Ends the gateway, which sends what waits; the spans by their names, and what they are of.
    async fn spans(self) -> (Vec<Span>, String) {
        assert!(self.gateway.node.shutdown(Duration::from_secs(10)).await);
        let mut spans = Vec::new();
        let mut service = String::new();
        for request in self.collector.recorded() {
            assert_eq!(request.target, "/v1/traces");
            assert_eq!(request.headers["content-type"], "application/x-protobuf");
            let sent = ExportTraceServiceRequest::decode(&*request.body).expect("OTLP");
            for resource in sent.resource_spans {
                let of = attributes(&resource.resource.expect("a resource").attributes);
                service = of["service.name"].clone();
                spans.extend(resource.scope_spans.into_iter().flat_map(|scope| scope.spans));
            }
        }
        (spans, service)
    }

    fn carried(&self) -> String {
        let last = self.origin.recorded().pop().expect("a request");
        last.headers["traceparent"].to_str().expect("text").to_owned()
    }
}

fn attributes(all: &[KeyValue]) -> BTreeMap<String, String> {
    let text = |value: &Option<AnyValue>| match value.as_ref().and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        other => format!("{other:?}"),
    };
    all.iter()
        .map(|pair| (pair.key.clone(), text(&pair.value)))
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_request_is_a_span_of_the_trace_that_it_came_with() {
    let traced = Traced::start("").await;
    let parent = format!("00-{TRACE}-{PARENT}-01");
    let headers = [("traceparent", parent.as_str()), ("tracestate", "a=b")];
    assert_eq!(
        traced
            .gateway
            .get("/dev/proxied/7?secret=1", &headers)
            .await
            .status,
        200
    );
    let carried = traced.carried();
    let state = traced.origin.recorded().pop().expect("a request").headers["tracestate"].clone();
    assert_eq!(state, "a=b");
    assert_eq!(traced.gateway.get("/dev/broken", &[]).await.status, 500);
    let (spans, service) = traced.spans().await;
    assert_eq!((spans.len(), service.as_str()), (2, "edge"), "{spans:?}");

    let span = &spans[0];
    assert_eq!(span.name, "GET /proxied/{id}");
    assert_eq!(
        (hex(&span.trace_id), hex(&span.parent_span_id)),
        (TRACE.to_owned(), PARENT.to_owned())
    );
    // Backends get this span as their parent.
    assert_eq!(carried, format!("00-{TRACE}-{}-01", hex(&span.span_id)));
    // SPAN_KIND_SERVER
    assert_eq!(span.kind, 2);
    assert!(span.end_time_unix_nano >= span.start_time_unix_nano && span.start_time_unix_nano > 0);
    let of = attributes(&span.attributes);
    for (name, value) in [
        ("http.request.method", "GET"),
        ("http.route", "/proxied/{id}"),
        ("http.response.status_code", "200"),
        ("http.response.body.size", "6"),
        ("url.path", "/dev/proxied/7"),
        ("url.scheme", "http"),
        ("client.address", "127.0.0.1"),
        ("network.protocol.version", "1.1"),
        ("portcullis.api", "shop"),
        ("portcullis.stage", "dev"),
    ] {
        assert_eq!(of.get(name).map(String::as_str), Some(value), "{name} in {of:?}");
    }
    assert!(!format!("{of:?}").contains("secret"), "{of:?}");

    let broken = &spans[1];
    assert_ne!(hex(&broken.trace_id), TRACE);
    assert!(broken.parent_span_id.is_empty());
    // STATUS_CODE_ERROR
    assert_eq!(broken.status.as_ref().map(|status| status.code), Some(2));
    assert_eq!(attributes(&broken.attributes)["error.type"], "500");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ratio_is_for_traces_that_begin_here() {
    let traced = Traced::start("ratio = 0").await;
    assert_eq!(traced.gateway.get("/dev/proxied/1", &[]).await.status, 200);
    // What is not sent goes on as such.
    assert!(traced.carried().ends_with("-00"), "{}", traced.carried());
    for (flags, ends) in [("00", "-00"), ("01", "-01")] {
        let parent = format!("00-{TRACE}-{PARENT}-{flags}");
        let headers = [("traceparent", parent.as_str())];
        assert_eq!(traced.gateway.get("/dev/proxied/2", &headers).await.status, 200);
        assert!(traced.carried().ends_with(ends), "{}", traced.carried());
    }
    let (spans, _) = traced.spans().await;
    assert_eq!(spans.len(), 1, "{spans:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_context_begins_a_trace() {
    let traced = Traced::start("").await;
    for parent in [
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        "nonsense",
    ] {
        let headers = [("traceparent", parent)];
        assert_eq!(traced.gateway.get("/dev/proxied/1", &headers).await.status, 200);
        assert!(
            !traced.carried().contains(TRACE),
            "{parent}: {}",
            traced.carried()
        );
    }
    let (spans, _) = traced.spans().await;
    assert_eq!(spans.len(), 6);
    assert!(
        spans.iter().all(|span| span.parent_span_id.is_empty()),
        "{spans:?}"
    );
}

/// Nobody takes the spans: requests are answered, and what is beyond the queue is lost.
#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_gone_costs_no_request() {
    let traced = Traced::start("queue = 1").await;
    let Traced {
        gateway, collector, ..
    } = traced;
    drop(collector);
    for _ in 0..50 {
        assert_eq!(gateway.get("/dev/broken", &[]).await.status, 500);
    }
    assert!(gateway.node.shutdown(Duration::from_secs(10)).await);
}
