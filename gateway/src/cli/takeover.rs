//! What a process has from another: from the one whose place it takes, or from systemd.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use portcullis_document::Problem;

use crate::handover::{self, Predecessor, Program, Sockets, Told};
use crate::node::{Node, Options, Prepared};
use crate::reconcile::Outcome;
use crate::supervisor;

/// What this process was started with.
#[derive(Debug, Default)]
pub(super) struct Inherited {
    pub(super) sockets: Arc<Sockets>,
    pub(super) predecessor: Option<Arc<Predecessor>>,
}

impl Inherited {
    /// To be called before there are threads.
    pub(super) fn new() -> Result<Self, String> {
        if std::env::var_os(handover::MARK).is_some() {
            let met = Predecessor::meet();
            let (predecessor, sockets) = met.map_err(|error| {
                format!(
                    "{} is set, but no process hands anything over on standard input: {error}",
                    handover::MARK
                )
            })?;
            return Ok(Self {
                sockets: Arc::new(sockets),
                predecessor: Some(Arc::new(predecessor)),
            });
        }
        let sockets = Sockets::of_systemd()
            .map_err(|error| format!("a socket of LISTEN_FDS cannot be used: {error}"))?;
        Ok(Self {
            sockets: Arc::new(sockets),
            predecessor: None,
        })
    }
}

/// Starts a node; in the place of another process where there is one, when that has given up its store.
pub(super) async fn start(
    config: &Path,
    options: Options,
    predecessor: Option<Arc<Predecessor>>,
) -> Result<(Node, Outcome), Vec<Problem>> {
    let prepared = Prepared::new(config, options).await?;
    let Some(predecessor) = predecessor else {
        return prepared.serve(None).await;
    };
    let turn = tokio::task::spawn_blocking(move || predecessor.turn()).await;
    let lock = turn.map_err(std::io::Error::from).flatten();
    let lock = lock.map_err(|error| vec![Problem::in_file("", "upgrade", error.to_string())])?;
    prepared.serve(lock).await
}

/// Tells the other process that this one serves, and adds what it still counts. Whoever supervises is told when it knows this
/// process.
pub(super) fn serves(node: &Node, predecessor: Arc<Predecessor>, status: String) -> std::io::Result<()> {
    predecessor.serving()?;
    let counted = node.counter();
    let listening = move || {
        loop {
            match predecessor.told() {
                Ok(Some(Told::Known)) => supervisor::ready(&status),
                Ok(Some(Told::Counted(additions))) => counted(additions),
                Ok(None) => return,
                Err(error) => {
                    return tracing::warn!("the process before this one cannot be heard any more: {error}");
                }
            }
        }
    };
    let thread = std::thread::Builder::new().name("portcullis-predecessor".to_owned());
    thread.spawn(listening).map(drop)
}

/// The program that this process is, for an upgrade.
pub(super) fn program() -> Program {
    let mut arguments = std::env::args_os();
    let command = arguments.next().map_or_else(PathBuf::new, PathBuf::from);
    let arguments: Vec<OsString> = arguments.collect();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let directory = std::env::current_dir().unwrap_or_default();
    Program::find(&command, arguments, &directory, &places)
}
