//! Sequential durable writes, beside bare SQLite with the same settings. `cargo bench -p portcullis-store --bench writes`.
//!
//! Both take turns in one run, on files in one directory, one row a transaction. The store writes more: its row with the index of
//! parents, the counter, the history and the change.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a bench"
)]

use std::path::Path;
use std::time::{Duration, Instant};

use portcullis_store::{Key, Options, Page, Store};
use serde_json::{Value, json};

const ROUNDS: usize = 7;
const WRITES: usize = 200;

fn document(number: usize) -> Value {
    json!({ "name": format!("api {number}"), "description": "d".repeat(300), "tags": { "team": "a" } })
}

fn bare(path: &Path) -> rusqlite::Connection {
    let connection = rusqlite::Connection::open(path).unwrap();
    let settings = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
        CREATE TABLE row (id TEXT NOT NULL PRIMARY KEY, document TEXT NOT NULL);";
    connection.execute_batch(settings).unwrap();
    connection
}

fn bare_round(connection: &mut rusqlite::Connection, round: usize) -> Duration {
    let start = Instant::now();
    for number in 0..WRITES {
        let transaction = connection.transaction().unwrap();
        let (id, text) = (format!("{round}-{number}"), document(number).to_string());
        transaction
            .prepare_cached("INSERT INTO row (id, document) VALUES (?1, ?2)")
            .unwrap()
            .execute((id, text))
            .unwrap();
        transaction.commit().unwrap();
    }
    start.elapsed()
}

async fn store_round(store: &Store, round: usize) -> Duration {
    let start = Instant::now();
    for number in 0..WRITES {
        let mut write = store.write("bench", "CreateRestApi").await.unwrap();
        let key = Key::new("api", "", format!("{round}-{number}"));
        write.insert(&key, &document(number)).await.unwrap();
        write.commit().await.unwrap();
    }
    start.elapsed()
}

/// The processor's time that this process has taken, in steps of 10 ms.
fn cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields = text.rsplit(')').next().unwrap().split_whitespace();
    // User and system, in ticks of a hundredth of a second.
    let ticks: u64 = fields
        .skip(11)
        .take(2)
        .map(|field| field.parse::<u64>().unwrap())
        .sum();
    Duration::from_millis(ticks * 10)
}

async fn reads(store: &Store) {
    const READS: u32 = 5_000;
    let (start, spent) = (Instant::now(), cpu());
    for number in 0..READS {
        let mut read = store.read().await.unwrap();
        let key = Key::new("api", "", format!("0-{}", number % 200));
        assert!(read.get(&key).await.unwrap().is_some());
    }
    let (elapsed, spent) = (start.elapsed() / READS, (cpu() - spent) / READS);
    println!("get:  {elapsed:>8.1?} each, {spent:.1?} of CPU");
    let start = Instant::now();
    let mut read = store.read().await.unwrap();
    let page = Page {
        after: None,
        limit: WRITES,
    };
    let listed = read.list("api", "", page).await.unwrap().len();
    println!("list: {:>8.1?} for {listed} rows", start.elapsed());
}

/// What a start with many stages reads.
async fn start_up(store: &Store) {
    const STAGES: usize = 5_000;
    let start = Instant::now();
    let mut write = store.write("bench", "stages").await.unwrap();
    for number in 0..STAGES {
        let snapshot = write
            .put_snapshot(document(number).to_string().as_bytes())
            .await
            .unwrap();
        let key = Key::new("stage", format!("apis/{number}"), "prod");
        write
            .insert(&key, &json!({ "deployment": snapshot.to_string() }))
            .await
            .unwrap();
    }
    write.commit().await.unwrap();
    println!(
        "{STAGES} stages written in one transaction: {:.1?}",
        start.elapsed()
    );
    let (start, spent) = (Instant::now(), cpu());
    let mut read = store.read().await.unwrap();
    for row in read.all("stage").await.unwrap() {
        let hash = row.document["deployment"].as_str().unwrap().parse().unwrap();
        assert!(read.snapshot(&hash).await.unwrap().is_some());
    }
    println!(
        "all of them read: {:.1?}, {:.1?} of CPU",
        start.elapsed(),
        cpu() - spent
    );
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    let middle = times.get(times.len() / 2).copied().unwrap_or_default();
    f64::from(u32::try_from(WRITES).unwrap()) / middle.as_secs_f64()
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    // Beside the target directory, not in /tmp: that may be memory.
    let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let mut connection = bare(&directory.path().join("bare.db"));
    // Its history is full after the first writes, as it is in a store that has been used for a while.
    let options = Options {
        history: 100,
        ..Options::new(directory.path().join("store"))
    };
    let store = runtime.block_on(Store::open(options)).unwrap();
    let (mut bare_times, mut store_times) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        bare_times.push(bare_round(&mut connection, round));
        store_times.push(runtime.block_on(store_round(&store, round)));
    }
    let (bare, ours) = (median(bare_times), median(store_times));
    println!("bare SQLite: {bare:>7.0} commits a second");
    println!(
        "the store:   {ours:>7.0} commits a second, {:.2} of it",
        ours / bare
    );
    runtime.block_on(reads(&store));
    runtime.block_on(start_up(&store));
    runtime.block_on(store.close());
}
