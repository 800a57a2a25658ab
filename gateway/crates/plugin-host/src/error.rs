//! What can go wrong: with the host itself, while loading a plugin, and in one call.

use std::{path::PathBuf, sync::Arc, time::Duration};

use crate::World;

/// Why a [`Host`](crate::Host) could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// The WebAssembly engine refused its configuration.
    #[error("cannot create the WebAssembly engine: {0}")]
    Engine(String),
    /// The compile cache's directory cannot be used safely.
    #[error("compile cache {}: {reason}", path.display())]
    Cache {
        /// The directory.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A thread of the host could not be started.
    #[error("cannot start a thread of the plugin host: {0}")]
    Thread(#[source] std::io::Error),
}

/// One thing that a plugin found wrong with its configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// JSON pointer into the plugin's configuration; empty for the whole of it.
    pub pointer: String,
    /// What is wrong.
    pub message: String,
    /// How to put it right, where the plugin says so.
    pub hint: Option<String>,
}

/// Why a plugin could not be loaded. [`LoadError::hint`] says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The bytes are no WebAssembly at all.
    #[error("not a WebAssembly file: {found}")]
    NotWasm {
        /// What the file starts with.
        found: String,
    },
    /// The file ends in the middle, as a half-written one does.
    #[error("truncated after {length} bytes: {expected}")]
    Truncated {
        /// How many bytes there are.
        length: usize,
        /// What should have followed.
        expected: String,
    },
    /// A core module, where a component is needed.
    #[error("a core WebAssembly module, not a component")]
    CoreModule,
    /// A component that does not validate or compile.
    #[error("not a valid component: {0}")]
    Invalid(String),
    /// No world's exports are complete.
    #[error("exports no world of portcullis:plugin (it exports {})", listed(.exports))]
    NoWorld {
        /// What it exports.
        exports: Vec<String>,
    },
    /// More than one world's exports.
    #[error("exports more than one world of portcullis:plugin: {}", listed(.worlds))]
    ManyWorlds {
        /// The worlds whose exports it has.
        worlds: Vec<World>,
    },
    /// Built for another version of the contract.
    #[error("built for `{found}`, this gateway speaks portcullis:plugin@0.1.0")]
    WrongVersion {
        /// The interface that it names.
        found: String,
    },
    /// Imports a capability that the configuration does not grant.
    #[error("imports `{import}`, which is not granted")]
    ImportNotGranted {
        /// The import.
        import: String,
        /// The key in `grants` that grants it.
        grant: &'static str,
    },
    /// Imports something that this gateway does not offer.
    #[error("imports `{import}`, which this gateway does not offer")]
    ImportUnknown {
        /// The import.
        import: String,
    },
    /// An import or export has the right name and the wrong type.
    #[error("does not fit its world: {0}")]
    Mismatch(String),
    /// The plugin refused its configuration.
    #[error("the plugin refused its configuration: {}", described(.problems))]
    Config {
        /// All that it found.
        problems: Vec<Problem>,
    },
    /// The first instance could not be started.
    #[error("cannot start: {0}")]
    StartFailed(#[source] CallError),
    /// Needs more than the instance pool or its own limits can ever give.
    #[error("too large: {0}")]
    TooLarge(String),
    /// The host failed: a thread could not be started or went away.
    #[error("the plugin host failed: {0}")]
    Host(String),
}

impl LoadError {
    /// What to do about it, where there is something to say.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::NotWasm { .. } => {
                "name the .wasm file of a component, such as `cargo build --target wasm32-wasip2` makes"
            }
            Self::Truncated { .. } => {
                "the file is half written: write it beside its place and rename it into place"
            }
            Self::CoreModule => {
                "build for wasm32-wasip2, or turn the module into a component with `wasm-tools component new`"
            }
            Self::NoWorld { .. } => {
                "a plugin exports portcullis:plugin/lifecycle@0.1.0 and one of authorization, mapping, handling, filtering or invocation; a standard component exports wasi:http/incoming-handler@0.2"
            }
            Self::ManyWorlds { .. } => "build one component for each world",
            Self::WrongVersion { .. } => "rebuild the plugin with the SDK of this gateway's version",
            Self::ImportNotGranted { grant, .. } => {
                return Some(format!(
                    "grant it with `{grant} = true` in the plugin's `grants`, or build without it"
                ));
            }
            Self::ImportUnknown { import }
                if import.starts_with("wasi:sockets") || import.starts_with("wasi:http") =>
            {
                "plugins have no network"
            }
            Self::ImportUnknown { .. } => {
                "a plugin may import the WASI 0.2 base (cli, clocks, filesystem, io, random) and what it is granted"
            }
            Self::StartFailed(CallError::Memory { .. }) => "raise the plugin's memory limit",
            Self::StartFailed(CallError::Cpu { .. } | CallError::Wall { .. }) => {
                "the plugin takes too long to start"
            }
            Self::Mismatch(_) => "rebuild the plugin against this gateway's wit/portcullis.wit",
            Self::Config { problems } => return problems.iter().find_map(|problem| problem.hint.clone()),
            Self::Invalid(_) | Self::StartFailed(_) | Self::TooLarge(_) | Self::Host(_) => return None,
        };
        Some(hint.to_owned())
    }
}

