//! `portcullis edge FILE`

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use portcullis_document::Problem;
use tokio::sync::Notify;

use super::run::{tell_problem, watcher};
use super::signals::{Signals, Told};
use super::{exit, print};
use crate::config::settled;
use crate::edge::{self, EdgeNode, Reading};
use crate::observe::log::{self, LogFormat};

/// Runs a point of presence: answers near the clients, over warm connections to the regions that an edge.toml names.
///
/// It serves until SIGTERM or SIGINT, then lets what is under way finish. Changes of the file, and of every file that it
/// names, take effect without a restart; SIGHUP reads them at once.
#[derive(Debug, Args)]
pub(super) struct Edge {
    /// The edge.toml to serve
    #[arg(value_name = "FILE", default_value = "edge.toml")]
    config: PathBuf,
    /// Say what is wrong with the file and everything it names, without serving
    #[arg(long)]
    check: bool,
    /// Worker threads [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    workers: Option<u16>,
    /// Seconds that requests under way have to finish after SIGTERM
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    drain: u64,
    /// What to log: a level, or target=level, separated by commas
    #[arg(long, value_name = "FILTER", default_value = "info")]
    log: String,
    /// How log lines look
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = LogFormat::Human)]
    log_format: LogFormat,
}

impl Edge {
    pub(super) fn execute(self) -> u8 {
        if self.check {
            return check(&self.config);
        }
        if let Err(error) = log::start(self.log_format, &self.log) {
            print::err(&format!("error: {error}"));
            return exit::USAGE;
        }
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder.enable_all().thread_name("portcullis-worker");
        if let Some(workers) = self.workers {
            builder.worker_threads(workers.into());
        }
        match builder.build() {
            Ok(runtime) => {
                let code = runtime.block_on(self.serve());
                runtime.shutdown_background();
                code
            }
            Err(error) => {
                print::err(&format!("error: cannot start the worker threads: {error}"));
                exit::RUNTIME
            }
        }
    }

    async fn serve(self) -> u8 {
        // From the first moment, so that whoever reads that it listens can end it in order.
        let mut signals = match Signals::new() {
            Ok(signals) => signals,
            Err(error) => {
                print::err(&format!("error: cannot receive signals: {error}"));
                return exit::RUNTIME;
            }
        };
        let starting = Box::pin(EdgeNode::start(&self.config, None));
        let started = tokio::select! {
            started = starting => started,
            () = signals.end() => return 0,
        };
        let (mut node, reading) = match started {
            Ok(started) => started,
            Err(problems) => {
                print::problems(&problems);
                return exit::PROBLEMS;
            }
        };
        print::problems(&reading.problems);
        announce(&node);
        self.follow(&mut node, reading, &mut signals).await;
        tracing::info!(
            "draining for {} s at the most; a second signal ends at once",
            self.drain
        );
        tokio::select! {
            _ = node.shutdown(Duration::from_secs(self.drain)) => {}
            () = signals.end() => tracing::warn!("ended by a second signal before all requests had finished"),
        }
        0
    }

    /// Follows changes until the process is told to end.
    async fn follow(&self, node: &mut EdgeNode, started: Reading, signals: &mut Signals) {
        let changed = Arc::new(Notify::new());
        let mut watcher = watcher(&changed, |_| false);
        let mut directories = started.directories;
        loop {
            // What changed between the reading and the watching was not seen: read once more.
            let again = watcher.as_mut().is_some_and(|watcher| watcher.set(&directories));
            if !again {
                tokio::select! {
                    signal = signals.next() => match signal {
                        Told::End => return,
                        Told::Reload => {}
                        Told::Upgrade => {
                            tracing::warn!(
                                "a point of presence is not upgraded while it runs: start another one, then end this one"
                            );
                            continue;
                        }
                    },
                    () = settled(&changed) => {}
                }
            }
            let reading = tokio::select! {
                () = signals.end() => return,
                reading = Box::pin(node.reload()) => reading,
            };
            if !again || !reading.problems.is_empty() {
                tell(&reading, &self.config);
            }
            directories = reading.directories;
        }
    }
}

fn check(config: &Path) -> u8 {
    match edge::load(config) {
        Ok(loaded) => {
            print::problems(&loaded.problems);
            let regions = print::counted(loaded.config.regions.len(), "region");
            print::out(&format!("{}: ok: {regions}", config.display()));
            0
        }
        Err((problems, _)) => {
            print::problems(&problems);
            exit::PROBLEMS
        }
    }
}

fn announce(node: &EdgeNode) {
    for (address, listener) in node.addresses().iter().zip(&node.config().listeners) {
        print::out(&format!("listening on {}://{address}", listener.scheme()));
    }
    if let Some(address) = node.control_address() {
        print::out(&format!("control on http://{address}/_portcullis/"));
    }
}

fn tell(reading: &Reading, config: &Path) {
    reading.problems.iter().for_each(tell_problem);
    if reading.problems.iter().any(Problem::is_error) {
        tracing::error!(
            "reloaded {} with errors: everything stays as it was",
            config.display()
        );
    } else {
        tracing::info!("reloaded {}", config.display());
    }
}
