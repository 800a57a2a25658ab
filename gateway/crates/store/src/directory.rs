//! The data directory: its files, and the lock that keeps a second gateway out.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::error::StoreError;

/// The database's file in `directory`.
pub(crate) fn database(directory: &Path) -> PathBuf {
    directory.join("store.db")
}

/// Where a restore prepares the database that will be.
pub(crate) fn restoring(directory: &Path) -> PathBuf {
    directory.join("store.db.restoring")
}

/// Makes the directory where it is missing, for its owner alone.
pub(crate) fn make(directory: &Path) -> Result<(), StoreError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .map_err(|error| StoreError::io(format!("cannot make {}", directory.display()), &error))
}

/// Makes an empty database for its owner alone, where there is none: SQLite would let everybody read it, and it gives its
/// journals the permissions of the database.
pub(crate) fn make_database(directory: &Path) -> Result<(), StoreError> {
    let path = database(directory);
    let exists = |path: &Path| {
        path.try_exists()
            .map_err(|error| StoreError::io(format!("cannot look at {}", path.display()), &error))
    };
    if exists(&path)? {
        return Ok(());
    }
    if exists(&restoring(directory))? {
        let directory = directory.to_path_buf();
        return Err(StoreError::Interrupted { directory });
    }
    private_file(&path)
        .map(drop)
        .map_err(|error| StoreError::io(format!("cannot make {}", path.display()), &error))
}

/// A new file that only its owner can read.
pub(crate) fn private_file(path: &Path) -> std::io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

/// Writes a directory's entries to the disk, so that a new or renamed file is still there after a power failure.
pub(crate) fn sync(directory: &Path) -> Result<(), StoreError> {
    File::open(directory)
        .and_then(|directory| directory.sync_all())
        .map_err(|error| StoreError::io(format!("cannot sync {}", directory.display()), &error))
}

/// Held by the one process that may write in the directory. The system drops it with the process, however that ends.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
}

impl Lock {
    /// Takes the lock, or says who has it.
    pub(crate) fn take(directory: &Path) -> Result<Self, StoreError> {
        let path = Self::path(directory);
        let failed = |error| StoreError::io(format!("cannot lock {}", path.display()), &error);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::InUse {
                    directory: fs::canonicalize(directory).unwrap_or_else(|_| directory.into()),
                    by: holder(&mut file),
                });
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        Ok(Self::signed(file))
    }

    /// Goes on with the lock of a process that gives the store up, or takes it where that one is another directory's.
    pub(crate) fn lent(lock: OwnedFd, directory: &Path) -> Result<Self, StoreError> {
        let lent = File::from(lock);
        let place = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
        let of_lent = lent.metadata().map(place).ok();
        let wanted = fs::metadata(Self::path(directory)).map(place).ok();
        if of_lent.is_some() && of_lent == wanted {
            return Ok(Self::signed(lent));
        }
        Self::take(directory)
    }

    /// The same lock for another process: it is free when both have ended.
    pub(crate) fn lend(&self) -> std::io::Result<OwnedFd> {
        self.file.try_clone().map(OwnedFd::from)
    }

    fn path(directory: &Path) -> PathBuf {
        directory.join("store.lock")
    }

    /// Only for the message of the one that comes second.
    fn signed(file: File) -> Self {
        let _ = file
            .set_len(0)
            .and_then(|()| file.write_all_at(std::process::id().to_string().as_bytes(), 0));
        Self { file }
    }
}

/// What the holder of the lock has written about itself.
fn holder(file: &mut File) -> String {
    let mut text = String::new();
    match file.take(32).read_to_string(&mut text) {
        Ok(1..) if text.bytes().all(|byte| byte.is_ascii_digit()) => format!(" by process {text}"),
        _ => String::new(),
    }
}
