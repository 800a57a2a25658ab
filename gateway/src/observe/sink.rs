//! Where access logs go: standard output or files, by one thread for each destination.
//!
//! A request hands its line to a bounded queue and goes on; where the queue is full the line is dropped and counted.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::Mutex;

use crate::background;

/// Lines that wait for one destination.
const QUEUE_LINES: usize = 8_192;
/// Bytes of lines that wait for one destination.
const QUEUE_BYTES: usize = 16 * 1024 * 1024;
/// How long the end of the process waits for lines.
const FLUSH_LIMIT: Duration = Duration::from_secs(5);
/// Bytes that are gathered for one write.
const BATCH_BYTES: usize = 64 * 1024;

/// Where lines go.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Destination {
    /// The process's standard output.
    Stdout,
    /// A file, absolute.
    File(PathBuf),
}

impl Destination {
    /// The destination that a `gateway.toml` in `directory` names.
    pub fn parse(named: &str, directory: &Path) -> Self {
        if named == "stdout" {
            return Self::Stdout;
        }
        let path = directory.join(named);
        Self::File(std::path::absolute(&path).unwrap_or(path))
    }
}

/// A place for lines; the last one that is dropped ends the thread behind it, which writes what it has first.
#[derive(Debug)]
pub struct Sink {
    queue: SyncSender<Command>,
    state: Arc<State>,
}

#[derive(Debug)]
struct State {
    destination: Destination,
    queued_bytes: AtomicUsize,
    reopen: AtomicBool,
    dropped: Arc<AtomicU64>,
}

#[derive(Debug)]
enum Command {
    Line(String),
    /// Look at the flags.
    Wake,
    /// Tell when everything before is written.
    Flush(SyncSender<()>),
}

impl Sink {
    /// Hands over a line, which ends with a line break. Never waits.
    pub fn write(&self, line: String) {
        let length = line.len();
        let waiting = self.state.queued_bytes.fetch_add(length, Relaxed);
        if waiting + length > QUEUE_BYTES || self.queue.try_send(Command::Line(line)).is_err() {
            self.state.queued_bytes.fetch_sub(length, Relaxed);
            self.state.dropped.fetch_add(1, Relaxed);
        }
    }
}

/// All destinations of a node; stages that name the same one share it.
#[derive(Debug, Default)]
pub struct Sinks {
    open: Mutex<BTreeMap<Destination, Weak<Sink>>>,
    writers: Mutex<Vec<JoinHandle<()>>>,
    dropped: Arc<AtomicU64>,
}

impl Sinks {
    /// Opens a destination, or shares the one that is open.
    pub fn open(&self, destination: &Destination) -> io::Result<Arc<Sink>> {
        let mut open = self.open.lock();
        if let Some(sink) = open.get(destination).and_then(Weak::upgrade) {
            return Ok(sink);
        }
        let output = Output::open(destination)?;
        let (queue, commands) = sync_channel(QUEUE_LINES);
        let state = Arc::new(State {
            destination: destination.clone(),
            queued_bytes: AtomicUsize::new(0),
            reopen: AtomicBool::new(false),
            dropped: self.dropped.clone(),
        });
        let writer = Writer {
            state: state.clone(),
            output,
            torn: false,
            failing: false,
        };
        let thread = std::thread::Builder::new().name("portcullis-log".to_owned());
        let thread = thread.spawn(move || writer.run(&commands))?;
        let mut writers = self.writers.lock();
        writers.retain(|writer| !writer.is_finished());
        writers.push(thread);
        let sink = Arc::new(Sink { queue, state });
        open.retain(|_, sink| sink.strong_count() > 0);
        open.insert(destination.clone(), Arc::downgrade(&sink));
        Ok(sink)
    }

    /// Whether a destination could be opened; makes no file.
    pub fn probe(destination: &Destination) -> io::Result<()> {
        let Destination::File(path) = destination else {
            return Ok(());
        };
        let access = rustix::fs::Access::WRITE_OK;
        if path.exists() {
            check_type(path)?;
            return Ok(rustix::fs::access(path, access)?);
        }
        let directory = path.parent().unwrap_or(path);
        Ok(rustix::fs::access(
            directory,
            access | rustix::fs::Access::EXEC_OK,
        )?)
    }

    /// Files that were moved away are opened anew at their places.
    pub fn reopen(&self) {
        for sink in self.live() {
            sink.state.reopen.store(true, Relaxed);
            // With a full queue the thread is awake, and looks at the flag.
            let _ = sink.queue.try_send(Command::Wake);
        }
    }

