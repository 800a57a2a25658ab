//! Connections, each lent to one transaction at a time.
//!
//! sqlx's own pool would do, but for one thing: SQLite ends a transaction by itself when the disk is full, sqlx does not
//! notice, and that connection could never begin another one. Here a connection that has failed is closed.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use sqlx::sqlite::{SqliteConnectOptions, SqliteTransactionManager};
use sqlx::{Connection as _, SqlSafeStr as _, SqliteConnection};
use sqlx_core::transaction::TransactionManager as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::StoreError;
use crate::sqlite;

/// A bounded number of connections of one sort.
#[derive(Debug)]
pub(crate) struct Connections {
    options: SqliteConnectOptions,
    idle: Mutex<Vec<SqliteConnection>>,
    permits: Arc<Semaphore>,
    size: u32,
    patience: Duration,
}

impl Connections {
    /// At most `size` connections; they are opened when they are needed.
    pub(crate) fn new(options: SqliteConnectOptions, size: u32, patience: Duration) -> Arc<Self> {
        let size = size.max(1);
        Arc::new(Self {
            options,
            idle: Mutex::new(Vec::new()),
            permits: Arc::new(Semaphore::new(usize::try_from(size).unwrap_or(1))),
            size,
            patience,
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
            None => sqlite::connect(&self.options).await?,
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
        let idle = std::mem::take(&mut *self.idle.lock());
        for connection in idle {
            // What was committed is on the disk; closing only tidies up.
            let _ = connection.close().await;
        }
    }
}

/// A connection that is lent. Dropped, it rolls back what is open and goes home; one that has failed is closed.
#[derive(Debug)]
pub(crate) struct Lease {
    connection: Option<SqliteConnection>,
    home: Arc<Connections>,
    open: bool,
    /// Whether a statement failed, or was left alone before its end. SQLite may then have ended the transaction by itself,
    /// and further statements would stand for themselves.
    failed: bool,
    _permit: OwnedSemaphorePermit,
}

impl Lease {
    /// Begins a transaction.
    pub(crate) async fn begin(&mut self, statement: &'static str) -> Result<(), StoreError> {
        let patience = self.home.patience;
        self.run("cannot begin a transaction", async |connection| {
            let statement = Some(statement.into_sql_str());
            SqliteTransactionManager::begin(connection, statement).await
        })
        .await
        .map_err(|error| match error {
            StoreError::Busy { .. } => StoreError::Busy {
                waited_ms: u64::try_from(patience.as_millis()).unwrap_or(u64::MAX),
            },
            other => other,
        })?;
        self.open = true;
        Ok(())
    }

    /// Runs statements. After an error, or when the future is dropped before its end, the lease is of no use any more.
    pub(crate) async fn run<T>(
        &mut self,
        what: &str,
        statements: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, StoreError> {
        self.usable()?;
        let Some(connection) = self.connection.as_mut() else {
            return Err(StoreError::Aborted);
        };
        self.failed = true;
        match statements(connection).await {
            Ok(value) => {
                self.failed = false;
                Ok(value)
            }
            Err(error) => Err(sqlite::failure(what, &error)),
        }
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
    pub(crate) async fn commit(&mut self) -> Result<(), StoreError> {
        self.run("cannot commit", async |connection| {
            SqliteTransactionManager::commit(connection).await
        })
        .await?;
        self.open = false;
        Ok(())
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else {
            return;
        };
        if self.failed {
            // Dropping it closes it, and closing rolls back.
            return;
        }
        if self.open {
            SqliteTransactionManager::start_rollback(&mut connection);
        }
        self.home.idle.lock().push(connection);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Options;

    #[tokio::test]
    async fn a_call_that_is_cancelled_ends_its_transaction_and_leaves_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.db");
        std::fs::write(&path, "").unwrap();
        let options = Options::new(directory.path());
        let connect = sqlite::connect_options(&path, &options, true);
        let connections = Connections::new(connect, 1, options.patience);
        let mut lease = connections.lend().await.unwrap();
        lease.begin(sqlite::BEGIN_WRITE).await.unwrap();
        {
            let mut call = std::pin::pin!(lease.run("", async |connection| {
                sqlx::query("CREATE TABLE a (b)").execute(connection).await?;
                std::future::pending::<Result<(), sqlx::Error>>().await
            }));
            let cut = tokio::time::timeout(Duration::from_millis(50), call.as_mut()).await;
            assert!(cut.is_err(), "the call does not end by itself");
        }
        let after = lease.run("", async |_| Ok(())).await;
        assert!(matches!(after, Err(StoreError::Aborted)));
        assert!(matches!(lease.commit().await, Err(StoreError::Aborted)));
        drop(lease);
        let mut lease = connections.lend().await.unwrap();
        lease.begin(sqlite::BEGIN_WRITE).await.unwrap();
        let count = async |connection: &mut SqliteConnection| {
            sqlx::query_scalar("SELECT COUNT(*) FROM sqlite_master")
                .fetch_one(connection)
                .await
        };
        let tables: i64 = lease.run("", count).await.unwrap();
        assert_eq!(tables, 0);
    }
}
