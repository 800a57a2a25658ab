//! What came of fetching an issuer's keys.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// How one fetch ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fetched {
    /// There are new keys.
    Keys,
    /// It came to nothing.
    Failed,
    /// It was not begun: there had been enough.
    Withheld,
}

/// Counters of one issuer.
#[derive(Debug, Default)]
pub struct FetchMetrics([AtomicU64; 3]);

impl FetchMetrics {
    /// Counts a fetch.
    pub fn count(&self, fetched: Fetched) {
        let [keys, failed, withheld] = &self.0;
        let counter = match fetched {
            Fetched::Keys => keys,
            Fetched::Failed => failed,
            Fetched::Withheld => withheld,
        };
        counter.fetch_add(1, Relaxed);
    }

    /// By outcome.
    pub fn counts(&self) -> [(&'static str, u64); 3] {
        let [keys, failed, withheld] = self.0.each_ref().map(|counter| counter.load(Relaxed));
        [("ok", keys), ("failed", failed), ("withheld", withheld)]
    }
}
