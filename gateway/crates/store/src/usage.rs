//! What is counted day by day, and the SQL of it.
//!
//! Counters change all the time and are nobody's change: they have neither a revision nor a history.

use rusqlite::Connection;

use crate::error::StoreError;
use crate::read::Read;
use crate::sqlite::{self, BEGIN_WRITE};
use crate::store::Store;

/// What one key of a plan had on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// The plan.
    pub plan: String,
    /// The key.
    pub key: String,
    /// Days since 1970.
    pub day: i64,
    /// Requests on that day.
    pub count: i64,
    /// What was used of the quota at its end.
    pub used: i64,
}

const PUT: &str = "INSERT INTO usage (plan, key, day, count, used) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (plan, key, day) DO UPDATE SET count = excluded.count, used = excluded.used";
const OF: &str = "SELECT plan, key, day, count, used FROM usage
    WHERE plan = $1 AND key = $2 AND day <= $3 ORDER BY day DESC LIMIT $4";
const LATEST: &str = "SELECT plan, key, day, count, used FROM usage AS last
    WHERE day = (SELECT MAX(day) FROM usage WHERE plan = last.plan AND key = last.key) ORDER BY plan, key";
const FORGET: &str = "DELETE FROM usage WHERE plan = $1 AND key = $2";
const PRUNE: &str = "DELETE FROM usage WHERE day < $1";

type Stored = (String, String, i64, i64, i64);

impl From<Stored> for Usage {
    fn from((plan, key, day, count, used): Stored) -> Self {
        Self {
            plan,
            key,
            day,
            count,
            used,
        }
    }
}

impl Store {
    /// Keeps what was counted: each row stands for its day, in the place of what was there. All of them are on the disk
    /// afterwards, or none.
    pub async fn put_usage(&self, rows: &[Usage]) -> Result<(), StoreError> {
        self.change_usage("cannot keep usage", |connection| {
            for row in rows {
                sqlite::execute(
                    connection,
                    PUT,
                    &[&row.plan, &row.key, &row.day, &row.count, &row.used],
                )?;
            }
            Ok(())
        })
        .await
    }

    /// Forgets what a key of a plan had.
    pub async fn forget_usage(&self, plan: &str, key: &str) -> Result<(), StoreError> {
        self.change_usage("cannot forget usage", |connection| {
            sqlite::execute(connection, FORGET, &[&plan, &key]).map(drop)
        })
        .await
    }

    /// Forgets all days before one.
    pub async fn prune_usage(&self, before: i64) -> Result<(), StoreError> {
        self.change_usage("cannot forget usage", |connection| {
            sqlite::execute(connection, PRUNE, &[&before]).map(drop)
        })
        .await
    }

    async fn change_usage(
        &self,
        what: &str,
        statements: impl FnOnce(&Connection) -> rusqlite::Result<()>,
    ) -> Result<(), StoreError> {
        let mut lease = self.writer().await?;
        lease.begin(BEGIN_WRITE)?;
        lease.run(what, statements)?;
        lease.commit()
    }
}

impl Read {
    /// The latest days of a key of a plan up to `last`, the latest first, at most `limit`. Days without a request have none.
    pub async fn usage(
        &mut self,
        plan: &str,
        key: &str,
        last: i64,
        limit: u32,
    ) -> Result<Vec<Usage>, StoreError> {
        self.usages(OF, &[&plan, &key, &last, &limit])
    }

    /// The latest day of each key of each plan.
    pub async fn latest_usage(&mut self) -> Result<Vec<Usage>, StoreError> {
        self.usages(LATEST, &[])
    }

    fn usages(&mut self, sql: &str, values: &[&dyn rusqlite::ToSql]) -> Result<Vec<Usage>, StoreError> {
        let stored: Vec<Stored> = self.lease.run("cannot read usage", |connection| {
            sqlite::rows(connection, sql, values)
        })?;
        Ok(stored.into_iter().map(Usage::from).collect())
    }
}
