//! The command line: one file per command. Standard output is data, standard error is talk.

mod api;
mod backup;
mod canary;
mod check;
mod client;
mod credentials;
mod deploy;
mod deployments;
mod diff;
mod edge;
mod environment;
mod export;
mod failure;
mod history;
mod import;
mod invoke;
mod keys;
mod patch;
mod plugin;
mod print;
mod ready;
mod render;
mod rollback;
mod run;
mod schema;
mod signals;
mod stage;
mod table;
mod takeover;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Exit codes: 0 is success.
pub mod exit {
    /// Problems were found in what was given.
    pub const PROBLEMS: u8 = 1;
    /// The command line cannot be understood.
    pub const USAGE: u8 = 2;
    /// Something failed while running.
    pub const RUNTIME: u8 = 3;
}

/// A self-hosted, programmable API gateway.
#[derive(Debug, Parser)]
#[command(
    name = "portcullis",
    version,
    about = "A self-hosted, programmable API gateway",
    long_about = "A self-hosted, programmable API gateway: API Gateway's model of APIs, stages, authorizers and \
                  integrations, in front of any backend, with plugins as sandboxed WebAssembly components.\n\n\
                  Try it: portcullis run examples/quickstart/gateway.toml",
    after_help = "Exit codes: 0 success, 1 problems found, 2 wrong usage, 3 failed while running."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve what a gateway.toml says, and follow its changes
    Run(run::Run),
    /// Run a point of presence: near its clients, over warm connections to the regions that an edge.toml names
    Edge(edge::Edge),
    /// Say what is wrong with a gateway.toml and everything it names, without serving
    Check(check::Check),
    /// Print the JSON Schema of gateway.toml or edge.toml, for editors
    Schema(schema::Schema),
    /// Render a mapping template, to try it
    Render(render::Render),
    /// Look at plugins
    #[command(subcommand)]
    Plugin(plugin::Plugin),
    // These say in their own files, at length, what they are for.
    Ready(ready::Ready),
    Api(api::Api),
    Deploy(deploy::Deploy),
    Deployments(deployments::Deployments),
    Rollback(rollback::Rollback),
    Canary(canary::Canary),
    Stage(stage::Stage),
    Diff(diff::Diff),
    Import(import::Import),
    Export(export::Export),
    Invoke(invoke::Invoke),
    Keys(keys::Keys),
    History(history::History),
    Backup(backup::Backup),
    Restore(backup::Restore),
}

/// Runs the command line and gives the process's exit code.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // clap prints help to standard output and errors to standard error.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let code = match cli.command {
        Command::Run(run) => run.execute(),
        Command::Edge(edge) => edge.execute(),
        Command::Check(check) => check.execute(),
        Command::Schema(schema) => schema.execute(),
        Command::Render(render) => render.execute(),
        Command::Plugin(plugin) => plugin.execute(),
        Command::Ready(ready) => ready.execute(),
        Command::Api(api) => api.execute(),
        Command::Deploy(deploy) => deploy.execute(),
        Command::Deployments(deployments) => deployments.execute(),
        Command::Rollback(rollback) => rollback.execute(),
        Command::Canary(canary) => canary.execute(),
        Command::Stage(stage) => stage.execute(),
        Command::Diff(diff) => diff.execute(),
        Command::Import(import) => import.execute(),
        Command::Export(export) => export.execute(),
        Command::Invoke(invoke) => invoke.execute(),
        Command::Keys(keys) => keys.execute(),
        Command::History(history) => history.execute(),
        Command::Backup(backup) => backup.execute(),
        Command::Restore(restore) => restore.execute(),
    };
    ExitCode::from(code)
}
