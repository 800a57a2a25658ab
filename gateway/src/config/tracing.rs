//! Where spans of requests go.

use portcullis_document::{Document, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// OpenTelemetry: a span for each request, sent by OTLP over HTTP.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TracingConfig {
    /// The collector's URL for traces, such as `http://127.0.0.1:4318/v1/traces`.
    pub endpoint: String,
    /// The share of traces that begin here and are sent. A trace that came with a request is sent as its `traceparent` says.
    #[serde(default = "everything")]
    #[schemars(range(min = 0, max = 1))]
    pub ratio: f64,
    /// What the spans say that they are of.
    #[serde(default = "name")]
    pub service_name: String,
    /// Spans that wait to be sent; what comes when there are more is lost.
    #[serde(default = "queue")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub queue: u32,
}

fn everything() -> f64 {
    1.0
}

fn name() -> String {
    "portcullis".to_owned()
}

fn queue() -> u32 {
    2048
}

pub(super) fn check(document: &Document, config: &TracingConfig, problems: &mut Vec<Problem>) {
    if !cfg!(feature = "otel") {
        let message = "this binary was built without OpenTelemetry, so no spans can be sent";
        let problem = document.error("not-built", "/tracing", message);
        problems.push(problem.hint("build it with `--features otel`, or take the table out"));
    }
    let uri = config.endpoint.parse::<http::Uri>().ok();
    let good = |uri: &http::Uri| uri.scheme_str() == Some("http") && uri.authority().is_some();
    if !uri.as_ref().is_some_and(good) {
        let message = format!("`{}` is no URL of http", config.endpoint);
        let problem = document.error("bad-endpoint", "/tracing/endpoint", message);
        problems.push(problem.hint(
            "such as http://127.0.0.1:4318/v1/traces; run a collector beside the gateway to go on by TLS",
        ));
    }
}

#[cfg(test)]
mod tests {
    use portcullis_document::Format;

    use super::*;

    #[test]
    fn what_cannot_be_done_is_refused_by_name() {
        for (endpoint, good) in [
            ("http://127.0.0.1:4318/v1/traces", true),
            ("https://collector/v1/traces", false),
            ("/v1/traces", false),
            ("collector:4318", false),
        ] {
            let text = format!("[tracing]\nendpoint = \"{endpoint}\"\n");
            let document = Document::parse("gateway.toml", &text, Format::Toml).unwrap();
            let config = TracingConfig {
                endpoint: endpoint.to_owned(),
                ratio: everything(),
                service_name: name(),
                queue: queue(),
            };
            let mut problems = Vec::new();
            check(&document, &config, &mut problems);
            let has = |code: &str| problems.iter().any(|problem| problem.code == code);
            assert_eq!(has("bad-endpoint"), !good, "{endpoint}");
            assert_eq!(has("not-built"), !cfg!(feature = "otel"), "{endpoint}");
        }
    }
}
