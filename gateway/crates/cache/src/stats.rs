//! What a cache counts.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Counters of one cache.
#[derive(Debug, Default)]
pub struct Stats {
    pub(crate) evicted: AtomicU64,
    pub(crate) spilled: AtomicU64,
    pub(crate) disk_hits: AtomicU64,
    pub(crate) lost: AtomicU64,
}

impl Stats {
    /// Responses that left before their time, since there was no room for them.
    pub fn evicted(&self) -> u64 {
        self.evicted.load(Relaxed)
    }

    /// Responses that went from memory to disk.
    pub fn spilled(&self) -> u64 {
        self.spilled.load(Relaxed)
    }

    /// Responses that were found on disk.
    pub fn disk_hits(&self) -> u64 {
        self.disk_hits.load(Relaxed)
    }

    /// Responses that the disk did not take, or did not give back as they were.
    pub fn lost(&self) -> u64 {
        self.lost.load(Relaxed)
    }
}

pub(crate) fn count(counter: &AtomicU64, by: u64) {
    counter.fetch_add(by, Relaxed);
}
