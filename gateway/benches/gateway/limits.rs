//! Limits. Targets: five buckets cost at most 0.6 microseconds; a million API keys take at most 300 bytes each, and one of them is
//! found within a microsecond; at 1,000 a second with a burst of 500, 20,000 requests in some 10 s pass to within 5.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use portcullis::api_keys::{ApiKeys, Called, KeySpec, Now, Origin, PlanSpec, PlanStage};
use portcullis::clock::SystemClock;
use portcullis::live::StageId;
use portcullis_limit::{Gate, Limit, Period, Quota};
use portcullis_store::Hash;

use crate::load::Connection;
use crate::server::Server;
use crate::{figures, load};

const REQUESTS: usize = 30_000;
const ROUNDS: usize = 11;
const KEYS: usize = 1_000_000;
/// Of what is done in a loop in this process.
const TURNS: u32 = 1_000_000;

const ROUTES: &str = r#"
    [apis.bench.stages.dev]
    METHODS
    [[apis.bench.routes]]
    path = "/mock"
    method = "GET"
    api_key_required = true
    integration = { type = "mock" }
    [api_keys.one]
    value = "one-0123456789-0123456789"
    [usage_plans.paid]
    stages = ["bench/dev"]
    keys = ["one"]
"#;
/// Nobody reaches these.
const HIGH: &str = "{ rate = 1e6, burst = 1_000_000 }";

pub(crate) fn run() {
    alone();
    requests();
    exactness();
    million();
}

/// The five buckets and the quota of an admitted request, in a loop.
fn alone() {
    let clock = SystemClock::shared();
    let limit = Limit::new(1e9, 1 << 30).unwrap();
    let keys = ApiKeys::default();
    let spec = plan(Some(limit), Quota::new(1 << 53, Period::Day, 0));
    let refused = keys.replace(Origin::Calls, &[spec], &[key(0)], clock.monotonic());
    assert!(refused.is_empty());
    let entitled = keys.find(&value(0), "bench", "dev").unwrap();
    let called = Called {
        api: "bench",
        stage: "dev",
        path: "/mock",
        verb: "GET",
    };
    let gates = [Gate::default(), Gate::default(), Gate::default()];
    gates
        .iter()
        .for_each(|gate| gate.set(Some(limit), clock.monotonic()));
    let round = || {
        let begun = Instant::now();
        for _ in 0..TURNS {
            let now = Now::by(&*clock);
            let permit = keys.take(&entitled, called, now);
            assert!(permit.is_ok() && gates.iter().all(|gate| gate.take(now.monotonic)));
        }
        begun.elapsed().as_secs_f64() * 1e6 / f64::from(TURNS)
    };
    round();
    let title =
        "two buckets and the quota of a key, those of a method, a stage and all requests, both clocks";
    figures::print(title, "us", (0..ROUNDS).map(|_| round()).collect());
}

/// The same as CPU of a server.
fn requests() {
    let free = Server::gateway(&ROUTES.replace("METHODS", ""), &[], &[]);
    let methods = format!("throttle = {HIGH}\nmethods.'*/*'.throttle = {HIGH}");
    let more = format!(
        "throttle = {HIGH}\nquota = {{ limit = 1_000_000_000, period = \"day\" }}\n\
         methods.'bench/dev'.'/mock/GET' = {HIGH}\n"
    );
    let toml = format!(
        "[throttle]\nrate = 1e6\nburst = 1_000_000\n{}{more}",
        ROUTES.replace("METHODS", &methods)
    );
    let limited = Server::gateway(&toml, &[], &[]);
    let header = ("x-api-key".to_owned(), "one-0123456789-0123456789".to_owned());
    let request = load::request("/dev/mock", &[header]);
    let cost =
        |server: &Server| server.cost(REQUESTS, || load::run(server.address, &request, 4, REQUESTS, 200));
    cost(&free);
    cost(&limited);
    let rounds: Vec<(f64, f64)> = (0..ROUNDS).map(|_| (cost(&free), cost(&limited))).collect();
    figures::added("an API key", "five buckets and a quota add (target 0.6)", &rounds);
    free.stop();
    limited.stop();
}

