//! A running gateway gives its place to a new process of its binary, and none of it is seen from outside.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests"
)]

mod failed;
mod kept;
mod load;
mod requests;

use std::path::PathBuf;

use portcullis_testkit::{Files, Process};

const BINARY: &str = env!("CARGO_BIN_EXE_portcullis-under-test");

/// A gateway whose binary can be replaced, and the processes that have taken its place.
struct Replaceable {
    process: Process,
    files: Files,
    /// Of the process that serves.
    id: u32,
}

impl Replaceable {
    fn start(toml: &str, files: Files, options: &[&str]) -> Self {
        let config = files.write("gateway.toml", toml);
        let binary = files.path("portcullis");
        std::os::unix::fs::symlink(BINARY, &binary).expect("a link");
        // As in production, the processes have one cache: the first alone compiles the built-in component.
        let cache = files.path("cache");
        let mut arguments = vec!["run", config.to_str().expect("a path")];
        arguments.extend(["--cache-dir", cache.to_str().expect("a path")]);
        arguments.extend(options);
        let process = Process::start(&binary, &arguments);
        Self {
            id: process.id(),
            process,
            files,
        }
    }

    /// Puts another program in the binary's place, by a rename.
    fn replace(&self, script: &str) {
        use std::os::unix::fs::PermissionsExt;
        let new = self.files.write("new", script);
        std::fs::set_permissions(&new, std::fs::Permissions::from_mode(0o755)).expect("a program");
        std::fs::rename(new, self.binary()).expect("replaced");
    }

    fn binary(&self) -> PathBuf {
        self.files.path("portcullis")
    }

    fn signal(&self, signal: i32) {
        send(self.id, signal);
    }

    /// Upgrades, and waits until another process has taken over; of how many upgrades it is which.
    async fn upgrade(&mut self, number: usize) {
        self.signal(libc::SIGUSR2);
        let lines = self.process.lines("has taken over", number).await;
        let told = lines.last().and_then(|line| line.split("process ").nth(1));
        let id = told.and_then(|rest| rest.split(' ').next()?.parse().ok());
        let id = id.expect("a process id");
        assert_ne!(id, self.id);
        self.id = id;
    }

    /// Ends the process that serves, and waits for the end of all of them.
    async fn end(mut self) -> String {
        self.signal(libc::SIGTERM);
        let status = self.process.ended().await;
        assert_eq!(status.code(), Some(0), "{}", self.process.output());
        self.process.output()
    }
}

impl Drop for Replaceable {
    fn drop(&mut self) {
        // Where a test failed; whoever has ended in order is gone.
        send(self.id, libc::SIGKILL);
    }
}

#[allow(unsafe_code, reason = "kill has no safe form in libc")]
fn send(id: u32, signal: i32) {
    let id = i32::try_from(id).expect("a process id");
    // SAFETY: kill takes two integers.
    unsafe { libc::kill(id, signal) };
}
