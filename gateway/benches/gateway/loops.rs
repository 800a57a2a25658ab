//! Requests beside 64 simultaneous ones to a plugin that loops. Target: p99 under 5 ms.

use std::time::Duration;

use crate::server::Server;
use crate::{figures, load};

pub(crate) fn run() {
    let guest = std::env::var("PORTCULLIS_BENCH_LOOP").expect("cargo xtask bench names the guest that loops");
    let guest = std::fs::read(guest).expect("the guest that loops");
    let toml = r#"
        [plugins.faulty]
        file = "faulty.wasm"
        [plugins.greeter]
        builtin = "hello"
        [apis.bench.stages.dev]
        [[apis.bench.routes]]
        path = "/faulty/{kind}"
        integration = { type = "plugin", plugin = "faulty" }
        [[apis.bench.routes]]
        path = "/open"
        integration = { type = "mock" }
        [[apis.bench.routes]]
        path = "/hello/{name}"
        integration = { type = "plugin", plugin = "greeter" }
    "#;
    let server = Server::gateway(toml, &[("faulty.wasm", &guest)], &[]);
    for path in ["/dev/open", "/dev/hello/ann"] {
        let request = load::request(path, &[]);
        let background = |pause| load::Background::start(server.address, &request, 4, &[200], pause);
        let pause = Duration::from_millis(1);
        let quiet = background(pause);
        std::thread::sleep(Duration::from_secs(3));
        println!("{path} quiet: {}", figures::latencies(quiet.end().0).1);
        let looping = load::request("/dev/faulty/loop", &[]);
        let loops = load::Background::start(server.address, &looping, 64, &[500, 504], Duration::ZERO);
        std::thread::sleep(Duration::from_millis(500));
        let beside = background(pause);
        std::thread::sleep(Duration::from_secs(6));
        let (latencies, failed) = beside.end();
        println!(
            "{path} beside 64 loops (target p99 5000 us): {}",
            figures::latencies(latencies).1
        );
        let (looped, wrong) = loops.end();
        println!(
            "  {failed} of them failed; loops ended: {}, with another status: {wrong}",
            looped.len()
        );
    }
}
