//! What the suites need beside Rust, and how it is installed.

use anyhow::bail;

use crate::run::{command, root, run, say, succeeds};

/// A program, the arguments that show that it is there, and Debian's package with it.
const PROGRAMS: &[(&str, &[&str], &str)] = &[
    ("curl", &["--version"], "curl"),
    ("python3", &["--version"], "python3"),
    ("cc", &["--version"], "gcc"),
];

/// AWS's own clients, of versions that go together, as the suites of the control plane use them.
const CLIENTS: &[(&str, &str)] = &[("boto3", "1.44.8"), ("awscli", "1.46.3")];

/// Installs what is missing; an error names what cannot be.
pub(crate) fn ensure() -> anyhow::Result<()> {
    for (program, arguments, package) in PROGRAMS {
        if !succeeds(program, arguments) {
            install(program, package)?;
        }
    }
    ensure_clients()
}

/// A virtual environment `target/python` with AWS's clients, made where it is not there or has others.
pub(crate) fn ensure_clients() -> anyhow::Result<()> {
    let python = root().join("target/python/bin/python");
    let python = python.to_string_lossy();
    let are_these = CLIENTS
        .iter()
        .map(|(name, version)| format!("metadata.version('{name}') == '{version}'"));
    let check = format!(
        "import sys; from importlib import metadata; sys.exit(not ({}))",
        are_these.collect::<Vec<_>>().join(" and ")
    );
    if succeeds(&python, &["-c", &check]) {
        return Ok(());
    }
    // Debian's python3 comes without the module that makes environments.
    if !succeeds("python3", &["-c", "import venv, ensurepip"]) {
        install("python3's module venv", "python3-venv")?;
    }
    run(command("python3", &["-m", "venv", "--clear", "target/python"]))?;
    let clients = CLIENTS.iter().map(|(name, version)| format!("{name}=={version}"));
    let clients: Vec<String> = clients.collect();
    let mut install = command(&python, &["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    install.args(clients);
    run(install)
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
