//! Where the caches of a node keep what memory has no room for: one directory, and one thread that writes to it.

use std::fmt;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use crate::disk::Disk;
use crate::entry::Entry;
use crate::key::Key;
use crate::segment::nameless;

/// Responses that wait to be written.
const QUEUE: usize = 4096;
/// Bytes of them: what comes when there are more is lost, so that a slow disk takes no memory.
const QUEUED_BYTES: u64 = 8 * 1024 * 1024;

/// A directory for caches. It holds files without names alone.
pub struct Directory {
    path: PathBuf,
    queue: SyncSender<Job>,
    queued: Arc<AtomicU64>,
}

/// Why a directory cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the cache directory {} cannot be used: {source}", .path.display())]
pub struct DirectoryError {
    path: PathBuf,
    source: io::Error,
}

/// Something for the thread that writes.
pub(crate) enum Job {
    Write(Arc<Disk>, Key, Entry),
    /// Somebody waits until what came before is written.
    Mark(SyncSender<()>),
}

impl Directory {
    /// A directory, which is made where it is not there.
    ///
    /// # Errors
    ///
    /// No file can be made in it, or no thread for it.
    pub fn open(path: impl Into<PathBuf>) -> Result<Arc<Self>, DirectoryError> {
        let path = path.into();
        let opened = usable(&path).and_then(|()| {
            let (queue, jobs) = sync_channel(QUEUE);
            let queued = Arc::new(AtomicU64::new(0));
            let of_thread = queued.clone();
            std::thread::Builder::new()
                .name("cache-writer".to_owned())
                .spawn(move || write(&jobs, &of_thread))?;
            Ok((queue, queued))
        });
        match opened {
            Ok((queue, queued)) => Ok(Arc::new(Self { path, queue, queued })),
            Err(source) => Err(DirectoryError { path, source }),
        }
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Has a response written; false where too many wait.
    pub(crate) fn send(&self, disk: &Arc<Disk>, key: Key, entry: Entry) -> bool {
        let bytes = entry.bytes.len() as u64;
        if self.queued.fetch_add(bytes, Relaxed) + bytes > QUEUED_BYTES
            || self.queue.try_send(Job::Write(disk.clone(), key, entry)).is_err()
        {
            self.queued.fetch_sub(bytes, Relaxed);
            return false;
        }
        true
    }

    /// Waits until everything that is queued now is written. It blocks.
    pub fn settle(&self) {
        let (mark, reached) = sync_channel(1);
        if self.queue.send(Job::Mark(mark)).is_ok() {
            let _ = reached.recv();
        }
    }
}

fn usable(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true).mode(0o700).create(path)?;
    nameless(path).map(drop)
}

/// It ends when nobody has the directory any more.
fn write(jobs: &Receiver<Job>, queued: &AtomicU64) {
    while let Ok(job) = jobs.recv() {
        match job {
            Job::Write(disk, key, entry) => {
                disk.write(&key, &entry);
                queued.fetch_sub(entry.bytes.len() as u64, Relaxed);
            }
            Job::Mark(mark) => drop(mark.send(())),
        }
    }
}

impl fmt::Debug for Directory {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Directory").field(&self.path).finish()
    }
}
