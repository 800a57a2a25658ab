//! Rows, and the SQL of them.

use rusqlite::Connection;

use crate::error::StoreError;
use crate::key::Key;
use crate::sqlite;

/// A row as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// What kind of thing it is.
    pub kind: String,
    /// The path of what it belongs to; empty at the top.
    pub parent: String,
    /// Its id.
    pub id: String,
    /// The revision of its last change.
    pub revision: i64,
    /// What it says.
    pub document: serde_json::Value,
}

/// A part of a list that is ordered by id.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// The last id of the page before, or `None` for the first one.
    pub after: Option<&'a str>,
    /// How many rows it has at most.
    pub limit: usize,
}

const GET: &str = "SELECT kind, parent, id, revision, document FROM entity
    WHERE kind = $1 AND parent = $2 AND id = $3";
const LIST: &str = "SELECT kind, parent, id, revision, document FROM entity
    WHERE kind = $1 AND parent = $2 AND id > $3 ORDER BY id LIMIT $4";
const ALL: &str = "SELECT kind, parent, id, revision, document FROM entity
    WHERE kind = $1 ORDER BY parent, id";
const BELOW: &str = "SELECT kind, parent, id, revision, document FROM entity
    WHERE parent = $1 OR (parent >= $2 AND parent < $3) ORDER BY parent, kind, id";
const BETWEEN: &str = "SELECT kind, parent, id, revision, document FROM entity
    WHERE kind = $1 AND parent >= $2 AND parent <= $3 ORDER BY parent, id";
const INSERT: &str = "INSERT INTO entity (kind, parent, id, revision, document)
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
const UPDATE: &str = "UPDATE entity SET revision = $4, document = $5
    WHERE kind = $1 AND parent = $2 AND id = $3";
const DELETE: &str = "DELETE FROM entity WHERE kind = $1 AND parent = $2 AND id = $3";
const DELETE_BELOW: &str = "DELETE FROM entity
    WHERE parent = $1 OR (parent >= $2 AND parent < $3) RETURNING kind, parent, id";

/// A row as the database gives it, its document still text.
type Stored = (String, String, String, i64, String);

/// Rows whose documents are still to be parsed: not while a statement runs.
pub(crate) fn parse(stored: Stored) -> Result<Row, StoreError> {
    let (kind, parent, id, revision, document) = stored;
    match serde_json::from_str(&document) {
        Ok(document) => Ok(Row {
            kind,
            parent,
            id,
            revision,
            document,
        }),
        Err(error) => Err(StoreError::Unreadable {
            what: format!("the document of {kind} {id:?} below {parent:?}"),
            why: error.to_string(),
        }),
    }
}

pub(crate) fn get(connection: &Connection, key: &Key) -> rusqlite::Result<Option<Stored>> {
    sqlite::row(connection, GET, &[&key.kind, &key.parent, &key.id])
}

pub(crate) fn list(
    connection: &Connection,
    kind: &str,
    parent: &str,
    page: Page<'_>,
) -> rusqlite::Result<Vec<Stored>> {
    // No id is empty, so every one comes after it.
    let after = page.after.unwrap_or("");
    let limit = i64::try_from(page.limit).unwrap_or(i64::MAX);
    sqlite::rows(connection, LIST, &[&kind, &parent, &after, &limit])
}

pub(crate) fn all(connection: &Connection, kind: &str) -> rusqlite::Result<Vec<Stored>> {
    sqlite::rows(connection, ALL, &[&kind])
}

/// Where the paths below `parent` begin and end: `0` is the character after `/`.
fn range(parent: &str) -> (String, String) {
    (format!("{parent}/"), format!("{parent}0"))
}

pub(crate) fn below(connection: &Connection, parent: &str) -> rusqlite::Result<Vec<Stored>> {
    let (first, end) = range(parent);
    sqlite::rows(connection, BELOW, &[&parent, &first, &end])
}

pub(crate) fn between(
    connection: &Connection,
    kind: &str,
    (first, last): (&str, &str),
) -> rusqlite::Result<Vec<Stored>> {
    sqlite::rows(connection, BETWEEN, &[&kind, &first, &last])
}

/// Whether the row is new.
pub(crate) fn insert(
    connection: &Connection,
    key: &Key,
    revision: i64,
    document: &str,
) -> rusqlite::Result<bool> {
    write(connection, INSERT, key, revision, document)
}

/// Whether there was a row.
pub(crate) fn update(
    connection: &Connection,
    key: &Key,
    revision: i64,
    document: &str,
) -> rusqlite::Result<bool> {
    write(connection, UPDATE, key, revision, document)
}

fn write(
    connection: &Connection,
    statement: &str,
    key: &Key,
    revision: i64,
    document: &str,
) -> rusqlite::Result<bool> {
    let values: [&dyn rusqlite::ToSql; 5] = [&key.kind, &key.parent, &key.id, &revision, &document];
    Ok(sqlite::execute(connection, statement, &values)? > 0)
}

/// Whether there was a row.
pub(crate) fn delete(connection: &Connection, key: &Key) -> rusqlite::Result<bool> {
    Ok(sqlite::execute(connection, DELETE, &[&key.kind, &key.parent, &key.id])? > 0)
}

/// The kind, parent and id of every row that is gone.
pub(crate) fn delete_below(
    connection: &Connection,
    parent: &str,
) -> rusqlite::Result<Vec<(String, String, String)>> {
    let (first, end) = range(parent);
    sqlite::rows(connection, DELETE_BELOW, &[&parent, &first, &end])
}
