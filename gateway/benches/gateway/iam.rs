//! Methods of AWS_IAM: a signature is verified and a policy evaluated. Target: at most 15 microseconds, and what hashing the
//! body takes.

use crate::control::client::Client;
use crate::server::Server;
use crate::{figures, load};

const REQUESTS: usize = 30_000;
const ROUNDS: usize = 11;

const TOML: &str = r#"
    [control]
    address = "127.0.0.1:0"
    data = "data"
    [apis.bench.stages.dev]
    [[apis.bench.routes]]
    path = "/open"
    integration = { type = "mock" }
    [[apis.bench.routes]]
    path = "/closed"
    authorization = "AWS_IAM"
    integration = { type = "mock" }
"#;

pub(crate) fn run() {
    let server = Server::gateway(TOML, &[], &[]);
    let client = Client::signed(&server);
    for (name, verb, size) in [("no body", "GET", 0), ("a body of 1 KiB", "POST", 1024)] {
        let body = "x".repeat(size);
        let cost = |path: &str| {
            // Signed anew, so that none expires. Both are signed: they differ in nothing but their path.
            let request = client.request_of("execute-api", verb, path, &body);
            server.cost(REQUESTS, || load::run(server.address, &request, 4, REQUESTS, 200))
        };
        cost("/dev/open");
        cost("/dev/closed");
        let rounds: Vec<(f64, f64)> = (0..ROUNDS)
            .map(|_| (cost("/dev/open"), cost("/dev/closed")))
            .collect();
        figures::added(name, "AWS_IAM adds (target 15, and hashing)", &rounds);
    }
    server.stop();
}
