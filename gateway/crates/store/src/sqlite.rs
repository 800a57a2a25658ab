//! What only SQLite knows: how it is opened and begun, and what its errors mean.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Row, Statement, ToSql};

use crate::error::StoreError;
use crate::options::Options;

/// Begins a transaction that sees one state of the database. The state is fixed by its first query.
pub(crate) const BEGIN_READ: &str = "BEGIN DEFERRED";
/// Begins a transaction that nobody else writes beside: what it has read is still so when it commits.
pub(crate) const BEGIN_WRITE: &str = "BEGIN IMMEDIATE";

/// `PRAGMA application_id` of a store; set by the first migration.
pub(crate) const APPLICATION_ID: i64 = 1_347_572_803;

const PAGE_SIZE: u32 = 4_096;
/// Statements that a connection keeps prepared.
const PREPARED: usize = 64;
/// Pages in the write-ahead log at which they are brought into the database: as many as it may keep.
const CHECKPOINT_PAGES: u32 = LOG_BYTES / PAGE_SIZE;
/// How large the write-ahead log may stay after a checkpoint.
const LOG_BYTES: u32 = 16 * 1_024 * 1_024;

/// What a connection to the database is opened with.
#[derive(Debug)]
pub(crate) struct ConnectOptions {
    path: PathBuf,
    flags: OpenFlags,
    patience: Duration,
    settings: String,
}

/// What a connection to the database is opened with.
///
/// A commit returns when the write-ahead log is on the disk (`synchronous = FULL`); with SQLite's default for this journal a
/// power failure could take back what was acknowledged.
pub(crate) fn connect_options(path: &Path, options: &Options, writes: bool) -> ConnectOptions {
    let mut settings = vec![
        "PRAGMA synchronous = FULL".to_owned(),
        "PRAGMA foreign_keys = ON".to_owned(),
    ];
    if let Some(bytes) = options.max_size {
        let pages = (bytes / u64::from(PAGE_SIZE)).max(1);
        settings.push(format!("PRAGMA max_page_count = {pages}"));
    }
    if !options.read_only {
        settings.push(format!("PRAGMA page_size = {PAGE_SIZE}"));
        settings.push("PRAGMA journal_mode = WAL".to_owned());
        settings.push(format!("PRAGMA journal_size_limit = {LOG_BYTES}"));
        settings.push(format!("PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}"));
        if !writes {
            settings.push("PRAGMA query_only = ON".to_owned());
        }
    }
    let access = match options.read_only {
        true => OpenFlags::SQLITE_OPEN_READ_ONLY,
        false => OpenFlags::SQLITE_OPEN_READ_WRITE,
    };
    ConnectOptions {
        path: path.to_owned(),
        // One thread at a time has a connection, so it needs no lock of its own.
        flags: access | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        patience: options.patience.min(Duration::from_secs(60)),
        settings: settings.join("; "),
    }
}

/// Opens a connection to a database that is there.
pub(crate) fn connect(options: &ConnectOptions) -> Result<Connection, StoreError> {
    let open = || -> rusqlite::Result<Connection> {
        let connection = Connection::open_with_flags(&options.path, options.flags)?;
        connection.busy_timeout(options.patience)?;
        connection.set_prepared_statement_cache_capacity(PREPARED);
        connection.execute_batch(&options.settings)?;
        Ok(connection)
    };
    open().map_err(|error| failure(&format!("cannot open {}", options.path.display()), &error))
}

/// Runs a statement that gives nothing back, and says how many rows it concerned. `values` are `$1`, `$2` and so on.
pub(crate) fn execute(connection: &Connection, sql: &str, values: &[&dyn ToSql]) -> rusqlite::Result<usize> {
    let mut statement = connection.prepare_cached(sql)?;
    bind(&mut statement, values)?;
    statement.raw_execute()
}

/// The rows that a statement gives; `values` as of [`execute`].
pub(crate) fn rows<T>(connection: &Connection, sql: &str, values: &[&dyn ToSql]) -> rusqlite::Result<Vec<T>>
where
    T: for<'r> TryFrom<&'r Row<'r>, Error = rusqlite::Error>,
{
    let mut statement = connection.prepare_cached(sql)?;
    bind(&mut statement, values)?;
    let mut found = Vec::new();
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        found.push(T::try_from(row)?);
    }
    Ok(found)
}

