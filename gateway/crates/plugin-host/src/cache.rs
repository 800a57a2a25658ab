//! Compiled components on disk.
//!
//! Compiled code is machine code: whoever can write these files can run code in this process. So the directory must
//! belong to this user alone, and a file is used only if it carries the checksum of its contents.

// Deserialising is the one unsafe thing that this workspace does.
#![allow(unsafe_code)]

use std::{
    cmp::Reverse,
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::SystemTime,
};

use sha2::{Digest as _, Sha256};
use wasmtime::{Engine, component::Component};

use crate::{HostError, compile::CompileKey};

const MAGIC: &[u8; 16] = b"portcullis-wasm1";
const CHECKSUM: usize = 32;
/// Beyond either, the oldest files go.
const MAX_FILES: usize = 256;
const MAX_BYTES: u64 = 1 << 30;

/// A directory of compiled components.
#[derive(Debug)]
pub(crate) struct Cache {
    directory: PathBuf,
    temporary: AtomicU64,
}

impl Cache {
    pub(crate) fn open(directory: PathBuf) -> Result<Self, HostError> {
        match prepare(&directory) {
            Ok(()) => Ok(Self {
                directory,
                temporary: AtomicU64::new(0),
            }),
            Err(reason) => Err(HostError::Cache {
                path: directory,
                reason,
            }),
        }
    }

    /// The component, if a sound file has it. A damaged one is as good as none: it will be written again.
    pub(crate) fn get(&self, engine: &Engine, key: &CompileKey) -> Option<Component> {
        let path = self.path(key);
        let contents = fs::read(&path).ok()?;
        let Some(compiled) = verified(&contents) else {
            tracing::warn!(file = %path.display(), "ignoring a damaged file in the compile cache");
            return None;
        };
        // SAFETY: the bytes must be what `Component::serialize` gave. `put` writes nothing else, the checksum says that
        // they are what was written, and `prepare` made sure that nobody but this user can write here. That they fit
        // this engine is checked by wasmtime, and is part of the key.
        let component = unsafe { Component::deserialize(engine, compiled) };
        component
            .inspect_err(|error| tracing::warn!(file = %path.display(), "ignoring a foreign compiled plugin: {error:#}"))
            .ok()
    }

    /// Keeps a compiled component. A cache that cannot be written is slow, not broken.
    pub(crate) fn put(&self, key: &CompileKey, compiled: &[u8]) {
        if let Err(error) = self.write(key, compiled).and_then(|()| self.shrink()) {
            tracing::warn!(directory = %self.directory.display(), "cannot write the compile cache: {error}");
        }
    }

    fn path(&self, key: &CompileKey) -> PathBuf {
        let mut name = String::with_capacity(72);
        for byte in key {
            name.push_str(&format!("{byte:02x}"));
        }
        name.push_str(".compiled");
        self.directory.join(name)
    }

    fn write(&self, key: &CompileKey, compiled: &[u8]) -> io::Result<()> {
        let number = self.temporary.fetch_add(1, Relaxed);
        let temporary = self
            .directory
            .join(format!("{}.{number}.tmp", std::process::id()));
        let written = write_new(&temporary, compiled).and_then(|()| fs::rename(&temporary, self.path(key)));
        if written.is_err() {
            let _ = fs::remove_file(&temporary);
        }
        written
    }

    /// Deletes the oldest files beyond the bounds, left-over temporary ones among them.
    fn shrink(&self) -> io::Result<()> {
        let mut files: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
        for entry in fs::read_dir(&self.directory)? {
            let entry = entry?;
            let path = entry.path();
            if path
                .extension()
                .is_some_and(|extension| extension == "compiled" || extension == "tmp")
            {
                // It may be gone already: another process shares the directory.
                let Ok(metadata) = entry.metadata() else { continue };
                files.push((metadata.modified()?, metadata.len(), path));
            }
        }
        files.sort_by_key(|(modified, ..)| Reverse(*modified));
        let mut bytes = 0;
        for (index, (_, length, path)) in files.into_iter().enumerate() {
            bytes += length;
            if index >= MAX_FILES || (bytes > MAX_BYTES && index > 0) {
                let _ = fs::remove_file(path);
            }
        }
        Ok(())
    }
}

fn write_new(path: &Path, compiled: &[u8]) -> io::Result<()> {
    // A file of this name can only be left over from a process that had the same number.
    let _ = fs::remove_file(path);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(MAGIC)?;
    file.write_all(Sha256::digest(compiled).as_slice())?;
    file.write_all(compiled)
}

/// The compiled component in a file, if its header and checksum are right.
fn verified(contents: &[u8]) -> Option<&[u8]> {
    let rest = contents.strip_prefix(MAGIC)?;
    let (checksum, compiled) = rest.split_at_checked(CHECKSUM)?;
    (Sha256::digest(compiled).as_slice() == checksum).then_some(compiled)
}

/// Creates the directory, and refuses one that others could write to.
fn prepare(directory: &Path) -> Result<(), String> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .map_err(|error| format!("cannot create it: {error}"))?;
    let metadata = fs::metadata(directory).map_err(|error| format!("cannot look at it: {error}"))?;
    let user = rustix::process::geteuid().as_raw();
    if metadata.uid() != user {
        return Err(format!(
            "it belongs to user {}, not to {user} who runs this",
            metadata.uid()
        ));
    }
    if metadata.mode() & 0o022 != 0 {
        return Err(format!(
            "others can write to it (mode {:o}): `chmod go-w` it",
            metadata.mode() & 0o7777
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
