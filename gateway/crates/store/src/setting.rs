//! What the store remembers of itself: the SQL of settings. They have no revision and no history.

use rusqlite::Connection;

use crate::sqlite;

const GET: &str = "SELECT value FROM setting WHERE name = $1";
const PUT: &str = "INSERT INTO setting (name, value) VALUES ($1, $2)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value";

pub(crate) fn get(connection: &Connection, name: &str) -> rusqlite::Result<Option<String>> {
    let found: Option<(String,)> = sqlite::row(connection, GET, &[&name])?;
    Ok(found.map(|(value,)| value))
}

pub(crate) fn put(connection: &Connection, name: &str, value: &str) -> rusqlite::Result<()> {
    sqlite::execute(connection, PUT, &[&name, &value])?;
    Ok(())
}
