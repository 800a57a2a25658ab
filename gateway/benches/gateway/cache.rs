//! The response cache. Targets: a hit of 1 KiB in memory at most 1.25 times the CPU of a bare hyper server that answers the same
//! bytes, an encrypted one at most 3 microseconds more, a hit on disk within 1 ms at the median, and resident memory of at
//! most 1.3 times the memory part under responses of mixed sizes.

use std::time::Instant;

use crate::server::Server;
use crate::{figures, load};

const REQUESTS: usize = 40_000;
const ROUNDS: usize = 11;
/// Of 1 KiB: several times what a memory of 1 MiB has room for.
const ON_DISK: usize = 5_000;
/// For mixed sizes.
const MEMORY_MIB: u64 = 128;

pub(crate) fn run() {
    hits();
    on_disk();
    resident();
}

fn toml(origin: &str, cache: &str) -> String {
    format!(
        r#"
        [cache]
        {cache}
        [apis.bench.stages.dev]
        cache = {{ capacity_mib = 4_096 }}
        methods."*/*" = {{ caching = true, cache_ttl_seconds = 3_600 }}
        methods."/sealed/GET" = {{ caching = true, cache_encrypted = true }}
        [[apis.bench.routes]]
        path = "/plain"
        method = "GET"
        cache.key_parameters = ["method.request.querystring.q"]
        integration = {{ type = "http_proxy", uri = "http://{origin}/", parameters = {{ "integration.request.querystring.q" = "method.request.querystring.q" }} }}
        [[apis.bench.routes]]
        path = "/sealed"
        method = "GET"
        cache.key_parameters = ["method.request.querystring.q"]
        integration = {{ type = "http_proxy", uri = "http://{origin}/" }}
        "#
    )
}

/// What a hit costs, and what encryption adds to it.
fn hits() {
    let bare = Server::start(&["kept"]);
    let gateway = Server::gateway(&toml(&bare.address.to_string(), "memory_mib = 64"), &[], &[]);
    let headers = load::headers(10);
    let cost = |server: &Server, path: &str| {
        let request = load::request(path, &headers);
        server.cost(REQUESTS, || load::run(server.address, &request, 8, REQUESTS, 200))
    };
    let (plain, sealed) = ("/dev/plain?q=1", "/dev/sealed?q=1");
    for path in [plain, sealed] {
        cost(&gateway, path);
    }
    cost(&bare, plain);
    let rounds: Vec<[f64; 3]> = (0..ROUNDS)
        .map(|_| [cost(&bare, plain), cost(&gateway, plain), cost(&gateway, sealed)])
        .collect();
    let of = |figure: &dyn Fn(&[f64; 3]) -> f64| rounds.iter().map(figure).collect();
    figures::print("bare hyper server", "us of CPU", of(&|round| round[0]));
    figures::print("hit in memory", "us of CPU", of(&|round| round[1]));
    figures::print("ratio (target 1.25)", "", of(&|round| round[1] / round[0]));
    figures::print(
        "encryption adds (target 3)",
        "us of CPU",
        of(&|round| round[2] - round[1]),
    );
}

/// How long a hit on disk takes.
fn on_disk() {
    let origin = Server::start(&["kept"]);
    let cache = "memory_mib = 1\ndirectory = \"kept\"";
    let gateway = Server::gateway(&toml(&origin.address.to_string(), cache), &[], &[]);
    let mut connection = load::Connection::open(gateway.address);
    let mut pass = || -> Vec<u32> {
        let ask = |number| {
            let request = load::request(&format!("/dev/plain?q={number}"), &[]);
            let start = Instant::now();
            assert_eq!(connection.call(&request), 200);
            start.elapsed().as_micros() as u32
        };
        (0..ON_DISK).map(ask).collect()
    };
    let (_, misses) = figures::latencies(pass());
    let (_, hits) = figures::latencies(pass());
    println!("misses: {misses}");
    println!("hits, most of them on disk (target p50 1000 us): {hits}");
}

/// What responses of mixed sizes leave in memory.
fn resident() {
    let origin = Server::start(&["sizes"]);
    let cache = format!("memory_mib = {MEMORY_MIB}");
    let gateway = Server::gateway(&toml(&origin.address.to_string(), &cache), &[], &[]);
    let ask = |from: usize, count: usize| {
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let address = gateway.address;
                scope.spawn(move || {
                    let mut connection = load::Connection::with_room(address, 2 * 1024 * 1024);
                    for number in (from..from + count).skip(thread).step_by(4) {
                        // From some bytes to 1 MiB, most of them small.
                        let size = (1 << (number % 21)) * (4 + number % 5) / 8;
                        let path = format!("/dev/plain?q={size}.{number}");
                        assert_eq!(connection.call(&load::request(&path, &[])), 200);
                    }
                });
            }
        });
    };
    ask(0, 40);
    let before = gateway.resident();
    ask(40, 12_000);
    let grown = (gateway.resident() - before) as f64 / (MEMORY_MIB * 1024 * 1024) as f64;
    println!(
        "resident memory that {MEMORY_MIB} MiB of mixed responses take (target 1.3): {grown:.3} times that"
    );
}
