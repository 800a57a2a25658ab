//! Every folder of `examples/`, as its README says: the commands are run and what they print is what stands there.
//!
//! A README's ```` ```console ```` blocks hold lines `$ COMMAND` and their output. `cargo run --release -- run …` and
//! `python3 …` are started and kept running, an edit by `sed` is waited for until the gateway has reloaded, what `tail`
//! shows of a file is waited for until it is there, what `export` sets is there for the commands behind it, and all others
//! are run to their end. The files are copies and the ports are free ones.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use portcullis_testkit::{Files, Process};
use portcullis_tests::ready::python_of_moto;
use portcullis_tests::tls::Closed;

/// How long is waited for what does not come.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

/// Members of documents of the control plane that differ from run to run.
const MADE: &[&str] = &["id", "parentId", "deploymentId", "cacheNamespace", "createdDate"];

const BINARY: &str = env!("CARGO_BIN_EXE_portcullis-under-test");

#[test]
fn every_example_has_a_test() {
    let mut folders: Vec<String> = std::fs::read_dir(examples())
        .expect("examples/")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    folders.sort();
    assert_eq!(
        folders,
        [
            "control-plane",
            "edge",
            "petstore",
            "quickstart",
            "serverless",
            "transform"
        ],
        "give the new folder a test below"
    );
}

#[tokio::test]
async fn control_plane_does_what_its_readme_says() {
    let ran = Example::copy("control-plane").run().await;
    assert!(ran.services == 1 && ran.edits == 0 && ran.others > 30, "{ran:?}");
}

#[tokio::test]
async fn edge_does_what_its_readme_says() {
    let ran = Example::copy("edge").run().await;
    assert!(ran.services == 2 && ran.edits == 0 && ran.others > 3, "{ran:?}");
}

#[tokio::test]
async fn quickstart_does_what_its_readme_says() {
    let ran = Example::copy("quickstart").run().await;
    assert!(ran.services == 1 && ran.edits == 3 && ran.others > 10, "{ran:?}");
}

#[tokio::test]
async fn petstore_does_what_its_readme_says() {
    let ran = Example::copy("petstore").run().await;
    assert!(ran.services == 2 && ran.edits == 0 && ran.others > 5, "{ran:?}");
}

#[tokio::test]
async fn transform_does_what_its_readme_says() {
    let ran = Example::copy("transform").run().await;
    assert!(ran.services == 2 && ran.edits == 0 && ran.others > 15, "{ran:?}");
}

#[tokio::test]
async fn serverless_does_what_its_readme_says() {
    let ran = Example::copy("serverless").run().await;
    assert!(ran.services == 2 && ran.edits == 0 && ran.others > 10, "{ran:?}");
}

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples")
}

/// A copy of an example, and what runs of it.
struct Example {
    name: String,
    files: Files,
    /// From the ports that the README names to those that are used.
    ports: BTreeMap<u16, u16>,
    /// What `export` has set.
    exported: BTreeMap<String, String>,
    services: Vec<Process>,
    /// Sockets that are bound but do not listen, so that what connects there is refused.
    refusing: Vec<Closed>,
}

/// How many commands of each kind a README had.
#[derive(Debug, Default)]
struct Ran {
    services: usize,
    edits: usize,
    others: usize,
}

impl Example {
    fn copy(name: &str) -> Self {
        let files = Files::default();
        let folder = files.path("examples").join(name);
        std::fs::create_dir_all(&folder).expect("a folder");
        for entry in std::fs::read_dir(examples().join(name)).expect("the example") {
            let path = entry.expect("an entry").path();
            // What somebody's own run left behind.
            if path.is_dir() {
                continue;
            }
            std::fs::copy(&path, folder.join(path.file_name().expect("a name"))).expect("a copy");
        }
        Self {
            name: name.to_owned(),
            files,
            ports: BTreeMap::new(),
            exported: BTreeMap::new(),
            services: Vec::new(),
            refusing: Vec::new(),
        }
    }

