//! The binary as a process of its own.

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// The longest that a test waits for something that will happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(180);

/// A running process whose output is kept. It is killed when this is dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    output: Arc<Output>,
    readers: Vec<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Output {
    text: Mutex<String>,
    errors: Mutex<String>,
    grown: Notify,
}

impl Process {
    /// Starts a program.
    pub fn start(program: impl AsRef<OsStr>, arguments: &[&str]) -> Self {
        Self::start_in(program, arguments, &[], &[])
    }

    /// Starts a program in another environment: without some variables of this one, and with some others.
    pub fn start_in(
        program: impl AsRef<OsStr>,
        arguments: &[&str],
        without: &[&str],
        with: &[(&str, &OsStr)],
    ) -> Self {
        let mut command = Command::new(program);
        for name in without {
            command.env_remove(name);
        }
        command
            .args(arguments)
            .envs(with.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.kill_on_drop(true).spawn().expect("the program starts");
        let output: Arc<Output> = Arc::default();
        let readers = vec![
            follow(child.stdout.take().expect("a pipe"), false, output.clone()),
            follow(child.stderr.take().expect("a pipe"), true, output.clone()),
        ];
        Self {
            child,
            output,
            readers,
        }
    }

    /// Waits until a line of the output holds `text`, and gives that line.
    pub async fn line(&self, text: &str) -> String {
        let seen = async {
            loop {
                let grown = self.output.grown.notified();
                let found = self
                    .output()
                    .lines()
                    .find(|line| line.contains(text))
                    .map(str::to_owned);
                match found {
                    Some(line) => return line,
                    None => grown.await,
                }
            }
        };
        match tokio::time::timeout(PATIENCE, seen).await {
            Ok(line) => line,
            Err(_) => panic!("no line with `{text}` in:\n{}", self.output()),
        }
    }

    /// Waits until that many lines of the output hold `text`, and gives them.
    pub async fn lines(&self, text: &str, count: usize) -> Vec<String> {
        let seen = async {
            loop {
                let grown = self.output.grown.notified();
                let output = self.output();
                let found: Vec<&str> = output.lines().filter(|line| line.contains(text)).collect();
                if found.len() >= count {
                    return found.into_iter().map(str::to_owned).collect();
                }
                grown.await;
            }
        };
        match tokio::time::timeout(PATIENCE, seen).await {
            Ok(lines) => lines,
            Err(_) => panic!("no {count} lines with `{text}` in:\n{}", self.output()),
        }
    }

    /// Waits until it ends, while a process that it started goes on and has its output.
    pub async fn replaced(&mut self) -> ExitStatus {
        let status = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        let status = status.unwrap_or_else(|_| panic!("it does not end:\n{}", self.output()));
        status.expect("an exit status")
    }

    /// The address after the first `listening on http://`.
    pub async fn address(&self) -> SocketAddr {
        self.address_after("listening on").await
    }

    /// The address of the control listener.
    pub async fn control(&self) -> SocketAddr {
        self.address_after("control on").await
    }

    /// The address after the first `listening on https://`.
    pub async fn secure_address(&self) -> SocketAddr {
        self.address_of("listening on https://").await
    }

    async fn address_after(&self, words: &str) -> SocketAddr {
        self.address_of(&format!("{words} http://")).await
    }

    async fn address_of(&self, start: &str) -> SocketAddr {
        let line = self.line(start).await;
        let rest = line.split(start).nth(1).expect("an address");
        let address = rest.split([' ', '/']).next().expect("an address");
        address.parse().expect("an address")
    }

    /// Waits for the next line of output, or for a moment: what is waited for may have been told already.
    pub async fn grown(&self) {
        let _ = tokio::time::timeout(Duration::from_millis(50), self.output.grown.notified()).await;
    }

    /// All output so far, both streams.
    pub fn output(&self) -> String {
        self.output.text.lock().clone()
    }

    /// What it wrote to standard error so far.
    pub fn errors(&self) -> String {
        self.output.errors.lock().clone()
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id().expect("a process that has not been waited for")
    }

    /// Sends a signal by number, such as `libc::SIGTERM`.
    #[allow(unsafe_code, reason = "kill has no safe form in libc")]
    pub fn signal(&self, signal: i32) {
        let id = i32::try_from(self.id()).expect("a process id");
        // SAFETY: kill takes two integers; the process is a child of ours that has not been waited for.
        let sent = unsafe { libc::kill(id, signal) };
        assert_eq!(sent, 0, "the signal was sent");
    }

    /// Waits until it ends, and for the last of its output.
    pub async fn ended(&mut self) -> ExitStatus {
        let status = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        let status = status.unwrap_or_else(|_| panic!("it does not end:\n{}", self.output()));
        for reader in self.readers.drain(..) {
            reader.await.expect("its output is read");
        }
        status.expect("an exit status")
    }
}

fn follow(
    pipe: impl AsyncRead + Unpin + Send + 'static,
    errors: bool,
    output: Arc<Output>,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut lines = BufReader::new(pipe).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            let mut texts = vec![&output.text];
            texts.extend(errors.then_some(&output.errors));
            for text in texts {
                let mut text = text.lock();
                text.push_str(&line);
                text.push('\n');
            }
            output.grown.notify_waiters();
        }
    })
}
