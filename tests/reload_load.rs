//! 1,000 reloads in a row under load: no request fails, and no memory is lost.
//!
//! A suite of its own, since it counts every byte of its process.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicIsize, AtomicUsize, Ordering::Relaxed};

use portcullis_testkit::{Client, Files, Origin, Running};
use portcullis_tests::guest;
use tokio::task::JoinHandle;

/// The system's allocator, which counts the bytes that are live.
struct Counting;

static LIVE: AtomicIsize = AtomicIsize::new(0);

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn add(bytes: usize) {
    LIVE.fetch_add(isize::try_from(bytes).unwrap_or(isize::MAX), Relaxed);
}

fn subtract(bytes: usize) {
    LIVE.fetch_sub(isize::try_from(bytes).unwrap_or(isize::MAX), Relaxed);
}

// SAFETY: everything is done by the system's allocator; counting touches an atomic alone.
#[allow(unsafe_code, reason = "an allocator has no safe form")]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        add(layout.size());
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        add(layout.size());
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        subtract(layout.size());
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        add(size);
        subtract(layout.size());
        // SAFETY: the caller's promise is passed on.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

const TOML: &str = r#"
    {listener shop}
    [control]
    address = "127.0.0.1:0"
    [plugins.greeter]
    builtin = "hello"
    config.greeting = "GREETING"
    [plugins.steady]
    file = "steady.wasm"
    [plugins.gatekeeper]
    file = "authorizer.wasm"
    [plugins.sieve]
    file = "filter.wasm"
    [apis.shop]
    openapi = "shop.yaml"
    [apis.shop.stages.dev]
    filters = ["sieve"]
    [apis.shop.stages.dev.variables]
    backend = "ORIGIN"
    version = "VERSION"
    [apis.side.stages.live]
    [apis.side.authorizers.token]
    type = "token"
    plugin = "gatekeeper"
    [[apis.side.routes]]
    path = "/steady/{mode}"
    authorizer = "token"
    integration = { type = "plugin", plugin = "steady" }
"#;

const DOCUMENT: &str = "openapi: 3.0.1
info: {title: Shop, version: '1'}
paths:
  /hello/{name}:
    get:
      x-portcullis-integration: {plugin: greeter}
  /mock:
    get:
      x-amazon-apigateway-integration:
        type: mock
        requestTemplates: {application/json: '{\"statusCode\": STATUS}'}
        responses: {default: {statusCode: STATUS}}
  /proxied:
    get:
      x-amazon-apigateway-integration:
        type: http_proxy
        httpMethod: GET
        uri: http://${stageVariables.backend}/${stageVariables.version}
";

/// Version `a` or `b` of the files.
fn write(files: &Files, origin: &str, odd: bool) -> String {
    let (greeting, version, status) = if odd {
        ("Hello", "a", "200")
    } else {
        ("Servus", "b", "201")
    };
    let mut document = DOCUMENT.replace("STATUS", status);
    for route in 0..50 {
        document.push_str(&format!(
            "  /more/{{id}}/{route}/{version}:\n    get:\n      x-amazon-apigateway-integration: {{type: mock, requestTemplates: {{application/json: '{{\"statusCode\": 200}}'}}, responses: {{default: {{statusCode: 200}}}}}}\n"
        ));
    }
    files.write("shop.yaml", document);
    TOML.replace("GREETING", greeting)
        .replace("VERSION", version)
        .replace("ORIGIN", origin)
}

/// Clients in a loop, until they are told to stop.
struct Load {
    stop: Arc<AtomicBool>,
    answers: Arc<AtomicUsize>,
    tasks: Vec<JoinHandle<()>>,
}

impl Load {
    fn start(clients: &[Client], url: &str) -> Self {
        let (stop, answers) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
        let tasks = clients.iter().map(|client| {
            let (client, url) = (client.clone(), url.to_owned());
            let (stop, answers) = (stop.clone(), answers.clone());
            tokio::spawn(async move {
                while !stop.load(Relaxed) {
                    answers.fetch_add(round(&client, &url).await, Relaxed);
                }
            })
        });
        let tasks = tasks.collect();
        Self { stop, answers, tasks }
    }

    /// Stops, and says how many answers there were. Every one of them was right.
    async fn stop(self) -> usize {
        self.stop.store(true, Relaxed);
        for task in self.tasks {
            task.await.expect("no request failed");
        }
        self.answers.load(Relaxed)
    }
}

/// A request to everything; each answer is of one of the two versions.
async fn round(client: &Client, url: &str) -> usize {
    let get = async |path: &str| {
        let headers = [("authorization", "ok")];
        let answer = client.send("GET", &format!("{url}{path}"), &headers, b"").await;
        answer.expect("an answer")
    };
    let answer = get("/dev/mock").await;
    assert!([200, 201].contains(&answer.status.as_u16()), "{answer:?}");
    let answer = get("/dev/hello/ann").await;
    assert!(
        ["Hello, ann!", "Servus, ann!"].contains(&answer.json()["message"].as_str().unwrap_or_default()),
        "{answer:?}"
    );
    let answer = get("/dev/proxied").await;
    assert!(
        ["/a", "/b"].contains(&answer.json()["target"].as_str().unwrap_or_default()),
        "{answer:?}"
    );
    let answer = get("/_aws/execute-api/side/live/steady/ok").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    4
}

/// Live bytes once nothing is under way: the lowest of a few looks, since tasks end a little after their answer.
async fn live() -> isize {
    let mut lowest = isize::MAX;
    for _ in 0..50 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        lowest = lowest.min(LIVE.load(Relaxed));
    }
    lowest
}

