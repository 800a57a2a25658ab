//! What only SQLite knows: how it is opened and begun, and what its errors mean.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, SqliteConnection};

use crate::error::StoreError;
use crate::options::Options;

/// Begins a transaction that sees one state of the database. The state is fixed by its first query.
pub(crate) const BEGIN_READ: &str = "BEGIN DEFERRED";
/// Begins a transaction that nobody else writes beside: what it has read is still so when it commits.
pub(crate) const BEGIN_WRITE: &str = "BEGIN IMMEDIATE";

/// `PRAGMA application_id` of a store; set by the first migration.
pub(crate) const APPLICATION_ID: i64 = 1_347_572_803;

const PAGE_SIZE: u32 = 4_096;
/// How large the write-ahead log may stay after a checkpoint.
const LOG_BYTES: &str = "16777216";

/// What a connection to the database is opened with.
///
/// A commit returns when the write-ahead log is on the disk (`synchronous = FULL`); with SQLite's default for this journal a
/// power failure could take back what was acknowledged.
pub(crate) fn connect_options(path: &Path, options: &Options, writes: bool) -> SqliteConnectOptions {
    let connect = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .read_only(options.read_only)
        .busy_timeout(options.patience.min(Duration::from_secs(60)))
        .synchronous(SqliteSynchronous::Full)
        .statement_cache_capacity(64)
        .row_buffer_size(256)
        .disable_statement_logging();
    let connect = match options.max_size {
        Some(bytes) => connect.pragma(
            "max_page_count",
            (bytes / u64::from(PAGE_SIZE)).max(1).to_string(),
        ),
        None => connect,
    };
    if options.read_only {
        return connect;
    }
    let connect = connect
        .page_size(PAGE_SIZE)
        .journal_mode(SqliteJournalMode::Wal)
        .pragma("journal_size_limit", LOG_BYTES);
    if writes {
        connect
    } else {
        connect.pragma("query_only", "ON")
    }
}

/// Opens a connection.
pub(crate) async fn connect(options: &SqliteConnectOptions) -> Result<SqliteConnection, StoreError> {
    options.connect().await.map_err(|error| {
        let path = options.get_filename().display();
        failure(&format!("cannot open {path}"), &error)
    })
}

/// Writes all that is in the database into the empty or missing file `to`.
pub(crate) async fn copy(connection: &mut SqliteConnection, to: &str) -> Result<(), sqlx::Error> {
    sqlx::query("VACUUM INTO $1").bind(to).execute(connection).await?;
    Ok(())
}

/// What is wrong with a database; nothing where it is whole.
pub(crate) async fn problems(connection: &mut SqliteConnection) -> Result<Vec<String>, sqlx::Error> {
    let mut found: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check(20)")
        .fetch_all(&mut *connection)
        .await?;
    found.retain(|problem| problem != "ok");
    let orphans: Vec<(String, Option<i64>)> =
        sqlx::query_as("SELECT \"table\", rowid FROM pragma_foreign_key_check LIMIT 20")
            .fetch_all(connection)
            .await?;
    found.extend(
        orphans
            .into_iter()
            .map(|(table, _)| format!("a row of {table} refers to nothing")),
    );
    Ok(found)
}

/// Brings the write-ahead log into the database.
pub(crate) async fn fold(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
        .fetch_all(connection)
        .await?;
    Ok(())
}

/// What a failed statement means.
pub(crate) fn failure(what: &str, error: &sqlx::Error) -> StoreError {
    let sqlx::Error::Database(database) = error else {
        return StoreError::Io {
            what: what.to_owned(),
            why: error.to_string(),
        };
    };
    let code = database.code().and_then(|code| code.parse::<i32>().ok());
    let text = format!("{what}: {}", database.message());
    // The low byte of an extended result code is the plain one: https://www.sqlite.org/rescode.html
    match code.map(|code| code & 0xff) {
        Some(5 | 6) => StoreError::Busy { waited_ms: 0 },
        Some(8) => StoreError::ReadOnly(text),
        Some(11 | 26) => StoreError::Corrupt(text),
        Some(13) => StoreError::Full(text),
        _ => StoreError::Io {
            what: what.to_owned(),
            why: database.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_commit_waits_for_the_disk_and_a_reader_cannot_write() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.db");
        std::fs::write(&path, "").unwrap();
        let options = Options::new(directory.path());
        for (writes, query_only) in [(true, 0), (false, 1)] {
            let mut connection = connect(&connect_options(&path, &options, writes)).await.unwrap();
            let mut pragma =
                async |name| -> String { sqlx::query_scalar(name).fetch_one(&mut connection).await.unwrap() };
            assert_eq!(
                pragma("SELECT journal_mode FROM pragma_journal_mode").await,
                "wal"
            );
            assert_eq!(
                pragma("SELECT CAST(synchronous AS TEXT) FROM pragma_synchronous").await,
                "2"
            );
            let found = pragma("SELECT CAST(query_only AS TEXT) FROM pragma_query_only").await;
            assert_eq!(found, query_only.to_string());
        }
    }
}
