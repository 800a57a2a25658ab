//! The compiler's target, installed where it is missing.

use std::ffi::OsStr;
use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

use crate::run::{failed, isolate, output, typed, variable};
use crate::{Error, TARGET};

/// Installs the target unless it is there; the toolchain's name if it had to.
pub(crate) fn ensure(workspace: &Path, shared: &Path) -> Result<Option<String>, Error> {
    if is_installed(workspace)? {
        return Ok(None);
    }
    // Two build scripts may find it missing at once, and rustup does not wait for another rustup.
    let path = shared.join("install.lock");
    let lock = File::create(&path).map_err(|source| Error::io("create", &path, source))?;
    lock.lock().map_err(|source| Error::io("lock", &path, source))?;
    if is_installed(workspace)? {
        return Ok(None);
    }
    install(workspace).map(Some)
}

fn is_installed(workspace: &Path) -> Result<bool, Error> {
    let libraries = ask_rustc(workspace, &["--print", "target-libdir", "--target", TARGET])?;
    Ok(Path::new(&libraries).is_dir())
}

fn install(workspace: &Path) -> Result<String, Error> {
    let sysroot = ask_rustc(workspace, &["--print", "sysroot"])?;
    let Some(toolchain) = named().or_else(|| toolchain(Path::new(&sysroot))) else {
        return Err(Error::TargetMissing {
            sysroot,
            toolchain: None,
        });
    };
    let mut command = Command::new("rustup");
    command.args(["target", "add", TARGET, "--toolchain", &toolchain]);
    match command.output() {
        Ok(output) if output.status.success() => Ok(toolchain),
        Ok(output) => Err(Error::Install {
            command: typed(&command),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(Error::TargetMissing {
            sysroot,
            toolchain: Some(toolchain),
        }),
        Err(source) => Err(Error::Start {
            program: typed(&command),
            source,
        }),
    }
}

/// The toolchain's name, as rustup told the outer cargo.
fn named() -> Option<String> {
    variable("RUSTUP_TOOLCHAIN").filter(|name| !Path::new(name).is_absolute())
}

/// The toolchain's name where cargo was not started by rustup, from where rustup keeps it: `<rustup home>/toolchains/<name>`.
fn toolchain(sysroot: &Path) -> Option<String> {
    let inside = sysroot.parent()?.file_name() == Some(OsStr::new("toolchains"));
    inside
        .then(|| sysroot.file_name()?.to_str().map(str::to_owned))
        .flatten()
}

/// Asks the compiler that the inner cargo is going to use.
fn ask_rustc(workspace: &Path, arguments: &[&str]) -> Result<String, Error> {
    let mut command = Command::new("rustc");
    command.args(arguments).current_dir(workspace);
    isolate(&mut command, std::env::vars_os().map(|(name, _)| name));
    let output = output(&mut command)?;
    if !output.status.success() {
        return Err(failed(&command, workspace, &output));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_toolchain_only_of_rustup() {
        let rustup = Path::new("/home/ann/.rustup/toolchains/1.95.0-x86_64-unknown-linux-gnu");
        assert_eq!(
            toolchain(rustup).as_deref(),
            Some("1.95.0-x86_64-unknown-linux-gnu")
        );
        assert_eq!(toolchain(Path::new("/usr")), None);
        assert_eq!(toolchain(Path::new("/")), None);
    }
}