/// As many pass as the burst, the rate and the time say.
fn exactness() {
    const RATE: f64 = 1_000.0;
    const BURST: f64 = 500.0;
    const ASKED: usize = 20_000;
    const CLIENTS: usize = 4;
    let toml = "[apis.bench.stages.dev]\nmethods.'*/*'.throttle = { rate = 1000, burst = 500 }\n[[apis.bench.routes]]\n\
                path = \"/mock\"\nintegration = { type = \"mock\" }\n";
    let off: Vec<f64> = (0..3)
        .map(|_| {
            let server = Server::gateway(toml, &[], &[]);
            let (passed, elapsed) = paced(server.address, ASKED, CLIENTS);
            server.stop();
            passed as f64 - (BURST + RATE * elapsed.as_secs_f64())
        })
        .collect();
    figures::print(
        "admitted, less the burst and the rate's (20,000 asked in 10 s; target within 5)",
        "requests",
        off,
    );
}

/// Sends so many requests at a steady pace, and gives how many passed, and the time from the first to the last.
fn paced(address: SocketAddr, asked: usize, clients: usize) -> (usize, Duration) {
    const TIME: Duration = Duration::from_secs(10);
    let request = load::request("/dev/mock", &[]);
    let (passed, last) = (AtomicUsize::new(0), AtomicU64::new(0));
    // The first takes the first token: from then on new ones come.
    let mut first = Connection::open(address);
    let begun = Instant::now();
    passed.fetch_add(usize::from(first.call(&request) == 200), Ordering::Relaxed);
    let pause = TIME / u32::try_from(asked / clients).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..clients {
            scope.spawn(|| {
                let mut connection = Connection::open(address);
                for turn in 0..asked / clients {
                    let due = pause * u32::try_from(turn).unwrap();
                    std::thread::sleep(due.saturating_sub(begun.elapsed()));
                    let status = connection.call(&request);
                    passed.fetch_add(usize::from(status == 200), Ordering::Relaxed);
                    let now = u64::try_from(begun.elapsed().as_nanos()).unwrap();
                    last.fetch_max(now, Ordering::Relaxed);
                }
            });
        }
    });
    let elapsed = Duration::from_nanos(last.load(Ordering::Relaxed));
    (passed.load(Ordering::Relaxed), elapsed)
}

/// A million keys of a plan: their memory, and how long one takes to find.
fn million() {
    let keys = ApiKeys::default();
    keys.set_plan(Origin::Calls, &plan(None, None), Duration::ZERO);
    let before = resident();
    for index in 0..KEYS {
        keys.set(Origin::Calls, &key(index)).unwrap();
    }
    let each = (resident() - before) as f64 / KEYS as f64;
    println!("a key of {KEYS} in memory (target 300): {each:.0} bytes");
    let wanted: Vec<String> = (0..100_000).map(|_| value(fastrand::usize(..KEYS))).collect();
    let round = || {
        let begun = Instant::now();
        let found = wanted
            .iter()
            .filter(|value| keys.find(value, "bench", "dev").is_some());
        assert_eq!(found.count(), wanted.len());
        begun.elapsed().as_secs_f64() * 1e6 / wanted.len() as f64
    };
    figures::print(
        "a random one is found (target 1)",
        "us",
        (0..ROUNDS).map(|_| round()).collect(),
    );
}

fn plan(throttle: Option<Limit>, quota: Option<Quota>) -> PlanSpec {
    let methods = throttle.map(|limit| ("/mock".into(), "GET".into(), limit));
    PlanSpec {
        id: "abc123".into(),
        stages: vec![PlanStage {
            id: StageId {
                api: "bench".into(),
                stage: "dev".into(),
            },
            methods: methods.into_iter().collect(),
        }],
        throttle,
        quota,
    }
}

/// As API Gateway's are: an id of 10 characters, a value of 40.
fn key(index: usize) -> KeySpec {
    KeySpec {
        id: format!("{index:010}").into(),
        value: Hash::of(value(index).as_bytes()),
        enabled: true,
        plans: vec!["abc123".into()],
    }
}

fn value(index: usize) -> String {
    format!("{index:040}")
}

/// Bytes of memory that this process has.
fn resident() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").expect("a process");
    let pages = pages
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse::<usize>().ok());
    pages.expect("pages") * 4096
}
