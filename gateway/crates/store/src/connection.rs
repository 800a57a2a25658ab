//! Connections, each lent to one transaction at a time.
//!
//! Statements run on the thread that asks for them: they read the machine's page cache and write into the log, which takes
//! microseconds, less than handing them to another thread would. What waits for the disk itself is a commit. Where that takes
//! long, another thread takes over meanwhile what this one would do; where it does not, that would cost more than it gives.
//! SQLite ends a transaction by itself when the disk is full, so a connection that has failed is closed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rusqlite::Connection;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::StoreError;
use crate::sqlite::{self, ConnectOptions};

/// A bounded number of connections of one sort.
#[derive(Debug)]
pub(crate) struct Connections {
    options: ConnectOptions,
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
    size: u32,
    patience: Duration,
    /// Whether the last commit took long.
    slow: AtomicBool,
}

/// A commit that takes longer is worth handing over what else there is to do.
const LONG: Duration = Duration::from_millis(1);

impl Connections {
    /// At most `size` connections; they are opened when they are needed.
    pub(crate) fn new(options: ConnectOptions, size: u32, patience: Duration) -> Arc<Self> {
        let size = size.max(1);
        Arc::new(Self {
            options,
            idle: Mutex::new(Vec::new()),
            permits: Arc::new(Semaphore::new(usize::try_from(size).unwrap_or(1))),
            size,
            patience,
            slow: AtomicBool::new(true),
        })
    }

    /// Lends a connection. Callers are served in the order in which they came.
    pub(crate) async fn lend(self: &Arc<Self>) -> Result<Lease, StoreError> {
        let turn = Arc::clone(&self.permits).acquire_owned();
        let permit = match tokio::time::timeout(self.patience, turn).await {
            Ok(Ok(permit)) => permit,
            Ok(Err(_)) => return Err(StoreError::Closed),
            Err(_) => {
                return Err(StoreError::Busy {
                    waited_ms: u64::try_from(self.patience.as_millis()).unwrap_or(u64::MAX),
                });
            }
        };
        let idle = self.idle.lock().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => sqlite::connect(&self.options)?,
        };
        Ok(Lease {
            connection: Some(connection),
            home: Arc::clone(self),
            open: false,
            failed: false,
            _permit: permit,
        })
    }

    /// Waits for what is lent, and closes everything.
    pub(crate) async fn close(&self) {
        // Held to the end of this function; whoever waits after it finds the semaphore closed.
        let _all = self.permits.acquire_many(self.size).await;
        self.permits.close();
        // What was committed is on the disk; closing only tidies up.
        let idle = std::mem::take(&mut *self.idle.lock());
        may_wait(|| drop(idle));
    }
}

/// A connection that is lent. Dropped, it rolls back what is open and goes home; one that has failed is closed.
#[derive(Debug)]
pub(crate) struct Lease {
    connection: Option<Connection>,
    home: Arc<Connections>,
    open: bool,
    /// Whether a statement failed, or was left alone before its end. SQLite may then have ended the transaction by itself,
    /// and further statements would stand for themselves.
    failed: bool,
    _permit: OwnedSemaphorePermit,
}

impl Lease {
    /// Begins a transaction.
    pub(crate) fn begin(&mut self, statement: &str) -> Result<(), StoreError> {
        let patience = self.home.patience;
        self.run("cannot begin a transaction", |connection| {
            sqlite::execute(connection, statement, &[])
        })
        .map_err(|error| match error {
            StoreError::Busy { .. } => StoreError::Busy {
                waited_ms: u64::try_from(patience.as_millis()).unwrap_or(u64::MAX),
            },
            other => other,
        })?;
        self.open = true;
        Ok(())
    }

    /// Runs statements. After an error the lease is of no use any more.
    pub(crate) fn run<T>(
        &mut self,
        what: &str,
        statements: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        self.usable()?;
        let Some(connection) = self.connection.as_ref() else {
            return Err(StoreError::Aborted);
        };
        // Also after a panic.
        self.failed = true;
        let value = statements(connection).map_err(|error| sqlite::failure(what, &error))?;
        self.failed = false;
        Ok(value)
    }

    /// That no statement has failed.
    pub(crate) fn usable(&self) -> Result<(), StoreError> {
        if self.failed {
            Err(StoreError::Aborted)
        } else {
            Ok(())
        }
    }

    /// Commits. When it returns well, what was written is on the disk.
    pub(crate) fn commit(&mut self) -> Result<(), StoreError> {
        let began = now();
        let commit = |lease: &mut Self| {
            lease.run("cannot commit", |connection| {
                sqlite::execute(connection, "COMMIT", &[])
            })
        };
        match self.home.slow.load(Ordering::Relaxed) {
            true => may_wait(|| commit(self))?,
            false => commit(self)?,
        };
        self.home.slow.store(began.elapsed() > LONG, Ordering::Relaxed);
        self.open = false;
        Ok(())
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else {
            return;
        };
        // Dropping a connection closes it, and closing rolls back.
        let failed = self.failed || (self.open && sqlite::execute(&connection, "ROLLBACK", &[]).is_err());
        if !failed {
            self.home.idle.lock().push(connection);
        }
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "how long the disk takes is measured; no behaviour that a caller sees depends on it"
)]
fn now() -> Instant {
    Instant::now()
}

/// Runs what waits for the disk. On a runtime of several threads others take over meanwhile what this thread would do.
pub(crate) fn may_wait<T>(work: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|handle| handle.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        _ => work(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Options;

    #[tokio::test]
    async fn a_transaction_that_fails_or_is_left_alone_leaves_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.db");
        std::fs::write(&path, "").unwrap();
        let options = Options::new(directory.path());
        let connect = sqlite::connect_options(&path, &options, true);
        let connections = Connections::new(connect, 1, options.patience);
        for statement in ["SELECT 1", "no statement"] {
            let mut lease = connections.lend().await.unwrap();
            lease.begin(sqlite::BEGIN_WRITE).unwrap();
            let made = lease.run("", |connection| connection.execute_batch("CREATE TABLE a (b)"));
            made.unwrap();
            let last = lease.run("", |connection| connection.execute_batch(statement));
            if last.is_err() {
                let after = lease.run("", |_| Ok(()));
                assert!(matches!(after, Err(StoreError::Aborted)));
                assert!(matches!(lease.commit(), Err(StoreError::Aborted)));
            }
            drop(lease);
            let mut lease = connections.lend().await.unwrap();
            lease.begin(sqlite::BEGIN_WRITE).unwrap();
            let count = |connection: &Connection| {
                sqlite::number(connection, "SELECT COUNT(*) FROM sqlite_master", &[])
            };
            assert_eq!(lease.run("", count).unwrap(), 0, "{statement}");
        }
    }
}
