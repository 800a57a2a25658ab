//! What the store remembers of itself: the SQL of settings. They have no revision and no history.

use sqlx::SqliteConnection;

const GET: &str = "SELECT value FROM setting WHERE name = $1";
const PUT: &str = "INSERT INTO setting (name, value) VALUES ($1, $2)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value";

pub(crate) async fn get(
    connection: &mut SqliteConnection,
    name: &str,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar(GET)
        .bind(name)
        .fetch_optional(connection)
        .await
}

pub(crate) async fn put(
    connection: &mut SqliteConnection,
    name: &str,
    value: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query(PUT)
        .bind(name)
        .bind(value)
        .execute(connection)
        .await?;
    Ok(())
}
