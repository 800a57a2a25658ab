//! 5,000 deployed stages: a change of one, and a start with all of them.

use std::time::Instant;

use serde_json::json;

use super::CONTROL;
use super::client::{Api, Client};
use crate::server::Server;
use crate::{figures, load};

/// Each with one deployment of [`RESOURCES`] methods.
const APIS: usize = 500;
const RESOURCES: usize = 5;
/// Of each API, which is as many as the service allows by default.
const STAGES: usize = 10;
const ROUNDS: usize = 15;

pub(crate) fn run() {
    let server = Server::gateway(CONTROL, &[], &[]);
    let client = Client::signed(&server);
    let start = Instant::now();
    let apis: Vec<Api> = (0..APIS).map(|_| client.api(RESOURCES, STAGES - 1)).collect();
    println!(
        "{} stages were made by calls in {:.1} s",
        APIS * STAGES,
        start.elapsed().as_secs_f64()
    );
    swaps(&server, &client, &apis);
    starts(server, &apis);
}

/// Target: a change of one of them is live within 50 ms. The answer to the call comes after the swap.
fn swaps(server: &Server, client: &Client, apis: &[Api]) {
    let mut control = load::Connection::open(client.address);
    let mut listener = load::Connection::open(server.address);
    let (mut settings, mut deployments) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let api = &apis[round * apis.len() / ROUNDS];
        let color = format!("color{round}");
        let patch = json!({"op": "replace", "path": "/variables/color", "value": color});
        let body = json!({ "patchOperations": [patch] }).to_string();
        let request = client.request("PATCH", &format!("/restapis/{}/stages/s3", api.id), &body);
        let start = Instant::now();
        assert_eq!(control.call(&request), 200);
        settings.push(start.elapsed().as_secs_f64() * 1000.0);
        let request = load::request(&format!("/_aws/execute-api/{}/s3/r0", api.id), &[]);
        assert_eq!(listener.answer(&request).1, color, "live with the answer");

        let body = json!({"stageName": "s4"}).to_string();
        let request = client.request("POST", &format!("/restapis/{}/deployments", api.id), &body);
        let start = Instant::now();
        assert_eq!(control.call(&request), 201);
        deployments.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    let title = "from call to answer, and live, among 5,000 stages";
    figures::print(&format!("a stage variable, {title} (target 50)"), "ms", settings);
    figures::print(&format!("a deployment, {title} (target 50)"), "ms", deployments);
}

/// Target: a start with 5,000 stages takes at most 5 s.
fn starts(mut server: Server, apis: &[Api]) {
    let mut times = Vec::new();
    let last = apis.last().expect("an API");
    for _ in 0..3 {
        let start = Instant::now();
        server = server.again();
        times.push(start.elapsed().as_secs_f64());
        let request = load::request(&format!("/_aws/execute-api/{}/s9/r1", last.id), &[]);
        assert_eq!(load::Connection::open(server.address).answer(&request).0, 200);
    }
    figures::print(
        "a start with 5,000 stages, until it listens (target 5)",
        "s",
        times,
    );
    println!("its resident memory is {} MiB", server.resident() / 1024 / 1024);
    server.stop();
}
