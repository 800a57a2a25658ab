//! `portcullis run FILE`

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use portcullis_document::Problem;
use tokio::sync::Notify;

use super::signals::{Signals, Told};
use super::takeover::{self, Inherited};
use super::{environment, exit, print};
use crate::config::{Watcher, settled};
use crate::handover::Successor;
use crate::node::{Node, Options};
use crate::observe::log::{self, LogFormat};
use crate::observe::sink;
use crate::reconcile::Outcome;
use crate::supervisor;

/// Serves until SIGTERM or SIGINT, then lets what is under way finish. Changes of the file, and of every file that it
/// names, take effect without a restart; SIGHUP reads them at once. SIGUSR2 starts the binary anew, which takes over
/// without a connection that is refused.
#[derive(Debug, Args)]
pub(super) struct Run {
    /// The gateway.toml to serve
    #[arg(value_name = "FILE", default_value = "gateway.toml")]
    config: PathBuf,
    /// Worker threads of the data plane [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    workers: Option<u16>,
    /// Seconds that requests under way have to finish after SIGTERM
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    drain: u64,
    /// Seconds that a new process has, after SIGUSR2, until it serves; then this one goes on
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    upgrade_limit: u64,
    /// Keep compiled components here [default: $XDG_CACHE_HOME or ~/.cache, portcullis/components]
    #[arg(long, value_name = "DIR", env = "PORTCULLIS_CACHE_DIR")]
    cache_dir: Option<PathBuf>,
    /// Compile components at each start
    #[arg(long, conflicts_with = "cache_dir")]
    no_cache: bool,
    /// What to log: a level, or target=level, separated by commas; portcullis::access=debug logs each request
    #[arg(long, value_name = "FILTER", default_value = "info")]
    log: String,
    /// How log lines look
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = LogFormat::Human)]
    log_format: LogFormat,
}

impl Run {
    pub(super) fn execute(self) -> u8 {
        let inherited = match Inherited::new() {
            Ok(inherited) => inherited,
            Err(error) => {
                print::err(&format!("error: {error}"));
                return exit::RUNTIME;
            }
        };
        if let Err(error) = log::start(self.log_format, &self.log) {
            print::err(&format!("error: {error}"));
            return 2;
        }
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder.enable_all().thread_name("portcullis-worker");
        if let Some(workers) = self.workers {
            builder.worker_threads(workers.into());
        }
        match builder.build() {
            Ok(runtime) => {
                let code = runtime.block_on(self.serve(inherited));
                // What did not end within the drain's limit, such as a look-up of a name, is not waited for.
                runtime.shutdown_background();
                code
            }
            Err(error) => {
                print::err(&format!("error: cannot start the worker threads: {error}"));
                exit::RUNTIME
            }
        }
    }

    async fn serve(self, inherited: Inherited) -> u8 {
        // From the first moment, so that whoever reads that it listens can end it in order.
        let mut signals = match Signals::new() {
            Ok(signals) => signals,
            Err(error) => {
                print::err(&format!("error: cannot receive signals: {error}"));
                return exit::RUNTIME;
            }
        };
        let cache_dir = if self.no_cache {
            None
        } else {
            self.cache_dir.clone().or_else(default_cache_dir)
        };
        let options = Options {
            cache_dir,
            environment: environment::endpoints(),
            sockets: inherited.sockets,
            ..Options::default()
        };
        let predecessor = inherited.predecessor;
        let starting = Box::pin(takeover::start(&self.config, options, predecessor.clone()));
        let started = tokio::select! {
            started = starting => started,
            () = signals.end() => return 0,
        };
        let (mut node, outcome) = match started {
            Ok(started) => started,
            Err(problems) => {
                print::problems(&problems);
                return exit::PROBLEMS;
            }
        };
        print::problems(&outcome.problems);
        announce(&node);
        match predecessor {
            None => supervisor::ready(&status(&node)),
            Some(predecessor) => {
                if let Err(error) = takeover::serves(&node, predecessor, status(&node)) {
                    print::err(&format!("error: the process before this one is gone: {error}"));
                    return exit::RUNTIME;
                }
            }
        }
        watched();
        let successor = self.follow(&mut node, outcome, &mut signals).await;
        match &successor {
            // Of this process nobody is told any more.
            Some(successor) => tracing::info!("process {} has taken over", successor.id()),
            None => supervisor::stopping(),
        }
        self.drain(node, successor.is_some(), &mut signals).await;
        0
    }

    async fn drain(&self, node: Node, taken_over: bool, signals: &mut Signals) {
        tracing::info!(
            "draining for {} s at the most; a second signal ends at once",
            self.drain
        );
        let sinks = node.gateway().sinks.clone();
        let limit = Duration::from_secs(self.drain);
        let draining = async {
            match taken_over {
                true => node.retire(limit).await,
                false => node.shutdown(limit).await,
            }
        };
        tokio::select! {
            _ = draining => {}
            () = signals.end() => {
                tracing::warn!("ended by a second signal before all requests had finished");
                sink::flush(&sinks).await;
            }
        }
    }

