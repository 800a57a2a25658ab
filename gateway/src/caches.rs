//! The caches of a node's stages, and how its memory and its disk are shared out among them.
//!
//! A cache lives as long as a plan has it: a stage that is compiled anew keeps what it has, and one that caches no more
//! drops it with the last request.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Weak};

use arc_swap::ArcSwapOption;
use parking_lot::Mutex;
use portcullis_cache::{Cache, Directory, DirectoryError, Share};

use crate::config::CacheConfig;
use crate::live::{Live, StageId};
use crate::plan::StageCachePlan;
use crate::proxy::cache::Flights;

const MIB: u64 = 1024 * 1024;

/// What a stage keeps, and what is being asked for meanwhile.
#[derive(Debug)]
pub struct StageCache {
    /// What is kept.
    pub responses: Cache,
    /// One request a key asks its backend.
    pub flights: Flights,
}

/// The caches of a node.
#[derive(Debug)]
pub struct Caches {
    stages: Mutex<HashMap<StageId, Weak<StageCache>>>,
    /// Of all of them.
    total: Mutex<Share>,
    directory: ArcSwapOption<Directory>,
}

impl Default for Caches {
    fn default() -> Self {
        Self {
            stages: Mutex::default(),
            total: Mutex::new(Share {
                disk: 0,
                ..total(&CacheConfig::default())
            }),
            directory: ArcSwapOption::empty(),
        }
    }
}

impl Caches {
    /// Takes over what `gateway.toml` says, without touching the disk: what a check of it needs.
    pub fn expect(&self, config: &CacheConfig) {
        let has_disk = config.directory.is_some() || self.directory.load().is_some();
        *self.total.lock() = Share {
            disk: if has_disk { total(config).disk } else { 0 },
            ..total(config)
        };
    }

    /// The same, and opens its directory, once. False: another one is open already, and stays.
    ///
    /// # Errors
    ///
    /// The directory cannot be used: memory alone is.
    pub fn configure(&self, config: &CacheConfig, relative_to: &Path) -> Result<bool, DirectoryError> {
        self.expect(config);
        let wanted = config
            .directory
            .as_ref()
            .map(|directory| relative_to.join(directory));
        if let Some(known) = self.directory.load().as_ref() {
            return Ok(wanted.as_deref() == Some(known.path()));
        }
        let Some(wanted) = wanted else {
            return Ok(true);
        };
        let opened = Directory::open(wanted).inspect_err(|_| self.total.lock().disk = 0)?;
        self.directory.store(Some(opened));
        Ok(true)
    }

    /// Bytes that there are of memory and disk together.
    pub fn total(&self) -> u64 {
        let total = *self.total.lock();
        total.memory + total.disk
    }

    /// The cache of a stage: the one that it has, or a new one, which has no share yet.
    pub fn of(&self, id: &StageId) -> Arc<StageCache> {
        let mut stages = self.stages.lock();
        if let Some(kept) = stages.get(id).and_then(Weak::upgrade) {
            return kept;
        }
        stages.retain(|_, kept| kept.strong_count() > 0);
        let made = Arc::new(StageCache {
            responses: Cache::new(self.directory.load_full(), Share::default()),
            flights: Flights::default(),
        });
        stages.insert(id.clone(), Arc::downgrade(&made));
        made
    }

    /// Gives each live stage its share: what it asks for, or its part where they ask for more than there is.
    pub fn share_out(&self, live: &Live) {
        let stages = self.stages.lock();
        let cached = stages.iter().filter(|(_, kept)| kept.strong_count() > 0);
        let plans: Vec<StageCachePlan> = cached
            .filter_map(|(id, _)| live.plan(&id.api, &id.stage)?.settings.cache.clone())
            .collect();
        drop(stages);
        let asked: Vec<u64> = plans.iter().map(|plan| plan.capacity).collect();
        for (plan, share) in plans.iter().zip(shares(&asked, *self.total.lock())) {
            plan.kept.responses.set_share(share);
        }
    }

    /// Waits until what was given to the disk is written. It blocks.
    pub fn settle(&self) {
        if let Some(directory) = self.directory.load_full() {
            directory.settle();
        }
    }
}

fn total(config: &CacheConfig) -> Share {
    Share {
        memory: u64::from(config.memory_mib) * MIB,
        disk: u64::from(config.disk_mib) * MIB,
    }
}

/// Memory first, disk for the rest; each in proportion where it is not enough.
fn shares(asked: &[u64], total: Share) -> Vec<Share> {
    let memory = parts(asked, total.memory);
    let rest: Vec<u64> = asked
        .iter()
        .zip(&memory)
        .map(|(asked, memory)| asked.saturating_sub(*memory))
        .collect();
    let disk = parts(&rest, total.disk);
    memory
        .into_iter()
        .zip(disk)
        .map(|(memory, disk)| Share { memory, disk })
        .collect()
}

fn parts(asked: &[u64], total: u64) -> Vec<u64> {
    let sum: u128 = asked.iter().map(|asked| u128::from(*asked)).sum();
    let part = |asked: &u64| match sum > u128::from(total) {
        true => u64::try_from(u128::from(*asked) * u128::from(total) / sum).unwrap_or(0),
        false => *asked,
    };
    asked.iter().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_comes_first_and_each_gets_its_part() {
        let total = Share {
            memory: 100,
            disk: 1_000,
        };
        let both = |asked: &[u64]| -> Vec<(u64, u64)> {
            shares(asked, total)
                .iter()
                .map(|share| (share.memory, share.disk))
                .collect()
        };
        assert_eq!(both(&[]), []);
        assert_eq!(both(&[40]), [(40, 0)]);
        assert_eq!(both(&[40, 60]), [(40, 0), (60, 0)]);
        assert_eq!(both(&[300]), [(100, 200)]);
        assert_eq!(both(&[300, 100]), [(75, 225), (25, 75)]);
        assert_eq!(both(&[3_000, 1_000]), [(75, 750), (25, 250)]);
        assert_eq!(both(&[u64::MAX, u64::MAX]), [(50, 500), (50, 500)]);
    }
}
