//! Keeps in the store what API keys use of their plans, so that a restart does not forget it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use portcullis_store::{Store, StoreError};
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio_util::sync::CancellationToken;

use crate::api_keys::Due;
use crate::handover::Successor;
use crate::proxy::Gateway;

/// How often. A process that is killed has lost no more than what was counted since, and what was being written.
const PERIOD: Duration = Duration::from_millis(500);
/// Keys that are written at once: whoever else writes waits no longer than for so many.
const AT_ONCE: usize = 5_000;
/// Days that are kept: those that can be asked for, and a period before.
const DAYS: i64 = 90 + 31;

/// Writes what was counted.
#[derive(Debug)]
pub(super) struct UsageKeeper {
    gateway: Arc<Gateway>,
    store: Store,
    /// One at a time, and the day of which the oldest days were last forgotten.
    turn: Arc<Mutex<i64>>,
    failing: AtomicBool,
    /// Who keeps it from now on.
    heir: OnceLock<Arc<Successor>>,
}

impl UsageKeeper {
    /// Goes on with what the store has. To be called when the keys are known, and before any of them calls.
    pub(super) async fn resume(gateway: Arc<Gateway>, store: Store) -> Result<Self, StoreError> {
        let kept = store.read().await?.latest_usage().await?;
        gateway.api_keys.resume(kept);
        Ok(Self {
            gateway,
            store,
            turn: Arc::default(),
            failing: AtomicBool::new(false),
            heir: OnceLock::new(),
        })
    }

    /// Keeps what was counted up to now.
    pub(super) async fn keep(&self) -> Result<(), StoreError> {
        let mut pruned = self.turn.lock().await;
        if let Some(heir) = self.heir.get() {
            return self.told(heir);
        }
        let keys = &self.gateway.api_keys;
        for (plan, key) in keys.forgotten() {
            // What stays is out of every list, and goes with its time.
            self.store.forget_usage(&plan, &key).await?;
        }
        loop {
            let due = keys.due(AT_ONCE);
            if due.is_empty() {
                break;
            }
            let rows: Vec<_> = due.iter().flat_map(|due| due.rows()).collect();
            if let Err(error) = self.store.put_usage(&rows).await {
                keys.not_kept(due);
                return Err(error);
            }
        }
        let today = i64::try_from(self.gateway.clock.wall().as_secs() / 86_400).unwrap_or(i64::MAX);
        if *pruned != today {
            self.store.prune_usage(today.saturating_sub(DAYS)).await?;
            *pruned = today;
        }
        Ok(())
    }

    /// Nothing is kept while this is there.
    pub(super) async fn held(&self) -> OwnedMutexGuard<i64> {
        self.turn.clone().lock_owned().await
    }

    /// From now on another process keeps it: it is told what is counted here.
    pub(super) fn inherits(&self, heir: Arc<Successor>) {
        let _ = self.heir.set(heir);
    }

    fn told(&self, heir: &Successor) -> Result<(), StoreError> {
        let keys = &self.gateway.api_keys;
        loop {
            let due = keys.due(AT_ONCE);
            if due.is_empty() {
                return Ok(());
            }
            let additions: Vec<_> = due.iter().filter_map(Due::addition).collect();
            let told = tokio::task::block_in_place(|| heir.counted(&additions));
            if let Err(error) = told {
                keys.not_kept(due);
                return Err(StoreError::Io {
                    what: "the process that took over cannot be told".to_owned(),
                    why: error,
                });
            }
        }
    }

    /// Keeps it again and again, and once more at the end.
    pub(super) async fn run(self: Arc<Self>, stop: CancellationToken) {
        let mut ticks = tokio::time::interval(PERIOD);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while stop.run_until_cancelled(ticks.tick()).await.is_some() {
            self.keep_and_tell().await;
        }
        self.keep_and_tell().await;
    }

    async fn keep_and_tell(&self) {
        match self.keep().await {
            Ok(()) if self.failing.swap(false, Ordering::Relaxed) => {
                tracing::info!("what API keys use of their quotas is kept again");
            }
            Ok(()) => {}
            // Once: it is tried again in half a second.
            Err(error) if !self.failing.swap(true, Ordering::Relaxed) => tracing::error!(
                "what API keys use of their quotas cannot be kept, and would be forgotten at a restart: {error}"
            ),
            Err(_) => {}
        }
    }
}
