//! Upgrades that fail: the process that serves goes on, and says why.

use portcullis_testkit::{Client, Files};
use serde_json::json;

use super::{BINARY, Replaceable};

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
    path = "/mock"
    integration = { type = "mock", status = 200 }
"#;

/// That it serves, and writes what calls tell it.
async fn goes_on(gateway: &Replaceable, why: &str) {
    let client = Client::default();
    let address = gateway.process.address().await;
    let answer = client
        .send("GET", &format!("http://{address}/dev/mock"), &[], b"")
        .await;
    assert_eq!(answer.expect("an answer").status, 200, "{why}");
    let control = gateway.process.control().await;
    let body = json!({"name": why}).to_string();
    let url = format!("http://{control}/restapis");
    let answer = client.send("POST", &url, &[], body.as_bytes()).await;
    assert_eq!(answer.expect("an answer").status, 201, "{why}");
}

#[tokio::test]
async fn what_does_not_start_takes_nothing_over() {
    let gateway = Replaceable::start(TOML, Files::default(), &["--upgrade-limit", "10"]);
    gateway.process.line("control on").await;
    let failed = "the upgrade failed, and this process goes on";
    for (number, (script, reason)) in [
        ("#!/bin/sh\nexit 7\n", "exit status: 7"),
        ("#!/bin/sh\nexec sleep 600\n", "--upgrade-limit"),
        ("no program", "cannot be started"),
    ]
    .into_iter()
    .enumerate()
    {
        gateway.replace(script);
        gateway.signal(libc::SIGUSR2);
        let lines = gateway.process.lines(failed, number + 1).await;
        assert!(lines[number].contains(reason), "{lines:?}");
        goes_on(&gateway, reason).await;
    }
    let output = gateway.end().await;
    assert!(!output.contains("has taken over"), "{output}");
}

#[tokio::test]
async fn a_configuration_that_is_wrong_keeps_the_old_process() {
    let mut gateway = Replaceable::start(TOML, Files::default(), &[]);
    gateway.process.line("control on").await;
    gateway.files.write("gateway.toml", format!("{TOML}[bogus]\n"));
    gateway.process.line("with errors").await;
    gateway.signal(libc::SIGUSR2);
    let line = gateway.process.line("the upgrade failed").await;
    assert!(line.contains("exit status: 1"), "{line}");
    // The new process says what is wrong as at any start.
    gateway.process.line("gateway.toml:13:").await;
    goes_on(&gateway, "wrong").await;
    gateway.files.write("gateway.toml", TOML);
    gateway.upgrade(1).await;
    goes_on(&gateway, "right").await;
    gateway.end().await;
}

/// It ends only after the store is its own: the old process has it again, and knows all that it knew.
#[tokio::test]
async fn a_process_that_ends_late_gives_the_store_back() {
    let mut gateway = Replaceable::start(TOML, Files::default(), &[]);
    gateway.process.line("control on").await;
    goes_on(&gateway, "before").await;
    // The vault's key is looked at when the store is opened.
    let key = gateway.files.path("data/store.key");
    let away = gateway.files.path("data/store.key.away");
    std::fs::rename(&key, &away).expect("moved away");
    gateway.signal(libc::SIGUSR2);
    let line = gateway.process.line("the upgrade failed").await;
    assert!(line.contains("exit status: 1"), "{line}");
    goes_on(&gateway, "after").await;
    std::fs::rename(&away, &key).expect("moved back");
    gateway.upgrade(1).await;
    goes_on(&gateway, "at last").await;
    gateway.end().await;
}

#[tokio::test]
async fn the_mark_alone_starts_nothing() {
    let files = Files::default();
    let config = files.write("gateway.toml", TOML);
    let arguments = ["run", config.to_str().expect("a path")];
    let mark = [("PORTCULLIS_TAKES_OVER", std::ffi::OsStr::new("1"))];
    let mut process = portcullis_testkit::Process::start_in(BINARY, &arguments, &[], &mark);
    assert_eq!(process.ended().await.code(), Some(3), "{}", process.output());
    assert!(
        process.output().contains("PORTCULLIS_TAKES_OVER"),
        "{}",
        process.output()
    );
}
