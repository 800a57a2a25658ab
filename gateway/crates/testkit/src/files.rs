//! A directory of files that ends with its test.

use std::path::{Path, PathBuf};

/// A temporary directory.
#[derive(Debug)]
pub struct Files {
    directory: tempfile::TempDir,
}

impl Default for Files {
    fn default() -> Self {
        Self {
            directory: tempfile::tempdir().expect("a temporary directory"),
        }
    }
}

impl Files {
    /// A directory in memory, where this machine has such a place: what little is written and flushed there waits for no
    /// disk that others keep busy.
    pub fn in_memory() -> Self {
        let directory = tempfile::tempdir_in("/dev/shm");
        Self {
            directory: directory
                .or_else(|_| tempfile::tempdir())
                .expect("a temporary directory"),
        }
    }

    /// Writes a file, whole: it is made beside its place and moved there, so that no reader sees a half of it.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        let beside = self.path(&format!(".{name}.new"));
        std::fs::write(&beside, content).expect("write a file");
        std::fs::rename(&beside, &path).expect("move a file");
        path
    }

    /// The path of a file here.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The directory.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }
}
