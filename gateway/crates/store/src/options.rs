//! How a store is opened.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Where the store is, and how it behaves.
#[derive(Clone)]
pub struct Options {
    /// The data directory. It is made, for its owner alone, where it is missing.
    pub directory: PathBuf,
    /// Opens the store to be read only: without the directory's lock, so beside a gateway that runs, and without migrations.
    pub read_only: bool,
    /// How long a call waits for its turn before it is refused as [`crate::StoreError::Busy`].
    pub patience: Duration,
    /// How many transactions read at the same time.
    pub readers: u32,
    /// How large the database may grow, in bytes; what would make it larger is refused as [`crate::StoreError::Full`].
    pub max_size: Option<u64>,
    /// How many transactions the history keeps, at least one; the oldest go.
    pub history: u32,
    /// The time, in milliseconds since 1970-01-01T00:00:00Z, for the history.
    pub now: Arc<dyn Fn() -> i64 + Send + Sync>,
}

impl Options {
    /// The defaults: five seconds of patience, four readers, no bound but the disk's, a history of 10,000
    /// transactions, the machine's clock.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
            read_only: false,
            patience: Duration::from_secs(5),
            readers: 4,
            max_size: None,
            history: 10_000,
            now: Arc::new(machine_time),
        }
    }

    /// The same, with another clock.
    #[must_use]
    pub fn clock(mut self, now: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        self.now = Arc::new(now);
        self
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "the default, where no clock is injected"
)]
fn machine_time() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("directory", &self.directory)
            .field("read_only", &self.read_only)
            .field("patience", &self.patience)
            .field("readers", &self.readers)
            .field("max_size", &self.max_size)
            .field("history", &self.history)
            .finish_non_exhaustive()
    }
}
