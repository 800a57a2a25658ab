//! The binary follows its files, however they are changed.

use std::path::Path;

use portcullis_testkit::{Client, Files, Process};
use portcullis_tests::guest;

use crate::{DOCUMENT, SIDE, place};

/// The binary with a directory of its own.
struct Binary {
    process: Process,
    client: Client,
    url: String,
}

const BINARY: &str = r#"
    [[listeners]]
    address = "127.0.0.1:0"
    default_api = "shop"
    [control]
    address = "127.0.0.1:0"
    [plugins.counter]
    file = "plugins/counter.wasm"
    [apis.shop]
    openapi = "apis/shop.yaml"
    [apis.shop.stages.dev]
    [apis.side.stages.live]
    [[apis.side.routes]]
    path = "/mock"
    integration = { type = "mock", status = 200 }
"#;

fn binary_files() -> Files {
    let files = Files::default();
    for directory in ["apis", "plugins"] {
        std::fs::create_dir(files.path(directory)).expect("a directory");
    }
    std::fs::write(files.path("apis/shop.yaml"), DOCUMENT).expect("written");
    std::fs::write(files.path("plugins/counter.wasm"), guest("faults-integration")).expect("written");
    files.write("gateway.toml", BINARY);
    files
}

impl Binary {
    async fn start(config: &Path) -> Self {
        let arguments = ["run", config.to_str().expect("a path"), "--no-cache"];
        let process = Process::start(env!("CARGO_BIN_EXE_portcullis-under-test"), &arguments);
        let url = format!("http://{}", process.address().await);
        Self {
            process,
            client: Client::default(),
            url,
        }
    }

    async fn status(&self, path: &str) -> u16 {
        self.status_at(&format!("{}{path}", self.url)).await
    }

    async fn status_at(&self, url: &str) -> u16 {
        let answer = self.client.send("GET", url, &[], b"").await;
        answer.expect("an answer").status.as_u16()
    }

    /// Waits until a path is answered with this status.
    async fn becomes(&self, path: &str, status: u16) {
        self.becomes_at(&format!("{}{path}", self.url), status).await;
    }

    async fn becomes_at(&self, url: &str, status: u16) {
        let answered = async {
            while self.status_at(url).await != status {
                self.process.grown().await;
            }
        };
        let waited = tokio::time::timeout(std::time::Duration::from_secs(180), answered).await;
        assert!(
            waited.is_ok(),
            "{url} is not answered with {status}:\n{}",
            self.process.output()
        );
    }
}

#[tokio::test]
async fn every_way_of_changing_a_file_becomes_live() {
    let files = binary_files();
    let gateway = Binary::start(&files.path("gateway.toml")).await;
    assert_eq!(gateway.status(SIDE).await, 200);
    let changed = |status: u16| BINARY.replace("status = 200", &format!("status = {status}"));
    // Written in place, at once after the start: no change may be missed.
    std::fs::write(files.path("gateway.toml"), changed(201)).expect("written");
    gateway.becomes(SIDE, 201).await;
    // Replaced by another file, as careful editors do it.
    files.write("gateway.toml", changed(202));
    gateway.becomes(SIDE, 202).await;
    // Moved away and written anew, as vim does it.
    std::fs::rename(files.path("gateway.toml"), files.path("gateway.toml~")).expect("moved");
    std::fs::write(files.path("gateway.toml"), changed(203)).expect("written");
    gateway
        .process
        .line("1 stage changed, 0 ended, 1 unchanged")
        .await;
    gateway.becomes(SIDE, 203).await;
    // A document and a component in other directories.
    let document = DOCUMENT.replace("\"statusCode\": 200", "\"statusCode\": 204");
    std::fs::write(files.path("apis/shop.yaml"), document).expect("written");
    gateway.becomes("/dev/mock", 204).await;
    let hello = portcullis::builtin::component("hello").expect("hello");
    std::fs::write(files.path("plugins/new"), hello).expect("written");
    std::fs::rename(files.path("plugins/new"), files.path("plugins/counter.wasm")).expect("moved");
    let url = format!("{}/dev/count/ok", gateway.url);
    loop {
        let answer = gateway
            .client
            .send("GET", &url, &[], b"")
            .await
            .expect("an answer");
        if answer.json()["message"] == "Hello, world!" {
            break;
        }
        gateway.process.grown().await;
    }
}

