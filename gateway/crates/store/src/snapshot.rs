//! Snapshots: bytes under their SHA-256, and the SQL of them.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};
use sqlx::SqliteConnection;

/// How large a snapshot may be.
pub const SNAPSHOT_BYTES: usize = 64 * 1_024 * 1_024;

/// The SHA-256 of a snapshot.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash([u8; 32]);

impl Hash {
    /// The hash of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The hash itself.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

/// The text is not 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a hash has 64 hexadecimal digits")]
pub struct NotAHash;

impl FromStr for Hash {
    type Err = NotAHash;

    fn from_str(text: &str) -> Result<Self, NotAHash> {
        let mut bytes = [0; 32];
        let digit = |byte: u8| {
            char::from(byte)
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
        };
        if text.len() != 64 {
            return Err(NotAHash);
        }
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let [high, low] = pair else { return Err(NotAHash) };
            let (high, low) = (digit(*high).ok_or(NotAHash)?, digit(*low).ok_or(NotAHash)?);
            *byte = high << 4 | low;
        }
        Ok(Self(bytes))
    }
}

const GET: &str = "SELECT content FROM snapshot WHERE hash = $1";
const PUT: &str = "INSERT INTO snapshot (hash, coding, size, content)
    VALUES ($1, 0, $2, $3) ON CONFLICT DO NOTHING";
const HASHES: &str = "SELECT hash FROM snapshot ORDER BY hash";
const DELETE: &str = "DELETE FROM snapshot WHERE hash = $1";

pub(crate) async fn get(
    connection: &mut SqliteConnection,
    hash: &Hash,
) -> Result<Option<Vec<u8>>, sqlx::Error> {
    sqlx::query_scalar(GET)
        .bind(hash.0.as_slice())
        .fetch_optional(connection)
        .await
}

/// Whether the snapshot is new.
pub(crate) async fn put(
    connection: &mut SqliteConnection,
    hash: &Hash,
    bytes: &[u8],
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(PUT)
        .bind(hash.0.as_slice())
        .bind(i64::try_from(bytes.len()).unwrap_or(i64::MAX))
        .bind(bytes)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() > 0)
}

pub(crate) async fn hashes(connection: &mut SqliteConnection) -> Result<Vec<Hash>, sqlx::Error> {
    let stored: Vec<Vec<u8>> = sqlx::query_scalar(HASHES).fetch_all(connection).await?;
    Ok(stored
        .iter()
        .filter_map(|bytes| Hash::from_slice(bytes))
        .collect())
}

/// Whether there was such a snapshot.
pub(crate) async fn delete(connection: &mut SqliteConnection, hash: &Hash) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(DELETE)
        .bind(hash.0.as_slice())
        .execute(connection)
        .await?;
    Ok(done.rows_affected() > 0)
}
