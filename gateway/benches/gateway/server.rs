//! Servers under test: this program again, as a child.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use tempfile::TempDir;

use crate::{bare, workers};

/// A server in a process of its own; killed when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    /// The control listener of a gateway that has one.
    pub(crate) control: Option<SocketAddr>,
    files: Option<TempDir>,
    output: BufReader<ChildStdout>,
}

fn this() -> PathBuf {
    std::env::current_exe().expect("this program")
}

/// What the child does.
pub(crate) fn child(arguments: &[String]) {
    match arguments[0].as_str() {
        "portcullis" => {
            let arguments = std::iter::once("portcullis".to_owned()).chain(arguments[1..].iter().cloned());
            portcullis::cli::main(arguments.map(Into::into));
        }
        "bare-proxy" => bare::proxy(arguments[1].parse().expect("a backend")),
        "bare-tls-proxy" => bare::tls_proxy(arguments[1].parse().expect("a backend"), &arguments[2]),
        "origin" => bare::origin(arguments.get(1).is_some_and(|kind| kind == "json")),
        "kept" => bare::kept(),
        "sizes" => bare::sizes(),
        "per-core" => workers::per_core(Path::new(&arguments[1]), arguments[2].parse().expect("a number")),
        other => panic!("no server {other}"),
    }
}

impl Server {
    /// Starts this program as a child; it tells its address in a line `listening on http://ADDRESS`.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::spawn(Command::new(this()), arguments)
    }

    fn spawn(mut command: Command, arguments: &[&str]) -> Self {
        command
            .arg("serve")
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let mut child = command.spawn().expect("the server starts");
        let output = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut server = Self {
            child,
            address: SocketAddr::from(([0, 0, 0, 0], 0)),
            control: None,
            files: None,
            output,
        };
        server.address = server.told();
        server
    }

    /// The address in its next line.
    fn told(&mut self) -> SocketAddr {
        let mut line = String::new();
        self.output
            .read_line(&mut line)
            .expect("the server tells its address");
        let address = line.split("://").nth(1);
        let address = address.and_then(|rest| rest.split([' ', '/', '\n']).next());
        let address = address.unwrap_or_else(|| panic!("no address in `{line}`"));
        address.parse().expect("an address")
    }

    /// Starts a gateway on a `gateway.toml`, with files beside it.
    pub(crate) fn gateway(toml: &str, others: &[(&str, &[u8])], options: &[&str]) -> Self {
        let options = [&["--no-cache"], options].concat();
        Self::gateway_by(Command::new(this()), toml, others, &options)
    }

    /// The same, with one worker and under callgrind, which writes what it counted into a file when the server stops.
    /// `cache` is a directory for compiled components: under callgrind a compilation takes minutes.
    pub(crate) fn counted(toml: &str, counts: &Path, cache: &Path) -> Self {
        let mut command = Command::new("valgrind");
        command
            .args(["--tool=callgrind", "--quiet"])
            .arg(format!("--callgrind-out-file={}", counts.display()))
            .arg(this());
        let cache = cache.display().to_string();
        Self::gateway_by(command, toml, &[], &["--cache-dir", &cache, "--workers", "1"])
    }

    fn gateway_by(command: Command, toml: &str, others: &[(&str, &[u8])], options: &[&str]) -> Self {
        let files = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory");
        for (name, content) in others {
            std::fs::write(files.path().join(name), content).expect("a file");
        }
        let default = if toml.contains("[apis.bench") {
            "default_api = \"bench\""
        } else {
            ""
        };
        std::fs::write(
            files.path().join("gateway.toml"),
            format!("[[listeners]]\naddress = \"127.0.0.1:0\"\n{default}\n{toml}"),
        )
        .expect("a file");
        Self::running(command, files, options)
    }

    /// A gateway on the `gateway.toml` of a directory.
    fn running(command: Command, files: TempDir, options: &[&str]) -> Self {
        let config = files.path().join("gateway.toml");
        let has_control = std::fs::read_to_string(&config)
            .expect("a file")
            .contains("[control]");
        let config = config.display().to_string();
        let arguments: Vec<&str> = ["portcullis", "run", &config, "--log", "error"]
            .iter()
            .chain(options)
            .copied()
            .collect();
        let mut server = Self::spawn(command, &arguments);
        server.control = has_control.then(|| server.told());
        server.files = Some(files);
        server
    }

    /// Ends a gateway, and starts it anew on the same files.
    pub(crate) fn again(mut self) -> Self {
        let files = self.files.take().expect("a gateway");
        self.stop();
        Self::running(Command::new(this()), files, &["--no-cache"])
    }

    /// Bytes of memory that it has, of `/proc/PID/status`.
    pub(crate) fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.expect("a process");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().next());
        kilobytes
            .and_then(|text| text.parse::<u64>().ok())
            .expect("a size")
            * 1024
    }

    /// Where its files are.
    pub(crate) fn directory(&self) -> &Path {
        self.files.as_ref().expect("a gateway").path()
    }

    /// Ends it as its user would, and waits.
    pub(crate) fn stop(mut self) {
        let id = i32::try_from(self.child.id()).expect("an id");
        let id = rustix::process::Pid::from_raw(id).expect("an id");
        rustix::process::kill_process(id, rustix::process::Signal::TERM).expect("it runs");
        let _ = self.child.wait();
    }

    /// CPU time of all its threads so far, in nanoseconds.
    pub(crate) fn cpu(&self) -> u64 {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.child.id())).expect("a process");
        let time = |task: std::io::Result<std::fs::DirEntry>| {
            // A thread may end while it is looked at.
            let text = std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
            text.split(' ').next()?.parse::<u64>().ok()
        };
        tasks.filter_map(time).sum()
    }

    /// CPU time for each request of a run, in microseconds.
    pub(crate) fn cost(&self, requests: usize, run: impl FnOnce()) -> f64 {
        let before = self.cpu();
        run();
        (self.cpu() - before) as f64 / 1000.0 / requests as f64
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
