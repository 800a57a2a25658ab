//! What a request costs, by load over loopback: `cargo xtask bench [CASE …]`.
//!
//! Each server under test is a process of its own, so that its CPU time can be told from that of the load; it is read
//! from `/proc/PID/task/*/schedstat`. Two things that are compared are measured in turns, round by round, and the
//! median of the rounds' ratios or differences is printed, with the least and the greatest: machines are noisy.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a bench"
)]
#![allow(clippy::disallowed_methods, reason = "a bench")]

mod authorizer;
mod bare;
mod cache;
mod control;
mod counts;
#[path = "../../crates/testkit/src/delayed.rs"]
#[allow(dead_code, unreachable_pub, reason = "tests use all of it")]
mod delayed;
mod edge;
mod figures;
mod functions;
mod iam;
mod idle;
mod limits;
mod load;
mod loops;
mod mapped;
mod openapi;
mod proxy;
mod reload;
mod routes;
mod server;
mod services;
#[path = "../../crates/jwt/src/tests/sign.rs"]
#[allow(dead_code, reason = "tests have it, too")]
mod sign;
mod templates;
mod tls;
mod tokens;
mod waf;
mod workers;

use portcullis_jwt::Algorithm;

/// The gateway's own, also for what it is compared with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Case = (&'static str, &'static str, fn());

const CASES: &[Case] = &[
    ("routes", "route lookup in 10,000 routes", routes::run),
    (
        "authorizer",
        "CPU that the Wasm authorizer adds to a request with 30 headers",
        authorizer::run,
    ),
    ("iam", "CPU that AWS_IAM adds to a signed request", iam::run),
    ("idle", "memory of 10,000 idle connections", idle::run),
    (
        "limits",
        "what buckets and quotas cost, how exact they are, and a million API keys",
        limits::run,
    ),
    (
        "services",
        "CPU that signing adds to a call of an AWS service",
        services::run,
    ),
    (
        "functions",
        "CPU that a function as a component adds to a MOCK, for an event of 1 KiB",
        functions::run,
    ),
    (
        "tokens",
        "CPU that a JWT authorizer with warm keys adds to a request with 30 headers",
        tokens::run,
    ),
    (
        "waf",
        "CPU that the filter `waf` adds to a request with 30 headers",
        waf::run,
    ),
    (
        "proxy",
        "CPU of HTTP_PROXY with 1 KiB against a bare hyper proxy",
        proxy::run,
    ),
    (
        "tls",
        "CPU of HTTPS in front of HTTP_PROXY with 1 KiB against a bare hyper and rustls proxy",
        tls::run,
    ),
    (
        "cache",
        "CPU of hits of the response cache, time of hits on disk, resident memory",
        cache::run,
    ),
    (
        "mapped",
        "CPU that a validator and two templates add to HTTP_PROXY with 1 KiB both ways",
        mapped::run,
    ),
    (
        "counts",
        "instructions and allocations of one request, counted by valgrind",
        counts::run,
    ),
    (
        "workers",
        "one multi-threaded runtime against one current-thread runtime per core",
        workers::run,
    ),
    (
        "templates",
        "renderings of a VTL template on one thread, in the engine and through its component",
        templates::run,
    ),
    (
        "openapi",
        "import and export of an OpenAPI document of 5 MB with 2,000 paths",
        openapi::run,
    ),
    (
        "edge",
        "time to the first byte for a new client, through a point of presence and over 50 ms",
        edge::run,
    ),
    (
        "loops",
        "latency beside 64 requests to a plugin that loops",
        loops::run,
    ),
    (
        "reload",
        "latency during reloads and compiles; time until a change is live",
        reload::run,
    ),
    (
        "control",
        "reads and durable writes of the control plane",
        control::run,
    ),
    (
        "stages",
        "a change among 5,000 stages, and a start with them",
        control::stages::run,
    ),
];

fn main() {
    let mut arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    // Re-executed as a server under test.
    if arguments.first().is_some_and(|argument| argument == "serve") {
        return server::child(&arguments.split_off(1));
    }
    let wanted = |name: &str| arguments.is_empty() || arguments.iter().any(|argument| argument == name);
    for (name, title, run) in CASES.iter().filter(|(name, ..)| wanted(name)) {
        println!("\n# {name}: {title}");
        run();
    }
}
