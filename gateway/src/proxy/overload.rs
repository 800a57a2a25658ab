//! How much this node takes upon itself: requests at once, with a queue before them. Two atomics a request, and no lock while
//! there is room.

use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, SeqCst};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::timeout;

use crate::config::OverloadConfig;

/// Places for requests.
#[derive(Debug)]
pub struct Overload {
    running: AtomicU32,
    waiting: AtomicU32,
    most: AtomicU32,
    queue: AtomicU32,
    wait_ms: AtomicU32,
    left: Notify,
}

impl Default for Overload {
    fn default() -> Self {
        let config = OverloadConfig::default();
        Self {
            running: AtomicU32::new(0),
            waiting: AtomicU32::new(0),
            most: AtomicU32::new(config.max_requests),
            queue: AtomicU32::new(config.max_queue),
            wait_ms: AtomicU32::new(config.queue_timeout_ms),
            left: Notify::new(),
        }
    }
}

impl Overload {
    /// Follows the configuration.
    pub fn set(&self, config: &OverloadConfig) {
        self.most.store(config.max_requests, Relaxed);
        self.queue.store(config.max_queue, Relaxed);
        self.wait_ms.store(config.queue_timeout_ms, Relaxed);
        // There may be room now.
        self.left.notify_waiters();
    }

    /// Takes a place where there is one; [`leave`](Self::leave) gives it back.
    pub fn enter(&self) -> bool {
        if self.running.fetch_add(1, AcqRel) < self.most.load(Relaxed) {
            return true;
        }
        // Whoever waits may have seen this one's place as taken.
        self.leave();
        false
    }

    /// Waits for a place, where the queue is not full and for no longer than one waits; true: it has one.
    pub async fn wait(&self) -> bool {
        let place = Queued::of(&self.waiting);
        if place.before >= self.queue.load(Relaxed) {
            return false;
        }
        let longest = Duration::from_millis(self.wait_ms.load(Relaxed).into());
        timeout(longest, self.entered()).await.is_ok()
    }

    async fn entered(&self) {
        loop {
            let left = self.left.notified();
            let mut left = std::pin::pin!(left);
            // From here on no one who leaves is missed.
            left.as_mut().enable();
            if self.running.load(SeqCst) < self.most.load(Relaxed) && self.enter() {
                return;
            }
            left.await;
        }
    }

    /// Gives a place back.
    pub fn leave(&self) {
        self.running.fetch_sub(1, SeqCst);
        if self.waiting.load(SeqCst) > 0 {
            self.left.notify_one();
        }
    }

    /// Requests that have a place.
    pub fn running(&self) -> u32 {
        self.running.load(Acquire)
    }
}

/// A place in the queue.
struct Queued<'q> {
    waiting: &'q AtomicU32,
    before: u32,
}

impl<'q> Queued<'q> {
    fn of(waiting: &'q AtomicU32) -> Self {
        let before = waiting.fetch_add(1, SeqCst);
        Self { waiting, before }
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.waiting.fetch_sub(1, SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn of(max_requests: u32, max_queue: u32) -> Arc<Overload> {
        let overload = Overload::default();
        overload.set(&OverloadConfig {
            max_requests,
            max_queue,
            ..OverloadConfig::default()
        });
        Arc::new(overload)
    }

    #[tokio::test]
    async fn places_are_bounded_and_given_back() {
        let overload = of(2, 0);
        assert!(overload.enter() && overload.enter());
        assert!(!overload.enter());
        assert!(!overload.wait().await, "no queue");
        overload.leave();
        assert!(overload.enter());
        assert_eq!(overload.running(), 2);
    }

    #[tokio::test]
    async fn whoever_waits_gets_the_place_of_one_who_leaves() {
        let overload = of(1, 1);
        assert!(overload.enter());
        let waits = overload.clone();
        #[allow(clippy::disallowed_methods, reason = "a test")]
        let waiting = tokio::spawn(async move { waits.wait().await });
        tokio::task::yield_now().await;
        assert!(!overload.wait().await, "the queue is full");
        overload.leave();
        assert!(waiting.await.expect("a task"));
        assert_eq!(overload.running(), 1);
    }

    #[tokio::test]
    async fn the_wait_is_bounded() {
        let overload = of(1, 5);
        assert!(overload.enter());
        overload.wait_ms.store(5, Relaxed);
        assert!(!overload.wait().await, "nobody leaves");
        assert_eq!(overload.running(), 1);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn no_place_is_lost_or_taken_twice() {
        let overload = of(3, 1_000);
        let tasks: Vec<_> = (0..32)
            .map(|_| {
                let overload = overload.clone();
                #[allow(clippy::disallowed_methods, reason = "a test")]
                tokio::spawn(async move {
                    for _ in 0..200 {
                        if overload.enter() || overload.wait().await {
                            assert!(overload.running() <= 3 + 32);
                            tokio::task::yield_now().await;
                            overload.leave();
                        }
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("a task");
        }
        assert_eq!(overload.running(), 0);
    }
}
