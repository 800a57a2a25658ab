//! A transaction that reads.

use crate::connection::Lease;
use crate::entity::{self, Page, Row};
use crate::error::StoreError;
use crate::key::Key;
use crate::snapshot::{self, Hash};

/// One state of the store: whatever others commit meanwhile, every call here sees the same.
///
/// Keep it for a short time. While it is open, SQLite's write-ahead log grows with every write. A
/// [`Write`](crate::Write) can be used wherever a `&mut Read` is wanted.
#[derive(Debug)]
pub struct Read {
    pub(crate) lease: Lease,
    pub(crate) revision: i64,
}

impl Read {
    /// The revision of the state that is seen; of a [`Write`](crate::Write) the one that it will have.
    pub fn revision(&self) -> i64 {
        self.revision
    }

    /// The row of a key.
    pub async fn get(&mut self, key: &Key) -> Result<Option<Row>, StoreError> {
        let stored = self
            .lease
            .run("cannot read a row", |connection| entity::get(connection, key))?;
        stored.map(entity::parse).transpose()
    }

    /// The rows of a kind directly below a parent, by id.
    pub async fn list(&mut self, kind: &str, parent: &str, page: Page<'_>) -> Result<Vec<Row>, StoreError> {
        let stored = self.lease.run("cannot list rows", |connection| {
            entity::list(connection, kind, parent, page)
        })?;
        stored.into_iter().map(entity::parse).collect()
    }

    /// All rows of a kind, by parent and id.
    pub async fn all(&mut self, kind: &str) -> Result<Vec<Row>, StoreError> {
        let stored = self
            .lease
            .run("cannot read rows", |connection| entity::all(connection, kind))?;
        stored.into_iter().map(entity::parse).collect()
    }

    /// All rows whose parent is `parent` or a path below it, by parent, kind and id.
    pub async fn below(&mut self, parent: &str) -> Result<Vec<Row>, StoreError> {
        let stored = self
            .lease
            .run("cannot read rows", |connection| entity::below(connection, parent))?;
        stored.into_iter().map(entity::parse).collect()
    }

    /// The rows of a kind whose parents are from `first` to `last`, both among them, by parent and id.
    pub async fn between(&mut self, kind: &str, first: &str, last: &str) -> Result<Vec<Row>, StoreError> {
        let stored = self.lease.run("cannot read rows", |connection| {
            entity::between(connection, kind, (first, last))
        })?;
        stored.into_iter().map(entity::parse).collect()
    }

    /// The bytes of a snapshot.
    pub async fn snapshot(&mut self, hash: &Hash) -> Result<Option<Vec<u8>>, StoreError> {
        let stored = self.lease.run("cannot read a snapshot", |connection| {
            snapshot::get(connection, hash)
        })?;
        stored.map(|stored| snapshot::decode(hash, stored)).transpose()
    }
}