/// The one row that a statement gives, if any; `values` as of [`execute`].
pub(crate) fn row<T>(connection: &Connection, sql: &str, values: &[&dyn ToSql]) -> rusqlite::Result<Option<T>>
where
    T: for<'r> TryFrom<&'r Row<'r>, Error = rusqlite::Error>,
{
    Ok(rows(connection, sql, values)?.pop())
}

/// The one number that a statement gives; `values` as of [`execute`].
pub(crate) fn number(connection: &Connection, sql: &str, values: &[&dyn ToSql]) -> rusqlite::Result<i64> {
    let found: Option<(i64,)> = row(connection, sql, values)?;
    let (number,) = found.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    Ok(number)
}

/// Parameters are named as PostgreSQL numbers them. For SQLite these are names, which it numbers as it finds them.
fn bind(statement: &mut Statement<'_>, values: &[&dyn ToSql]) -> rusqlite::Result<()> {
    const NAMES: [&str; 6] = ["$1", "$2", "$3", "$4", "$5", "$6"];
    for (name, value) in NAMES.iter().zip(values) {
        let index = statement
            .parameter_index(name)?
            .ok_or_else(|| rusqlite::Error::InvalidParameterName((*name).to_owned()))?;
        statement.raw_bind_parameter(index, value)?;
    }
    Ok(())
}

/// Writes all that is in the database into the empty or missing file `to`.
pub(crate) fn copy(connection: &Connection, to: &str) -> rusqlite::Result<()> {
    execute(connection, "VACUUM INTO $1", &[&to])?;
    Ok(())
}

/// What is wrong with a database; nothing where it is whole.
pub(crate) fn problems(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let found: Vec<(String,)> = rows(connection, "PRAGMA integrity_check(20)", &[])?;
    let orphans: Vec<(String, Option<i64>)> = rows(
        connection,
        "SELECT \"table\", rowid FROM pragma_foreign_key_check LIMIT 20",
        &[],
    )?;
    let damaged = found
        .into_iter()
        .map(|(problem,)| problem)
        .filter(|problem| problem != "ok");
    let lost = orphans
        .into_iter()
        .map(|(table, _)| format!("a row of {table} refers to nothing"));
    Ok(damaged.chain(lost).collect())
}

/// Brings the write-ahead log into the database.
pub(crate) fn fold(connection: &Connection) -> rusqlite::Result<()> {
    let _: Vec<(i64, i64, i64)> = rows(connection, "PRAGMA wal_checkpoint(TRUNCATE)", &[])?;
    Ok(())
}

/// What a failed statement means.
pub(crate) fn failure(what: &str, error: &rusqlite::Error) -> StoreError {
    let text = format!("{what}: {error}");
    if let rusqlite::Error::InvalidColumnType(..) | rusqlite::Error::FromSqlConversionFailure(..) = error {
        // Somebody else has written here.
        return StoreError::Corrupt(text);
    }
    // The low byte of an extended result code is the plain one: https://www.sqlite.org/rescode.html
    match error.sqlite_error().map(|error| error.extended_code & 0xff) {
        Some(5 | 6) => StoreError::Busy { waited_ms: 0 },
        Some(8) => StoreError::ReadOnly(text),
        Some(11 | 26) => StoreError::Corrupt(text),
        Some(13) => StoreError::Full(text),
        _ => StoreError::Io {
            what: what.to_owned(),
            why: error.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_waits_for_the_disk_and_a_reader_cannot_write() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.db");
        std::fs::write(&path, "").unwrap();
        let options = Options::new(directory.path());
        for (writes, query_only) in [(true, 0), (false, 1)] {
            let connection = connect(&connect_options(&path, &options, writes)).unwrap();
            let journal: Option<(String,)> = row(&connection, "PRAGMA journal_mode", &[]).unwrap();
            assert_eq!(journal, Some(("wal".to_owned(),)));
            assert_eq!(number(&connection, "PRAGMA synchronous", &[]).unwrap(), 2);
            assert_eq!(number(&connection, "PRAGMA query_only", &[]).unwrap(), query_only);
            assert_eq!(number(&connection, "PRAGMA foreign_keys", &[]).unwrap(), 1);
        }
    }

    #[test]
    fn parameters_are_bound_by_their_numbers() {
        let connection = Connection::open_in_memory().unwrap();
        let found: Vec<(i64, i64, i64)> = rows(&connection, "SELECT $2, $1, $2", &[&1, &2]).unwrap();
        assert_eq!(found, [(2, 1, 2)]);
        assert!(
            rows::<(i64,)>(&connection, "SELECT $1", &[&1, &2]).is_err(),
            "one too many"
        );
    }
}
