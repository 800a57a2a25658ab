//! `portcullis backup` and `portcullis restore`: on the data directory itself, with or without a gateway.

use std::path::{Path, PathBuf};

use clap::Args;
use portcullis_store::{Options, Store, StoreError};
use serde_json::json;

use super::failure::{Failure, code};
use super::{print, table};

/// Back up what a control plane keeps
///
/// Writes what a control plane keeps into one file, as it is at one moment. A gateway that runs on the directory goes on.
/// The key that secrets are sealed with, store.key in the data directory, is not in it: keep a copy of that elsewhere.
#[derive(Debug, Args)]
pub(super) struct Backup {
    /// The data directory: `data` of the [control] in gateway.toml
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The file to write; it must not be there yet
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Restore a backup
///
/// Puts a backup into the place of what a data directory has, after a check of it. What was there is kept beside it.
/// Refused while a gateway runs on the directory. Secrets need the store.key that they were sealed with.
#[derive(Debug, Args)]
pub(super) struct Restore {
    /// The data directory; it is made where it is not there
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The backup
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Backup {
    pub(super) fn execute(self) -> u8 {
        code(self.run())
    }

    fn run(self) -> Result<(), Failure> {
        if !self.data.join("store.db").exists() {
            return Err(Failure::problem(format!(
                "{}: there is no store.db, so nothing to back up",
                self.data.display()
            ))
            .hint("name the directory that gateway.toml has as `data` in its [control]"));
        }
        let revision = wait(async {
            let mut options = Options::new(&self.data);
            options.read_only = true;
            let store = Store::open(options).await?;
            // Before, so that the backup has it.
            let revision = store.revision().await?;
            store.backup(&self.file).await?;
            store.close().await;
            Ok(revision)
        })?;
        if self.json {
            table::json(&json!({"file": self.file, "revision": revision}));
        } else {
            print::out(&format!(
                "wrote {}: what {} has at revision {revision}, or later",
                self.file.display(),
                self.data.display()
            ));
        }
        Ok(())
    }
}

impl Restore {
    pub(super) fn execute(self) -> u8 {
        code(self.run())
    }

    fn run(self) -> Result<(), Failure> {
        let restored = wait(async { Store::restore(&self.data, &self.file).await })?;
        if self.json {
            table::json(&json!({"revision": restored.revision, "aside": restored.aside}));
        } else {
            print::out(&format!(
                "restored {} into {}, revision {}",
                self.file.display(),
                self.data.display(),
                restored.revision
            ));
            if let Some(aside) = &restored.aside {
                print::out(&format!("what was there before is {}", aside.display()));
            }
        }
        tell_of_key(&self.data);
        Ok(())
    }
}

/// A gateway refuses to start where secrets were sealed and the key is missing.
fn tell_of_key(data: &Path) {
    let key = data.join("store.key");
    if !key.exists() {
        print::err(&format!(
            "note: {} is missing: put the one there that belongs to this backup, or the gateway does not start",
            key.display()
        ));
    }
}

/// Waits for the store, and tells its errors, which bring a hint.
fn wait<T>(work: impl Future<Output = Result<T, StoreError>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::runtime(format!("cannot start: {error}")))?;
    runtime.block_on(work).map_err(|error| {
        let told = error.to_string();
        match told.split_once("\nhint: ") {
            Some((message, hint)) => Failure::runtime(message).hint(hint),
            None => Failure::runtime(told),
        }
    })
}
