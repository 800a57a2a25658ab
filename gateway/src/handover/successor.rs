//! The old process's side.

use std::ffi::OsString;
use std::io;
use std::os::fd::{AsFd as _, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::channel::{Addition, Channel, Message};
use super::predecessor::MARK;

/// How long a process that closed its end may take to be gone.
const END_LIMIT: Duration = Duration::from_secs(5);
/// Additions of one message.
const ADDITIONS: usize = 200;

/// What is started: the same command again, whatever binary is there then.
#[derive(Debug, Clone)]
pub struct Program {
    /// Where the binary is; a symbolic link is followed when it is started.
    pub path: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
}

impl Program {
    /// This process's: `command` is what it was called as, `directory` where, and `path` the environment's `PATH`.
    pub fn find(command: &Path, arguments: Vec<OsString>, directory: &Path, path: &[PathBuf]) -> Self {
        let has_directory = command.components().count() > 1;
        let found = match has_directory {
            true => Some(directory.join(command)),
            false => path
                .iter()
                .map(|place| directory.join(place).join(command))
                .find(|place| place.is_file()),
        };
        // It was started by other means than its name: what it is now is the best that is known.
        let path = found.or_else(|| std::env::current_exe().ok());
        Self {
            path: path.unwrap_or_else(|| command.to_path_buf()),
            arguments,
        }
    }
}

/// A process that is to take over. Dropped before it serves, it is ended.
#[derive(Debug)]
pub struct Successor {
    channel: Arc<Channel>,
    child: Arc<Mutex<Child>>,
    deadline: Instant,
    serves: bool,
}

impl Successor {
    /// Starts it, and passes it the sockets. It has `limit` until it serves.
    pub fn start(program: &Program, sockets: &[(String, OwnedFd)], limit: Duration) -> Result<Self, String> {
        let path = program.path.display();
        let failed = |error: io::Error| format!("{path} cannot be started: {error}");
        let (channel, theirs) = Channel::pair().map_err(failed)?;
        let mut command = Command::new(&program.path);
        // What was meant for this process alone: by it the new one would take itself for another.
        for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "WATCHDOG_PID"] {
            command.env_remove(name);
        }
        command.args(&program.arguments).env(MARK, "1").stdin(theirs);
        let child = command.spawn().map_err(failed)?;
        // The command has the other end as long as it lives, and its end is to be seen.
        drop(command);
        let successor = Self {
            channel: Arc::new(channel),
            child: Arc::new(Mutex::new(child)),
            deadline: now() + limit,
            serves: false,
        };
        for (name, socket) in sockets {
            let passed = successor
                .channel
                .send(&Message::Socket(name.clone()), Some(socket.as_fd()));
            passed.map_err(|error| successor.lost(&error))?;
        }
        successor.tell(&Message::Begin)?;
        Ok(successor)
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.lock().id()
    }

    /// Waits until it has done all that it can beside this process. It blocks.
    pub fn prepared(&self) -> Result<(), String> {
        self.expect(&Message::Prepared, "was ready")
    }

    /// Lets it take the store, and waits until it serves. It blocks.
    pub fn take_turn(&mut self, lock: Option<&OwnedFd>) -> Result<(), String> {
        let lock = lock.map(|lock| lock.as_fd());
        self.channel
            .send(&Message::Turn, lock)
            .map_err(|error| self.lost(&error))?;
        self.expect(&Message::Serving, "served")?;
        self.serves = true;
        Ok(())
    }

    /// Tells it that whoever supervises takes it for the main process.
    pub fn known(&self) -> Result<(), String> {
        self.tell(&Message::Known)
    }

    /// Tells it of calls that this process counts. It blocks.
    pub fn counted(&self, additions: &[Addition]) -> Result<(), String> {
        for some in additions.chunks(ADDITIONS) {
            self.tell(&Message::Counted(some.to_vec()))?;
        }
        Ok(())
    }

    fn tell(&self, message: &Message) -> Result<(), String> {
        self.channel
            .send(message, None)
            .map_err(|error| self.lost(&error))
    }

    fn expect(&self, expected: &Message, done: &str) -> Result<(), String> {
        let left = self.deadline.saturating_duration_since(now());
        // No time at all would be no limit.
        match self.channel.receive(Some(left.max(Duration::from_millis(1)))) {
            Ok(Some((message, _))) if message == *expected => Ok(()),
            Ok(Some((message, _))) => Err(format!("the new process said {message:?} before it {done}")),
            Ok(None) => Err(self.gone(done)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Err(format!(
                "the time was over before the new process {done} (--upgrade-limit gives it more)"
            )),
            Err(error) => Err(self.lost(&error)),
        }
    }

    fn gone(&self, done: &str) -> String {
        match self.status() {
            Some(status) => {
                format!("the new process ended ({status}) before it {done}; its messages say why")
            }
            None => format!("the new process closed its end before it {done}"),
        }
    }

    fn lost(&self, error: &io::Error) -> String {
        match self.status() {
            Some(status) => format!("the new process ended ({status})"),
            None => format!("the new process cannot be spoken with: {error}"),
        }
    }

    /// How it ended, if it ends soon.
    fn status(&self) -> Option<ExitStatus> {
        let deadline = now() + END_LIMIT;
        loop {
            let status = self.child.lock().try_wait().ok().flatten();
            if status.is_some() || now() >= deadline {
                return status;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Successor {
    fn drop(&mut self) {
        if self.serves {
            return;
        }
        // It must be gone before this process writes to the store again.
        let mut child = self.child.lock();
        let _ = child.kill();
        let _ = child.wait();
    }
}

/// Limits of a process that is waited for are the machine's: the injected clock is that of requests.
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_binary_is_looked_for_where_it_was_called() {
        let directory = tempfile::tempdir().unwrap();
        let place = directory.path().join("bin");
        std::fs::create_dir(&place).unwrap();
        std::fs::write(place.join("gate"), "").unwrap();
        let found = |command: &str, path: &[PathBuf]| {
            Program::find(Path::new(command), Vec::new(), directory.path(), path).path
        };
        assert_eq!(found("/opt/gate", &[]), Path::new("/opt/gate"));
        assert_eq!(found("bin/gate", &[]), place.join("gate"));
        let path = ["/nowhere".into(), "bin".into()];
        assert_eq!(found("gate", &path), place.join("gate"));
        assert_eq!(found("gate", &[]), std::env::current_exe().unwrap());
    }

    #[test]
    fn a_process_that_ends_or_says_nothing_fails_the_upgrade() {
        let run = |script: &str, limit: Duration| {
            let program = Program {
                path: "/bin/sh".into(),
                arguments: vec!["-c".into(), script.into()],
            };
            let successor = Successor::start(&program, &[], limit)?;
            successor.prepared()
        };
        let ended = run("exit 7", Duration::from_secs(60)).unwrap_err();
        assert!(ended.contains("exit status: 7"), "{ended}");
        let silent = run("exec sleep 600", Duration::from_millis(50)).unwrap_err();
        assert!(silent.contains("the time was over"), "{silent}");
        let program = Program {
            path: "/nowhere/portcullis".into(),
            arguments: Vec::new(),
        };
        let missing = Successor::start(&program, &[], Duration::from_secs(1)).unwrap_err();
        assert!(
            missing.starts_with("/nowhere/portcullis cannot be started"),
            "{missing}"
        );
    }
}