    /// Whether a path is one of the files that are written here.
    pub fn writes(&self, path: &Path) -> bool {
        let name = path.file_name();
        let same = |file: &Path| {
            file.file_name() == name
                && match (
                    file.parent().map(Path::canonicalize),
                    path.parent().map(Path::canonicalize),
                ) {
                    (Some(Ok(one)), Some(Ok(other))) => one == other,
                    _ => false,
                }
        };
        self.open.lock().keys().any(|destination| match destination {
            Destination::File(file) => same(file),
            Destination::Stdout => false,
        })
    }

    /// Waits until every line that was handed over is written.
    pub fn flush(&self) {
        for sink in self.live() {
            let (done, written) = sync_channel(1);
            // Waits for a place in the queue: this is not a request.
            if sink.queue.send(Command::Flush(done)).is_ok() {
                let _ = written.recv();
            }
        }
        // Those whose last stage is gone end by themselves; they may still be writing.
        let live = self.live();
        let mut writers = self.writers.lock();
        while writers.len() > live.len() {
            let Some(ended) = writers.iter().position(JoinHandle::is_finished) else {
                std::thread::sleep(Duration::from_millis(1));
                continue;
            };
            // A panic there has been printed.
            let _ = writers.swap_remove(ended).join();
        }
    }

    /// Lines that were not written: the queue was full, or the destination could not be written to.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Relaxed)
    }

    fn live(&self) -> Vec<Arc<Sink>> {
        self.open.lock().values().filter_map(Weak::upgrade).collect()
    }
}

/// Waits until every line is written, off the runtime's threads, and for some seconds at the most: a destination may hang.
pub async fn flush(sinks: &Arc<Sinks>) {
    let sinks = sinks.clone();
    let flushing = background::run(move || sinks.flush());
    match tokio::time::timeout(FLUSH_LIMIT, flushing).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!("the last access log lines may be missing: {error}"),
        Err(_) => tracing::error!(
            "the last access log lines may be missing: they could not be written within {} s",
            FLUSH_LIMIT.as_secs()
        ),
    }
}

/// Anything but a file that grows would block, or take no lines.
fn check_type(path: &Path) -> io::Result<()> {
    let kind = std::fs::metadata(path)?.file_type();
    if kind.is_file() || kind.is_char_device() {
        return Ok(());
    }
    Err(io::Error::new(
        io::ErrorKind::InvalidInput,
        "it is not a regular file",
    ))
}

/// What is open.
#[derive(Debug)]
enum Output {
    Stdout,
    File { file: File, identity: (u64, u64) },
}

impl Output {
    fn open(destination: &Destination) -> io::Result<Self> {
        let Destination::File(path) = destination else {
            return Ok(Self::Stdout);
        };
        if path.exists() {
            check_type(path)?;
        }
        let mut options = OpenOptions::new();
        let file = options.append(true).create(true).mode(0o640).open(path)?;
        let metadata = file.metadata()?;
        Ok(Self::File {
            file,
            identity: (metadata.dev(), metadata.ino()),
        })
    }

    /// Whether the destination still leads here. Opening what has not moved would be a change that the watcher sees.
    fn is_current(&self, destination: &Destination) -> bool {
        match (self, destination) {
            (Self::File { identity, .. }, Destination::File(path)) => {
                std::fs::metadata(path).is_ok_and(|found| *identity == (found.dev(), found.ino()))
            }
            _ => true,
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Stdout => {
                let mut stdout = io::stdout().lock();
                stdout.write_all(bytes)?;
                stdout.flush()
            }
            Self::File { file, .. } => file.write_all(bytes),
        }
    }
}

/// The thread of a destination.
struct Writer {
    state: Arc<State>,
    output: Output,
    /// A write ended in the middle of a line.
    torn: bool,
    /// It has been told that nothing can be written.
    failing: bool,
}

impl Writer {
    fn run(mut self, commands: &Receiver<Command>) {
        let mut batch = Vec::new();
        let mut lines = 0;
        let mut waiting = Vec::new();
        while let Ok(command) = commands.recv() {
            let mut next = Some(command);
            // Everything that waits goes out in one write.
            while let Some(command) = next.take() {
                match command {
                    Command::Line(line) => {
                        self.state.queued_bytes.fetch_sub(line.len(), Relaxed);
                        batch.extend_from_slice(line.as_bytes());
                        lines += 1;
                    }
                    Command::Wake => {}
                    Command::Flush(done) => waiting.push(done),
                }
                if batch.len() < BATCH_BYTES {
                    next = commands.try_recv().ok();
                }
            }
            self.write(&batch, lines);
            batch.clear();
            batch.shrink_to(2 * BATCH_BYTES);
            lines = 0;
            for done in waiting.drain(..) {
                // Whoever waits may have given up.
                let _ = done.send(());
            }
        }
    }

