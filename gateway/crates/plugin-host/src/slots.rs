//! The engine-wide slots that live instances hold: who may make one, and whose idle ones go when there are none left.

use std::{
    future::{Future as _, poll_fn},
    sync::{
        Arc, Weak,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    task::Poll,
};

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wasmtime::component::Component;

/// What a slot offers besides one linear memory. Toolchains make one memory and two or three tables an instance.
pub(crate) const TABLES_PER_SLOT: u32 = 4;

/// How many idle instances go at once when slots run out, so that looking for them is not paid for each one.
const EVICTED_AT_ONCE: usize = 8;

/// Something that keeps idle instances.
pub(crate) trait Keeper: Send + Sync {
    /// When it was last called, on a clock that only moves forward; `None` while it keeps nothing.
    fn idle_since(&self) -> Option<u64>;
    /// Drops up to that many idle instances, and says how many.
    fn evict(&self, at_most: usize) -> usize;
}

/// The slots of one engine.
pub(crate) struct Slots {
    total: u32,
    free: Arc<Semaphore>,
    waiting: AtomicUsize,
    keepers: Mutex<Vec<Weak<dyn Keeper>>>,
}

/// Some slots; they are free again when it is dropped, so the store that uses them must be dropped first.
#[derive(Debug)]
pub(crate) struct Slot {
    _permit: OwnedSemaphorePermit,
}

impl Slots {
    pub(crate) fn new(total: u32) -> Self {
        Self {
            total,
            free: Arc::new(Semaphore::new(total as usize)),
            waiting: AtomicUsize::new(0),
            keepers: Mutex::new(Vec::new()),
        }
    }

    /// How many slots an instance of a component takes; what it needs instead, if it can never have that.
    pub(crate) fn weigh(&self, component: &Component) -> Result<u32, String> {
        let Some(needs) = component.resources_required() else {
            return Err("it instantiates a module that it imports".to_owned());
        };
        let weight = needs
            .num_memories
            .max(needs.num_tables.div_ceil(TABLES_PER_SLOT))
            .max(1);
        if weight > self.total {
            return Err(format!(
                "one instance takes {weight} slots ({} memories, {} tables) of {}",
                needs.num_memories, needs.num_tables, self.total
            ));
        }
        Ok(weight)
    }

    pub(crate) fn register(&self, keeper: Weak<dyn Keeper>) {
        let mut keepers = self.keepers.lock();
        keepers.retain(|keeper| keeper.strong_count() > 0);
        keepers.push(keeper);
    }

    /// Takes slots: free ones, else those of idle instances of others, else the next ones that come free.
    pub(crate) async fn take(&self, weight: u32) -> Slot {
        if let Ok(permit) = self.free.clone().try_acquire_many_owned(weight) {
            return Slot { _permit: permit };
        }
        // From here on, instances that come back are not kept. Announced before looking for idle ones: an instance
        // that became idle meanwhile either is found here, or its keeper sees that someone waits.
        let _waiting = Waiting::new(&self.waiting);
        let mut free = std::pin::pin!(self.free.clone().acquire_many_owned(weight));
        poll_fn(|cx| {
            loop {
                let evicted = self.evict();
                match free.as_mut().poll(cx) {
                    Poll::Ready(Ok(permit)) => return Poll::Ready(Slot { _permit: permit }),
                    Poll::Pending if evicted > 0 => {}
                    // An error would mean that the semaphore is closed, and nobody closes it.
                    Poll::Ready(Err(_)) | Poll::Pending => return Poll::Pending,
                }
            }
        })
        .await
    }

    /// Whether someone waits for slots, so that an instance should rather go than be kept.
    pub(crate) fn wanted(&self) -> bool {
        self.waiting.load(SeqCst) > 0
    }

    /// Drops idle instances of the plugin that was called longest ago; says how many.
    fn evict(&self) -> usize {
        // Collected first: dropping instances takes time that nobody else should wait for.
        let keepers: Vec<_> = self.keepers.lock().iter().filter_map(Weak::upgrade).collect();
        let oldest = keepers
            .iter()
            .filter_map(|keeper| Some((keeper.idle_since()?, keeper)))
            .min_by_key(|(at, _)| *at);
        oldest.map_or(0, |(_, keeper)| keeper.evict(EVICTED_AT_ONCE))
    }
}

struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, SeqCst);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}
