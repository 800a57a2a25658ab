//! A cache: what one stage keeps.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use parking_lot::Mutex;

use crate::directory::Directory;
use crate::disk::Disk;
use crate::entry::{Entry, Times};
use crate::key::{Key, KeyWriter};
use crate::memory::{Evicted, Memory, Spill, memory};
use crate::record::Record;
use crate::seal::Sealer;
use crate::stats::{Stats, count};

/// Bytes of the largest response that is kept, with its headers and what encrypting it adds. A body may have 1 MiB.
pub const LARGEST: usize = 1024 * 1024 + 128 * 1024;
/// One part in so many of the memory is for knowing what is on disk.
const INDEX_PART: u64 = 8;
/// One part in so many of the rest is for what the allocator loses between responses of many sizes that come and go.
const LOST_PART: u64 = 8;
/// Bytes of memory for one response on disk: its key, its place, and room in the table.
const INDEX_ENTRY: u64 = 96;

/// What is put in one epoch is not found in the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Epoch(pub(crate) u64);

/// How much a cache may take, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share {
    /// Of memory.
    pub memory: u64,
    /// Of disk.
    pub disk: u64,
}

/// A response that was found.
#[derive(Debug)]
pub struct Found {
    /// The response.
    pub record: Record,
    /// When it was made, and how long it may be used.
    pub times: Times,
}

/// What one stage keeps. It takes nothing before something is put.
pub struct Cache {
    memory: Memory,
    disk: Option<Arc<Disk>>,
    sealer: Sealer,
    keys: KeyWriter,
    epoch: AtomicU64,
    version: AtomicU64,
    stats: Arc<Stats>,
    share: Mutex<Share>,
}

impl Cache {
    /// An empty cache; without a directory it has memory alone.
    pub fn new(directory: Option<Arc<Directory>>, share: Share) -> Self {
        let stats = Arc::<Stats>::default();
        let disk = directory.map(|directory| Disk::new(directory, stats.clone()));
        let spill = Spill {
            disk: disk.clone(),
            stats: stats.clone(),
        };
        let cache = Self {
            memory: memory(share.memory, spill),
            disk,
            sealer: Sealer::new(),
            keys: KeyWriter::new(),
            epoch: AtomicU64::new(0),
            version: AtomicU64::new(0),
            stats,
            share: Mutex::new(Share::default()),
        };
        cache.set_share(share);
        cache
    }

    /// How much it may take. What fits stays; what does not goes to disk, if there is one, or is evicted.
    pub fn set_share(&self, share: Share) {
        let mut now = self.share.lock();
        if *now == share {
            return;
        }
        *now = share;
        let index = match &self.disk {
            Some(disk) if share.disk > 0 => {
                let index = share.memory / INDEX_PART;
                disk.set_capacity(
                    share.disk,
                    usize::try_from(index / INDEX_ENTRY).unwrap_or(usize::MAX),
                );
                index
            }
            Some(disk) => {
                disk.set_capacity(0, 0);
                0
            }
            None => 0,
        };
        let responses = share.memory - index;
        self.memory.set_capacity(responses - responses / LOST_PART);
    }

    /// Writes a key of this cache.
    pub fn key(&self) -> KeyWriter {
        self.keys.clone()
    }

    /// The epoch now: a response that is asked for in it can be put in it alone.
    pub fn epoch(&self) -> Epoch {
        Epoch(self.epoch.load(SeqCst))
    }

    /// A response in memory that can still be used.
    pub fn get(&self, key: &Key, now: Duration) -> Option<Found> {
        let entry = self.memory.get(key)?;
        self.found(key, &entry, now)
    }

    fn found(&self, key: &Key, entry: &Entry, now: Duration) -> Option<Found> {
        if entry.epoch != self.epoch() || entry.times.usable <= now {
            return None;
        }
        let bytes = match entry.sealed {
            true => self.sealer.open(key, &entry.bytes)?,
            false => entry.bytes.clone(),
        };
        Some(Found {
            record: Record::of(bytes),
            times: entry.times,
        })
    }

    /// Whether [`read`](Self::read) may find a response: it is not in memory and on disk.
    pub fn is_on_disk(&self, key: &Key) -> bool {
        self.disk.as_ref().is_some_and(|disk| disk.has(key))
    }

    /// A response on disk that can still be used; it is in memory afterwards. It blocks.
    pub fn read(&self, key: &Key, now: Duration) -> Option<Found> {
        let disk = self.disk.as_ref()?;
        disk.says(now);
        let (place, entry) = disk.read(key)?;
        let found = self.found(key, &entry, now);
        let in_memory = self.memory.get(key).map(|entry| entry.version);
        let Some(found) = found.filter(|_| in_memory.is_none_or(|known| known <= entry.version)) else {
            disk.forget(key);
            return None;
        };
        count(&self.stats.disk_hits, 1);
        if in_memory.is_none() && disk.is_at(key, &place) {
            let mut evicted = Evicted::default();
            self.memory.insert_with_lifecycle(*key, entry, &mut evicted);
            // What was put meanwhile is newer.
            if !disk.is_at(key, &place) {
                self.memory.remove_if(key, |entry| entry.version == place.version);
            }
        }
        Some(found)
    }

    /// Keeps a response. False: it is too large, or was asked for in an earlier epoch, or could not be encrypted.
    pub fn put(&self, key: &Key, record: &Record, times: Times, encrypted: bool, epoch: Epoch) -> bool {
        let bytes = match encrypted {
            true => self.sealer.seal(key, record.bytes()),
            false => Some(record.bytes().clone()),
        };
        let Some(bytes) = bytes.filter(|bytes| bytes.len() <= LARGEST) else {
            return false;
        };
        if epoch != self.epoch() {
            return false;
        }
        let entry = Entry {
            bytes,
            times,
            sealed: encrypted,
            epoch,
            version: self.version.fetch_add(1, SeqCst),
        };
        let mut evicted = Evicted::default();
        if let Some(disk) = &self.disk {
            disk.says(times.made);
            // Before it is in memory: it may go on to the disk at once.
            disk.forget(key);
        }
        self.memory.insert_with_lifecycle(*key, entry, &mut evicted);
        true
    }

    /// Forgets everything, also what is being asked for.
    pub fn flush(&self) {
        self.epoch.fetch_add(1, SeqCst);
        self.memory.clear();
        if let Some(disk) = &self.disk {
            disk.clear();
        }
    }

    /// What it has counted.
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// Bytes that it takes: of memory, and of disk.
    pub fn bytes(&self) -> Share {
        let disk = self.disk.as_ref();
        let index = disk.map_or(0, |disk| disk.len() as u64 * INDEX_ENTRY);
        Share {
            memory: self.memory.weight() + index,
            disk: disk.map_or(0, |disk| disk.bytes()),
        }
    }

    /// Responses that it has in memory, and on disk.
    pub fn counts(&self) -> (usize, usize) {
        (self.memory.len(), self.disk.as_ref().map_or(0, |disk| disk.len()))
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Cache")
            .field("bytes", &self.bytes())
            .finish_non_exhaustive()
    }
}
