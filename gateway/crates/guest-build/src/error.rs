use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::TARGET;

/// Why the guests could not be built.
///
/// `Debug` prints the same text as `Display`, so that a build script may return it from `main`.
#[non_exhaustive]
pub enum Error {
    /// `OUT_DIR` is not set: this is no build script.
    NoOutDir,
    /// `OUT_DIR` is not where cargo puts it.
    NoTargetDir(PathBuf),
    /// A file or directory could not be read or written.
    Io {
        /// What was tried.
        action: &'static str,
        /// The path that it was tried on.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// A program could not be started.
    Start {
        /// The program.
        program: String,
        /// The cause.
        source: io::Error,
    },
    /// The target is missing, and the toolchain is none of rustup's, or there is no rustup.
    TargetMissing {
        /// Where the compiler keeps its targets.
        sysroot: String,
        /// The toolchain's name if it is one of rustup's.
        toolchain: Option<String>,
    },
    /// `rustup target add` failed.
    Install {
        /// The command as it can be typed.
        command: String,
        /// What it printed.
        stderr: String,
    },
    /// The inner cargo, or the compiler that it uses, failed.
    Build {
        /// The command as it can be typed.
        command: String,
        /// The guests' workspace.
        workspace: PathBuf,
        /// What it printed.
        stderr: String,
    },
    /// The workspace has no `cdylib`.
    NoGuests(PathBuf),
}

impl Error {
    pub(crate) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io {
            action,
            path: path.to_owned(),
            source,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoOutDir => write!(f, "OUT_DIR is not set\nhint: call this from a build script"),
            Self::NoTargetDir(path) => {
                write!(
                    f,
                    "cannot tell the target directory from OUT_DIR {}",
                    path.display()
                )
            }
            Self::Io { action, path, source } => write!(f, "failed to {action} {}: {source}", path.display()),
            Self::Start { program, source } => write!(f, "failed to run `{program}`: {source}"),
            Self::TargetMissing {
                sysroot,
                toolchain: Some(toolchain),
            } => write!(
                f,
                "the Rust target {TARGET} is not installed in {sysroot}, and no rustup was found to install it\n\
                 hint: run `rustup target add {TARGET} --toolchain {toolchain}`"
            ),
            Self::TargetMissing {
                sysroot,
                toolchain: None,
            } => write!(
                f,
                "the Rust target {TARGET} is not installed in {sysroot}, which is no toolchain of rustup's\n\
                 hint: install rustup (https://rustup.rs), then run `rustup target add {TARGET}` in this directory"
            ),
            Self::Install { command, stderr } => {
                write!(
                    f,
                    "failed to install the Rust target {TARGET}:\n{}\nhint: run `{command}`",
                    stderr.trim_end()
                )
            }
            Self::Build {
                command,
                workspace,
                stderr,
            } => {
                write!(
                    f,
                    "failed to build the guests in {}: `{command}`:\n{}",
                    workspace.display(),
                    stderr.trim_end()
                )
            }
            Self::NoGuests(path) => {
                write!(
                    f,
                    "no component in {}\nhint: a guest sets crate-type = [\"cdylib\"]",
                    path.display()
                )
            }
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } | Self::Start { source, .. } => Some(source),
            _ => None,
        }
    }
}
