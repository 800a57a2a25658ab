//! What the workspaces depend on: licences, sources and what is banned, as deny.toml says.

use crate::needs;
use crate::run::{command, run};

/// Workspaces with a lock file.
const WORKSPACES: &[&str] = &["Cargo.toml", "plugins/Cargo.toml", "tests/guests/Cargo.toml"];

/// Checks all that can be checked without the database of advisories, which no registry of packages has.
pub(crate) fn check() -> anyhow::Result<()> {
    needs::ensure_cargo_deny()?;
    deny(&["bans", "licenses", "sources"])
}

/// Checks against the database of advisories, which is fetched by git.
pub(crate) fn advisories() -> anyhow::Result<()> {
    needs::ensure_cargo_deny()?;
    deny(&["advisories"])
}

fn deny(checks: &[&str]) -> anyhow::Result<()> {
    for workspace in WORKSPACES {
        let arguments = [
            "--log-level",
            "error",
            "--locked",
            "--config",
            "deny.toml",
            "--manifest-path",
            workspace,
            "check",
        ];
        run(command(needs::CARGO_DENY, &[&arguments, checks].concat()))?;
    }
    Ok(())
}