    fn write(&mut self, batch: &[u8], lines: u64) {
        if self.state.reopen.swap(false, Relaxed) {
            self.reopen();
        }
        if batch.is_empty() {
            return;
        }
        let begun = match self.torn {
            true => self.output.write(b"\n"),
            false => Ok(()),
        };
        let result = begun.and_then(|()| self.output.write(batch));
        self.torn = result.is_err();
        match result {
            Ok(()) => self.failing = false,
            Err(error) => {
                self.state.dropped.fetch_add(lines, Relaxed);
                self.tell(&error);
            }
        }
    }

    /// The file that is open stays where the new one cannot be opened: its lines are better in an old place than lost.
    fn reopen(&mut self) {
        let destination = &self.state.destination;
        if self.output.is_current(destination) {
            return;
        }
        match Output::open(destination) {
            Ok(output) => {
                self.output = output;
                self.torn = false;
            }
            Err(error) => self.tell(&error),
        }
    }

    fn tell(&mut self, error: &io::Error) {
        if !std::mem::replace(&mut self.failing, true) {
            tracing::error!(
                "access log {:?} cannot be written: {error}",
                self.state.destination
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(directory: &tempfile::TempDir, name: &str) -> Destination {
        Destination::parse(name, directory.path())
    }

    #[test]
    fn lines_of_all_who_share_a_file_are_there_after_a_flush() {
        let directory = tempfile::tempdir().expect("a directory");
        let sinks = Sinks::default();
        let one = sinks.open(&file(&directory, "a.log")).expect("opens");
        let other = sinks.open(&file(&directory, "./a.log")).expect("opens");
        assert!(Arc::ptr_eq(&one, &other));
        one.write("1\n".to_owned());
        other.write("2\n".to_owned());
        sinks.flush();
        let path = directory.path().join("a.log");
        assert_eq!(std::fs::read_to_string(&path).expect("a file"), "1\n2\n");
        assert_eq!(std::fs::metadata(&path).expect("a file").mode() & 0o137, 0);
        assert!(sinks.writes(&path));
        assert!(!sinks.writes(&directory.path().join("b.log")));
        // The last stage goes, and its lines are written all the same.
        one.write("3\n".to_owned());
        drop((one, other));
        sinks.flush();
        assert_eq!(std::fs::read_to_string(&path).expect("a file"), "1\n2\n3\n");
        assert_eq!(sinks.dropped(), 0);
    }

    #[test]
    fn a_file_that_was_moved_is_opened_anew() {
        let directory = tempfile::tempdir().expect("a directory");
        let sinks = Sinks::default();
        let sink = sinks.open(&file(&directory, "a.log")).expect("opens");
        let (path, old) = (directory.path().join("a.log"), directory.path().join("a.log.1"));
        sink.write("1\n".to_owned());
        sinks.flush();
        std::fs::rename(&path, &old).expect("moves");
        sink.write("2\n".to_owned());
        sinks.flush();
        sinks.reopen();
        sink.write("3\n".to_owned());
        sinks.flush();
        assert_eq!(std::fs::read_to_string(&old).expect("a file"), "1\n2\n");
        assert_eq!(std::fs::read_to_string(&path).expect("a file"), "3\n");
    }

    #[test]
    fn what_cannot_be_written_is_counted() {
        let sinks = Sinks::default();
        let full = Destination::File(PathBuf::from("/dev/full"));
        let sink = sinks.open(&full).expect("a device");
        sink.write("1\n".to_owned());
        sink.write("x".repeat(QUEUE_BYTES + 1));
        sinks.flush();
        assert_eq!(sinks.dropped(), 2);
    }

    #[test]
    fn refuses_what_is_no_file() {
        let directory = tempfile::tempdir().expect("a directory");
        let sinks = Sinks::default();
        for bad in [".", "no/such/directory/a.log"] {
            let destination = file(&directory, bad);
            assert!(sinks.open(&destination).is_err(), "{bad}");
            assert!(Sinks::probe(&destination).is_err(), "{bad}");
        }
        Sinks::probe(&file(&directory, "new.log")).expect("could be made");
        assert!(!directory.path().join("new.log").exists());
    }
}