    /// Follows changes until the process is told to end, or another one has taken over.
    async fn follow(
        &self,
        node: &mut Node,
        started: Outcome,
        signals: &mut Signals,
    ) -> Option<Arc<Successor>> {
        let changed = Arc::new(Notify::new());
        let sinks = node.gateway().sinks.clone();
        // A line in an access log beside the configuration is no reason to read that again.
        let mut watcher = watcher(&changed, move |path| sinks.writes(path));
        let mut told = started;
        loop {
            // What changed between the reading and the watching was not seen: read once more.
            let again = told.config.is_some() && watch(&mut watcher, &told.directories);
            let mut asked = false;
            if !again {
                tokio::select! {
                    signal = signals.next() => match signal {
                        Told::End => return None,
                        Told::Reload => asked = true,
                        Told::Upgrade => match Box::pin(self.upgrade(node, signals)).await {
                            ControlFlow::Break(ended) => return ended,
                            ControlFlow::Continue(()) => continue,
                        },
                    },
                    () = settled(&changed) => {}
                }
            }
            supervisor::reloading();
            let outcome = tokio::select! {
                () = signals.end() => return None,
                outcome = Box::pin(node.reload()) => outcome,
            };
            supervisor::ready(&status(node));
            // What was told is not told again for every other file that changes beside these, a log file maybe.
            if asked || is_news(&outcome, &told) {
                tell(&outcome, &self.config);
            }
            told = outcome;
        }
    }

    /// Has another process take over: that one where it did, or nothing where this one was told to end meanwhile.
    async fn upgrade(&self, node: &mut Node, signals: &mut Signals) -> ControlFlow<Option<Arc<Successor>>> {
        if std::process::id() == 1 {
            tracing::error!(
                "no upgrade: this is process 1, and its container would end with it; start a new container instead"
            );
            return ControlFlow::Continue(());
        }
        let program = takeover::program();
        tracing::info!("upgrading: starting {}", program.path.display());
        supervisor::upgrading();
        let limit = Duration::from_secs(self.upgrade_limit);
        let prepared = tokio::select! {
            () = signals.end() => return ControlFlow::Break(None),
            prepared = node.successor(program, limit) => prepared,
        };
        let upgraded = match prepared {
            Ok(successor) => node.hand_over(successor).await,
            Err(error) => Err(error),
        };
        match upgraded {
            Ok(successor) => {
                supervisor::main_process(successor.id());
                if let Err(error) = successor.known() {
                    tracing::warn!("the new process is not told that it is supervised: {error}");
                }
                ControlFlow::Break(Some(successor))
            }
            Err(error) => {
                tracing::error!("the upgrade failed, and this process goes on: {error}");
                supervisor::ready(&status(node));
                ControlFlow::Continue(())
            }
        }
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "what only looks is not waited for at the end"
)]
fn watched() {
    tokio::spawn(supervisor::watched());
}

/// A line for people who ask the supervisor.
fn status(node: &Node) -> String {
    let listeners = print::counted(node.addresses().len(), "listener");
    format!("serving on {listeners}")
}

/// Whether a reading found what the one before did not.
fn is_news(outcome: &Outcome, told: &Outcome) -> bool {
    let texts = |outcome: &Outcome| {
        outcome
            .problems
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    !outcome.swapped.is_empty() || !outcome.ended.is_empty() || texts(outcome) != texts(told)
}

/// What tells of changes, but for those of files that are written here.
pub(super) fn watcher(
    changed: &Arc<Notify>,
    is_own: impl Fn(&Path) -> bool + Send + 'static,
) -> Option<Watcher> {
    match Watcher::new(changed.clone(), is_own) {
        Ok(watcher) => Some(watcher),
        Err(error) => {
            tracing::warn!("changes of files will not be seen, send SIGHUP after one: {error}");
            None
        }
    }
}

/// True: some of them were not watched before.
fn watch(watcher: &mut Option<Watcher>, directories: &[PathBuf]) -> bool {
    watcher.as_mut().is_some_and(|watcher| watcher.set(directories))
}

fn announce(node: &Node) {
    for (url, listener) in node.listening() {
        let default = listener
            .default_api
            .as_ref()
            .and_then(|api| Some((api, node.config().apis.get(api)?)));
        let hint = match default.and_then(|(api, config)| Some((api, config.stages.keys().next()?))) {
            Some((api, stage)) if listener.socket_path().is_none() => format!(" (API {api}: {url}/{stage}/)"),
            _ => String::new(),
        };
        print::out(&format!("listening on {url}{hint}"));
    }
    if let Some(address) = node.control_address() {
        print::out(&format!("control on http://{address}/_portcullis/"));
    }
}

fn tell(outcome: &Outcome, config: &Path) {
    for problem in &outcome.problems {
        tell_problem(problem);
    }
    if outcome.has_errors() {
        let kept = "what has errors keeps what it had";
        tracing::error!(
            "reloaded {} with errors: {kept}; {}",
            config.display(),
            summary(outcome)
        );
    } else {
        tracing::info!("reloaded {}: {}", config.display(), summary(outcome));
    }
}

pub(super) fn tell_problem(problem: &Problem) {
    if problem.is_error() {
        tracing::error!("{problem}");
    } else {
        tracing::warn!("{problem}");
    }
}

fn summary(outcome: &Outcome) -> String {
    let swapped = print::counted(outcome.swapped.len(), "stage");
    format!(
        "{swapped} changed, {} ended, {} unchanged",
        outcome.ended.len(),
        outcome.unchanged
    )
}

#[allow(clippy::disallowed_methods, reason = "the command line reads the environment")]
pub(super) fn default_cache_dir() -> Option<PathBuf> {
    let home = || Some(PathBuf::from(std::env::var("HOME").ok()?).join(".cache"));
    let cache = std::env::var("XDG_CACHE_HOME")
        .ok()
        .map(PathBuf::from)
        .or_else(home)?;
    Some(cache.join("portcullis").join("components"))
}
