//! Reloads. Targets: a change in one of 1,000 routes is live within 50 ms after the debounce; the p99 of requests during
//! reloads, and while a 2 MB component compiles, is at most twice the quiet one.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::server::Server;
use crate::{figures, load};

pub(crate) fn run() {
    let toml = "[apis.bench]\nopenapi = \"api.json\"\n[apis.bench.stages.dev]\n";
    let server = Server::gateway(toml, &[("api.json", document(200).as_bytes())], &[]);
    until_live(&server);
    during(&server, toml);
}

/// 1,000 routes; the status of the last one is given.
fn document(status: u16) -> String {
    let mut paths = serde_json::Map::new();
    for index in 0..1000 {
        let status = if index == 999 { status } else { 200 };
        let status = status.to_string();
        let integration = serde_json::json!({
            "type": "mock",
            "requestTemplates": { "application/json": "{\"statusCode\": 200}" },
            "responses": { "default": { "statusCode": &status } },
        });
        let method = serde_json::json!({ "get": {
            "responses": { status: { "description": "a response" } },
            "x-amazon-apigateway-integration": integration,
        } });
        paths.insert(format!("/service-{}/items-{index}", index / 50), method);
    }
    let info = serde_json::json!({ "title": "bench", "version": "1" });
    serde_json::json!({ "openapi": "3.0.1", "info": info, "paths": paths }).to_string()
}

/// Puts a file in its place at once.
fn replace(directory: &Path, name: &str, content: &[u8]) {
    let beside = directory.join(format!(".{name}.new"));
    std::fs::write(&beside, content).expect("a file");
    std::fs::rename(beside, directory.join(name)).expect("a file");
}

fn until_live(server: &Server) {
    let request = load::request("/dev/service-19/items-999", &[]);
    let mut connection = load::Connection::open(server.address);
    let rounds = (0..15).map(|round| {
        let status = if round % 2 == 0 { 201 } else { 200 };
        replace(server.directory(), "api.json", document(status).as_bytes());
        let start = Instant::now();
        while connection.call(&request) != status {
            assert!(
                start.elapsed() < Duration::from_secs(10),
                "the change does not become live"
            );
        }
        start.elapsed().as_secs_f64() * 1000.0 - portcullis::config::DEBOUNCE.as_secs_f64() * 1000.0
    });
    figures::print(
        "a change in one of 1,000 routes is live after the debounce (target 50)",
        "ms",
        rounds.collect(),
    );
}

fn during(server: &Server, toml: &str) {
    let request = load::request("/dev/service-3/items-150", &load::headers(10));
    let background =
        || load::Background::start(server.address, &request, 4, &[200], Duration::from_millis(1));
    let quiet = || {
        let load = background();
        std::thread::sleep(Duration::from_secs(4));
        figures::latencies(load.end().0)
    };
    let (before, text) = quiet();
    println!("quiet: {text}");
    let load = background();
    for round in 0..40 {
        replace(
            server.directory(),
            "api.json",
            document(200 + round % 2).as_bytes(),
        );
        std::thread::sleep(Duration::from_millis(100));
    }
    let (latencies, failed) = load.end();
    let (p99, text) = figures::latencies(latencies);
    println!(
        "during 40 reloads of 1,000 routes: {text}; {failed} failed; {:.2} times the quiet p99 (target 2)",
        p99 / before
    );
    let Ok(component) = std::env::var("PORTCULLIS_BENCH_LARGE") else {
        println!("no 2 MB component was named: that case is left out");
        return;
    };
    let component = std::fs::read(component).expect("the large component");
    let (before, text) = quiet();
    println!("quiet: {text}");
    let load = background();
    let start = Instant::now();
    for round in 0..3 {
        replace(server.directory(), "large.wasm", &component);
        let plugin = format!(
            "[plugins.large]\nfile = \"large.wasm\"\nlimits.calls_per_instance = {}\n",
            round + 1
        );
        let listener = "[[listeners]]\naddress = \"127.0.0.1:0\"\ndefault_api = \"bench\"\n";
        replace(
            server.directory(),
            "gateway.toml",
            format!("{listener}{plugin}{toml}").as_bytes(),
        );
        std::thread::sleep(Duration::from_secs(2));
    }
    let (latencies, failed) = load.end();
    let (p99, text) = figures::latencies(latencies);
    println!(
        "while a component of {} KiB compiles, {:.1} s: {text}; {failed} failed; {:.2} times the quiet p99 (target 2)",
        component.len() / 1024,
        start.elapsed().as_secs_f64(),
        p99 / before
    );
}