    async fn run(mut self) -> Ran {
        let readme = std::fs::read_to_string(self.path("README.md")).expect("a README.md");
        let mut ran = Ran::default();
        for (command, expected) in commands(&readme) {
            let arguments: Vec<&str> = command.split(' ').collect();
            let printed = match arguments.as_slice() {
                ["cargo", "run", "--release", "--", "run", file] => {
                    ran.services += 1;
                    let arguments = ["run", "--no-cache"];
                    self.start_gateway(&arguments, file, expected.lines().count())
                        .await
                }
                ["cargo", "run", "--release", "--", "edge", file] => {
                    ran.services += 1;
                    self.start_gateway(&["edge"], file, expected.lines().count())
                        .await
                }
                ["python3", file] => {
                    ran.services += 1;
                    self.start_backend("python3".as_ref(), file, port_of(&expected))
                        .await
                }
                ["target/moto/bin/python", file] => {
                    ran.services += 1;
                    self.start_backend(&python_of_moto(), file, port_of(&expected))
                        .await
                }
                ["cargo", "run", "--release", "--", rest @ ..] => {
                    ran.others += 1;
                    self.shell(&format!("{BINARY} {}", rest.join(" "))).await
                }
                ["sed", ..] => {
                    ran.edits += 1;
                    self.edit(&command).await
                }
                ["tail", ..] => {
                    ran.others += 1;
                    self.seen(&command, &expected).await
                }
                ["export", ..] => {
                    ran.others += 1;
                    self.export(&command).await
                }
                ["aws" | "sh", ..] => {
                    ran.others += 1;
                    self.shell(&command).await
                }
                ["curl", rest @ ..] => {
                    ran.others += 1;
                    let command = format!("curl -sS --max-time 30 {}", rest.join(" "));
                    self.shell(&self.with_ports_in_use(&command)).await
                }
                _ => panic!("{}: this test does not know how to run `{command}`", self.name),
            };
            let printed = masked(&self.with_documented_ports(&printed));
            assert_eq!(printed, masked(&expected), "{}: $ {command}", self.name);
        }
        ran
    }

    fn path(&self, file: &str) -> PathBuf {
        self.files.path("examples").join(&self.name).join(file)
    }

    async fn start_gateway(&mut self, arguments: &[&str], file: &str, lines: usize) -> String {
        let path = self.files.path(file);
        let text = std::fs::read_to_string(&path).expect("a gateway.toml");
        let (text, listening) = self.with_free_ports(&text);
        std::fs::write(&path, text).expect("a gateway.toml");
        let path = path.to_str().expect("a path of UTF-8 text");
        let gateway = Process::start(BINARY, &[arguments, &[path]].concat());
        let said = gateway.lines(" on http", lines).await;
        if arguments.contains(&"edge") {
            // It listens also where its region takes long to be connected to.
            gateway.line("connected to the region").await;
        }
        for (documented, line) in listening.iter().zip(&said) {
            self.ports.insert(*documented, port_of(line));
        }
        self.services.push(gateway);
        said.join("\n")
    }

    /// The backend takes its port as its argument, and names its own one in its line.
    async fn start_backend(&mut self, python: &Path, file: &str, documented: u16) -> String {
        let path = self.files.path(file);
        let path = path.to_str().expect("a path of UTF-8 text");
        let backend = Process::start(python, &[path, "0"]);
        let said = backend.line(" on http://").await;
        self.ports.insert(documented, port_of(&said));
        self.services.push(backend);
        said
    }

    /// Addresses that are listened on get port 0, backends that run their port, and others one that refuses. Gives the
    /// ports of the former, in the order in which the gateway tells of them.
    fn with_free_ports(&mut self, toml: &str) -> (String, Vec<u16>) {
        let mut listening = Vec::new();
        let mut lines = Vec::new();
        for line in toml.lines() {
            let Some((before, after)) = line.split_once("127.0.0.1:") else {
                lines.push(line.to_owned());
                continue;
            };
            let digits = after
                .find(|char: char| !char.is_ascii_digit())
                .unwrap_or(after.len());
            let documented: u16 = after[..digits].parse().expect("a port");
            let used = match self.ports.get(&documented) {
                Some(used) => *used,
                None if line.starts_with("address = ") => {
                    listening.push(documented);
                    0
                }
                None => self.refuse(),
            };
            lines.push(format!("{before}127.0.0.1:{used}{}", &after[digits..]));
        }
        (lines.join("\n") + "\n", listening)
    }

    fn refuse(&mut self) -> u16 {
        let closed = Closed::new();
        let port = closed.address().port();
        self.refusing.push(closed);
        port
    }

    /// Runs an edit, and waits until the gateway has read it.
    async fn edit(&self, command: &str) -> String {
        let gateway = self.services.last().expect("a gateway that runs");
        let reloads = gateway.output().matches("reloaded ").count();
        let printed = self.shell(command).await;
        gateway.lines("reloaded ", reloads + 1).await;
        printed
    }

    /// Shows a file that the gateway writes behind its responses, until what should be there is, or patience ends.
    async fn seen(&self, command: &str, expected: &str) -> String {
        let gateway = self.services.last().expect("a gateway that runs");
        let begun = tokio::time::Instant::now();
        loop {
            let printed = self.shell(command).await;
            if masked(&printed) == masked(expected) || begun.elapsed() > PATIENCE {
                return printed;
            }
            gateway.grown().await;
        }
    }

