//! The store itself.

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::backup::{self, Restored};
use crate::change::{self, Change, HistoryEntry};
use crate::connection::{Connections, Lease, may_wait};
use crate::directory::{self, Lock};
use crate::error::StoreError;
use crate::migration;
use crate::options::Options;
use crate::read::Read;
use crate::setting;
use crate::sqlite::{self, BEGIN_READ, BEGIN_WRITE};
use crate::vault::{self, Vault, VaultError};
use crate::write::{ACTION_BYTES, WHO_BYTES, Write, bounded};

/// The setting that has the fingerprint of the vault's key.
const VAULT: &str = "vault";

/// An open store. Clones are the same one.
#[derive(Debug, Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    options: Options,
    path: PathBuf,
    writer: Arc<Connections>,
    readers: Arc<Connections>,
    /// Last, so that it goes after the connections.
    lock: parking_lot::Mutex<Option<Lock>>,
}

/// A store that another process may write to; dropped, it is this one's again.
#[derive(Debug)]
pub struct HandedOver {
    /// Nobody locks it: whoever holds this may be shared by threads, which a connection may not.
    _writer: parking_lot::Mutex<Lease>,
    lock: OwnedFd,
}

impl HandedOver {
    /// The directory's lock.
    pub fn lock(&self) -> std::io::Result<OwnedFd> {
        self.lock.try_clone()
    }
}

impl Store {
    /// Opens the store of a directory, and brings its schema up to date.
    ///
    /// A second process is refused, and so is a schema that is newer than this version knows.
    pub async fn open(options: Options) -> Result<Self, StoreError> {
        Self::open_lent(options, None).await
    }

    /// The same, where another process lends its lock: see [`Store::hand_over`].
    pub async fn open_lent(options: Options, lent: Option<OwnedFd>) -> Result<Self, StoreError> {
        let directory = options.directory.as_path();
        let lock = if options.read_only {
            None
        } else {
            directory::make(directory)?;
            let lock = match lent {
                Some(lent) => Lock::lent(lent, directory)?,
                None => Lock::take(directory)?,
            };
            directory::make_database(directory)?;
            Some(lock)
        };
        let path = directory::database(directory);
        let connect = |writes| sqlite::connect_options(&path, &options, writes);
        let connections = |writes, size| Connections::new(connect(writes), size, options.patience);
        let (writer, readers) = (connections(true, 1), connections(false, options.readers));
        if options.read_only {
            migration::check(&sqlite::connect(&connect(true))?, &path)?;
        } else {
            let mut lease = writer.lend().await?;
            may_wait(|| migration::migrate(&mut lease, &path))?;
        }
        Ok(Self {
            inner: Arc::new(Inner {
                options,
                path,
                writer,
                readers,
                lock: parking_lot::Mutex::new(lock),
            }),
        })
    }

    /// The data directory.
    pub fn directory(&self) -> &Path {
        &self.inner.options.directory
    }

    /// Begins to read: one state of the store, whatever is committed meanwhile.
    pub async fn read(&self) -> Result<Read, StoreError> {
        let mut lease = self.inner.readers.lend().await?;
        lease.begin(BEGIN_READ)?;
        let revision = lease.run("cannot read the revision", change::revision)?;
        Ok(Read { lease, revision })
    }

    /// Begins to write, for the history as `who` and `action`. Writers wait for their turn, within the options' patience.
    pub async fn write(&self, who: &str, action: &str) -> Result<Write, StoreError> {
        bounded("the name of who writes", who.len(), WHO_BYTES, "bytes")?;
        bounded("the name of the action", action.len(), ACTION_BYTES, "bytes")?;
        let mut lease = self.writer().await?;
        lease.begin(BEGIN_WRITE)?;
        let revision = lease.run("cannot take a revision", change::revision)? + 1;
        let entry = HistoryEntry {
            revision,
            at: (self.inner.options.now)(),
            who: who.to_owned(),
            action: action.to_owned(),
            changes: Vec::new(),
        };
        let history = self.inner.options.history;
        Ok(Write::new(Read { lease, revision }, entry, history))
    }

