//! The control plane: what a read costs, how many durable writes there are a second, and 5,000 stages.

pub(crate) mod client;
pub(crate) mod stages;

use std::time::{Duration, Instant};

use serde_json::json;

use crate::server::Server;
use crate::{figures, load};
use client::Client;

const CONTROL: &str = "[control]\naddress = \"127.0.0.1:0\"\ndata = \"data\"\n";
const ROUNDS: usize = 9;
const READS: usize = 2_000;
const WRITES: usize = 200;

pub(crate) fn run() {
    let server = Server::gateway(CONTROL, &[], &[]);
    let client = Client::signed(&server);
    let api = client.api(20, 0);
    reads(&server, &client, &api);
    writes(&server, &client, &api);
    server.stop();
}

/// Target: a read costs the server at most 300 us of CPU.
fn reads(server: &Server, client: &Client, api: &client::Api) {
    let id = &api.id;
    for (what, path) in [
        ("GetStage", format!("/restapis/{id}/stages/s0")),
        (
            "GetMethod",
            format!("/restapis/{id}/resources/{}/methods/GET", api.resource),
        ),
        (
            "GetResources, 20 of them with their methods",
            format!("/restapis/{id}/resources?embed=methods"),
        ),
    ] {
        let request = client.request("GET", &path, "");
        let round = || server.cost(READS, || load::run(client.address, &request, 2, READS, 200));
        round();
        let rounds = (0..ROUNDS).map(|_| round()).collect();
        figures::print(
            &format!("{what}, signed, of the server's CPU (target 300)"),
            "us",
            rounds,
        );
    }
}

/// Target: sequential durable writes reach half the rate of bare SQLite's transactions on the same disk.
fn writes(server: &Server, client: &Client, api: &client::Api) {
    let mut bare = bare(server);
    let mut connection = load::Connection::open(client.address);
    let (mut ratios, mut costs, mut rates) = (Vec::new(), Vec::new(), (Vec::new(), Vec::new()));
    for round in 0..ROUNDS {
        let alone = per_second(WRITES, || bare_writes(&mut bare, round));
        // Signed before: who signs is not the server.
        let request = |number| {
            let value = format!("{round} {number}");
            let patch = json!({"op": "replace", "path": "/description", "value": value});
            let body = json!({ "patchOperations": [patch] }).to_string();
            client.request("PATCH", &format!("/restapis/{}", api.id), &body)
        };
        let requests: Vec<Vec<u8>> = (0..WRITES).map(request).collect();
        let before = server.cpu();
        let variables = per_second(WRITES, || {
            for request in &requests {
                assert_eq!(connection.call(request), 200);
            }
        });
        costs.push((server.cpu() - before) as f64 / 1000.0 / WRITES as f64);
        ratios.push(variables / alone);
        rates.0.push(alone);
        rates.1.push(variables);
    }
    figures::print(
        "transactions of bare SQLite with full synchronisation",
        "/s",
        rates.0,
    );
    figures::print("UpdateRestApi, signed, one after the other", "/s", rates.1);
    figures::print("of the server's CPU for one of these", "us", costs);
    figures::print("the latter over the former (target 0.5)", "x", ratios);
}

fn per_second(count: usize, run: impl FnOnce()) -> f64 {
    let start = Instant::now();
    run();
    count as f64 / start.elapsed().max(Duration::from_nanos(1)).as_secs_f64()
}

/// Beside the store's own files.
fn bare(server: &Server) -> rusqlite::Connection {
    let path = server.directory().join("data/bare.db");
    let connection = rusqlite::Connection::open(path).expect("a database");
    let settings = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
        CREATE TABLE row (id TEXT NOT NULL PRIMARY KEY, document TEXT NOT NULL);";
    connection.execute_batch(settings).expect("a table");
    connection
}

fn bare_writes(connection: &mut rusqlite::Connection, round: usize) {
    for number in 0..WRITES {
        let transaction = connection.transaction().expect("a transaction");
        let (id, text) = (format!("{round}-{number}"), "d".repeat(400));
        let insert = "INSERT INTO row (id, document) VALUES (?1, ?2)";
        let mut insert = transaction.prepare_cached(insert).expect("a statement");
        insert.execute((id, text)).expect("a row");
        drop(insert);
        transaction.commit().expect("a commit");
    }
}
