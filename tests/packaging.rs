//! The image and the units, held to the binary and to what they are to lack.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use portcullis_testkit::{Files, Process};

const BINARY: &str = env!("CARGO_BIN_EXE_portcullis-under-test");
/// Of ten, by systemd's own measure: what is left is that it serves the network, by a port below 1024.
const EXPOSURE: u32 = 20;

fn packaging() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../packaging")
}

fn text(name: &str) -> String {
    std::fs::read_to_string(packaging().join(name)).expect("a file")
}

/// Values of an option of a unit, or of an instruction of a Dockerfile.
fn values<'t>(text: &'t str, start: &str) -> Vec<&'t str> {
    text.lines().filter_map(|line| line.strip_prefix(start)).collect()
}

/// What follows the binary is understood by it.
fn is_understood(command: &[&str]) {
    let output = Command::new(BINARY).args(command).arg("--help").output();
    let output = output.expect("the binary runs");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {told}");
}

/// Nothing where systemd is not there.
fn analyze(arguments: &[&str]) -> Option<Output> {
    Command::new("systemd-analyze").args(arguments).output().ok()
}

#[test]
fn the_units_are_understood_by_systemd_and_by_the_binary() {
    let service = text("portcullis.service");
    let start = values(&service, "ExecStart=/usr/local/bin/portcullis ");
    let command: Vec<&str> = start[0].split(' ').collect();
    is_understood(&command);
    // systemd looks whether the binary is there.
    let files = Files::default();
    let unit = service.replace("/usr/local/bin/portcullis", BINARY);
    let service = files.write("portcullis.service", unit);
    let socket = files.write("portcullis.socket", text("portcullis.socket"));
    let (service, socket) = (
        service.to_str().expect("a path"),
        socket.to_str().expect("a path"),
    );
    let Some(verified) = analyze(&["verify", "--man=no", service, socket]) else {
        return println!("systemd-analyze is not there");
    };
    let told = String::from_utf8_lossy(&verified.stderr).into_owned();
    let ours: Vec<&str> = told.lines().filter(|line| line.contains("portcullis")).collect();
    assert!(ours.is_empty() && verified.status.success(), "{told}");
    let threshold = format!("--threshold={EXPOSURE}");
    let secured = analyze(&["security", "--no-pager", "--offline=true", &threshold, service]);
    let secured = secured.expect("systemd-analyze");
    assert!(
        secured.status.success(),
        "{}{}",
        String::from_utf8_lossy(&secured.stdout),
        String::from_utf8_lossy(&secured.stderr)
    );
}

#[test]
fn the_service_has_the_least_privilege_also_where_systemd_is_not_there_to_say_so() {
    let service = text("portcullis.service");
    for (option, value) in [
        ("Type", "notify"),
        ("NotifyAccess", "main"),
        ("CapabilityBoundingSet", "CAP_NET_BIND_SERVICE"),
        ("NoNewPrivileges", "yes"),
        ("ProtectSystem", "strict"),
        ("ProtectHome", "yes"),
        ("PrivateDevices", "yes"),
        ("RestrictAddressFamilies", "AF_INET AF_INET6 AF_UNIX"),
        ("SystemCallArchitectures", "native"),
        ("DynamicUser", "yes"),
    ] {
        assert_eq!(values(&service, &format!("{option}=")), [value], "{option}");
    }
    assert_eq!(
        values(&service, "SystemCallFilter="),
        ["@system-service", "~@privileged"]
    );
}

/// An instruction in its exec form.
fn words(instruction: &str) -> Vec<String> {
    serde_json::from_str(instruction).unwrap_or_else(|error| panic!("{instruction}: {error}"))
}

#[test]
fn the_image_runs_the_binary_without_privileges_and_asks_it_whether_it_is_ready() {
    let file = text("Dockerfile");
    let from = values(&file, "FROM ");
    let toolchain = std::fs::read_to_string(packaging().join("../rust-toolchain.toml")).expect("a file");
    let version = from[0].split([':', '-']).nth(1).expect("a version");
    assert!(
        toolchain.contains(&format!("channel = \"{version}")),
        "{}",
        from[0]
    );
    assert!(
        from[1].contains("distroless") && from[1].ends_with(":nonroot"),
        "{from:?}"
    );
    let user = values(&file, "USER ");
    assert!(
        user.len() == 1 && !user[0].starts_with('0') && user[0] != "root",
        "{user:?}"
    );
    assert!(values(&file, "ADD ").is_empty());
    let entry = words(values(&file, "ENTRYPOINT ")[0]);
    assert_eq!(entry, ["/usr/local/bin/portcullis"]);
    let command = words(values(&file, "CMD ")[0]);
    is_understood(&command.iter().map(String::as_str).collect::<Vec<_>>());
    let health = values(&file, "HEALTHCHECK ")[0];
    let health = words(health.split("CMD ").nth(1).expect("a command"));
    assert_eq!(health[0], entry[0]);
    is_understood(&health[1..].iter().map(String::as_str).collect::<Vec<_>>());
}

#[tokio::test]
async fn ready_says_whether_a_gateway_is() {
    let files = Files::default();
    let toml = "[[listeners]]\naddress = \"127.0.0.1:0\"\n[control]\naddress = \"127.0.0.1:0\"\n";
    let config = files.write("gateway.toml", toml);
    let mut process = Process::start(BINARY, &["run", "--no-cache", config.to_str().expect("a path")]);
    let endpoint = format!("http://{}", process.control().await);
    let mut asked = Process::start(BINARY, &["ready", "--endpoint", &endpoint]);
    assert_eq!(asked.ended().await.code(), Some(0), "{}", asked.output());
    assert_eq!(asked.output(), "ready\n");
    process.signal(libc::SIGTERM);
    process.ended().await;
    let mut asked = Process::start(BINARY, &["ready", "--endpoint", &endpoint]);
    assert_ne!(asked.ended().await.code(), Some(0), "{}", asked.output());
    assert!(asked.output().contains("cannot call"), "{}", asked.output());
}
