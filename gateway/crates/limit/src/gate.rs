//! A bucket with a tuning of its own.

use std::time::Duration;

use crate::bucket::Bucket;
use crate::pace::Limit;
use crate::tuning::Tuning;

/// A bucket with a tuning of its own: what all pass through who come by one way.
#[derive(Debug, Default)]
pub struct Gate {
    bucket: Bucket,
    tuning: Tuning,
}

impl Gate {
    /// Another limit from now on, as [`Tuning::set`] has it.
    pub fn set(&self, limit: Option<Limit>, now: Duration) {
        self.tuning.set(limit, now);
    }

    /// The limit, where there is one.
    pub fn limit(&self) -> Option<Limit> {
        self.tuning.limit()
    }

    /// Whether one could pass.
    pub fn has_token(&self, now: Duration) -> bool {
        self.bucket.has_token(&self.tuning, now)
    }

    /// Lets one pass, if it may.
    pub fn take(&self, now: Duration) -> bool {
        self.bucket.take(&self.tuning, now)
    }

    /// One has not passed after all.
    pub fn give_back(&self, now: Duration) {
        self.bucket.give_back(&self.tuning, now);
    }
}
