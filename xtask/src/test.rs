//! `cargo xtask test`

use std::process::Command;

use crate::needs;
use crate::run::{self, command, root};

/// Workspaces of guests, with their own lock files.
const GUESTS: &[&str] = &["plugins", "tests/guests"];

/// The feature that has spans, with their tests.
const SPANS: &str = "portcullis-tests/otel";

/// For how long CI fuzzes the template engine.
const FUZZ_SECONDS: &str = "30";

pub(crate) fn run() -> anyhow::Result<()> {
    needs::ensure()?;
    run::run(command(
        "cargo",
        &["test", "--workspace", "--locked", "--no-fail-fast"],
    ))?;
    // Spans are behind a feature, so that the other suites run what is built by default.
    run::run(command(
        "cargo",
        &[
            "test",
            "--workspace",
            "--features",
            SPANS,
            "--test",
            "spans",
            "--locked",
        ],
    ))?;
    // The first-party plugins' own tests need no Wasm: they run on this machine.
    let mut plugins = guests("test", "plugins", &["--locked"]);
    if std::env::var_os("CI").is_some() {
        plugins.env("PORTCULLIS_FUZZ_SECONDS", FUZZ_SECONDS);
    }
    run::run(plugins)
}

pub(crate) fn lint() -> anyhow::Result<()> {
    run::run(command("cargo", &["fmt", "--all", "--check"]))?;
    for workspace in GUESTS {
        run::run(guests("fmt", workspace, &["--check"]))?;
    }
    run::run(command(
        "cargo",
        &[
            "clippy",
            "--workspace",
            "--features",
            SPANS,
            "--all-targets",
            "--locked",
            "--",
            "-D",
            "warnings",
        ],
    ))?;
    for workspace in GUESTS {
        let arguments = ["--all-targets", "--locked", "--", "-D", "warnings"];
        run::run(guests("clippy", workspace, &arguments))?;
    }
    Ok(())
}

pub(crate) fn generate() -> anyhow::Result<()> {
    for of in ["gateway", "edge"] {
        let output = command(
            "cargo",
            &["run", "--quiet", "-p", "portcullis", "--", "schema", of],
        )
        .output()?;
        anyhow::ensure!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        std::fs::write(root().join(format!("docs/{of}.schema.json")), output.stdout)?;
    }
    Ok(())
}

/// A cargo command in a workspace of guests, with a target directory beside the others.
fn guests(verb: &str, workspace: &str, arguments: &[&str]) -> Command {
    let mut command = command("cargo", &[verb]);
    command.args(arguments).current_dir(root().join(workspace));
    command.env("CARGO_TARGET_DIR", root().join("target/plugins-native"));
    command
}
