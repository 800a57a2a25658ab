//! How the process starts, drains and ends.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests"
)]

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use http::Response;
use portcullis_testkit::{Client, Files, GatedOrigin, Hold, Origin, Process};
use portcullis_tests::guest;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

const BINARY: &str = env!("CARGO_BIN_EXE_portcullis-under-test");

const TOML: &str = r#"
    [[listeners]]
    address = "127.0.0.1:0"
    default_api = "shop"
    [control]
    address = "127.0.0.1:0"
    [apis.shop.stages.dev]
    [[apis.shop.routes]]
    path = "/mock"
    integration = { type = "mock", status = 200 }
    [[apis.shop.routes]]
    path = "/gated"
    integration = { type = "http_proxy", uri = "http://ORIGIN/", timeout_ms = 300_000 }
"#;

struct Binary {
    process: Process,
    address: SocketAddr,
    control: SocketAddr,
    _files: Files,
}

impl Binary {
    async fn start(origin: &str, arguments: &[&str]) -> Self {
        let files = Files::default();
        let path = files.write("gateway.toml", TOML.replace("ORIGIN", origin));
        let process = run(&path, arguments);
        Self {
            address: process.address().await,
            control: process.control().await,
            process,
            _files: files,
        }
    }

    fn get(&self, client: &Client, path: &str) -> JoinHandle<Result<(u16, usize), String>> {
        let (client, url) = (client.clone(), format!("http://{}{path}", self.address));
        tokio::spawn(async move {
            let answer = client.send("GET", &url, &[], b"").await;
            answer
                .map(|answer| (answer.status.as_u16(), answer.body.len()))
                .map_err(|error| error.to_string())
        })
    }

    async fn ready(&self) -> (u16, String) {
        let url = format!("http://{}/_portcullis/ready", self.control);
        let answer = Client::default()
            .send("GET", &url, &[], b"")
            .await
            .expect("an answer");
        (answer.status.as_u16(), answer.text().to_owned())
    }

