//! What calls cost: `cargo bench -p portcullis-plugin-host [-- COMPONENT [WHAT]]`.
//!
//! Prints medians of CPU time, which a busy machine does not spoil as much as the time on the wall. COMPONENT is an authorizer; without it, the hand-written guest of the tests is taken, which does
//! nothing with its request and so shows the host's own cost. WHAT is part of a measurement's name.

// A program of its own that talks to a person.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::indexing_slicing
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use portcullis_plugin_host::{Authorizer, Field, Host, HostSettings, Isolation, PluginSpec, Request};
use tokio::runtime::{Builder, Runtime};

const BATCHES: usize = 101;
const CALLS: u32 = 500;

fn main() {
    // Cargo passes `--bench`.
    let mut arguments = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'));
    let path = arguments.next();
    let only = arguments.next().unwrap_or_default();
    let wanted = |name: &str| name.contains(&only);
    let spec = match &path {
        Some(path) => support::spec(std::fs::read(path).unwrap()),
        None => support::authorizer_spec(),
    };
    println!("{}", path.as_deref().unwrap_or("hand-written guest"));
    let host = Host::new(HostSettings::default()).unwrap();
    let one = Builder::new_current_thread().enable_all().build().unwrap();
    let two = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();

    for (name, isolation) in [("reused", Isolation::Reused), ("fresh", Isolation::Fresh)] {
        let plugin = one.block_on(support::authorizer(&host, with(&spec, isolation, "{}")));
        for headers in [0, 1, 5, 15, 30] {
            let name = format!("{name}, {headers} headers");
            if wanted(&name) {
                report(&name, &one, &plugin, headers);
            }
        }
        let name = format!("{name} on two threads");
        if wanted(&name) {
            on_two_threads(&name, &two, &plugin);
        }
    }
    if wanted("loops") {
        beside_loops(&two, &host, &spec, 0);
        beside_loops(&two, &host, &spec, 64);
    }
}

fn with(spec: &PluginSpec, isolation: Isolation, config_json: &str) -> PluginSpec {
    PluginSpec {
        isolation: Some(isolation),
        config_json: config_json.to_owned(),
        ..spec.clone()
    }
}

async fn call(plugin: &Authorizer, headers: &[Field<'_>]) {
    let request = Request {
        headers,
        ..support::request("4f1cbd0e-6a4b-4b3c-9a52-0f4c2f0f2c11")
    };
    let arn = "arn:aws:execute-api:eu-central-1:000000000000:shop/prod/GET/pets";
    plugin
        .authorize(arn, Some("Bearer secret"), &request)
        .await
        .unwrap();
}

fn report(name: &str, runtime: &Runtime, plugin: &Authorizer, headers: usize) {
    let names: Vec<_> = (0..headers).map(|number| format!("x-header-{number}")).collect();
    let headers: Vec<_> = names
        .iter()
        .map(|name| Field {
            name,
            value: "some value of usual length",
        })
        .collect();
    let mut batches: Vec<f64> = (0..BATCHES)
        .map(|_| {
            runtime.block_on(async {
                let start = cpu_time();
                for _ in 0..CALLS {
                    call(plugin, &headers).await;
                }
                (cpu_time() - start).as_secs_f64() * 1e6 / f64::from(CALLS)
            })
        })
        .collect();
    batches.sort_by(f64::total_cmp);
    println!(
        "{name:28} {:8.2} µs (best {:.2})",
        batches[BATCHES / 2],
        batches[0]
    );
}

/// Of the calling thread.
fn cpu_time() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec.unsigned_abs(), u32::try_from(now.tv_nsec).unwrap())
}

fn on_two_threads(name: &str, runtime: &Runtime, plugin: &Arc<Authorizer>) {
    let start = Instant::now();
    let total = CALLS * 100;
    runtime.block_on(async {
        let tasks: Vec<_> = (0..2)
            .map(|_| {
                let plugin = plugin.clone();
                tokio::spawn(async move {
                    for _ in 0..total {
                        call(&plugin, &[]).await;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
    let rate = f64::from(2 * total) / start.elapsed().as_secs_f64();
    println!("{name:28} {:8.0} calls a second", rate);
}

/// Each of `loops` callers keeps a looping guest running; a call to another plugin is made every millisecond.
fn beside_loops(runtime: &Runtime, host: &Host, spec: &PluginSpec, loops: usize) {
    let latencies = runtime.block_on(async {
        let mut looping = support::authorizer_spec();
        looping.limits.cpu = Duration::from_millis(50);
        let looping = support::authorizer(host, looping).await;
        let quick = support::authorizer(host, with(spec, Isolation::Reused, "other")).await;
        let stop = Arc::new(AtomicBool::new(false));
        let tasks: Vec<_> = (0..loops)
            .map(|_| {
                let (looping, stop) = (looping.clone(), stop.clone());
                tokio::spawn(async move {
                    while !stop.load(Relaxed) {
                        looping
                            .authorize("loop", None, &support::request("id"))
                            .await
                            .unwrap_err();
                    }
                })
            })
            .collect();
        let latencies = tokio::spawn(async move {
            let mut latencies = Vec::new();
            for _ in 0..2000 {
                // Through a socket-like wake-up: the timer is polled where sockets are.
                let due = tokio::time::Instant::now() + Duration::from_millis(1);
                tokio::time::sleep_until(due).await;
                call(&quick, &[]).await;
                latencies.push(due.elapsed());
            }
            latencies
        })
        .await
        .unwrap();
        stop.store(true, Relaxed);
        for task in tasks {
            task.await.unwrap();
        }
        latencies
    });
    let mut latencies = latencies;
    latencies.sort();
    let at = |part: f64| latencies[(latencies.len() as f64 * part) as usize].as_secs_f64() * 1e3;
    println!(
        "beside {loops:2} loops: a timer and a quick call take {:.2} ms (median), {:.2} (p99), {:.2} (p99.9)",
        at(0.5),
        at(0.99),
        at(0.999)
    );
}
