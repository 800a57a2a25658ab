//! The project's own commands.
//!
//! `cargo xtask test` passes all tests, and installs what they need. `cargo xtask bench` measures.

#![forbid(unsafe_code)]

mod bench;
mod documents;
mod needs;
mod run;
mod supply;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", about = "The project's own commands")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Install what the tests need, then run all of them
    Test,
    /// Measure what requests cost, over loopback; see gateway/benches
    Bench {
        /// Cases to run [default: all]
        cases: Vec<String>,
    },
    /// Make the files that are made from code anew: docs/gateway.schema.json, docs/edge.schema.json
    Generate,
    /// Check the dependencies against the database of advisories, which is fetched by git
    Advisories,
    /// Format, lint, check the dependencies and test, as CI does
    Check,
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Test => test::run(),
        Command::Bench { cases } => bench::run(&cases),
        Command::Generate => test::generate(),
        Command::Advisories => supply::advisories(),
        Command::Check => test::lint()
            .and_then(|()| supply::check())
            .and_then(|()| test::run()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            run::say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
