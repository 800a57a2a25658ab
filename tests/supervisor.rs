//! What a supervisor such as systemd passes to the gateway, and is told by it.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests"
)]

use std::ffi::OsStr;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use portcullis_testkit::{Client, Files, Process};
use portcullis_tests::ports;
use tokio::io::{AsyncBufReadExt as _, BufReader};

const BINARY: &str = env!("CARGO_BIN_EXE_portcullis-under-test");

const TOML: &str = r#"
    [[listeners]]
    address = "ADDRESS"
    default_api = "shop"
    [apis.shop.stages.dev]
    [[apis.shop.routes]]
    path = "/mock"
    integration = { type = "mock", status = 200 }
"#;

/// A supervisor that listens.
struct Supervisor {
    socket: UnixDatagram,
    told: Vec<String>,
}

impl Supervisor {
    fn new(path: &Path) -> Self {
        let socket = UnixDatagram::bind(path).expect("a socket");
        let patience = Some(Duration::from_secs(60));
        socket.set_read_timeout(patience).expect("a limit");
        Self {
            socket,
            told: Vec::new(),
        }
    }

    /// Waits for a message with a line that begins like that, and gives the line's rest.
    fn hears(&mut self, line: &str) -> String {
        let mut packet = [0; 4096];
        loop {
            let length = self.socket.recv(&mut packet);
            let length = length.unwrap_or_else(|error| panic!("no {line}: {error}; {:?}", self.told));
            let text = String::from_utf8_lossy(&packet[..length]).into_owned();
            let rest = text.lines().find_map(|told| told.strip_prefix(line));
            let rest = rest.map(str::to_owned);
            self.told.push(text);
            if let Some(rest) = rest {
                return rest;
            }
        }
    }
}

fn started(files: &Files, toml: &str, with: &[(&str, &OsStr)]) -> Process {
    let config = files.write("gateway.toml", toml);
    let arguments = ["run", config.to_str().expect("a path"), "--no-cache"];
    Process::start_in(BINARY, &arguments, &[], with)
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_told_of_starts_reloads_and_ends() {
    let files = Files::default();
    let place = files.path("notify");
    let mut supervisor = Supervisor::new(&place);
    let toml = TOML.replace("ADDRESS", "127.0.0.1:0");
    let mut process = started(&files, &toml, &[("NOTIFY_SOCKET", place.as_os_str())]);
    supervisor.hears("READY=1");
    let told = supervisor.told.last().expect("told");
    assert!(told.contains("STATUS=serving on 1 listener"), "{told}");
    // The first reading is by itself, when watching begins; the second is asked for.
    for _ in 0..2 {
        supervisor.hears("RELOADING=1");
        let told = supervisor.told.last().expect("told");
        assert!(told.contains("MONOTONIC_USEC="), "{told}");
        supervisor.hears("READY=1");
        process.signal(libc::SIGHUP);
    }
    process.signal(libc::SIGTERM);
    supervisor.hears("STOPPING=1");
    assert_eq!(process.ended().await.code(), Some(0), "{}", process.output());
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_told_again_and_again_that_it_runs() {
    let files = Files::default();
    let place = files.path("notify");
    let mut supervisor = Supervisor::new(&place);
    let toml = TOML.replace("ADDRESS", "127.0.0.1:0");
    let with = [
        ("NOTIFY_SOCKET", place.as_os_str()),
        ("WATCHDOG_USEC", OsStr::new("200000")),
    ];
    let _process = started(&files, &toml, &with);
    for _ in 0..3 {
        supervisor.hears("WATCHDOG=1");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_told_of_the_process_that_takes_over() {
    let files = Files::default();
    let place = files.path("notify");
    let mut supervisor = Supervisor::new(&place);
    let toml = TOML.replace("ADDRESS", "127.0.0.1:0");
    let mut process = started(&files, &toml, &[("NOTIFY_SOCKET", place.as_os_str())]);
    supervisor.hears("READY=1");
    process.signal(libc::SIGUSR2);
    let id = supervisor.hears("MAINPID=");
    assert_ne!(id, process.id().to_string());
    supervisor.hears("READY=1");
    assert_eq!(process.replaced().await.code(), Some(0));
    // The old one does not say that the service stops.
    assert!(
        !supervisor.told.iter().any(|told| told.contains("STOPPING")),
        "{:?}",
        supervisor.told
    );
    let killed = std::process::Command::new("kill").arg(&id).status();
    assert!(killed.expect("kill").success());
    supervisor.hears("STOPPING=1");
}

async fn serves(address: SocketAddr) {
    let url = format!("http://{address}/dev/mock");
    let answer = Client::default().send("GET", &url, &[], b"").await;
    assert_eq!(answer.expect("an answer").status, 200);
}

/// Its standard input becomes the first socket that is passed.
const ACTIVATE: &str = r#"exec 3<&0 </dev/null; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@""#;

#[tokio::test(flavor = "multi_thread")]
async fn sockets_that_are_passed_are_served_whoever_connected_before() {
    let socket = TcpListener::bind("127.0.0.1:0").expect("a socket");
    let address = socket.local_addr().expect("an address");
    let files = Files::default();
    let config = files.write("gateway.toml", TOML.replace("ADDRESS", &address.to_string()));
    let early = tokio::spawn(serves(address));
    let mut child = tokio::process::Command::new("sh")
        .args(["-c", ACTIVATE, "sh", BINARY, "run", "--no-cache"])
        .arg(&config)
        .stdin(Stdio::from(std::os::fd::OwnedFd::from(socket)))
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("a gateway");
    early.await.expect("served");
    serves(address).await;
    // A socket that no listener wants is told.
    child.kill().await.expect("killed");
    let stray = TcpListener::bind("127.0.0.1:0").expect("a socket");
    let stray_address = stray.local_addr().expect("an address");
    files.write("gateway.toml", TOML.replace("ADDRESS", "127.0.0.1:0"));
    let mut child = tokio::process::Command::new("sh")
        .args(["-c", ACTIVATE, "sh", BINARY, "run", "--no-cache"])
        .arg(&config)
        .stdin(Stdio::from(std::os::fd::OwnedFd::from(stray)))
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("a gateway");
    let mut lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
    let line = lines.next_line().await.expect("a line").expect("a line");
    assert!(
        line.contains(&format!("a socket on {stray_address} was passed")),
        "{line}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn systemd_activates_it_by_a_socket() {
    if std::process::Command::new("systemd-socket-activate")
        .arg("--version")
        .output()
        .is_err()
    {
        println!("systemd-socket-activate is not there");
        return;
    }
    // A port that was free a moment ago: the program takes no socket that is open.
    let address = ports::free().local_addr().expect("an address");
    let files = Files::default();
    let config = files.write("gateway.toml", TOML.replace("ADDRESS", &address.to_string()));
    let listen = format!("--listen={address}");
    let arguments = [
        listen.as_str(),
        BINARY,
        "run",
        "--no-cache",
        config.to_str().expect("a path"),
    ];
    let process = Process::start("systemd-socket-activate", &arguments);
    process.line("Listening on").await;
    serves(address).await;
    serves(address).await;
    process.line(&format!("listening on http://{address}")).await;
}
