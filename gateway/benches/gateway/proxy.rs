//! HTTP_PROXY of 1 KiB. Target: at most 1.15 times the CPU of a bare hyper proxy.

use crate::server::Server;
use crate::{figures, load};

const REQUESTS: usize = 20_000;
const ROUNDS: usize = 25;

pub(crate) fn run() {
    let origin = Server::start(&["origin"]);
    let bare = Server::start(&["bare-proxy", &origin.address.to_string()]);
    let gateway = Server::gateway(&toml(&origin.address.to_string()), &[], &[]);
    let request = load::request("/dev/files/a/b.txt?c=1", &load::headers(10));
    let cost =
        |server: &Server| server.cost(REQUESTS, || load::run(server.address, &request, 8, REQUESTS, 200));
    cost(&bare);
    cost(&gateway);
    let rounds: Vec<(f64, f64)> = (0..ROUNDS).map(|_| (cost(&bare), cost(&gateway))).collect();
    figures::print(
        "bare proxy",
        "us of CPU",
        rounds.iter().map(|round| round.0).collect(),
    );
    figures::print(
        "HTTP_PROXY",
        "us of CPU",
        rounds.iter().map(|round| round.1).collect(),
    );
    figures::print(
        "ratio (target 1.15)",
        "",
        rounds.iter().map(|round| round.1 / round.0).collect(),
    );
}

pub(crate) fn toml(origin: &str) -> String {
    format!(
        r#"
        [apis.bench.stages.dev]
        [[apis.bench.routes]]
        path = "/files/{{proxy+}}"
        integration = {{ type = "http_proxy", uri = "http://{origin}/files/{{proxy}}" }}
        [[apis.bench.routes]]
        path = "/open"
        integration = {{ type = "mock" }}
        "#
    )
}
