//! What the suites need beside Rust, and how it is installed.

use anyhow::bail;

use crate::run::{command, run, say, succeeds};

/// A program, the arguments that show that it is there, and Debian's package with it.
const PROGRAMS: &[(&str, &[&str], &str)] = &[
    ("curl", &["--version"], "curl"),
    ("python3", &["--version"], "python3"),
    ("cc", &["--version"], "gcc"),
];

/// Installs what is missing; an error names what cannot be.
pub(crate) fn ensure() -> anyhow::Result<()> {
    for (program, arguments, package) in PROGRAMS {
        if !succeeds(program, arguments) {
            install(program, package)?;
        }
    }
    Ok(())
}

fn install(program: &str, package: &str) -> anyhow::Result<()> {
    say(&format!(
        "{program} is missing; installing Debian's package {package}"
    ));
    if !succeeds("apt-get", &["--version"]) {
        bail!(
            "{program} is needed, and there is no apt-get to install it with; install it and run this again"
        );
    }
    run(command("apt-get", &["update", "--quiet"]))?;
    run(command(
        "apt-get",
        &["install", "--yes", "--no-install-recommends", package],
    ))
}