    /// Sets a variable for the commands that follow: `export NAME=VALUE`.
    async fn export(&mut self, command: &str) -> String {
        let command = self.with_ports_in_use(command);
        let named = command
            .strip_prefix("export ")
            .and_then(|rest| rest.split_once('='));
        let name = named.expect("a name").0.to_owned();
        let value = self.shell(&format!("{command} && printf %s \"${name}\"")).await;
        self.exported.insert(name, value);
        String::new()
    }

    /// Runs a command from the copy's root; gives what it printed on both streams.
    async fn shell(&self, command: &str) -> String {
        let clients = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/python/bin");
        assert!(
            !command.contains("aws ") || clients.join("aws").exists(),
            "this test needs the aws CLI in target/python; `cargo xtask test` installs it"
        );
        let path = std::env::var_os("PATH").unwrap_or_default();
        let paths = std::iter::once(clients).chain(std::env::split_paths(&path));
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &format!("{command} 2>&1")])
            .env("PATH", std::env::join_paths(paths).expect("paths"))
            .env("AWS_CONFIG_FILE", "/dev/null")
            .envs(&self.exported)
            .current_dir(self.files.directory());
        let output = tokio::task::spawn_blocking(move || shell.output())
            .await
            .expect("no panic");
        String::from_utf8(output.expect("sh runs").stdout).expect("text")
    }

    fn with_ports_in_use(&self, text: &str) -> String {
        let ports = self.ports.iter();
        ports.fold(text.to_owned(), |text, (documented, used)| {
            text.replace(&format!(":{documented}"), &format!(":{used}"))
        })
    }

    fn with_documented_ports(&self, text: &str) -> String {
        let ports = self.ports.iter();
        ports.fold(text.to_owned(), |text, (documented, used)| {
            text.replace(&format!(":{used}"), &format!(":{documented}"))
        })
    }
}

/// The commands of the `console` blocks, each with its output.
fn commands(readme: &str) -> Vec<(String, String)> {
    let mut commands: Vec<(String, String)> = Vec::new();
    let mut inside = false;
    for line in readme.lines() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if let (true, Some(command)) = (inside, line.strip_prefix("$ ")) {
            commands.push((command.to_owned(), String::new()));
        } else if let (true, Some((command, _))) = (inside, commands.last_mut())
            && command.ends_with('\\')
        {
            command.push('\n');
            command.push_str(line);
        } else if inside {
            let (_, output) = commands.last_mut().expect("a command before its output");
            output.push_str(line);
            output.push('\n');
        }
    }
    commands
}

fn port_of(line: &str) -> u16 {
    let rest = line.split("://127.0.0.1:").nth(1).expect("an address");
    let digits = rest
        .find(|char: char| !char.is_ascii_digit())
        .unwrap_or(rest.len());
    rest[..digits].parse().expect("a port")
}

/// Without what differs from run to run: ids, dates, Python's version, how short a compressed body is, the order of
/// headers, and the ends of lines.
fn masked(output: &str) -> String {
    let compressed = output.contains("\ncontent-encoding: ");
    let line = |line: &str| {
        let line = line.trim_end();
        let ids = [r#""requestId":""#, r#""commentId": ""#];
        if let Some((before, id)) = ids.iter().find_map(|name| line.split_once(name)) {
            return format!("{before}an id of {} characters", id.len());
        }
        match line.split_once(": ") {
            Some((name, value)) if MADE.contains(&name.trim_matches([' ', '"'])) => {
                format!("{name}: {}", if value.ends_with(',') { "made," } else { "made" })
            }
            Some((name @ ("x-amzn-requestid" | "x-amz-apigw-id" | "x-amzn-trace-id"), id)) => {
                format!("{name}: {} characters", id.len())
            }
            Some((name @ ("date" | "x-amzn-remapped-date"), date)) => {
                format!("{name}: {} characters", date.len())
            }
            Some((name @ "x-amzn-remapped-server", server)) => {
                format!("{name}: {}", server.split(' ').next().unwrap_or_default())
            }
            Some((name @ "content-length", _)) if compressed => format!("{name}: some"),
            _ => line.to_owned(),
        }
    };
    let mut lines: Vec<String> = output.trim_end().lines().map(line).collect();
    if output.starts_with("HTTP/") {
        let end = lines.iter().position(String::is_empty).unwrap_or(lines.len());
        lines[1..end].sort();
    }
    lines.join("\n")
}
