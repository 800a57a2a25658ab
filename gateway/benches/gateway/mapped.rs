//! All that can be done to a call against nothing: parameters and body checked, the request and the response made by
//! templates, beside `HTTP_PROXY` to the same origin with the same bodies of 1 KiB. Target: at most 60 microseconds.

use crate::server::Server;
use crate::{figures, load};

const REQUESTS: usize = 10_000;
const ROUNDS: usize = 11;
const DOCUMENT: &str = include_str!("templates/mapped.json");
const REQUEST: &str = include_str!("templates/order.vtl");
const RESPONSE: &str = include_str!("templates/receipt.vtl");
pub(crate) const BODY: &str = include_str!("templates/order.json");

pub(crate) fn run() {
    let origin = Server::start(&["origin", "json"]);
    let gateway = gateway(&origin.address.to_string());
    let mut headers = load::headers(8);
    headers.push(("content-type".to_owned(), "application/json".to_owned()));
    headers.push(("x-channel".to_owned(), "web".to_owned()));
    let proxied = load::post("/dev/proxied?currency=EUR", &headers, BODY);
    let mapped = load::post("/dev/mapped?currency=EUR", &headers, BODY);
    let cost =
        |request: &[u8]| gateway.cost(REQUESTS, || load::run(gateway.address, request, 8, REQUESTS, 200));
    cost(&proxied);
    cost(&mapped);
    let rounds: Vec<(f64, f64)> = (0..ROUNDS).map(|_| (cost(&proxied), cost(&mapped))).collect();
    figures::print(
        "HTTP_PROXY",
        "us of CPU",
        rounds.iter().map(|round| round.0).collect(),
    );
    figures::print(
        "validator and templates",
        "us of CPU",
        rounds.iter().map(|round| round.1).collect(),
    );
    figures::print(
        "they add (target 60)",
        "us of CPU",
        rounds.iter().map(|round| round.1 - round.0).collect(),
    );
}

/// A gateway with `/proxied` and `/mapped`.
pub(crate) fn gateway(origin: &str) -> Server {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let document = DOCUMENT
        .replace("ORIGIN", origin)
        .replace("\"REQUEST\"", &quoted(REQUEST))
        .replace("\"RESPONSE\"", &quoted(RESPONSE));
    let toml = r#"
        [apis.bench]
        openapi = "mapped.json"
        [apis.bench.stages.dev]
        variables = { table = "orders" }
        "#;
    Server::gateway(toml, &[("mapped.json", document.as_bytes())], &[])
}
