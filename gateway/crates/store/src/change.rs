//! What has changed, and who changed it: the SQL of revisions, changes and the history.

use std::collections::BTreeMap;

use rusqlite::Connection;

use crate::connection::Lease;
use crate::error::StoreError;
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

// SQLite has one writer at a time, so the history itself counts. Where there are several, revisions have to come from a row
// that each of them locks, so that their order is that of commits.
const REVISION: &str = "SELECT COALESCE(MAX(revision), 0) FROM history";
const RECORD: &str = "INSERT INTO history (revision, at, who, action, changes) VALUES ($1, $2, $3, $4, $5)";
const SINCE: &str = "SELECT revision, changes FROM history WHERE revision > $1 ORDER BY revision LIMIT $2";
const HISTORY: &str = "SELECT revision, at, who, action, changes FROM history
    WHERE revision < $1 ORDER BY revision DESC LIMIT $2";
const OLDEST: &str = "SELECT MIN(revision) FROM history";
const FORGET: &str = "DELETE FROM history WHERE revision <= $1";

/// How many transactions are forgotten at once, at the most: where the history was longer, it takes a few writes to become
/// shorter, and none of them takes long.
const FORGOTTEN_AT_ONCE: u32 = 32;

const CANNOT_READ: &str = "cannot read the history";

/// How many transactions are read at once.
const READ_AT_ONCE: i64 = 256;

/// The changes of a transaction as they are stored: JSON of kind, parent, id and whether it is gone.
fn written(changes: &Changes) -> String {
    let changes = changes
        .iter()
        .map(|((kind, parent, id), deleted)| (kind, parent, id, deleted));
    // Texts and flags always are JSON.
    serde_json::to_string(&changes.collect::<Vec<_>>()).unwrap_or_default()
}

fn read(revision: i64, changes: &str) -> Result<Vec<Change>, StoreError> {
    let stored: Vec<(String, String, String, bool)> =
        serde_json::from_str(changes).map_err(|error| StoreError::Unreadable {
            what: format!("the history of revision {revision}"),
            why: error.to_string(),
        })?;
    let change = |(kind, parent, id, deleted)| Change {
        revision,
        kind,
        parent,
        id,
        deleted,
    };
    Ok(stored.into_iter().map(change).collect())
}

/// The revision of the last transaction.
pub(crate) fn revision(connection: &Connection) -> rusqlite::Result<i64> {
    sqlite::number(connection, REVISION, &[])
}

/// Writes a transaction into the history, with its changes.
pub(crate) fn record(
    connection: &Connection,
    entry: &HistoryEntry,
    changes: &Changes,
) -> rusqlite::Result<()> {
    let changes = written(changes);
    let values: [&dyn rusqlite::ToSql; 5] = [&entry.revision, &entry.at, &entry.who, &entry.action, &changes];
    sqlite::execute(connection, RECORD, &values)?;
    Ok(())
}

/// Forgets the oldest transactions, so that the history has `keep` of them, or comes nearer to that. They go in groups of at
/// most a sixteenth of that, since a group costs about as much as one alone.
pub(crate) fn trim(connection: &Connection, newest: i64, keep: u32) -> rusqlite::Result<()> {
    let Some(oldest) = oldest(connection)? else {
        return Ok(());
    };
    // Every revision has an entry, so revisions count them.
    let excess = newest - i64::from(keep.max(1)) - oldest + 1;
    if excess < i64::from((keep / 16).clamp(1, FORGOTTEN_AT_ONCE)) {
        return Ok(());
    }
    let last = oldest + excess.min(FORGOTTEN_AT_ONCE.into()) - 1;
    sqlite::execute(connection, FORGET, &[&last])?;
    Ok(())
}

/// The first revision that the history still has.
pub(crate) fn oldest(connection: &Connection) -> rusqlite::Result<Option<i64>> {
    let oldest: Option<(Option<i64>,)> = sqlite::row(connection, OLDEST, &[])?;
    Ok(oldest.and_then(|(oldest,)| oldest))
}

/// What changed after a revision: at least `limit` changes where there are as many, and whole transactions: whoever goes on
/// with the last revision would miss the other half of one.
pub(crate) fn since(lease: &mut Lease, revision: i64, limit: usize) -> Result<Vec<Change>, StoreError> {
    let mut found: Vec<Change> = Vec::new();
    let mut seen = revision;
    while found.len() < limit.max(1) {
        let stored: Vec<(i64, String)> = lease.run(CANNOT_READ, |connection| {
            sqlite::rows(connection, SINCE, &[&seen, &READ_AT_ONCE])
        })?;
        let Some((last, _)) = stored.last() else {
            break;
        };
        seen = *last;
        for (revision, changes) in stored {
            if found.len() >= limit.max(1) {
                break;
            }
            found.extend(read(revision, &changes)?);
        }
    }
    Ok(found)
}

/// The latest transactions before a revision, the newest first.
pub(crate) fn history(
    lease: &mut Lease,
    before: Option<i64>,
    limit: usize,
) -> Result<Vec<HistoryEntry>, StoreError> {
    let before = before.unwrap_or(i64::MAX);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let stored: Vec<(i64, i64, String, String, String)> = lease.run(CANNOT_READ, |connection| {
        sqlite::rows(connection, HISTORY, &[&before, &limit])
    })?;
    let entries = stored.into_iter().map(|(revision, at, who, action, changes)| {
        Ok(HistoryEntry {
            revision,
            at,
            who,
            action,
            changes: read(revision, &changes)?,
        })
    });
    entries.collect()
}
