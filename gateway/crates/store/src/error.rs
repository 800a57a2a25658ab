//! What can go wrong, and what to do about it.

use std::path::PathBuf;

use crate::key::Key;

/// Why the store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is a row of this key already.
    #[error("{0} exists already\nhint: choose another id, or change the one that is there")]
    Exists(Key),
    /// There is no row of this key.
    #[error("{0} does not exist\nhint: it may have been deleted meanwhile; read again")]
    Missing(Key),
    /// The key is empty, too long or has characters that are not allowed.
    #[error("the key {key:?} cannot be stored: {why}\nhint: choose another id")]
    InvalidKey {
        /// The key as it was given.
        key: Key,
        /// Which rule it breaks.
        why: String,
    },
    /// Something is larger than the store takes.
    #[error("{what} is too large: {found} {unit} of at most {limit}\nhint: make it smaller or split it")]
    TooLarge {
        /// What is too large.
        what: String,
        /// How large it is.
        found: usize,
        /// How large it may be.
        limit: usize,
        /// What is counted.
        unit: &'static str,
    },
    /// What changed after a revision is not known any more.
    #[error(
        "what changed after revision {revision} is forgotten: the history begins at revision {oldest}\nhint: read everything anew, and follow from there; a longer history is kept by the setting for it"
    )]
    Forgotten {
        /// The revision that was asked for.
        revision: i64,
        /// The first one that the history has.
        oldest: i64,
    },
    /// Others write or read for too long.
    #[error(
        "the store is busy: waited {waited_ms} ms for a turn\nhint: try again; if it stays so, look for a process that keeps the database open"
    )]
    Busy {
        /// How long the caller waited.
        waited_ms: u64,
    },
    /// The disk, the quota or the configured size is full.
    #[error(
        "there is no room for the store: {0}\nhint: free space on the disk of the data directory, or raise the size that is configured"
    )]
    Full(String),
    /// The database cannot be written.
    #[error(
        "the store is read-only: {0}\nhint: mount the data directory writable, and check who owns the files in it"
    )]
    ReadOnly(String),
    /// The database is damaged, or is none.
    #[error(
        "the store is damaged: {0}\nhint: stop the gateway, keep a copy of the data directory, and restore a backup"
    )]
    Corrupt(String),
    /// The database belongs to another program.
    #[error(
        "{path} is a database, but not one of Portcullis\nhint: name another data directory, or move the file away"
    )]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A newer version of Portcullis has written this database.
    #[error(
        "the store has schema {found}, and this version knows schemas up to {known}\nhint: run the newer version again, or restore a backup from before its first start"
    )]
    NewerSchema {
        /// The schema of the database.
        found: i64,
        /// The newest schema that this version knows.
        known: i64,
    },
    /// The database has an older schema, and was opened to be read only.
    #[error(
        "the store has schema {found}, and this version reads schema {known}\nhint: start the gateway once, it brings the store up to date"
    )]
    OlderSchema {
        /// The schema of the database.
        found: i64,
        /// The schema that this version reads.
        known: i64,
    },
    /// Another process has the store open.
    #[error(
        "the data directory {directory} is in use{by}\nhint: stop the other gateway, or give this one a directory of its own"
    )]
    InUse {
        /// The directory.
        directory: PathBuf,
        /// Which process it is, where it is known.
        by: String,
    },
    /// A restore did not come to its end.
    #[error("a restore into {directory} was interrupted\nhint: restore the backup again")]
    Interrupted {
        /// The directory.
        directory: PathBuf,
    },
    /// There is a file already where one would be made.
    #[error("{path} exists already\nhint: name another file; nothing is overwritten")]
    FileExists {
        /// The file.
        path: PathBuf,
    },
    /// An earlier error, or a cancelled call, ended this transaction.
    #[error("this transaction has ended by an earlier error, nothing of it was stored\nhint: begin again")]
    Aborted,
    /// The store was closed.
    #[error("the store is closed\nhint: the gateway is shutting down")]
    Closed,
    /// What was stored cannot be read.
    #[error("{what} cannot be read: {why}\nhint: restore a backup, or delete it")]
    Unreadable {
        /// What it is.
        what: String,
        /// Why it cannot be read.
        why: String,
    },
    /// The machine did not do as it should.
    #[error("{what}: {why}\nhint: check the disk and the permissions of the data directory")]
    Io {
        /// What was tried.
        what: String,
        /// What the machine said.
        why: String,
    },
}

impl StoreError {
    /// An error of the file system, with what was tried.
    pub(crate) fn io(what: impl Into<String>, error: &std::io::Error) -> Self {
        let (what, why) = (what.into(), error.to_string());
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                Self::Full(format!("{what}: {why}"))
            }
            std::io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly(format!("{what}: {why}")),
            _ => Self::Io { what, why },
        }
    }
}
