//! Tasks that are waited for: everything that serves a client is spawned here, so that a drain can see it end.

use std::time::Duration;

use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

/// The tasks of a node.
#[derive(Debug, Clone, Default)]
pub struct Tasks {
    tracker: TaskTracker,
}

impl Tasks {
    /// Runs a future on the current runtime.
    #[allow(clippy::disallowed_methods, reason = "this is where tasks are tracked")]
    pub fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        tokio::spawn(self.tracker.track_future(future));
    }

    /// Counts as a task until it is dropped: whoever is about to spawn one is waited for, too.
    pub fn token(&self) -> TaskTrackerToken {
        self.tracker.token()
    }

    /// Waits until every task has ended, for `limit` at the most. True: all have.
    pub async fn drained(&self, limit: Duration) -> bool {
        self.tracker.close();
        tokio::time::timeout(limit, self.tracker.wait()).await.is_ok()
    }

    /// How many are running.
    pub fn running(&self) -> usize {
        self.tracker.len()
    }
}
