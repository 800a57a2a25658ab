//! What has changed, and who changed it: the SQL of revisions, changes and the history.

use std::collections::BTreeMap;

use rusqlite::Connection;

use crate::sqlite;

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

const OLDEST: &str = "SELECT MIN(revision) FROM history";
const FORGET_CHANGES: &str = "DELETE FROM change WHERE revision <= $1";
const FORGET: &str = "DELETE FROM history WHERE revision <= $1";

/// How many transactions are forgotten at once: where the history was longer, it takes a few writes to become shorter,
/// and none of them takes long.
const FORGOTTEN_AT_ONCE: i64 = 32;

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
pub(crate) fn revision(connection: &Connection) -> rusqlite::Result<i64> {
    sqlite::number(connection, REVISION, &[])
}

/// Takes the next revision; it is given back by a rollback.
pub(crate) fn next_revision(connection: &Connection) -> rusqlite::Result<i64> {
    sqlite::number(connection, NEXT_REVISION, &[])
}

/// Writes a transaction into the history, with its changes.
pub(crate) fn record(
    connection: &Connection,
    entry: &HistoryEntry,
    changes: &Changes,
) -> rusqlite::Result<()> {
    let revision = entry.revision;
    sqlite::execute(
        connection,
        RECORD,
        &[&revision, &entry.at, &entry.who, &entry.action],
    )?;
    for ((kind, parent, id), deleted) in changes {
        sqlite::execute(connection, RECORD_CHANGE, &[&revision, kind, parent, id, deleted])?;
    }
    Ok(())
}

/// Forgets the oldest transactions, so that the history has `keep` of them, or comes nearer to that.
pub(crate) fn trim(connection: &Connection, newest: i64, keep: u32) -> rusqlite::Result<()> {
    let Some(oldest) = oldest(connection)? else {
        return Ok(());
    };
    // Every revision has an entry, so revisions count them.
    let last = (newest - i64::from(keep.max(1))).min(oldest + FORGOTTEN_AT_ONCE - 1);
    if last < oldest {
        return Ok(());
    }
    for statement in [FORGET_CHANGES, FORGET] {
        sqlite::execute(connection, statement, &[&last])?;
    }
    Ok(())
}

/// The first revision that the history still has.
pub(crate) fn oldest(connection: &Connection) -> rusqlite::Result<Option<i64>> {
    let oldest: Option<(Option<i64>,)> = sqlite::row(connection, OLDEST, &[])?;
    Ok(oldest.and_then(|(oldest,)| oldest))
}

/// What changed after a revision: at least `limit` changes where there are as many, and whole transactions.
pub(crate) fn since(connection: &Connection, revision: i64, limit: usize) -> rusqlite::Result<Vec<Change>> {
    let limit = i64::try_from(limit.max(1)).unwrap_or(i64::MAX);
    let stored: Vec<StoredChange> = sqlite::rows(connection, SINCE, &[&revision, &limit])?;
    Ok(stored.into_iter().map(change).collect())
}

/// The latest transactions before a revision, the newest first.
pub(crate) fn history(
    connection: &Connection,
    before: Option<i64>,
    limit: usize,
) -> rusqlite::Result<Vec<HistoryEntry>> {
    let before = before.unwrap_or(i64::MAX);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let entries: Vec<(i64, i64, String, String)> = sqlite::rows(connection, HISTORY, &[&before, &limit])?;
    let (Some(newest), Some(oldest)) = (entries.first(), entries.last()) else {
        return Ok(Vec::new());
    };
    let stored: Vec<StoredChange> = sqlite::rows(connection, BETWEEN, &[&oldest.0, &newest.0])?;
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