async fn reloads(gateway: &mut Running, origin: &str, count: usize) {
    for number in 0..count {
        let toml = write(&gateway.files, origin, number % 2 == 0);
        let outcome = gateway.rewrite(&toml).await;
        assert!(outcome.problems.is_empty(), "{:?}", outcome.problems);
        assert_eq!((outcome.swapped.len(), outcome.unchanged), (1, 1), "{outcome:?}");
    }
}

/// Whoever counts is alone.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_reloads_under_load_fail_no_request_and_lose_no_memory() {
    let _alone = ALONE.lock().await;
    let origin = Origin::start(|request| {
        let told = serde_json::json!({"target": request.target}).to_string();
        http::Response::new(told.into())
    })
    .await;
    let files = Files::default();
    files.write("steady.wasm", guest("faults-integration"));
    files.write("authorizer.wasm", guest("faults-authorizer"));
    files.write("filter.wasm", guest("faults-filter"));
    let toml = write(&files, &origin.authority(), false);
    let mut gateway = Running::start(&toml, files).await;
    let clients: Vec<Client> = (0..4).map(|_| Client::default()).collect();
    let url = gateway.url("");

    let load = Load::start(&clients, &url);
    reloads(&mut gateway, &origin.authority(), 50).await;
    let mut answers = load.stop().await;
    origin.forget();
    let before = live().await;

    let started = std::time::Instant::now();
    let load = Load::start(&clients, &url);
    reloads(&mut gateway, &origin.authority(), 950).await;
    answers += load.stop().await;
    let took = started.elapsed();
    origin.forget();
    let after = live().await;

    let growth = (after - before) as f64 / before as f64;
    println!(
        "950 reloads in {took:?}, {answers} answers; live bytes {before} after 50 reloads, {after} after 1,000: {:+.2} %",
        growth * 100.0
    );
    assert!(
        growth <= 0.02,
        "{before} bytes after 50 reloads, {after} after 1,000"
    );
    let metrics = gateway.metrics().await;
    assert_eq!(
        metrics.sum("portcullis_requests_total", &[("status", "5xx")]),
        0.0
    );
    assert_eq!(metrics.sum("portcullis_reloads_total", &[]), 1000.0);
    // The plugin that never changed has served all along; of the one that always did no old instances are left.
    let instances = metrics.sum("portcullis_plugin_instances", &[("plugin", "greeter")]);
    assert!(instances <= 4.0, "{instances} instances");
    assert!(gateway.stop().await);
}

/// What the allocator reserves for a thread at a time, at addresses that are multiples of it.
const ARENA: usize = 64 << 20;

/// Mappings of this process, and bytes in them: compiled code and the memory of instances are there, not on the heap. The
/// untouched end of an arena of the allocator does not count, since how many threads there are at once is chance; each
/// other reserve does.
fn mapped() -> (usize, usize) {
    let maps = std::fs::read_to_string("/proc/self/maps").expect("the mappings");
    let (mut bytes, mut writable_to) = (0, 0);
    for line in maps.lines() {
        let (start, rest) = line.split_once('-').expect("a range");
        let (end, rest) = rest.split_once(' ').expect("a range");
        let number = |text| usize::from_str_radix(text, 16).expect("an address");
        let (start, end) = (number(start), number(end));
        let rest_of_arena = rest.starts_with("---p") && writable_to == start && end % ARENA == 0;
        if !rest_of_arena || end - start >= ARENA {
            bytes += end - start;
        }
        writable_to = if rest.starts_with("rw-p") { end } else { 0 };
    }
    (maps.lines().count(), bytes)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changed_components_leave_nothing_behind() {
    let _alone = ALONE.lock().await;
    let files = Files::default();
    files.write("plugin.wasm", guest("faults-integration"));
    let toml = r#"
        {listener shop}
        [control]
        address = "127.0.0.1:0"
        [plugins.changing]
        file = "plugin.wasm"
        [apis.shop.stages.dev]
        [[apis.shop.routes]]
        path = "/ok"
        integration = { type = "plugin", plugin = "changing" }
    "#;
    let mut gateway = Running::start(toml, files).await;
    let hello = portcullis::builtin::component("hello").expect("hello");
    let mut seen = Vec::new();
    for number in 0..40 {
        let component = if number % 2 == 0 {
            hello
        } else {
            guest("faults-integration")
        };
        gateway.files.write("plugin.wasm", component);
        let outcome = gateway.node.reload().await;
        assert_eq!(outcome.swapped.len(), 1, "{:?}", outcome.problems);
        assert_eq!(gateway.get("/dev/ok", &[]).await.status, 200);
        if number % 2 == 1 {
            seen.push((live().await, mapped()));
        }
    }
    let (before, (maps, bytes)) = seen[2];
    let (after, (maps_after, bytes_after)) = seen[19];
    println!(
        "live bytes {before} and {after}, mappings {maps} and {maps_after}, of bytes {bytes} and {bytes_after}"
    );
    assert!((after - before) as f64 <= before as f64 * 0.02, "{seen:?}");
    // The pool's slots become warm one after the other, so there are more mappings for a while, and the allocator takes more
    // once where threads happen to compile at the same time. Each component that is kept would cost its code and its image
    // of memory, 16 of them some 7 MiB, in either half.
    let grown = |from: usize, to: usize| {
        let bytes = |at: usize| seen[at].1.1;
        bytes(to).saturating_sub(bytes(from))
    };
    assert!(grown(2, 10).min(grown(11, 19)) <= 3 << 20, "{seen:?}");
    let metrics = gateway.metrics().await;
    assert_eq!(metrics.sum("portcullis_plugin_instances", &[]), 1.0);
}
