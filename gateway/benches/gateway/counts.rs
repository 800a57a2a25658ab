//! Instructions and allocations of one request: the gateway runs under valgrind's callgrind for few requests and for
//! many, and the difference is what the many cost. Load and origin are other processes, and the kernel is not counted.
//!
//! It needs `valgrind`. To compare two commits, run it in both.

use std::collections::HashMap;
use std::path::Path;

use crate::server::Server;
use crate::{figures, load};

const FEW: usize = 1_000;
const MANY: usize = 6_000;
const ROUNDS: usize = 3;
/// The allocator's functions that give memory, as the gateway calls them, with those of the C library beside them.
const ALLOCATING: [&str; 8] = [
    "mi_malloc",
    "mi_malloc_aligned",
    "mi_zalloc",
    "mi_zalloc_aligned",
    "mi_realloc",
    "mi_realloc_aligned",
    "malloc",
    "realloc",
];

/// Plans without a plugin, so that none is compiled, and one with.
const PROXY: &str = r#"
    path = "/files/{proxy+}"
    integration = { type = "http_proxy", uri = "http://ORIGIN/files/{proxy}" }
    "#;
const MOCK: &str = r#"
    path = "/open"
    integration = { type = "mock" }
    "#;

pub(crate) fn run() {
    let origin = Server::start(&["origin"]);
    let cache = tempfile::tempdir().expect("a directory");
    for (title, route, path) in [
        ("HTTP_PROXY", PROXY, "/dev/files/a/b.txt?c=1"),
        ("MOCK", MOCK, "/dev/open"),
    ] {
        let route = route.replace("ORIGIN", &origin.address.to_string());
        let toml = format!("[apis.bench.stages.dev]\n[[apis.bench.routes]]{route}");
        let request = load::request(path, &load::headers(10));
        // Compiles what is not in the cache yet.
        counted(&toml, &request, 1, cache.path());
        let rounds: Vec<_> = (0..ROUNDS).map(|_| each(&toml, &request, cache.path())).collect();
        let of = |column: fn(&(f64, f64)) -> f64| rounds.iter().map(column).collect();
        figures::print(title, "instructions", of(|round| round.0));
        figures::print(title, "allocations", of(|round| round.1));
    }
}

/// Instructions and allocations of each request.
fn each(toml: &str, request: &[u8], cache: &Path) -> (f64, f64) {
    let few = counted(toml, request, FEW, cache);
    let many = counted(toml, request, MANY, cache);
    let each = |few: u64, many: u64| (many as f64 - few as f64) / (MANY - FEW) as f64;
    (each(few.0, many.0), each(few.1, many.1))
}

fn counted(toml: &str, request: &[u8], requests: usize, cache: &Path) -> (u64, u64) {
    let directory = tempfile::tempdir().expect("a directory");
    let counts = directory.path().join("counts");
    let server = Server::counted(toml, &counts, cache);
    load::run(server.address, request, 1, requests, 200);
    server.stop();
    read(&counts)
}

/// All instructions, and the calls of functions that allocate, of a file of callgrind's
/// (<https://valgrind.org/docs/manual/cl-format.html>).
fn read(counts: &Path) -> (u64, u64) {
    let text = std::fs::read_to_string(counts).expect("valgrind wrote its counts");
    // A name is told once, with a number that stands for it from then on.
    let mut names: HashMap<&str, &str> = HashMap::new();
    let (mut called, mut instructions, mut allocations) = ("", 0, 0);
    for line in text.lines() {
        if let Some(function) = line.strip_prefix("fn=").or_else(|| line.strip_prefix("cfn=")) {
            let (id, name) = function.split_once(' ').unwrap_or((function, ""));
            if !name.is_empty() {
                names.insert(id, name);
            }
            called = names.get(id).copied().unwrap_or(name);
        } else if let Some(calls) = line.strip_prefix("calls=") {
            let calls: u64 = calls
                .split(' ')
                .next()
                .and_then(|calls| calls.parse().ok())
                .expect("a number");
            if ALLOCATING.contains(&called) {
                allocations += calls;
            }
        } else if let Some(total) = line.strip_prefix("totals: ") {
            instructions = total.trim().parse().expect("a number");
        }
    }
    assert!(instructions > 0 && allocations > 0, "callgrind counted nothing");
    (instructions, allocations)
}
