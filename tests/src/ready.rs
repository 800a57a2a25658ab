//! Real parts from registries, as processes.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// A process that tells one line when it is ready, and ends with its input.
#[derive(Debug)]
pub struct Ready {
    /// The process. It is killed when this is dropped.
    pub child: Child,
    /// That line.
    pub told: String,
    /// What it tells after it.
    pub lines: Lines<BufReader<ChildStdout>>,
}

impl Ready {
    /// Starts a program, and waits until it is ready.
    pub async fn start(program: &Path, arguments: &[PathBuf]) -> Self {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        let mut child = command.spawn().unwrap_or_else(|error| {
            panic!(
                "{} does not start ({error}); `cargo xtask test` installs it",
                program.display()
            )
        });
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let told = lines.next_line().await.expect("its output");
        Self {
            child,
            told: told.expect("it tells when it is ready"),
            lines,
        }
    }
}

/// A file of the tests' own.
pub fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The Python that has moto.
pub fn python_of_moto() -> PathBuf {
    here("../target/moto/bin/python")
}
