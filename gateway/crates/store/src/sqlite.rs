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