    /// The connection that writes, when it is this caller's turn.
    pub(crate) async fn writer(&self) -> Result<Lease, StoreError> {
        if self.inner.options.read_only {
            return Err(StoreError::ReadOnly("it was opened to be read only".to_owned()));
        }
        self.inner.writer.lend().await
    }

    /// The revision of the last transaction; 0 in a new store.
    pub async fn revision(&self) -> Result<i64, StoreError> {
        Ok(self.read().await?.revision())
    }

    /// What changed after a revision, oldest first, for those who follow: go on with the last one's revision.
    ///
    /// A transaction is never cut in two, so there may be more than `limit`. Where the history no longer has the one after
    /// `revision`, it is [`StoreError::Forgotten`]: read everything anew.
    pub async fn changes_since(&self, revision: i64, limit: usize) -> Result<Vec<Change>, StoreError> {
        let mut read = self.read().await?;
        let oldest = read.lease.run("cannot read the changes", change::oldest)?;
        if let Some(oldest) = oldest.filter(|oldest| revision < oldest - 1) {
            return Err(StoreError::Forgotten { revision, oldest });
        }
        change::since(&mut read.lease, revision, limit)
    }

    /// The latest transactions before a revision, or the latest of all, the newest first.
    pub async fn history(&self, before: Option<i64>, limit: usize) -> Result<Vec<HistoryEntry>, StoreError> {
        let mut read = self.read().await?;
        change::history(&mut read.lease, before, limit)
    }

    /// Writes a backup, as the store is at one moment, into a file that must not exist yet. Writers are not held up.
    ///
    /// The key of the [`Vault`] is not in it.
    pub async fn backup(&self, to: &Path) -> Result<(), StoreError> {
        backup::backup(&self.inner.path, &self.inner.options, to).await
    }

    /// Puts a backup into the place of a directory's store, after a check of it. The old database is kept beside it.
    ///
    /// Refused while the store is open, here or in another process.
    pub async fn restore(directory: &Path, from: &Path) -> Result<Restored, StoreError> {
        backup::restore(directory, from).await
    }

    /// The vault of this store. The first call ever makes its key, `store.key` in the data directory; later ones refuse a key
    /// that is missing, that others can read, or that is another store's.
    pub async fn vault(&self) -> Result<Vault, VaultError> {
        let path = vault::key_file(self.directory());
        let read_only = self.inner.options.read_only;
        let mut lease = self.inner.writer.lend().await?;
        lease.begin(if read_only { BEGIN_READ } else { BEGIN_WRITE })?;
        let known = lease.run("cannot read a setting", |connection| {
            setting::get(connection, VAULT)
        })?;
        let key = match (vault::load(&path)?, known) {
            (Some(key), Some(known)) if vault::fingerprint(&key) == known => return Vault::new(&key),
            (Some(_), Some(_)) => return Err(VaultError::Wrong { path }),
            (None, Some(_)) => return Err(VaultError::Missing { path }),
            (None, None) if read_only => return Err(VaultError::Missing { path }),
            (Some(key), None) if read_only => return Vault::new(&key),
            (Some(key), None) => key,
            (None, None) => vault::make(&path)?,
        };
        lease.run("cannot keep a setting", |connection| {
            setting::put(connection, VAULT, &vault::fingerprint(&key))
        })?;
        lease.commit()?;
        Vault::new(&key)
    }

    /// Gives the store to another process: waits for the transaction that writes, and lets nobody here begin another while
    /// what this gives back is there. Whoever gets the lock of it may open the store by [`Store::open_lent`].
    pub async fn hand_over(&self) -> Result<HandedOver, StoreError> {
        let writer = self.writer().await?;
        let lock = match &*self.inner.lock.lock() {
            Some(lock) => lock.lend(),
            None => return Err(StoreError::Closed),
        };
        let lock = lock.map_err(|error| StoreError::io("cannot lend the lock".to_owned(), &error))?;
        Ok(HandedOver {
            _writer: parking_lot::Mutex::new(writer),
            lock,
        })
    }

    /// Waits for the transactions that are open, and closes the store for all of its clones.
    pub async fn close(self) {
        self.inner.readers.close().await;
        self.inner.writer.close().await;
        self.inner.lock.lock().take();
    }
}