#[tokio::test]
async fn a_swapped_symlink_becomes_live_as_kubernetes_does_it() {
    let files = Files::default();
    let volume = |name: &str, status: u16| {
        let directory = files.path(name);
        std::fs::create_dir(&directory).expect("a directory");
        let document = DOCUMENT.replace("\"statusCode\": 200", &format!("\"statusCode\": {status}"));
        let toml = BINARY
            .replace("plugins/", "")
            .replace("apis/shop", "shop")
            .replace("status = 200", &format!("status = {status}"));
        std::fs::write(directory.join("shop.yaml"), document).expect("written");
        std::fs::write(directory.join("counter.wasm"), guest("faults-integration")).expect("written");
        std::fs::write(directory.join("gateway.toml"), toml).expect("written");
    };
    let link = |to: &str| {
        std::os::unix::fs::symlink(to, files.path("..data_tmp")).expect("a link");
        std::fs::rename(files.path("..data_tmp"), files.path("..data")).expect("moved");
    };
    volume("..2024_1", 201);
    link("..2024_1");
    for name in ["gateway.toml", "shop.yaml", "counter.wasm"] {
        std::os::unix::fs::symlink(format!("..data/{name}"), files.path(name)).expect("a link");
    }
    let gateway = Binary::start(&files.path("gateway.toml")).await;
    assert_eq!(gateway.status("/dev/mock").await, 201);
    for (round, name, status) in [(1, "..2024_2", 202), (2, "..2024_3", 203)] {
        volume(name, status);
        link(name);
        gateway.becomes("/dev/mock", status).await;
        gateway.becomes(SIDE, status).await;
        // The old volume is removed.
        let old = format!("..2024_{round}");
        std::fs::remove_dir_all(files.path(&old)).expect("removed");
    }
}

#[tokio::test]
async fn a_replaced_directory_is_followed() {
    let files = binary_files();
    let gateway = Binary::start(&files.path("gateway.toml")).await;
    let changed = |status: u16| DOCUMENT.replace("\"statusCode\": 200", &format!("\"statusCode\": {status}"));
    // As a checkout or a copy of a whole tree does it.
    std::fs::create_dir(files.path("apis.new")).expect("a directory");
    std::fs::write(files.path("apis.new/shop.yaml"), changed(201)).expect("written");
    std::fs::rename(files.path("apis"), files.path("apis.old")).expect("moved");
    std::fs::rename(files.path("apis.new"), files.path("apis")).expect("moved");
    gateway.becomes("/dev/mock", 201).await;
    std::fs::remove_dir_all(files.path("apis.old")).expect("removed");
    for status in [202, 203] {
        std::fs::write(files.path("apis/shop.yaml"), changed(status)).expect("written");
        gateway.becomes("/dev/mock", status).await;
    }
}

#[tokio::test]
async fn a_broken_change_is_logged_and_the_last_good_plan_serves() {
    let files = binary_files();
    let gateway = Binary::start(&files.path("gateway.toml")).await;
    std::fs::write(
        files.path("gateway.toml"),
        BINARY.replace("status = 200", "status = 2000"),
    )
    .expect("written");
    let place = place(&files.path("gateway.toml"), "2000");
    let line = gateway.process.line(&place).await;
    assert!(line.contains("ERROR"), "{line}");
    gateway.process.line("what has errors keeps what it had").await;
    assert_eq!(gateway.status(SIDE).await, 200);
    files.write("gateway.toml", BINARY.replace("status = 200", "status = 201"));
    gateway.becomes(SIDE, 201).await;
    // While a document is broken, changes of other APIs are live.
    std::fs::write(files.path("apis/shop.yaml"), "openapi: [").expect("written");
    let line = gateway.process.line("apis/shop.yaml:").await;
    assert!(line.contains("ERROR"), "{line}");
    files.write("gateway.toml", BINARY.replace("status = 200", "status = 202"));
    gateway.becomes(SIDE, 202).await;
    assert_eq!(gateway.status("/dev/mock").await, 200);
}

#[tokio::test]
async fn sighup_reads_the_files_at_once() {
    let files = binary_files();
    // Behind a link that is not in a watched directory: no event tells of the change.
    let elsewhere = Files::default();
    elsewhere.write("shop.yaml", DOCUMENT);
    std::fs::remove_file(files.path("apis/shop.yaml")).expect("removed");
    std::os::unix::fs::symlink(elsewhere.path("shop.yaml"), files.path("apis/shop.yaml")).expect("a link");
    let gateway = Binary::start(&files.path("gateway.toml")).await;
    for status in [201, 202] {
        let changed = DOCUMENT.replace("\"statusCode\": 200", &format!("\"statusCode\": {status}"));
        elsewhere.write("shop.yaml", changed);
        gateway.process.signal(libc::SIGHUP);
        gateway.becomes("/dev/mock", status).await;
    }
}

#[tokio::test]
async fn a_new_listener_and_a_new_directory_are_followed() {
    let files = binary_files();
    let gateway = Binary::start(&files.path("gateway.toml")).await;
    std::fs::create_dir(files.path("more")).expect("a directory");
    std::fs::write(files.path("more/side.yaml"), DOCUMENT).expect("written");
    let (start, _) = BINARY.split_once("[apis.side").expect("the second API");
    let more = format!(
        "{start}[apis.side]\nopenapi = \"more/side.yaml\"\n[apis.side.stages.live]\n\
         [[listeners]]\naddress = \"127.0.0.1:0\"\ndefault_api = \"side\"\n"
    );
    files.write("gateway.toml", more);
    let line = gateway.process.line("INFO listening on http://").await;
    let (_, address) = line.split_once("http://").expect("an address");
    let url = format!("http://{address}/live/mock");
    gateway.becomes_at(&url, 200).await;
    // At once, in the directory that is new.
    let changed = DOCUMENT.replace("\"statusCode\": 200", "\"statusCode\": 201");
    std::fs::write(files.path("more/side.yaml"), changed).expect("written");
    gateway.becomes_at(&url, 201).await;
}
