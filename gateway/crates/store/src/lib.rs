//! What the control plane keeps: rows, snapshots, revisions and a history, in SQLite.
//!
//! [`Store`] is the type to start with. A row is a kind, a parent, an id and a JSON document; the store knows neither what
//! the kinds are nor who asks. Every transaction that changes something has a revision, and rows carry the revision of
//! their last change, so that others can follow. Snapshots are bytes under their SHA-256.
//!
//! An acknowledged [`Write::commit`] is on the disk. A transaction that is dropped, cancelled or killed leaves nothing.
//!
//! SQL stands in one file a topic: `entity`, `change`, `snapshot`, `usage`. It is SQL that PostgreSQL runs as well; what only SQLite
//! knows stands in `sqlite` and in `migrations/sqlite`.

#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod backup;
mod change;
mod connection;
mod directory;
mod entity;
mod error;
mod key;
mod migration;
mod options;
mod read;
mod setting;
mod snapshot;
mod sqlite;
mod store;
mod usage;
mod vault;
mod write;

pub use backup::Restored;
pub use change::{Change, HistoryEntry};
pub use entity::{Page, Row};
pub use error::StoreError;
pub use key::{ID_BYTES, KIND_BYTES, Key, PARENT_BYTES};
pub use options::Options;
pub use read::Read;
pub use snapshot::{Hash, NotAHash, SNAPSHOT_BYTES};
pub use store::{HandedOver, Store};
pub use usage::Usage;
pub use vault::{Vault, VaultError, random};
pub use write::{ACTION_BYTES, DOCUMENT_BYTES, DOCUMENT_DEPTH, WHO_BYTES, Write};
