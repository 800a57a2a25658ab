//! Backup and restore: one file, whole and checked.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::connection::{Connections, Lease};
use crate::directory::{self, Lock};
use crate::error::StoreError;
use crate::migration;
use crate::options::Options;
use crate::sqlite;

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

/// Runs what waits for the disk on a thread that may wait.
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
    let partial = beside(to, ".partial");
    reserve(to)?;
    let done = async {
        let _ = fs::remove_file(&partial);
        reserve(&partial)?;
        copy(path, options, &partial).await?;
        let (partial, to) = (partial.clone(), to.to_path_buf());
        blocking(move || publish(&partial, &to)).await
    }
    .await;
    if done.is_err() {
        let _ = fs::remove_file(&partial);
        let _ = fs::remove_file(to);
    }
    done
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

async fn copy(path: &Path, options: &Options, to: &Path) -> Result<(), StoreError> {
    let what = format!("cannot write the backup {}", to.display());
    let Some(name) = to.to_str() else {
        return Err(StoreError::Io {
            what,
            why: "its name is not UTF-8".to_owned(),
        });
    };
    // A connection of its own: readers may not write, not even into another file.
    let connect = sqlite::connect_options(path, options, true);
    let connections = Connections::new(connect, 1, options.patience);
    let mut lease = connections.lend().await?;
    let done = lease
        .run(&what, async |connection| sqlite::copy(connection, name).await)
        .await;
    drop(lease);
    connections.close().await;
    done
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
    let new = directory::restoring(directory);
    let source = from.to_path_buf();
    blocking({
        let new = new.clone();
        move || take_copy(&source, &new)
    })
    .await?;
    let revision = match check(&new, from).await {
        Ok(revision) => revision,
        Err(error) => {
            remove_database(&new);
            return Err(error);
        }
    };
    let old = directory::database(directory);
    fold(&old).await;
    let aside = blocking(move || {
        let aside = replace(&old, &new)?;
        // To the end of the work: nobody opens the store before.
        drop(lock);
        Ok(aside)
    })
    .await?;
    Ok(Restored { revision, aside })
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
async fn check(path: &Path, from: &Path) -> Result<i64, StoreError> {
    let options = Options::new("");
    let connections = Connections::new(sqlite::connect_options(path, &options, true), 1, options.patience);
    let mut lease = connections.lend().await?;
    let checked = checked(&mut lease, from).await;
    drop(lease);
    connections.close().await;
    checked
}

async fn checked(lease: &mut Lease, from: &Path) -> Result<i64, StoreError> {
    migration::version(lease, from).await?;
    let problems = lease.run("cannot check the backup", sqlite::problems).await?;
    if !problems.is_empty() {
        let problems = problems.join("; ");
        return Err(StoreError::Corrupt(format!("{}: {problems}", from.display())));
    }
    lease
        .run("cannot read the revision", crate::change::revision)
        .await
}

/// Lets SQLite bring what is in the old database's log into the database, so that it is one file. Where it is too damaged
/// for that, the log is kept beside it.
async fn fold(path: &Path) {
    let options = Options::new("");
    let connections = Connections::new(sqlite::connect_options(path, &options, true), 1, options.patience);
    if let Ok(mut lease) = connections.lend().await {
        let _ = lease.run("", sqlite::fold).await;
    }
    connections.close().await;
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
