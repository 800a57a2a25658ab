//! Backup and restore: one file, whole and checked.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::directory::{self, Lock};
use crate::error::StoreError;
use crate::migration;
use crate::options::Options;
use crate::sqlite::{self, ConnectOptions};

/// What a restore has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// The revision of the store that was restored.
    pub revision: i64,
    /// Where the database is now that was there before.
    pub aside: Option<PathBuf>,
}

/// `path` with something appended to its name.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

/// Runs what waits long for the disk on a thread that may wait.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(StoreError::Io {
            what: "cannot work on files".to_owned(),
            why: error.to_string(),
        }),
    }
}

/// Copies the database at `path` to `to`, as it is at one moment, while others go on writing.
///
/// The name is taken first and the whole copy is moved there, so a file is never overwritten and never half a copy.
pub(crate) async fn backup(path: &Path, options: &Options, to: &Path) -> Result<(), StoreError> {
    // A connection of its own: readers may not write, not even into another file.
    let connect = sqlite::connect_options(path, options, true);
    let to = to.to_path_buf();
    blocking(move || {
        let partial = beside(&to, ".partial");
        reserve(&to)?;
        let _ = fs::remove_file(&partial);
        let done = reserve(&partial)
            .and_then(|()| copy(&connect, &partial))
            .and_then(|()| publish(&partial, &to));
        if done.is_err() {
            let _ = fs::remove_file(&partial);
            let _ = fs::remove_file(&to);
        }
        done
    })
    .await
}

fn reserve(path: &Path) -> Result<(), StoreError> {
    match directory::private_file(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            Err(StoreError::FileExists { path: path.into() })
        }
        Err(error) => Err(StoreError::io(format!("cannot make {}", path.display()), &error)),
    }
}

fn copy(connect: &ConnectOptions, to: &Path) -> Result<(), StoreError> {
    let what = format!("cannot write the backup {}", to.display());
    let Some(name) = to.to_str() else {
        return Err(StoreError::Io {
            what,
            why: "its name is not UTF-8".to_owned(),
        });
    };
    let connection = sqlite::connect(connect)?;
    sqlite::copy(&connection, name).map_err(|error| sqlite::failure(&what, &error))
}

/// Moves a whole file to its name, and makes both durable.
fn publish(from: &Path, to: &Path) -> Result<(), StoreError> {
    File::open(from)
        .and_then(|file| file.sync_all())
        .and_then(|()| fs::rename(from, to))
        .map_err(|error| StoreError::io(format!("cannot write {}", to.display()), &error))?;
    match to.parent() {
        Some(parent) if parent.as_os_str().is_empty() => directory::sync(Path::new(".")),
        Some(parent) => directory::sync(parent),
        None => Ok(()),
    }
}

/// Puts the backup `from` into the place of a data directory's database.
///
/// The copy is made and checked first. Nobody may have the store open.
pub(crate) async fn restore(directory: &Path, from: &Path) -> Result<Restored, StoreError> {
    directory::make(directory)?;
    let lock = Lock::take(directory)?;
    let (directory, from) = (directory.to_path_buf(), from.to_path_buf());
    blocking(move || {
        let new = directory::restoring(&directory);
        take_copy(&from, &new)?;
        let revision = check(&new, &from).inspect_err(|_| remove_database(&new))?;
        let old = directory::database(&directory);
        fold(&old);
        let aside = replace(&old, &new)?;
        // To the end of the work: nobody opens the store before.
        drop(lock);
        Ok(Restored { revision, aside })
    })
    .await
}

fn take_copy(from: &Path, to: &Path) -> Result<(), StoreError> {
    let what = format!("cannot restore {}", from.display());
    let log = beside(from, "-wal");
    if fs::metadata(&log).is_ok_and(|log| log.len() > 0) {
        let why = format!(
            "it is a database in use, with a part of it in {}; make a backup of it first",
            log.display()
        );
        return Err(StoreError::Io { what, why });
    }
    let copy = || -> std::io::Result<()> {
        let mut source = File::open(from)?;
        remove_database(to);
        let mut target = directory::private_file(to)?;
        std::io::copy(&mut source, &mut target)?;
        target.sync_all()
    };
    copy().map_err(|error| {
        remove_database(to);
        StoreError::io(what, &error)
    })
}

/// Removes a database that nobody needs, with its journals.
fn remove_database(path: &Path) {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let _ = fs::remove_file(beside(path, suffix));
    }
}

/// That the copy at `path` is a whole store that this version can open; gives its revision.
fn check(path: &Path, from: &Path) -> Result<i64, StoreError> {
    let connection = sqlite::connect(&sqlite::connect_options(path, &Options::new(""), true))?;
    migration::version(&connection, from)?;
    let problems =
        sqlite::problems(&connection).map_err(|error| sqlite::failure("cannot check the backup", &error))?;
    if !problems.is_empty() {
        let problems = problems.join("; ");
        return Err(StoreError::Corrupt(format!("{}: {problems}", from.display())));
    }
    crate::change::revision(&connection).map_err(|error| sqlite::failure("cannot read the revision", &error))
}

/// Lets SQLite bring what is in the old database's log into the database, so that it is one file. Where it is too damaged
/// for that, the log is kept beside it.
fn fold(path: &Path) {
    if let Ok(connection) = sqlite::connect(&sqlite::connect_options(path, &Options::new(""), true)) {
        let _ = sqlite::fold(&connection);
    }
}

fn replace(old: &Path, new: &Path) -> Result<Option<PathBuf>, StoreError> {
    let failed = |error| StoreError::io(format!("cannot replace {}", old.display()), &error);
    let directory = old.parent().unwrap_or(Path::new("."));
    let aside = if old.try_exists().map_err(failed)? {
        let aside = unused(old);
        let log = beside(old, "-wal");
        if fs::metadata(&log).is_ok_and(|log| log.len() > 0) {
            // A log beside the new database would be taken for its own.
            fs::rename(&log, beside(&aside, "-wal")).map_err(failed)?;
        }
        fs::hard_link(old, &aside).map_err(failed)?;
        Some(aside)
    } else {
        None
    };
    for suffix in ["-wal", "-shm"] {
        let _ = fs::remove_file(beside(old, suffix));
    }
    fs::rename(new, old).map_err(failed)?;
    directory::sync(directory)?;
    Ok(aside)
}

/// A name for the old database that no file has.
fn unused(old: &Path) -> PathBuf {
    (1_u32..)
        .map(|number| beside(old, &format!(".before-restore-{number}")))
        .find(|path| !path.exists())
        .unwrap_or_else(|| beside(old, ".before-restore"))
}
