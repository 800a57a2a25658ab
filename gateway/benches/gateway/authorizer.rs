//! The Wasm authorizer. Targets: at most 4 microseconds with a reused instance; with a fresh one for each request at
//! most 15 where the kernel has pagemap_scan, 40 elsewhere; with a decision that is kept at most 1.5.

use crate::server::Server;
use crate::{figures, load};

const REQUESTS: usize = 30_000;
const ROUNDS: usize = 11;

pub(crate) fn run() {
    for (name, isolation, ttl, limit) in [
        ("reused", "reused", 0, 4.0),
        ("fresh", "fresh", 0, 15.0),
        ("kept", "reused", 3600, 1.5),
    ] {
        let server = Server::gateway(&toml(isolation, ttl), &[], &[]);
        let mut headers = load::headers(29);
        headers.push(("authorization".to_owned(), "Bearer alice-secret".to_owned()));
        let open = load::request("/dev/open", &headers);
        let closed = load::request("/dev/closed", &headers);
        let cost =
            |request: &[u8]| server.cost(REQUESTS, || load::run(server.address, request, 4, REQUESTS, 200));
        cost(&open);
        cost(&closed);
        let rounds: Vec<(f64, f64)> = (0..ROUNDS).map(|_| (cost(&open), cost(&closed))).collect();
        figures::added(name, &format!("the authorizer adds (target {limit})"), &rounds);
    }
}

fn toml(isolation: &str, ttl: u32) -> String {
    format!(
        r#"
        [plugins.tokens]
        builtin = "bearer-token"
        isolation = "{isolation}"
        config.tokens = [{{ token = "alice-secret", principal = "alice" }}]
        [apis.bench.stages.dev]
        [apis.bench.authorizers.tokens]
        type = "token"
        plugin = "tokens"
        ttl_seconds = {ttl}
        [[apis.bench.routes]]
        path = "/open"
        integration = {{ type = "mock" }}
        [[apis.bench.routes]]
        path = "/closed"
        authorizer = "tokens"
        integration = {{ type = "mock" }}
        "#
    )
}
