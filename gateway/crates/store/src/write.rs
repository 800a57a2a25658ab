//! A transaction that writes.

use std::ops::{Deref, DerefMut};

use serde_json::Value;

use crate::change::{self, Changes, HistoryEntry};
use crate::entity;
use crate::error::StoreError;
use crate::key::Key;
use crate::read::Read;
use crate::snapshot::{self, Hash, SNAPSHOT_BYTES};

/// How large a document may be, as JSON text.
pub const DOCUMENT_BYTES: usize = 4 * 1_024 * 1_024;
/// How deep a document may be nested. What is deeper could be written, but not be parsed again.
pub const DOCUMENT_DEPTH: usize = 100;
/// How long the name of who writes may be.
pub const WHO_BYTES: usize = 2_048;
/// How long the name of an action may be.
pub const ACTION_BYTES: usize = 1_024;

/// A transaction that reads and writes. Nobody else writes beside it, so what it reads stays true until it commits.
///
/// Dropped without [`commit`](Self::commit) it leaves nothing. [`StoreError::Exists`], [`StoreError::Missing`] and what is
/// refused before it is tried leave the transaction usable; after any other error it is at its end.
#[derive(Debug)]
pub struct Write {
    read: Read,
    entry: HistoryEntry,
    changes: Changes,
    /// Whether anything was written, rows or snapshots.
    touched: bool,
    /// How many transactions the history keeps.
    history: u32,
}

impl Write {
    /// `read` has begun a transaction that writes, and has its revision.
    pub(crate) fn new(read: Read, entry: HistoryEntry, history: u32) -> Self {
        Self {
            read,
            entry,
            changes: Changes::new(),
            touched: false,
            history,
        }
    }

    /// Adds a row, or fails with [`StoreError::Exists`].
    pub async fn insert(&mut self, key: &Key, document: &Value) -> Result<(), StoreError> {
        key.check()?;
        let (text, revision) = (text(key, document)?, self.read.revision);
        let new = self.read.lease.run("cannot add a row", |connection| {
            entity::insert(connection, key, revision, &text)
        })?;
        if !new {
            return Err(StoreError::Exists(key.clone()));
        }
        self.changed(key, false);
        Ok(())
    }

    /// Replaces the document of a row, or fails with [`StoreError::Missing`].
    pub async fn update(&mut self, key: &Key, document: &Value) -> Result<(), StoreError> {
        key.check()?;
        let (text, revision) = (text(key, document)?, self.read.revision);
        let found = self.read.lease.run("cannot change a row", |connection| {
            entity::update(connection, key, revision, &text)
        })?;
        if !found {
            return Err(StoreError::Missing(key.clone()));
        }
        self.changed(key, false);
        Ok(())
    }

    /// Deletes a row, and says whether there was one. Rows below it stay; see [`delete_below`](Self::delete_below).
    pub async fn delete(&mut self, key: &Key) -> Result<bool, StoreError> {
        let found = self.read.lease.run("cannot delete a row", |connection| {
            entity::delete(connection, key)
        })?;
        if found {
            self.changed(key, true);
        }
        Ok(found)
    }

    /// Deletes all rows whose parent is `parent` or a path below it, and says how many there were.
    pub async fn delete_below(&mut self, parent: &str) -> Result<u64, StoreError> {
        let gone = self.read.lease.run("cannot delete rows", |connection| {
            entity::delete_below(connection, parent)
        })?;
        let count = u64::try_from(gone.len()).unwrap_or(u64::MAX);
        self.touched |= count > 0;
        self.changes.extend(gone.into_iter().map(|key| (key, true)));
        Ok(count)
    }

    /// Keeps bytes under their hash. Those that are there already are not written again.
    pub async fn put_snapshot(&mut self, bytes: &[u8]) -> Result<Hash, StoreError> {
        bounded("the snapshot", bytes.len(), SNAPSHOT_BYTES, "bytes")?;
        let hash = Hash::of(bytes);
        let lease = &mut self.read.lease;
        let has = lease.run("cannot look for a snapshot", |connection| {
            snapshot::has(connection, &hash)
        })?;
        if !has {
            let stored = snapshot::encode(bytes);
            lease.run("cannot keep a snapshot", |connection| {
                snapshot::put(connection, &hash, &stored)
            })?;
            self.touched = true;
        }
        Ok(hash)
    }

    /// Deletes a snapshot, and says whether there was one. That no row names it any more is for the caller to know.
    pub async fn delete_snapshot(&mut self, hash: &Hash) -> Result<bool, StoreError> {
        let found = self.read.lease.run("cannot delete a snapshot", |connection| {
            snapshot::delete(connection, hash)
        })?;
        self.touched |= found;
        Ok(found)
    }

    /// Makes everything durable and gives its revision. When nothing was changed, there is no new revision, and the last one
    /// is given.
    pub async fn commit(mut self) -> Result<i64, StoreError> {
        self.read.lease.usable()?;
        if !self.touched {
            return Ok(self.read.revision - 1);
        }
        let (entry, changes, history) = (&self.entry, &self.changes, self.history);
        self.read.lease.run("cannot write the history", |connection| {
            change::record(connection, entry, changes)?;
            change::trim(connection, entry.revision, history)
        })?;
        self.read.lease.commit()?;
        Ok(self.read.revision)
    }

    fn changed(&mut self, key: &Key, deleted: bool) {
        let key = (key.kind.to_owned(), key.parent.clone(), key.id.clone());
        self.changes.insert(key, deleted);
        self.touched = true;
    }
}

impl Deref for Write {
    type Target = Read;

    fn deref(&self) -> &Read {
        &self.read
    }
}

impl DerefMut for Write {
    fn deref_mut(&mut self) -> &mut Read {
        &mut self.read
    }
}

/// That something is within its bound.
pub(crate) fn bounded(what: &str, found: usize, limit: usize, unit: &'static str) -> Result<(), StoreError> {
    if found <= limit {
        return Ok(());
    }
    Err(StoreError::TooLarge {
        what: what.to_owned(),
        found,
        limit,
        unit,
    })
}

fn text(key: &Key, document: &Value) -> Result<String, StoreError> {
    let what = format!("the document of {key}");
    if !shallower(document, DOCUMENT_DEPTH) {
        bounded(&what, DOCUMENT_DEPTH + 1, DOCUMENT_DEPTH, "levels")?;
    }
    let text = document.to_string();
    bounded(&what, text.len(), DOCUMENT_BYTES, "bytes")?;
    Ok(text)
}

/// Whether a value has at most `depth` levels; looks no deeper.
fn shallower(value: &Value, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else {
        return matches!(
            value,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)
        );
    };
    match value {
        Value::Array(items) => items.iter().all(|item| shallower(item, depth)),
        Value::Object(members) => members.values().all(|member| shallower(member, depth)),
        _ => true,
    }
}
