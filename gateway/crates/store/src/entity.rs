//! Rows, and the SQL of them.

use sqlx::SqliteConnection;

use crate::error::StoreError;
use crate::key::Key;

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

pub(crate) async fn get(connection: &mut SqliteConnection, key: &Key) -> Result<Option<Stored>, sqlx::Error> {
    sqlx::query_as(GET)
        .bind(key.kind)
        .bind(&key.parent)
        .bind(&key.id)
        .fetch_optional(connection)
        .await
}

pub(crate) async fn list(
    connection: &mut SqliteConnection,
    kind: &str,
    parent: &str,
    page: Page<'_>,
) -> Result<Vec<Stored>, sqlx::Error> {
    sqlx::query_as(LIST)
        .bind(kind)
        .bind(parent)
        // No id is empty, so every one comes after it.
        .bind(page.after.unwrap_or(""))
        .bind(i64::try_from(page.limit).unwrap_or(i64::MAX))
        .fetch_all(connection)
        .await
}

pub(crate) async fn all(connection: &mut SqliteConnection, kind: &str) -> Result<Vec<Stored>, sqlx::Error> {
    sqlx::query_as(ALL).bind(kind).fetch_all(connection).await
}

/// Where the paths below `parent` begin and end: `0` is the character after `/`.
fn range(parent: &str) -> (String, String) {
    (format!("{parent}/"), format!("{parent}0"))
}

pub(crate) async fn below(
    connection: &mut SqliteConnection,
    parent: &str,
) -> Result<Vec<Stored>, sqlx::Error> {
    let (first, end) = range(parent);
    sqlx::query_as(BELOW)
        .bind(parent)
        .bind(first)
        .bind(end)
        .fetch_all(connection)
        .await
}

pub(crate) async fn between(
    connection: &mut SqliteConnection,
    kind: &str,
    (first, last): (&str, &str),
) -> Result<Vec<Stored>, sqlx::Error> {
    sqlx::query_as(BETWEEN)
        .bind(kind)
        .bind(first)
        .bind(last)
        .fetch_all(connection)
        .await
}

/// Whether the row is new.
pub(crate) async fn insert(
    connection: &mut SqliteConnection,
    key: &Key,
    revision: i64,
    document: &str,
) -> Result<bool, sqlx::Error> {
    write(connection, INSERT, key, revision, document).await
}

/// Whether there was a row.
pub(crate) async fn update(
    connection: &mut SqliteConnection,
    key: &Key,
    revision: i64,
    document: &str,
) -> Result<bool, sqlx::Error> {
    write(connection, UPDATE, key, revision, document).await
}

async fn write(
    connection: &mut SqliteConnection,
    statement: &'static str,
    key: &Key,
    revision: i64,
    document: &str,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(statement)
        .bind(key.kind)
        .bind(&key.parent)
        .bind(&key.id)
        .bind(revision)
        .bind(document)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// Whether there was a row.
pub(crate) async fn delete(connection: &mut SqliteConnection, key: &Key) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(DELETE)
        .bind(key.kind)
        .bind(&key.parent)
        .bind(&key.id)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// The kind, parent and id of every row that is gone.
pub(crate) async fn delete_below(
    connection: &mut SqliteConnection,
    parent: &str,
) -> Result<Vec<(String, String, String)>, sqlx::Error> {
    let (first, end) = range(parent);
    sqlx::query_as(DELETE_BELOW)
        .bind(parent)
        .bind(first)
        .bind(end)
        .fetch_all(connection)
        .await
}
