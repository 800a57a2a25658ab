//! Running the inner cargo, free of the outer one's settings.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::{Command, Output};

use crate::message::Built;
use crate::{Error, TARGET};

/// Settings of the user's machine, which the inner cargo needs as well. Every other variable of cargo's is cleared.
const KEPT: [&str; 5] = [
    "CARGO_HOME",
    "CARGO_HTTP_",
    "CARGO_NET_",
    "CARGO_REGISTRIES_",
    "CARGO_REGISTRY_",
];

/// What the outer cargo, its build scripts' environment and clippy set beside `CARGO_…`.
const CLEARED: [&str; 19] = [
    "CLIPPY_ARGS",
    "CLIPPY_CONF_DIR",
    "DEBUG",
    "HOST",
    "MAKEFLAGS",
    "MFLAGS",
    "NUM_JOBS",
    "OPT_LEVEL",
    "OUT_DIR",
    "PROFILE",
    "RUSTC",
    "RUSTC_LINKER",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "RUSTDOC",
    "RUSTDOCFLAGS",
    "RUSTFLAGS",
    "SYSROOT",
    "TARGET",
];

/// The variable as text; cargo's are.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var_os(name)?.into_string().ok()
}

/// Builds the workspace into the shared directory.
pub(crate) fn cargo_build(workspace: &Path, shared: &Path) -> Result<Built, Error> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args([
        "build",
        "--workspace",
        "--lib",
        "--release",
        "--locked",
        "--target",
        TARGET,
    ]);
    command
        .arg("--message-format=json-render-diagnostics")
        .arg("--target-dir")
        .arg(shared);
    command.current_dir(workspace);
    isolate(&mut command, std::env::vars_os().map(|(name, _)| name));
    // Set and empty, it also overrules `rustflags` of the user's configuration, which are meant for the host.
    command.env("CARGO_ENCODED_RUSTFLAGS", "");

    let output = output(&mut command)?;
    if !output.status.success() {
        return Err(failed(&command, workspace, &output));
    }
    let built = Built::parse(&String::from_utf8_lossy(&output.stdout));
    if built.components.is_empty() {
        return Err(Error::NoGuests(workspace.to_owned()));
    }
    Ok(built)
}

/// Takes the outer build's variables away from the command.
pub(crate) fn isolate(command: &mut Command, names: impl Iterator<Item = OsString>) {
    for name in names.filter(|name| !is_passed_on(name)) {
        command.env_remove(name);
    }
}

fn is_passed_on(name: &OsStr) -> bool {
    let Some(name) = name.to_str() else { return true };
    if name.starts_with("CARGO") || name.starts_with("__CARGO") || name.starts_with("DEP_") {
        return KEPT.iter().any(|kept| {
            name.strip_prefix(kept)
                .is_some_and(|rest| kept.ends_with('_') || rest.is_empty())
        });
    }
    !CLEARED.contains(&name)
}

/// Runs to the end; a failure of the program itself is in the output.
pub(crate) fn output(command: &mut Command) -> Result<Output, Error> {
    command.output().map_err(|source| Error::Start {
        program: typed(command),
        source,
    })
}

pub(crate) fn failed(command: &Command, workspace: &Path, output: &Output) -> Error {
    Error::Build {
        command: typed(command),
        workspace: workspace.to_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The command as it can be typed.
pub(crate) fn typed(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program());
    let words = std::iter::once(program)
        .chain(command.get_args())
        .map(|word| word.to_string_lossy());
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_on_only_the_machine_s_settings() {
        for (name, passed_on) in [
            ("PATH", true),
            ("HOME", true),
            ("RUSTUP_TOOLCHAIN", true),
            ("RUSTUP_AUTO_INSTALL", true),
            ("CARGO_HOME", true),
            ("CARGO_NET_OFFLINE", true),
            ("CARGO_HTTP_CAINFO", true),
            ("CARGO_REGISTRIES_MINE_TOKEN", true),
            ("CARGO_HOMESTEAD", false),
            ("CARGO", false),
            ("CARGO_ENCODED_RUSTFLAGS", false),
            ("CARGO_TARGET_DIR", false),
            ("CARGO_BUILD_TARGET", false),
            ("CARGO_PROFILE_RELEASE_LTO", false),
            ("CARGO_INCREMENTAL", false),
            ("CARGO_MAKEFLAGS", false),
            ("CARGO_PKG_NAME", false),
            ("CARGO_TARGET_WASM32_WASIP2_RUSTFLAGS", false),
            ("__CARGO_DEFAULT_LIB_METADATA", false),
            ("DEP_OPENSSL_ROOT", false),
            ("MAKEFLAGS", false),
            ("RUSTFLAGS", false),
            ("RUSTC", false),
            ("RUSTC_WRAPPER", false),
            ("RUSTC_WORKSPACE_WRAPPER", false),
            ("CLIPPY_ARGS", false),
            ("OUT_DIR", false),
        ] {
            assert_eq!(is_passed_on(OsStr::new(name)), passed_on, "{name}");
        }
    }

    #[test]
    fn shows_the_command_as_typed() {
        let mut command = Command::new("/opt/rust/bin/cargo");
        command.args(["build", "--release"]);
        assert_eq!(typed(&command), "cargo build --release");
    }
}
