//! A function that runs as a component, over a MOCK. Target: at most 15 microseconds for an event of 1 KiB.

use crate::server::Server;
use crate::{figures, load};

const REQUESTS: usize = 30_000;
const ROUNDS: usize = 11;

pub(crate) fn run() {
    for (name, isolation, format) in [
        ("format 1.0, reused", "reused", "1.0"),
        ("format 2.0, reused", "reused", "2.0"),
        ("format 1.0, fresh", "fresh", "1.0"),
    ] {
        let server = Server::gateway(&toml(isolation, format), &[], &[]);
        // What the event has of them is a little more than 1 KiB, most of it the context.
        let headers = load::headers(2);
        let mock = load::request("/dev/mock/ann", &headers);
        let function = load::request("/dev/function/ann", &headers);
        let cost =
            |request: &[u8]| server.cost(REQUESTS, || load::run(server.address, request, 4, REQUESTS, 200));
        cost(&mock);
        cost(&function);
        let rounds: Vec<(f64, f64)> = (0..ROUNDS).map(|_| (cost(&mock), cost(&function))).collect();
        figures::added(name, "the function adds (target 15)", &rounds);
    }
}

fn toml(isolation: &str, format: &str) -> String {
    format!(
        r#"
        [plugins.greet]
        builtin = "hello-function"
        isolation = "{isolation}"
        [apis.bench.stages.dev]
        [[apis.bench.routes]]
        path = "/mock/{{name}}"
        integration = {{ type = "mock" }}
        [[apis.bench.routes]]
        path = "/function/{{name}}"
        integration = {{ type = "lambda", function = "greet", payload_format_version = "{format}" }}
        "#
    )
}
