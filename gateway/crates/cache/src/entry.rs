//! What is kept of one response.

use std::time::Duration;

use bytes::Bytes;

use crate::cache::Epoch;

/// Bytes of memory that an entry takes beside its own: what stands for it in the cache, and its key.
const OVERHEAD: u64 = 256;

/// When a response was made, until when it is fresh, and until when it may still be used where the caller says so. Of the
/// caller's clock, which only ever goes forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// When it was made.
    pub made: Duration,
    /// Until when it is fresh.
    pub fresh: Duration,
    /// Until when it can be used at all.
    pub usable: Duration,
}

/// A response that is kept.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// Its record, sealed or not.
    pub(crate) bytes: Bytes,
    pub(crate) times: Times,
    pub(crate) sealed: bool,
    /// When it belongs to an earlier epoch than the cache's it has been flushed.
    pub(crate) epoch: Epoch,
    /// Which of all that were put: of two under one key the higher one is newer.
    pub(crate) version: u64,
}

impl Entry {
    /// Bytes of memory that it takes, with what the allocator rounds up to.
    pub(crate) fn weight(&self) -> u64 {
        let bytes = self.bytes.len() as u64;
        OVERHEAD + bytes + bytes / 8
    }
}