/// Which of its own failures a plugin reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// Its configuration does not work.
    Configuration,
    /// Something that it depends on failed.
    Dependency,
    /// Its own fault.
    Internal,
}

impl FaultKind {
    /// The WIT name of the case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Dependency => "dependency",
            Self::Internal => "internal",
        }
    }
}

/// Why one call failed. Every one names the plugin; none concerns any other call.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CallError {
    /// The guest trapped: it panicked, ran into `unreachable`, or broke the contract's binary form.
    #[error("plugin {plugin} trapped: {text}")]
    Trap {
        /// The plugin's name.
        plugin: Arc<str>,
        /// The trap.
        text: String,
    },
    /// It used up its CPU time.
    #[error("plugin {plugin} used up its CPU limit of {limit:?}")]
    Cpu {
        /// The plugin's name.
        plugin: Arc<str>,
        /// The limit.
        limit: Duration,
    },
    /// Waiting and running together took too long.
    #[error("plugin {plugin} did not answer within its wall-clock limit of {limit:?}")]
    Wall {
        /// The plugin's name.
        plugin: Arc<str>,
        /// The limit.
        limit: Duration,
    },
    /// It failed after it was refused more memory.
    #[error("plugin {plugin} failed at its memory limit of {limit} bytes")]
    Memory {
        /// The plugin's name.
        plugin: Arc<str>,
        /// The limit.
        limit: usize,
    },
    /// It gave back, or passed to the host in one call, more than it may.
    #[error("plugin {plugin} exceeded its output limit of {limit} bytes")]
    Output {
        /// The plugin's name.
        plugin: Arc<str>,
        /// The limit.
        limit: usize,
    },
    /// Too many calls wait for this plugin already.
    #[error("plugin {plugin} is busy: {queue} calls wait already")]
    Busy {
        /// The plugin's name.
        plugin: Arc<str>,
        /// How many may wait.
        queue: u32,
    },
    /// A new instance could not be made.
    #[error("plugin {plugin} could not be instantiated: {text}")]
    Instantiate {
        /// The plugin's name.
        plugin: Arc<str>,
        /// Why.
        text: String,
    },
    /// A new instance refused a configuration that an earlier one accepted.
    #[error("plugin {plugin} refused its configuration: {}", described(.problems))]
    Init {
        /// The plugin's name.
        plugin: Arc<str>,
        /// What it found.
        problems: Vec<Problem>,
    },
    /// The plugin reported a failure of its own. The text is for the log, never for the client.
    #[error("plugin {plugin} reported a {} fault: {text}", kind.as_str())]
    Fault {
        /// The plugin's name.
        plugin: Arc<str>,
        /// Which kind.
        kind: FaultKind,
        /// What it said.
        text: String,
    },
}

impl CallError {
    /// Every label that [`CallError::outcome`] gives, and `ok`.
    pub const OUTCOMES: [&'static str; 10] = [
        "ok",
        "trap",
        "cpu",
        "wall",
        "memory",
        "output",
        "busy",
        "instantiate",
        "init",
        "fault",
    ];

    /// The label for metrics.
    pub fn outcome(&self) -> &'static str {
        match self {
            Self::Trap { .. } => "trap",
            Self::Cpu { .. } => "cpu",
            Self::Wall { .. } => "wall",
            Self::Memory { .. } => "memory",
            Self::Output { .. } => "output",
            Self::Busy { .. } => "busy",
            Self::Instantiate { .. } => "instantiate",
            Self::Init { .. } => "init",
            Self::Fault { .. } => "fault",
        }
    }

    /// The name of the plugin that failed.
    pub fn plugin(&self) -> &str {
        match self {
            Self::Trap { plugin, .. }
            | Self::Cpu { plugin, .. }
            | Self::Wall { plugin, .. }
            | Self::Memory { plugin, .. }
            | Self::Output { plugin, .. }
            | Self::Busy { plugin, .. }
            | Self::Instantiate { plugin, .. }
            | Self::Init { plugin, .. }
            | Self::Fault { plugin, .. } => plugin,
        }
    }
}

fn listed<T: ToString>(names: &[T]) -> String {
    match names {
        [] => "nothing".to_owned(),
        names => names.iter().map(T::to_string).collect::<Vec<_>>().join(", "),
    }
}

fn described(problems: &[Problem]) -> String {
    if problems.is_empty() {
        return "it gave no reason".to_owned();
    }
    let lines = problems.iter().map(|problem| match problem.pointer.as_str() {
        "" => problem.message.clone(),
        pointer => format!("{pointer}: {}", problem.message),
    });
    lines.collect::<Vec<_>>().join("; ")
}
