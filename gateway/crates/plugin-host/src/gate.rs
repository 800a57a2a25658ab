//! Keeps guests that compute for long from taking all worker threads, and counts the CPU time of a call.
//!
//! Each guest's first tick is free: a quick call never comes here. After it, the guest needs a permit whenever it is
//! polled, and gives it back when it yields, at the next tick at the latest. Permits are handed out in turn.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::ticker::TICK;

/// Where the guests of one plugin wait for their next tick.
#[derive(Debug)]
pub(crate) struct Gate {
    /// Of the engine.
    engine: Arc<Semaphore>,
    /// Of this plugin, as large: however many of its guests loop, only so many stand in the engine's queue, and another
    /// plugin's long call does not wait for all of them.
    plugin: Arc<Semaphore>,
    /// Guests of this plugin past their first tick.
    heavy: AtomicUsize,
    /// From so many on, the plugin's next guests have no free tick: it would add up.
    suspect: usize,
}

type Permits = (OwnedSemaphorePermit, OwnedSemaphorePermit);

impl Gate {
    pub(crate) fn new(engine: Arc<Semaphore>, permits: usize) -> Self {
        Self {
            engine,
            plugin: Arc::new(Semaphore::new(permits)),
            heavy: AtomicUsize::new(0),
            suspect: permits + 1,
        }
    }

    /// Runs a guest. `meter` is the one that its epoch callback advances.
    pub(crate) async fn run<F: Future>(&self, meter: &Meter, guest: F) -> F::Output {
        let mut guest = pin!(guest);
        let mut turn = None;
        let mut counted = None;
        if self.heavy.load(Relaxed) >= self.suspect {
            turn = Some(Turn::new(self));
        }
        poll_fn(|cx| {
            // Only those past their tick count: a plugin called often would never be unsuspected otherwise.
            if counted.is_none() && meter.heavy.load(Relaxed) {
                counted = Some(Counted::new(&self.heavy));
                turn.get_or_insert_with(|| Turn::new(self));
            }
            let permits = match &mut turn {
                None => None,
                Some(turn) => Some(ready!(turn.poll(cx))),
            };
            if permits.is_some() {
                meter.resume();
            }
            let answer = guest.as_mut().poll(cx);
            drop(permits);
            answer
        })
        .await
    }

    async fn permits(engine: Arc<Semaphore>, plugin: Arc<Semaphore>) -> Permits {
        let first = plugin.acquire_owned().await;
        let second = engine.acquire_owned().await;
        match (first, second) {
            (Ok(first), Ok(second)) => (first, second),
            // Nobody closes the semaphores.
            _ => std::future::pending().await,
        }
    }
}

/// The place in line of a guest that needs permits.
struct Turn<'a> {
    gate: &'a Gate,
    next: Option<Pin<Box<dyn Future<Output = Permits> + Send>>>,
}

impl<'a> Turn<'a> {
    fn new(gate: &'a Gate) -> Self {
        Self { gate, next: None }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Permits> {
        let gate = self.gate;
        let next = self
            .next
            .get_or_insert_with(|| Box::pin(Gate::permits(gate.engine.clone(), gate.plugin.clone())));
        let permits = ready!(next.as_mut().poll(cx));
        self.next = None;
        Poll::Ready(permits)
    }
}

/// Counts a guest past its first tick.
struct Counted<'a>(&'a AtomicUsize);

impl<'a> Counted<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Relaxed);
        Self(count)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

/// The CPU time of one call. Only the thread that runs the guest touches it; the atomics are for the borrow checker.
#[derive(Debug)]
pub(crate) struct Meter {
    origin: Instant,
    budget: AtomicU64,
    used: AtomicU64,
    resumed: AtomicU64,
    heavy: AtomicBool,
}

impl Meter {
    pub(crate) fn new() -> Self {
        Self {
            origin: Instant::now(),
            budget: AtomicU64::new(0),
            used: AtomicU64::new(0),
            resumed: AtomicU64::new(0),
            heavy: AtomicBool::new(false),
        }
    }

    /// Starts over for a new call.
    pub(crate) fn begin(&self, budget: Duration) {
        self.budget.store(nanoseconds(budget), Relaxed);
        self.used.store(0, Relaxed);
        self.heavy.store(false, Relaxed);
        // Not the time itself: the first tick counts as a whole one at most, and a quick call needs no clock.
        self.resumed.store(0, Relaxed);
    }

    /// A tick ended while the guest ran: whether it has used up its budget.
    pub(crate) fn tick(&self) -> bool {
        self.heavy.store(true, Relaxed);
        let now = nanoseconds(self.origin.elapsed());
        // Never more than one tick: what is beyond it was spent waiting in a host call, or the machine's fault.
        let ran = now
            .saturating_sub(self.resumed.swap(now, Relaxed))
            .min(nanoseconds(TICK));
        self.used.fetch_add(ran, Relaxed) + ran > self.budget.load(Relaxed)
    }

    /// The guest runs on after it waited for its turn.
    fn resume(&self) {
        self.resumed.store(nanoseconds(self.origin.elapsed()), Relaxed);
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
