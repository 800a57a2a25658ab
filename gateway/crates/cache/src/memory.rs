//! What a cache has in memory. What has no room any more goes to its disk, if it has one.

use std::sync::Arc;

use quick_cache::sync::Cache;
use quick_cache::{Lifecycle, OptionsBuilder, Weighter};

use crate::disk::Disk;
use crate::entry::Entry;
use crate::key::Key;
use crate::stats::{Stats, count};

/// Each has a lock of its own. A response that is larger than a shard is kept on disk alone.
const SHARDS: usize = 4;
/// How many there are at first; with more it grows.
const EXPECTED: usize = 32 * SHARDS;

pub(crate) type Memory = Cache<Key, Entry, Weight, foldhash::fast::RandomState, Spill>;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Weight;

impl Weighter<Key, Entry> for Weight {
    fn weight(&self, _: &Key, entry: &Entry) -> u64 {
        entry.weight()
    }
}

/// What becomes of responses that are evicted.
#[derive(Debug, Clone)]
pub(crate) struct Spill {
    pub(crate) disk: Option<Arc<Disk>>,
    pub(crate) stats: Arc<Stats>,
}

/// Responses that were evicted: they go to the disk when the shard's lock is free again.
#[derive(Debug, Default)]
pub(crate) struct Evicted {
    disk: Option<Arc<Disk>>,
    entries: Vec<(Key, Entry)>,
}

impl Lifecycle<Key, Entry> for Spill {
    type RequestState = Evicted;

    fn on_evict(&self, evicted: &mut Evicted, key: Key, entry: Entry) {
        match &self.disk {
            Some(disk) => {
                evicted.disk.get_or_insert_with(|| disk.clone());
                evicted.entries.push((key, entry));
            }
            None => count(&self.stats.evicted, 1),
        }
    }
}

impl Drop for Evicted {
    fn drop(&mut self) {
        if let Some(disk) = &self.disk {
            for (key, entry) in self.entries.drain(..) {
                disk.spill(key, entry);
            }
        }
    }
}

/// A memory of so many bytes.
pub(crate) fn memory(capacity: u64, spill: Spill) -> Memory {
    let mut options = OptionsBuilder::new();
    options
        .shards(SHARDS)
        .estimated_items_capacity(EXPECTED)
        .weight_capacity(capacity);
    let hasher = foldhash::fast::RandomState::default();
    match options.build() {
        Ok(options) => Cache::with_options(options, Weight, hasher, spill),
        Err(_) => Cache::with(EXPECTED, capacity, Weight, hasher, spill),
    }
}
