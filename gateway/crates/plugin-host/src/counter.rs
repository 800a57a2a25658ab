//! The capability `counter`: counts that all instances of a plugin share, in this process's memory, within bounds.

use std::{
    collections::{HashMap, VecDeque, hash_map::RandomState},
    fmt,
    hash::BuildHasher as _,
    sync::{Arc, Weak},
    time::{Duration, Instant},
};

use parking_lot::Mutex;

use crate::bindings::counter::Error;

/// Each behind a lock of its own, so that calls of different keys rarely meet.
const SHARDS: usize = 16;
/// Of one plugin; a shard has its part.
const MAX_KEYS: usize = 65_536;
const MAX_BYTES: usize = 8 << 20;
const LONGEST_KEY: usize = 256;
const LONGEST_TIME: u32 = 86_400;

/// Monotonic time, injected: the machine's own by default.
#[derive(Clone)]
pub struct HostClock(Arc<dyn Fn() -> Duration + Send + Sync>);

impl HostClock {
    /// A clock that says the time since some start.
    pub fn new(now: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }
}

impl Default for HostClock {
    fn default() -> Self {
        let start = Instant::now();
        Self::new(move || start.elapsed())
    }
}

impl fmt::Debug for HostClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostClock").finish_non_exhaustive()
    }
}

/// The counts of each plugin, by its name: a plugin that is loaded anew goes on where the old one is, as long as that lives.
pub(crate) struct CounterTables {
    clock: HostClock,
    known: Mutex<HashMap<String, Weak<Counters>>>,
}

impl CounterTables {
    pub(crate) fn new(clock: HostClock) -> Self {
        Self {
            clock,
            known: Mutex::default(),
        }
    }

    pub(crate) fn of(&self, plugin: &str) -> Arc<Counters> {
        let mut known = self.known.lock();
        if let Some(counters) = known.get(plugin).and_then(Weak::upgrade) {
            return counters;
        }
        known.retain(|_, counters| counters.strong_count() > 0);
        let counters = Arc::new(Counters::new(self.clock.clone()));
        known.insert(plugin.to_owned(), Arc::downgrade(&counters));
        counters
    }
}

/// What one plugin counts.
pub(crate) struct Counters {
    clock: HostClock,
    hasher: RandomState,
    shards: [Mutex<Shard>; SHARDS],
}

#[derive(Default)]
struct Shard {
    counts: HashMap<Arc<str>, Count>,
    /// Keys as their counts began. One that began again stands twice, and its number tells which is meant.
    order: VecDeque<(u64, Arc<str>)>,
    began: u64,
    bytes: usize,
}

struct Count {
    number: u64,
    count: u64,
    ends: Duration,
}

impl Counters {
    fn new(clock: HostClock) -> Self {
        Self {
            clock,
            hasher: RandomState::new(),
            shards: Default::default(),
        }
    }

    pub(crate) fn increment(&self, key: &str, by: u32, ttl_seconds: u32) -> Result<u64, Error> {
        if key.len() > LONGEST_KEY {
            return Err(Error::KeyTooLong);
        }
        if ttl_seconds == 0 || ttl_seconds > LONGEST_TIME {
            return Err(Error::BadTimeToLive);
        }
        let now = (self.clock.0)();
        let ends = now.saturating_add(Duration::from_secs(ttl_seconds.into()));
        // The remainder fits.
        let place = self.hasher.hash_one(key) as usize % SHARDS;
        let Some(shard) = self.shards.get(place) else {
            return Ok(by.into());
        };
        Ok(shard.lock().increment(key, by, now, ends))
    }
}

impl Shard {
    fn increment(&mut self, key: &str, by: u32, now: Duration, ends: Duration) -> u64 {
        if let Some(known) = self.counts.get_mut(key)
            && known.ends > now
        {
            known.count = known.count.saturating_add(by.into());
            return known.count;
        }
        self.forget(key);
        let key: Arc<str> = key.into();
        self.began += 1;
        self.bytes += key.len();
        self.order.push_back((self.began, key.clone()));
        let count = Count {
            number: self.began,
            count: by.into(),
            ends,
        };
        self.counts.insert(key, count);
        self.tidy(now);
        by.into()
    }

    fn forget(&mut self, key: &str) {
        if let Some((key, _)) = self.counts.remove_entry(key) {
            self.bytes -= key.len();
        }
    }

    /// Forgets what is over, oldest first, and then the oldest, until the rest is within the bounds.
    fn tidy(&mut self, now: Duration) {
        while let Some((number, key)) = self.order.front() {
            let current = self.counts.get(key).filter(|count| count.number == *number);
            let full = self.counts.len() > MAX_KEYS / SHARDS || self.bytes > MAX_BYTES / SHARDS;
            match current {
                Some(count) if count.ends > now && !full => break,
                Some(_) => {
                    let key = key.clone();
                    self.forget(&key);
                }
                None => {}
            }
            self.order.pop_front();
        }
        // Behind a count of a day, those of a second may have begun again many times.
        if self.order.len() > 2 * self.counts.len() + 64 {
            let counts = &self.counts;
            self.order
                .retain(|(number, key)| counts.get(key).is_some_and(|count| count.number == *number));
        }
    }
}

#[cfg(test)]
mod tests;
