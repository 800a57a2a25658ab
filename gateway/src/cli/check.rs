//! `portcullis check FILE`

use std::path::PathBuf;

use clap::Args;
use portcullis_plugin_host::{Host, HostSettings};

use super::{environment, exit, print};
use crate::clock::SystemClock;
use crate::proxy::Gateway;
use crate::reconcile::{Outcome, Reconciler};

/// Reads the file and everything it names, loads the plugins and compiles every stage, as `run` does, but serves
/// nothing. Every problem is told as file:line:column, with a hint.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// The gateway.toml to check
    #[arg(value_name = "FILE", default_value = "gateway.toml")]
    config: PathBuf,
    /// Print the problems as one JSON array on standard output
    #[arg(long)]
    json: bool,
}

impl Check {
    pub(super) fn execute(self) -> u8 {
        let outcome = match check(self.config.clone()) {
            Ok(outcome) => outcome,
            Err(error) => {
                print::err(&format!("error: {error}"));
                return exit::RUNTIME;
            }
        };
        if self.json {
            print::out(&serde_json::to_string_pretty(&outcome.problems).unwrap_or_default());
        } else {
            print::problems(&outcome.problems);
        }
        if outcome.has_errors() {
            return exit::PROBLEMS;
        }
        if !self.json {
            let config = outcome.config.as_ref();
            let apis = config.map_or(0, |config| config.apis.len());
            let stages = config.map_or(0, |config| config.apis.values().map(|api| api.stages.len()).sum());
            let (apis, stages) = (print::counted(apis, "API"), print::counted(stages, "stage"));
            print::out(&format!("{}: ok: {apis}, {stages}", self.config.display()));
        }
        0
    }
}

fn check(config: PathBuf) -> anyhow::Result<Outcome> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let host = Host::new(HostSettings::default())?;
    let mut reconciler = Reconciler::new(Gateway::new(SystemClock::shared()), host, config)
        .in_environment(environment::endpoints());
    Ok(runtime.block_on(reconciler.check()))
}
