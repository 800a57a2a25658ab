//! What is written to the control plane and counted of API keys, while processes give each other their place.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use portcullis_testkit::{Client, Files, GatedOrigin, Hold};
use serde_json::{Value, json};

use super::Replaceable;

const KEY: &str = "key-0123456789-0123456789";

const TOML: &str = r#"
    [[listeners]]
    address = "127.0.0.1:0"
    default_api = "shop"
    [control]
    address = "127.0.0.1:0"
    data = "data"
    access = "anonymous-on-loopback"
    [apis.shop.stages.dev]
    [[apis.shop.routes]]
    path = "/keyed"
    api_key_required = true
    integration = { type = "mock", status = 200 }
    [[apis.shop.routes]]
    path = "/gated"
    api_key_required = true
    # A busy machine may take longer than the default's 29 s for an upgrade.
    integration = { type = "http_proxy", uri = "http://ORIGIN/", timeout_ms = 300_000 }
"#;

/// A call on a connection of its own.
async fn call(control: SocketAddr, verb: &str, path: &str, body: Value) -> Value {
    let url = format!("http://{control}{path}");
    let body = match body {
        Value::Null => String::new(),
        body => body.to_string(),
    };
    let answer = Client::default().send(verb, &url, &[], body.as_bytes()).await;
    let answer = answer.expect("an answer");
    assert!(answer.status.is_success(), "{verb} {path}: {}", answer.text());
    answer.json()
}

/// A key of a plan for the stage of the file; the plan's path.
async fn planned(control: SocketAddr) -> String {
    let key = json!({"name": "k", "enabled": true, "value": KEY});
    let key = call(control, "POST", "/apikeys", key).await;
    let plan = json!({"name": "p", "apiStages": [{"apiId": "shop", "stage": "dev"}], "quota": {"limit": 1_000_000, "period": "MONTH"}});
    let plan = call(control, "POST", "/usageplans", plan).await;
    let path = format!("/usageplans/{}", plan["id"].as_str().expect("an id"));
    let entry = json!({"keyId": key["id"], "keyType": "API_KEY"});
    call(control, "POST", &format!("{path}/keys"), entry).await;
    path
}

async fn used(control: SocketAddr, plan: &str) -> u64 {
    // Whatever day it is, and also where it becomes another one.
    let path = format!("{plan}/usage?startDate=DAY&endDate=DAY");
    let mut total = 0;
    for day in days() {
        let usage = call(control, "GET", &path.replace("DAY", &day), Value::Null).await;
        let of_days = usage["values"].as_object().into_iter().flatten();
        for (_, days) in of_days {
            total += days[0][0].as_u64().expect("a count");
        }
    }
    total
}

/// Yesterday and today.
fn days() -> [String; 2] {
    let date = |day: &str| {
        let output = std::process::Command::new("date")
            .args(["-u", "-d", day, "+%Y-%m-%d"])
            .output()
            .expect("a date");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    [date("yesterday"), date("today")]
}

async fn calls(address: SocketAddr, stop: Arc<AtomicBool>, counted: Arc<AtomicU64>) {
    let url = format!("http://{address}/dev/keyed");
    while !stop.load(Relaxed) {
        let answer = Client::default()
            .send("GET", &url, &[("x-api-key", KEY)], b"")
            .await;
        assert_eq!(answer.expect("an answer").status, 200);
        counted.fetch_add(1, Relaxed);
    }
}

async fn writes(control: SocketAddr, stop: Arc<AtomicBool>, writer: usize) -> Vec<String> {
    let mut written = Vec::new();
    while !stop.load(Relaxed) {
        let name = format!("{writer}-{}", written.len());
        call(control, "POST", "/restapis", json!({"name": name})).await;
        written.push(name);
    }
    written
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_write_and_no_count_is_lost_or_doubled() {
    let origin = GatedOrigin::start(Hold::Head, b"late".to_vec()).await;
    let toml = TOML.replace("ORIGIN", &origin.authority());
    let mut gateway = Replaceable::start(&toml, Files::in_memory(), &[]);
    let (address, control) = (gateway.process.address().await, gateway.process.control().await);
    let plan = planned(control).await;
    let (stop, counted) = (Arc::<AtomicBool>::default(), Arc::<AtomicU64>::default());
    let callers: Vec<_> = (0..2)
        .map(|_| tokio::spawn(calls(address, stop.clone(), counted.clone())))
        .collect();
    let writers: Vec<_> = (0..2)
        .map(|writer| tokio::spawn(writes(control, stop.clone(), writer)))
        .collect();
    for number in 1..=3 {
        // One is under way in the process that drains.
        let url = format!("http://{address}/dev/gated");
        let late = tokio::spawn(async move {
            let answer = Client::default()
                .send("GET", &url, &[("x-api-key", KEY)], b"")
                .await;
            answer.expect("an answer").status
        });
        origin.arrived().await;
        gateway.upgrade(number).await;
        origin.open();
        assert_eq!(late.await.expect("an answer"), 200);
        counted.fetch_add(1, Relaxed);
    }
    stop.store(true, Relaxed);
    for caller in callers {
        caller.await.expect("no call failed");
    }
    let mut written = Vec::new();
    for writer in writers {
        written.extend(writer.await.expect("no write failed"));
    }
    assert!(written.len() > 6, "{written:?}");

    // What the processes that drain have counted is told until they end.
    gateway.process.replaced().await;
    let expected = counted.load(Relaxed);
    let mut found = used(control, &plan).await;
    for _ in 0..7200 {
        if found == expected {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        found = used(control, &plan).await;
    }
    assert_eq!(found, expected, "calls of the key");

    let mut names = BTreeSet::new();
    let mut position = String::new();
    loop {
        let path = format!("/restapis?limit=500{position}");
        let page = call(control, "GET", &path, Value::Null).await;
        for api in page["item"].as_array().expect("a list") {
            let name = api["name"].as_str().expect("a name").to_owned();
            assert!(names.insert(name.clone()), "{name} was written twice");
        }
        match page["position"].as_str() {
            Some(next) => position = format!("&position={next}"),
            None => break,
        }
    }
    assert!(names.remove("shop"));
    assert_eq!(names, written.into_iter().collect());
    let output = gateway.end().await;
    assert!(!output.contains("ERROR"), "{output}");
}
