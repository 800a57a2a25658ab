//! `cargo xtask bench`

use std::path::PathBuf;

use anyhow::Context as _;

use crate::run::{self, command, root};

pub(crate) fn run(cases: &[String]) -> anyhow::Result<()> {
    // The guests that misbehave are built by the tests' build script.
    run::run(command(
        "cargo",
        &["build", "--release", "-p", "portcullis-tests", "--lib"],
    ))?;
    let mut bench = command(
        "cargo",
        &["bench", "-p", "portcullis", "--bench", "gateway", "--"],
    );
    bench.args(cases);
    bench.env("PORTCULLIS_BENCH_LOOP", guest("faults_integration.wasm")?);
    if let Ok(large) = guest("large.wasm") {
        bench.env("PORTCULLIS_BENCH_LARGE", large);
    }
    run::run(bench)
}

fn guest(name: &str) -> anyhow::Result<PathBuf> {
    let path = root()
        .join("target/plugins-wasm/wasm32-wasip2/release")
        .join(name);
    path.exists()
        .then_some(path)
        .with_context(|| format!("the guest {name} was not built"))
}
