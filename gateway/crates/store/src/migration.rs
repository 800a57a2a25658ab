//! Brings a database to the schema that this version knows.

use std::path::Path;

use rusqlite::Connection;

use crate::connection::Lease;
use crate::error::StoreError;
use crate::sqlite::{self, APPLICATION_ID, BEGIN_WRITE};

/// The statements that lead from one schema to the next; the first makes schema 1 from nothing. Never change one that was
/// released.
const MIGRATIONS: [&str; 3] = [
    include_str!("../migrations/sqlite/0001_initial.sql"),
    include_str!("../migrations/sqlite/0002_history.sql"),
    include_str!("../migrations/sqlite/0003_usage.sql"),
];

/// The newest schema that this version knows.
pub(crate) const KNOWN: i64 = MIGRATIONS.len() as i64;

const VERSION: &str = "SELECT version FROM schema_version";
const SET_VERSION: &str = "UPDATE schema_version SET version = $1";

/// What a database file is.
enum State {
    Empty,
    Schema(i64),
    Foreign,
}

/// Runs the migrations that are missing, all in one transaction.
pub(crate) fn migrate(lease: &mut Lease, path: &Path) -> Result<(), StoreError> {
    lease.begin(BEGIN_WRITE)?;
    let from = match lease.run("cannot read the schema", state)? {
        State::Empty => 0,
        State::Schema(version) => version,
        State::Foreign => return Err(foreign(path)),
    };
    if from > KNOWN {
        return Err(newer(from));
    }
    let missing = MIGRATIONS.iter().skip(usize::try_from(from).unwrap_or(0));
    lease.run("cannot migrate the store", |connection| {
        for statements in missing {
            connection.execute_batch(statements)?;
        }
        if from < KNOWN {
            sqlite::execute(connection, SET_VERSION, &[&KNOWN])?;
        }
        Ok(())
    })?;
    lease.commit()
}

/// The schema of a database, which is not newer than this version knows.
pub(crate) fn version(connection: &Connection, path: &Path) -> Result<i64, StoreError> {
    match state(connection).map_err(|error| sqlite::failure("cannot read the schema", &error))? {
        State::Schema(found) if found > KNOWN => Err(newer(found)),
        State::Schema(found) => Ok(found),
        State::Empty | State::Foreign => Err(foreign(path)),
    }
}

/// That the database has the schema of this version, without a change to it.
pub(crate) fn check(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    match version(connection, path)? {
        KNOWN => Ok(()),
        found => Err(StoreError::OlderSchema { found, known: KNOWN }),
    }
}

fn newer(found: i64) -> StoreError {
    StoreError::NewerSchema { found, known: KNOWN }
}

fn foreign(path: &Path) -> StoreError {
    StoreError::Foreign { path: path.into() }
}

fn state(connection: &Connection) -> rusqlite::Result<State> {
    let application = sqlite::number(connection, "PRAGMA application_id", &[])?;
    if application == APPLICATION_ID {
        return Ok(State::Schema(sqlite::number(connection, VERSION, &[])?));
    }
    let tables = sqlite::number(connection, "SELECT COUNT(*) FROM sqlite_master", &[])?;
    Ok(if tables == 0 && application == 0 {
        State::Empty
    } else {
        State::Foreign
    })
}
