//! What has changed, and who changed it: the SQL of revisions, changes and the history.

use std::collections::BTreeMap;

use sqlx::SqliteConnection;

/// One key that a transaction changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The transaction's revision.
    pub revision: i64,
    /// The row's kind.
    pub kind: String,
    /// The path of what the row belongs to.
    pub parent: String,
    /// The row's id.
    pub id: String,
    /// Whether the row is gone after the transaction.
    pub deleted: bool,
}

/// One transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// Its revision.
    pub revision: i64,
    /// When it was begun, in milliseconds since 1970-01-01T00:00:00Z.
    pub at: i64,
    /// Who asked for it.
    pub who: String,
    /// What was asked for.
    pub action: String,
    /// The keys that it changed, by kind, parent and id.
    pub changes: Vec<Change>,
}

/// Kind, parent and id of what a transaction has changed so far, and whether it is gone.
pub(crate) type Changes = BTreeMap<(String, String, String), bool>;

const REVISION: &str = "SELECT revision FROM counter";
const NEXT_REVISION: &str = "UPDATE counter SET revision = revision + 1 RETURNING revision";
const RECORD: &str = "INSERT INTO history (revision, at, who, action) VALUES ($1, $2, $3, $4)";
const RECORD_CHANGE: &str = "INSERT INTO change (revision, kind, parent, id, deleted)
    VALUES ($1, $2, $3, $4, $5)";
// A transaction is never cut in two: whoever goes on with the last revision would miss its other half.
const SINCE: &str = "SELECT revision, kind, parent, id, deleted FROM change
    WHERE revision > $1 AND revision <= (
        SELECT MAX(revision) FROM (
            SELECT revision FROM change WHERE revision > $1 ORDER BY revision LIMIT $2
        ) AS head
    ) ORDER BY revision, kind, parent, id";
const HISTORY: &str = "SELECT revision, at, who, action FROM history
    WHERE revision < $1 ORDER BY revision DESC LIMIT $2";
const BETWEEN: &str = "SELECT revision, kind, parent, id, deleted FROM change
    WHERE revision >= $1 AND revision <= $2 ORDER BY revision DESC, kind, parent, id";

type StoredChange = (i64, String, String, String, i64);

fn change((revision, kind, parent, id, deleted): StoredChange) -> Change {
    Change {
        revision,
        kind,
        parent,
        id,
        deleted: deleted != 0,
    }
}

/// The revision of the last transaction.
pub(crate) async fn revision(connection: &mut SqliteConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(REVISION).fetch_one(connection).await
}

/// Takes the next revision; it is given back by a rollback.
pub(crate) async fn next_revision(connection: &mut SqliteConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(NEXT_REVISION).fetch_one(connection).await
}

/// Writes a transaction into the history, without its changes.
pub(crate) async fn record(
    connection: &mut SqliteConnection,
    entry: &HistoryEntry,
    changes: &Changes,
) -> Result<(), sqlx::Error> {
    sqlx::query(RECORD)
        .bind(entry.revision)
        .bind(entry.at)
        .bind(&entry.who)
        .bind(&entry.action)
        .execute(&mut *connection)
        .await?;
    for ((kind, parent, id), deleted) in changes {
        sqlx::query(RECORD_CHANGE)
            .bind(entry.revision)
            .bind(kind)
            .bind(parent)
            .bind(id)
            .bind(i64::from(*deleted))
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// What changed after a revision: at least `limit` changes where there are as many, and whole transactions.
pub(crate) async fn since(
    connection: &mut SqliteConnection,
    revision: i64,
    limit: usize,
) -> Result<Vec<Change>, sqlx::Error> {
    let stored: Vec<StoredChange> = sqlx::query_as(SINCE)
        .bind(revision)
        .bind(i64::try_from(limit.max(1)).unwrap_or(i64::MAX))
        .fetch_all(connection)
        .await?;
    Ok(stored.into_iter().map(change).collect())
}

/// The latest transactions before a revision, the newest first.
pub(crate) async fn history(
    connection: &mut SqliteConnection,
    before: Option<i64>,
    limit: usize,
) -> Result<Vec<HistoryEntry>, sqlx::Error> {
    let entries: Vec<(i64, i64, String, String)> = sqlx::query_as(HISTORY)
        .bind(before.unwrap_or(i64::MAX))
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(&mut *connection)
        .await?;
    let (Some(newest), Some(oldest)) = (entries.first(), entries.last()) else {
        return Ok(Vec::new());
    };
    let stored: Vec<StoredChange> = sqlx::query_as(BETWEEN)
        .bind(oldest.0)
        .bind(newest.0)
        .fetch_all(connection)
        .await?;
    let mut changes = stored.into_iter().map(change).peekable();
    let entry = |(revision, at, who, action)| HistoryEntry {
        revision,
        at,
        who,
        action,
        changes: std::iter::from_fn(|| changes.next_if(|change| change.revision == revision)).collect(),
    };
    Ok(entries.into_iter().map(entry).collect())
}
