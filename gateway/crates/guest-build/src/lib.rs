//! Builds a workspace of WebAssembly components from a build script, so that plain `cargo build` is all that anyone runs.
//!
//! It is not a general build tool: one target (`wasm32-wasip2`), one profile (`--release`, as the guests' own workspace
//! sets it), and a committed `Cargo.lock`. Start with [`build`].
//!
//! ```no_run
//! // build.rs
//! use std::path::Path;
//!
//! fn main() -> Result<(), portcullis_guest_build::Error> {
//!     for guest in portcullis_guest_build::build(Path::new("../plugins"))? {
//!         println!("cargo::rustc-env=GUEST_{}={}", guest.name, guest.path.display());
//!     }
//!     Ok(())
//! }
//! ```

mod error;
mod layout;
mod message;
mod run;
mod target;
mod watch;

use std::path::{Path, PathBuf};

pub use error::Error;

/// The target that every guest is built for.
pub const TARGET: &str = "wasm32-wasip2";

/// One component of the workspace.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Guest {
    /// The library's name with hyphens, such as `bearer-token`.
    pub name: String,
    /// The component. A copy of the build script's own: it changes only when this build script runs again, and only
    /// when its content changed, so that it can be embedded with `include_bytes!`.
    pub path: PathBuf,
}

/// Builds every component (`cdylib`) of the guest workspace in `workspace`, and tells the outer cargo what to watch.
///
/// Call it from a build script only: it reads `OUT_DIR`, and prints cargo's directives to standard output. It installs
/// the target by rustup where it is missing. The result is ordered by name.
///
/// All build scripts of one outer target directory build in one shared directory, `<target>/plugins-wasm`, whatever the
/// outer profile. They may run at the same time: the inner cargo locks that directory while it builds, so the second
/// one waits and then finds everything fresh.
///
/// # Errors
///
/// Fails outside a build script, where the target cannot be installed, and where the guests do not build; the error
/// then holds what the inner cargo printed.
pub fn build(workspace: &Path) -> Result<Vec<Guest>, Error> {
    let out_dir = std::env::var_os("OUT_DIR")
        .map(PathBuf::from)
        .ok_or(Error::NoOutDir)?;
    let workspace = workspace
        .canonicalize()
        .map_err(|source| Error::io("find", workspace, source))?;
    let shared = layout::target_dir(&out_dir, run::variable("TARGET").as_deref())
        .ok_or_else(|| Error::NoTargetDir(out_dir.clone()))?
        .join("plugins-wasm");
    std::fs::create_dir_all(&shared).map_err(|source| Error::io("create", &shared, source))?;

    if let Some(toolchain) = target::ensure(&workspace, &shared)? {
        directive(&format!(
            "warning=installed the Rust target {TARGET} for the toolchain {toolchain} with rustup, to build the plugins"
        ));
    }
    let built = run::cargo_build(&workspace, &shared)?;
    for path in watch::paths(&workspace, &built) {
        directive(&format!("rerun-if-changed={}", path.display()));
    }
    let mut guests = layout::copy(&built.components, &out_dir.join("guests"))?;
    guests.sort();
    Ok(guests)
}

#[expect(
    clippy::print_stdout,
    reason = "a build script talks to cargo through its standard output"
)]
fn directive(text: &str) {
    println!("cargo::{text}");
}
