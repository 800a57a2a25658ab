//! Snapshots: bytes under their SHA-256, and the SQL of them.

use std::fmt;
use std::io::{Read as _, Write as _};
use std::str::FromStr;

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use rusqlite::Connection;
use sha2::{Digest as _, Sha256};

use crate::error::StoreError;
use crate::sqlite;

/// How large a snapshot may be.
pub const SNAPSHOT_BYTES: usize = 64 * 1_024 * 1_024;

/// The SHA-256 of some bytes: what a snapshot is found by.
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

const GET: &str = "SELECT coding, size, content FROM snapshot WHERE hash = $1";
const HAS: &str = "SELECT COUNT(*) FROM snapshot WHERE hash = $1";
const PUT: &str = "INSERT INTO snapshot (hash, coding, size, content) VALUES ($1, $2, $3, $4)";
const DELETE: &str = "DELETE FROM snapshot WHERE hash = $1";

/// `coding` of bytes as they are.
const PLAIN: i64 = 0;
/// `coding` of bytes in zlib's format. Deployments are JSON, which it makes ten times smaller.
const ZLIB: i64 = 1;

/// A snapshot as the database has it: its coding, the size of its bytes, and these in that coding.
pub(crate) type Stored = (i64, i64, Vec<u8>);

pub(crate) fn get(connection: &Connection, hash: &Hash) -> rusqlite::Result<Option<Stored>> {
    sqlite::row(connection, GET, &[&hash.0.as_slice()])
}

/// The bytes of a snapshot, which are those that its hash was made of.
pub(crate) fn decode(hash: &Hash, (coding, size, content): Stored) -> Result<Vec<u8>, StoreError> {
    let unreadable = |why: String| StoreError::Unreadable {
        what: format!("snapshot {hash}"),
        why,
    };
    let bytes = match coding {
        PLAIN => content,
        ZLIB => {
            let size = usize::try_from(size).unwrap_or(0).min(SNAPSHOT_BYTES);
            let mut bytes = Vec::with_capacity(size);
            let bound = u64::try_from(SNAPSHOT_BYTES).unwrap_or(u64::MAX);
            ZlibDecoder::new(content.as_slice())
                .take(bound)
                .read_to_end(&mut bytes)
                .map_err(|error| unreadable(error.to_string()))?;
            bytes
        }
        other => return Err(unreadable(format!("its coding {other} is not known"))),
    };
    if Hash::of(&bytes) != *hash {
        return Err(unreadable("its bytes have another hash".to_owned()));
    }
    Ok(bytes)
}

pub(crate) fn has(connection: &Connection, hash: &Hash) -> rusqlite::Result<bool> {
    Ok(sqlite::number(connection, HAS, &[&hash.0.as_slice()])? > 0)
}

/// The bytes as they are stored: compressed where that makes them smaller.
pub(crate) fn encode(bytes: &[u8]) -> Stored {
    let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    match encoder.write_all(bytes).and_then(|()| encoder.finish()) {
        Ok(content) if content.len() < bytes.len() => (ZLIB, size, content),
        _ => (PLAIN, size, bytes.to_vec()),
    }
}

/// Adds a snapshot that is not there yet.
pub(crate) fn put(
    connection: &Connection,
    hash: &Hash,
    (coding, size, content): &Stored,
) -> rusqlite::Result<()> {
    sqlite::execute(connection, PUT, &[&hash.0.as_slice(), coding, size, content])?;
    Ok(())
}

/// Whether there was such a snapshot.
pub(crate) fn delete(connection: &Connection, hash: &Hash) -> rusqlite::Result<bool> {
    Ok(sqlite::execute(connection, DELETE, &[&hash.0.as_slice()])? > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snapshots_come_back_and_only_whole() {
        let text = "portcullis ".repeat(10_000).into_bytes();
        let noise: Vec<u8> = Hash::of(b"noise").as_bytes().to_vec();
        for (name, bytes, coding) in [
            ("text", text, ZLIB),
            ("noise", noise, PLAIN),
            ("empty", Vec::new(), PLAIN),
        ] {
            let (hash, stored) = (Hash::of(&bytes), encode(&bytes));
            assert_eq!(stored.0, coding, "{name}");
            assert!(stored.2.len() <= bytes.len(), "{name}");
            assert_eq!(decode(&hash, stored.clone()).unwrap(), bytes, "{name}");
            let wrong = [
                decode(&Hash::of(b"other"), stored.clone()),
                decode(&hash, (7, stored.1, stored.2.clone())),
                decode(&hash, (1 - stored.0, stored.1, stored.2.clone())),
            ];
            for result in wrong {
                assert!(
                    matches!(result, Err(StoreError::Unreadable { .. })),
                    "{name}: {result:?}"
                );
            }
        }
    }

    #[test]
    fn hashes_are_64_digits() {
        let hash = Hash::of(b"a");
        assert_eq!(hash.to_string().parse(), Ok(hash));
        let text = hash.to_string();
        for wrong in [
            "",
            &text[1..],
            &format!("{text}0"),
            &text.replace('c', "g"),
            &"é".repeat(32),
        ] {
            assert_eq!(wrong.parse::<Hash>(), Err(NotAHash), "{wrong:?}");
        }
    }
}
