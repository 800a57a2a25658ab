//! The binary: `portcullis edge`.

use http::Response;
use portcullis_testkit::Process;

use super::support::*;

const BINARY: &str = env!("CARGO_BIN_EXE_portcullis-under-test");

#[tokio::test]
async fn it_serves_follows_its_file_and_drains() {
    let authorities = Authorities::new();
    let mock = Mock::start(&authorities, |_| async { Ok(Response::new(whole("yes"))) }).await;
    let files = authorities.files();
    let path = files.write("edge.toml", toml(&region("eu", mock.address)));
    let path = path.display().to_string();
    let mut edge = Process::start(BINARY, &["edge", &path]);
    let (address, control) = (edge.address().await, edge.control().await);
    let client = portcullis_testkit::Client::default();
    let get = async |url: String| client.send("GET", &url, &[], b"").await.expect("an answer");
    eventually("it is ready", async || {
        get(format!("http://{control}/_portcullis/ready")).await.status == 200
    })
    .await;
    assert_eq!(get(format!("http://{address}/x")).await.text(), "yes");
    files.write(
        "edge.toml",
        toml(&region("eu", mock.address)).replace("fra1", "ams1"),
    );
    eventually("the file is followed", async || {
        get(format!("http://{address}/x")).await.header("via") == "1.1 ams1 (portcullis)"
    })
    .await;
    edge.signal(libc::SIGTERM);
    assert!(edge.ended().await.success(), "{}", edge.output());
}

#[tokio::test]
async fn it_says_what_is_wrong_without_serving() {
    let authorities = Authorities::new();
    let files = authorities.files();
    let address = "127.0.0.1:1".parse().expect("an address");
    let good = files
        .write("edge.toml", toml(&region("eu", address)))
        .display()
        .to_string();
    let mut checked = Process::start(BINARY, &["edge", "--check", &good]);
    assert!(checked.ended().await.success());
    assert_eq!(checked.output(), format!("{good}: ok: 1 region\n"));
    let bad = files.write("bad.toml", "name = 1\n").display().to_string();
    let mut checked = Process::start(BINARY, &["edge", "--check", &bad]);
    assert_eq!(checked.ended().await.code(), Some(1));
    assert!(
        checked
            .output()
            .contains("bad.toml:1:8: error: expected a string"),
        "{}",
        checked.output()
    );
    let mut started = Process::start(BINARY, &["edge", &bad]);
    assert_eq!(started.ended().await.code(), Some(1));
    let mut schema = Process::start(BINARY, &["schema", "edge"]);
    assert!(schema.ended().await.success());
    assert_eq!(
        schema.output().trim(),
        include_str!("../../docs/edge.schema.json").trim(),
        "cargo xtask generate"
    );
}
