//! The instances of one plugin: who gets one, and whether it is kept afterwards.

use std::{
    future::Future,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Instant,
};

use parking_lot::Mutex;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::{
    CallError, Isolation,
    bindings::types,
    compile::Compiled,
    instance::{Instance, Shared, Template},
    slots::Keeper,
    throttle::Throttle,
    worlds::{Exports, fault, fault_size},
};

/// The pool of one plugin.
pub(crate) struct Pool<E: Exports> {
    pub(crate) shared: Arc<Shared>,
    template: Template<E>,
    isolation: Isolation,
    turns: Semaphore,
    /// The one used last is on top: its memory is the warmest, and those below grow old and are evicted.
    idle: Mutex<Vec<Box<Instance<E>>>>,
    last_call: AtomicU64,
    failures: Throttle,
    /// Kept so that another plugin of the same component need not compile it again.
    _compiled: Arc<Compiled>,
}

/// What a call's future gives back: the instance, which it owned meanwhile, and the answer.
pub(crate) type Answered<E, R> = (Box<Instance<E>>, wasmtime::Result<Result<R, types::Fault>>);

impl<E: Exports> Pool<E> {
    pub(crate) fn new(
        shared: Arc<Shared>,
        template: Template<E>,
        isolation: Isolation,
        compiled: Arc<Compiled>,
    ) -> Arc<Self> {
        let turns = Semaphore::new(usize::try_from(shared.limits.concurrency.max(1)).unwrap_or(usize::MAX));
        let pool = Arc::new(Self {
            shared,
            template,
            isolation,
            turns,
            idle: Mutex::default(),
            last_call: AtomicU64::new(0),
            failures: Throttle::new(),
            _compiled: compiled,
        });
        let keeper: Arc<dyn Keeper> = pool.clone();
        pool.shared.engine.slots.register(Arc::downgrade(&keeper));
        pool
    }

    /// Keeps the instance that loading made, where instances are kept.
    pub(crate) fn keep_first(&self, instance: Instance<E>) {
        if self.isolation == Isolation::Reused {
            self.keep(Box::new(instance));
        }
    }

    /// One call, within all limits. `call` gets an instance and gives it back with the answer; `size` says how many
    /// bytes an answer has. If the future is dropped, so is the instance.
    pub(crate) async fn call<R, F>(
        &self,
        request: &str,
        call: impl FnOnce(Box<Instance<E>>) -> F,
        size: impl FnOnce(&R) -> usize,
    ) -> Result<R, CallError>
    where
        F: Future<Output = Answered<E, R>>,
    {
        let start = Instant::now();
        let nanoseconds = start
            .saturating_duration_since(self.shared.engine.born)
            .as_nanos();
        self.last_call
            .store(u64::try_from(nanoseconds).unwrap_or(u64::MAX), Relaxed);
        let limit = self.shared.limits.wall;
        // Pinned here: moved into the timeout, it would be copied, and it is large.
        let attempt = pin!(self.attempt(request, call, size));
        let answer = match tokio::time::timeout(limit, attempt).await {
            Ok(answer) => answer,
            Err(_) => Err(CallError::Wall {
                plugin: self.shared.name.clone(),
                limit,
            }),
        };
        self.finished(answer.as_ref().err(), start, request);
        answer
    }

    async fn attempt<R, F>(
        &self,
        request: &str,
        call: impl FnOnce(Box<Instance<E>>) -> F,
        size: impl FnOnce(&R) -> usize,
    ) -> Result<R, CallError>
    where
        F: Future<Output = Answered<E, R>>,
    {
        let shared = &self.shared;
        let _turn = self.turn().await?;
        let mut instance = self.instance().await?;
        instance.begin_call(shared, request);
        let meter = instance.store.data().meter.clone();
        let (instance, answer) = shared.gate.run(&meter, call(instance)).await;
        instance.end_call();
        // An instance that failed is dropped here: what a trap leaves behind is undefined.
        let answer = answer.map_err(|error| instance.classify(shared, &error))?;
        if answer.as_ref().map_or_else(fault_size, size) > shared.limits.output_bytes {
            return Err(CallError::Output {
                plugin: shared.name.clone(),
                limit: shared.limits.output_bytes,
            });
        }
        if self.isolation == Isolation::Reused && instance.reusable(&shared.limits) {
            self.keep(instance);
        }
        answer.map_err(|error| fault(&shared.name, error))
    }

    /// Waits for one of the plugin's turns, if not too many do already.
    async fn turn(&self) -> Result<SemaphorePermit<'_>, CallError> {
        if let Ok(turn) = self.turns.try_acquire() {
            return Ok(turn);
        }
        let queue = self.shared.limits.queue;
        let waiting = Waiting::new(&self.shared);
        if waiting.count > u64::from(queue) {
            return Err(CallError::Busy {
                plugin: self.shared.name.clone(),
                queue,
            });
        }
        match self.turns.acquire().await {
            Ok(turn) => Ok(turn),
            // Nobody closes the semaphore.
            Err(_) => std::future::pending().await,
        }
    }

    async fn instance(&self) -> Result<Box<Instance<E>>, CallError> {
        let kept = {
            let mut idle = self.idle.lock();
            let kept = idle.pop();
            self.shared.stats.set_idle(idle.len());
            kept
        };
        match kept {
            Some(instance) => Ok(instance),
            // Boxed: it is large, and most calls never poll it.
            None => Ok(Box::new(Box::pin(self.template.start(&self.shared)).await?.0)),
        }
    }

    fn keep(&self, instance: Box<Instance<E>>) {
        let mut idle = self.idle.lock();
        idle.push(instance);
        self.shared.stats.set_idle(idle.len());
        drop(idle);
        // Looked at after the instance can be found: whoever waits for slots either finds it or is seen here.
        if self.shared.engine.slots.wanted() {
            self.evict(1);
        }
    }

    fn finished(&self, error: Option<&CallError>, start: Instant, request_id: &str) {
        let now = Instant::now();
        let outcome = error.map_or("ok", CallError::outcome);
        self.shared
            .stats
            .call_finished(outcome, now.saturating_duration_since(start));
        let Some(error) = error else { return };
        if let Some(suppressed) = self.failures.pass(now) {
            tracing::warn!(
                plugin = &*self.shared.name,
                request_id,
                outcome,
                suppressed,
                "{error}"
            );
        }
    }
}

impl<E: Exports> Keeper for Pool<E> {
    fn idle_since(&self) -> Option<u64> {
        let kept = !self.idle.lock().is_empty();
        kept.then(|| self.last_call.load(Relaxed))
    }

    fn evict(&self, at_most: usize) -> usize {
        let mut idle = self.idle.lock();
        // From the bottom: those used longest ago.
        let end = at_most.min(idle.len());
        let evicted: Vec<_> = idle.drain(..end).collect();
        self.shared.stats.set_idle(idle.len());
        drop(idle);
        evicted.len()
    }
}

/// Counts a call that waits for its turn.
struct Waiting<'a> {
    shared: &'a Shared,
    count: u64,
}

impl<'a> Waiting<'a> {
    fn new(shared: &'a Shared) -> Self {
        Self {
            shared,
            count: shared.stats.wait_started(),
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.shared.stats.wait_ended();
    }
}