    /// Waits until it accepts nothing any more.
    async fn refuses(&self) {
        let refused = async {
            while TcpStream::connect(self.address).await.is_ok() {
                tokio::task::yield_now().await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(180), refused).await;
        assert!(waited.is_ok(), "it still accepts:\n{}", self.process.output());
    }
}

fn run(config: &Path, arguments: &[&str]) -> Process {
    let mut all = vec!["run", config.to_str().expect("a path")];
    if !arguments.contains(&"--cache-dir") {
        all.push("--no-cache");
    }
    all.extend(arguments);
    Process::start(BINARY, &all)
}

async fn nobody() -> Origin {
    Origin::start(|_| Response::new("".into())).await
}

#[tokio::test]
async fn a_signal_drains_requests_under_way_and_refuses_new_ones() {
    for (signal, hold) in [
        (libc::SIGTERM, Hold::Head),
        (libc::SIGTERM, Hold::Body),
        (libc::SIGINT, Hold::Head),
    ] {
        let origin = GatedOrigin::start(hold, vec![b'o'; 200_000]).await;
        let mut gateway = Binary::start(&origin.authority(), &[]).await;
        assert_eq!(gateway.ready().await, (200, "ready\n".to_owned()));
        let under_way = gateway.get(&Client::default(), "/dev/gated");
        origin.arrived().await;
        gateway.process.signal(signal);
        gateway.process.line("draining for 30 s at the most").await;
        gateway.refuses().await;
        assert_eq!(gateway.ready().await, (503, "draining\n".to_owned()));
        assert!(!under_way.is_finished());
        origin.open();
        assert_eq!(under_way.await.expect("an answer"), Ok((200, 200_000)));
        let status = gateway.process.ended().await;
        assert_eq!(status.code(), Some(0), "{}", gateway.process.output());
        assert!(!gateway.process.output().contains("did not finish"));
    }
}

#[tokio::test]
async fn the_drain_limit_ends_what_never_finishes() {
    for hold in [Hold::Head, Hold::Body] {
        let origin = GatedOrigin::start(hold, vec![b'o'; 1000]).await;
        let mut gateway = Binary::start(&origin.authority(), &["--drain", "1"]).await;
        let under_way = gateway.get(&Client::default(), "/dev/gated");
        origin.arrived().await;
        gateway.process.signal(libc::SIGTERM);
        let status = gateway.process.ended().await;
        assert_eq!(status.code(), Some(0), "{}", gateway.process.output());
        let output = gateway.process.output();
        assert!(output.contains("draining for 1 s at the most"), "{output}");
        assert!(output.contains("did not finish within 1 s"), "{output}");
        // Cut off, never passed off as whole.
        assert!(under_way.await.expect("an end").is_err());
    }
}

#[tokio::test]
async fn a_second_signal_ends_the_drain() {
    let origin = GatedOrigin::start(Hold::Head, vec![b'o'; 1000]).await;
    let mut gateway = Binary::start(&origin.authority(), &["--drain", "600"]).await;
    let under_way = gateway.get(&Client::default(), "/dev/gated");
    origin.arrived().await;
    gateway.process.signal(libc::SIGINT);
    gateway.process.line("draining for 600 s at the most").await;
    gateway.process.signal(libc::SIGINT);
    assert_eq!(gateway.process.ended().await.code(), Some(0));
    assert!(under_way.await.expect("an end").is_err());
}

#[tokio::test]
async fn idle_connections_do_not_hold_the_drain() {
    let origin = nobody().await;
    let mut gateway = Binary::start(&origin.authority(), &["--drain", "600"]).await;
    // One that has served a request, one that never said a word, and one of HTTP/2.
    let client = Client::default();
    assert_eq!(
        gateway.get(&client, "/dev/mock").await.expect("an answer"),
        Ok((200, 0))
    );
    let mut silent = TcpStream::connect(gateway.address).await.expect("a connection");
    let h2 = Client::of_version(true);
    assert_eq!(
        gateway.get(&h2, "/dev/mock").await.expect("an answer"),
        Ok((200, 0))
    );
    gateway.process.signal(libc::SIGTERM);
    let status = gateway.process.ended().await;
    assert_eq!(status.code(), Some(0));
    assert!(!gateway.process.output().contains("did not finish"));
    assert_eq!(silent.read(&mut [0; 1]).await.unwrap_or(0), 0);
}

#[tokio::test]
async fn half_a_request_head_does_not_hold_the_drain() {
    let origin = nobody().await;
    let mut gateway = Binary::start(&origin.authority(), &["--drain", "600"]).await;
    let mut halved = TcpStream::connect(gateway.address).await.expect("a connection");
    halved
        .write_all(b"GET /dev/mock HTTP/1.1\r\nhost: h")
        .await
        .expect("half a head");
    // A whole request on another connection: by its answer the gateway has read what came before.
    let client = Client::default();
    assert_eq!(
        gateway.get(&client, "/dev/mock").await.expect("an answer"),
        Ok((200, 0))
    );
    gateway.process.signal(libc::SIGTERM);
    let status = gateway.process.ended().await;
    assert_eq!(status.code(), Some(0));
    assert!(!gateway.process.output().contains("did not finish"));
    assert_eq!(halved.read(&mut [0; 1]).await.unwrap_or(0), 0);
}

/// The frames of an HTTP/2 connection: type, flags and stream of each, until it ends.
struct Frames(TcpStream);

const GOAWAY: u8 = 7;

impl Frames {
    async fn open(address: SocketAddr) -> Self {
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        let settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
        let start = [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".as_slice(), &settings].concat();
        stream.write_all(&start).await.expect("written");
        Self(stream)
    }

    async fn next(&mut self) -> Option<u8> {
        let mut head = [0; 9];
        self.0.read_exact(&mut head).await.ok()?;
        let length = usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
        let mut payload = vec![0; length];
        self.0.read_exact(&mut payload).await.ok()?;
        let (kind, flags) = (head[3], head[4]);
        // Settings and pings want an answer.
        if matches!(kind, 4 | 6) && flags & 1 == 0 {
            let answer = if kind == 4 { Vec::new() } else { payload };
            let length = u8::try_from(answer.len()).expect("a short frame");
            let frame = [vec![0, 0, length, kind, 1, 0, 0, 0, 0], answer].concat();
            self.0.write_all(&frame).await.ok()?;
        }
        Some(kind)
    }
}

#[tokio::test]
async fn http2_connections_are_told_to_go_away_and_finish() {
    let origin = GatedOrigin::start(Hold::Body, vec![b'o'; 100_000]).await;
    let mut gateway = Binary::start(&origin.authority(), &[]).await;
    let client = Client::of_version(true);
    let under_way = [
        gateway.get(&client, "/dev/gated"),
        gateway.get(&client, "/dev/gated"),
    ];
    for _ in &under_way {
        origin.arrived().await;
    }
    let mut frames = Frames::open(gateway.address).await;
    assert_eq!(frames.next().await, Some(4), "its settings");
    gateway.process.signal(libc::SIGTERM);
    while frames.next().await.expect("a frame") != GOAWAY {}
    while frames.next().await.is_some() {}
    assert!(!under_way.iter().any(JoinHandle::is_finished));
    // Both first: which of the two is let go by one opening is chance.
    for _ in &under_way {
        origin.open();
    }
    for request in under_way {
        assert_eq!(request.await.expect("an answer"), Ok((200, 100_000)));
    }
    assert_eq!(gateway.process.ended().await.code(), Some(0));
}

#[tokio::test]
async fn a_signal_ends_it_right_after_the_start() {
    let files = Files::default();
    let path = files.write("gateway.toml", TOML.replace("ORIGIN", "127.0.0.1:1"));
    for _ in 0..10 {
        let mut process = run(&path, &[]);
        // Whoever reads this line may send a signal at once.
        process.line("listening on").await;
        process.signal(libc::SIGTERM);
        assert_eq!(process.ended().await.code(), Some(0), "{}", process.output());
    }
}

#[tokio::test]
async fn one_line_for_each_listener() {
    let files = Files::default();
    let more = "[[listeners]]\naddress = \"127.0.0.1:0\"\n[[listeners]]\naddress = \"[::1]:0\"\n";
    let path = files.write("gateway.toml", TOML.replace("ORIGIN", "127.0.0.1:1") + more);
    let mut process = run(&path, &[]);
    process.line("control on http://").await;
    process.signal(libc::SIGTERM);
    assert_eq!(process.ended().await.code(), Some(0));
    let output = process.output();
    let lines: Vec<&str> = output
        .lines()
        .filter(|line| line.starts_with("listening on http://"))
        .collect();
    assert_eq!(lines.len(), 3, "{output}");
    assert!(
        lines[0].contains("127.0.0.1:") && lines[0].contains("(API shop: http://127.0.0.1:"),
        "{output}"
    );
    assert!(!lines[1].contains("API"), "{output}");
    assert!(lines[2].contains("[::1]:"), "{output}");
    assert!(
        !lines
            .iter()
            .any(|line| line.contains(":0 ") || line.ends_with(":0")),
        "{output}"
    );
}

#[tokio::test]
async fn json_logs_are_one_object_a_line() {
    let origin = nobody().await;
    let mut gateway = Binary::start(
        &origin.authority(),
        &["--log-format", "json", "--log", "info,portcullis::access=debug"],
    )
    .await;
    let client = Client::default();
    assert_eq!(
        gateway.get(&client, "/dev/mock").await.expect("an answer"),
        Ok((200, 0))
    );
    gateway.process.line("portcullis::access").await;
    gateway.process.signal(libc::SIGTERM);
    assert_eq!(gateway.process.ended().await.code(), Some(0));
    let errors = gateway.process.errors();
    let lines: Vec<serde_json::Value> = errors
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}")))
        .collect();
    let access = lines.iter().find(|line| line["target"] == "portcullis::access");
    let access = access.expect("a line of access");
    assert_eq!(
        (&access["status"], &access["api"]),
        (&200.into(), &"shop".into()),
        "{access}"
    );
    assert_eq!(access["stage"], "dev", "{access}");
    assert!(
        lines
            .iter()
            .all(|line| line["timestamp"].is_string() && line["level"].is_string())
    );
    assert!(lines.iter().any(|line| {
        line["message"]
            .as_str()
            .is_some_and(|text| text.starts_with("draining"))
    }));
}

#[tokio::test]
async fn human_logs_have_no_terminal_codes_in_a_file() {
    let origin = nobody().await;
    let mut gateway = Binary::start(&origin.authority(), &[]).await;
    gateway.process.signal(libc::SIGTERM);
    gateway.process.ended().await;
    let errors = gateway.process.errors();
    assert!(errors.contains("INFO draining"), "{errors}");
    assert!(!errors.contains('\u{1b}'), "{errors:?}");
}

/// Threads of that name (the kernel keeps 15 characters).
fn threads(process: &Process, name: &str) -> usize {
    let tasks = std::fs::read_dir(format!("/proc/{}/task", process.id())).expect("the threads");
    let names = tasks
        .flatten()
        .filter_map(|task| std::fs::read_to_string(task.path().join("comm")).ok());
    names
        .filter(|comm| comm.trim() == &name[..name.len().min(15)])
        .count()
}

#[tokio::test]
async fn workers_sets_the_number_of_worker_threads() {
    let origin = nobody().await;
    let one = Binary::start(&origin.authority(), &["--workers", "1"]).await;
    let three = Binary::start(&origin.authority(), &["--workers", "3"]).await;
    for (gateway, expected) in [(one, 1), (three, 3)] {
        assert_eq!(
            gateway
                .get(&Client::default(), "/dev/mock")
                .await
                .expect("an answer"),
            Ok((200, 0))
        );
        // Threads for files have the name too, and end when they have been idle for 10 s.
        let settled = async {
            while threads(&gateway.process, "portcullis-worker") != expected {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(40), settled).await;
        let count = threads(&gateway.process, "portcullis-worker");
        assert!(waited.is_ok(), "{count} threads, not {expected}");
    }
}

/// A gateway with one plugin of a file.
fn with_plugin() -> (Files, String) {
    let files = Files::default();
    files.write("plugin.wasm", guest("faults-integration"));
    let toml = TOML.replace(
        "integration = { type = \"http_proxy\", uri = \"http://ORIGIN/\", timeout_ms = 300_000 }",
        "integration = { type = \"plugin\", plugin = \"echo\" }\n\
         [plugins.echo]\nfile = \"plugin.wasm\"\nconfig = { mode = \"ok\" }",
    );
    let path = files.write("gateway.toml", toml).display().to_string();
    (files, path)
}

/// Names and inodes of the files in a directory.
fn listed(directory: &Path) -> Vec<(String, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    let entries = std::fs::read_dir(directory).expect("a directory");
    let mut listed: Vec<_> = entries
        .flatten()
        .map(|entry| {
            let inode = entry.metadata().expect("a file").ino();
            (entry.file_name().to_string_lossy().into_owned(), inode)
        })
        .collect();
    listed.sort();
    listed
}

async fn serves_once(process: &mut Process) {
    let url = format!("http://{}/dev/gated", process.address().await);
    let answer = Client::default()
        .send("GET", &url, &[], b"")
        .await
        .expect("an answer");
    assert_eq!(answer.json()["calls"], 1);
    process.signal(libc::SIGTERM);
    assert_eq!(process.ended().await.code(), Some(0));
}

#[tokio::test]
async fn the_cache_is_filled_and_used() {
    let (files, config) = with_plugin();
    let cache = files.path("made/cache");
    let arguments = ["run", &config, "--cache-dir", cache.to_str().expect("a path")];
    serves_once(&mut Process::start(BINARY, &arguments)).await;
    let filled = listed(&cache);
    assert_eq!(filled.len(), 1, "{filled:?}");
    // What is compiled is written, under a new inode: none was.
    let mut process = Process::start(BINARY, &arguments);
    serves_once(&mut process).await;
    assert_eq!(listed(&cache), filled);
    assert!(!process.output().contains("WARN"), "{}", process.output());
    // A damaged file is no reason to fail: it is told, and written again.
    std::fs::write(cache.join(&filled[0].0), b"portcullis-wasm1 and nonsense").expect("written");
    let mut process = Process::start(BINARY, &arguments);
    process.line("ignoring a damaged file in the compile cache").await;
    serves_once(&mut process).await;
    let mut process = Process::start(BINARY, &arguments);
    serves_once(&mut process).await;
    assert!(!process.output().contains("damaged"), "{}", process.output());
}

#[tokio::test]
async fn a_cache_that_others_can_write_to_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let (files, config) = with_plugin();
    let cache = files.path("cache");
    std::fs::create_dir(&cache).expect("a directory");
    std::fs::set_permissions(&cache, std::fs::Permissions::from_mode(0o777)).expect("set");
    let arguments = ["run", &config, "--cache-dir", cache.to_str().expect("a path")];
    let mut process = Process::start(BINARY, &arguments);
    let status = process.ended().await;
    assert_ne!(status.code(), Some(0));
    assert!(
        process.output().contains("others can write to it"),
        "{}",
        process.output()
    );
}

#[tokio::test]
async fn the_default_cache_is_in_the_users_and_no_cache_leaves_nothing() {
    let (files, config) = with_plugin();
    for (variable, place, arguments) in [
        ("XDG_CACHE_HOME", Some("portcullis/components"), &[][..]),
        ("HOME", Some(".cache/portcullis/components"), &[][..]),
        ("PORTCULLIS_CACHE_DIR", Some(""), &[][..]),
        ("XDG_CACHE_HOME", None, &["--no-cache"][..]),
        ("HOME", None, &["--no-cache"][..]),
    ] {
        let home = tempdir(&files, variable, arguments.len());
        let mut all = vec!["run", config.as_str()];
        all.extend(arguments);
        let mut process = Process::start_in(BINARY, &all, &CACHE_VARIABLES, &[(variable, home.as_os_str())]);
        serves_once(&mut process).await;
        match place {
            Some(place) => assert_eq!(listed(&home.join(place)).len(), 1, "{variable}"),
            None => assert!(listed(&home).is_empty(), "{variable}: {:?}", listed(&home)),
        }
    }
}

const CACHE_VARIABLES: [&str; 3] = ["XDG_CACHE_HOME", "HOME", "PORTCULLIS_CACHE_DIR"];

fn tempdir(files: &Files, variable: &str, number: usize) -> std::path::PathBuf {
    let path = files.path(&format!("{variable}-{number}"));
    std::fs::create_dir(&path).expect("a directory");
    path
}

#[tokio::test]
async fn wrong_files_end_it_at_once_with_status_1() {
    let files = Files::default();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    for (text, expected) in [
        (TOML.replace("ORIGIN", "a") + "[bogus]\n", "gateway.toml:14:"),
        (
            TOML.replace("ORIGIN", "a").replacen("127.0.0.1:0", &address, 1),
            "another process has this port",
        ),
    ] {
        let path = files.write("gateway.toml", text);
        let mut process = run(&path, &[]);
        assert_eq!(process.ended().await.code(), Some(1), "{}", process.output());
        let output = process.output();
        assert!(output.contains(expected), "{expected} in {output}");
        assert!(!output.contains("listening on"), "{output}");
    }
    let missing = files.path("nowhere.toml");
    let mut process = run(&missing, &[]);
    assert_eq!(process.ended().await.code(), Some(1));
    assert!(process.output().contains("nowhere.toml"), "{}", process.output());
}
