//! The plugin host.

use std::{fmt, num::NonZeroUsize, path::PathBuf, sync::Arc, thread};

use crate::{
    HostClock, HostError, Inspection, LoadError, Outgoing, Plugin, PluginSpec,
    cache::Cache,
    compile::{Compiler, compile_here},
    engine::Engine,
    load,
};

/// Settings of a [`Host`].
#[derive(Debug, Clone)]
pub struct HostSettings {
    /// Where compiled components are kept; without it they are compiled again at each start.
    pub cache_dir: Option<PathBuf>,
    /// How many instances exist at once, of all plugins together. Each reserves 4 GiB of address space, not of memory.
    pub instance_slots: u32,
    /// What time it is, for what plugins count.
    pub clock: HostClock,
    /// How many guests past their first millisecond run at once, of all plugins together.
    pub heavy_guests: usize,
    /// Sends the requests that components of the world `wasi:http` are granted; without it they send none.
    pub outgoing: Option<Arc<dyn Outgoing>>,
}

impl Default for HostSettings {
    fn default() -> Self {
        Self {
            cache_dir: None,
            instance_slots: 1000,
            clock: HostClock::default(),
            heavy_guests: (cores() / 2).max(1),
            outgoing: None,
        }
    }
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// Loads plugins. One for a process: what plugins may take together is counted here. Cloning it is cheap.
#[derive(Clone)]
pub struct Host {
    engine: Arc<Engine>,
    compiler: Arc<Compiler>,
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host").finish_non_exhaustive()
    }
}

impl Host {
    /// Makes the engine and opens the compile cache.
    pub fn new(settings: HostSettings) -> Result<Self, HostError> {
        let engine = Arc::new(Engine::new(&settings)?);
        let cache = settings.cache_dir.map(Cache::open).transpose()?;
        Ok(Self {
            engine,
            compiler: Arc::new(Compiler::new(cache, cores())),
        })
    }

    /// Says what a component is, without running it. Compiles it on the calling thread: for the command line.
    pub fn inspect(&self, bytes: &[u8]) -> Result<Inspection, LoadError> {
        Ok(compile_here(&self.engine, bytes)?.inspection)
    }

    /// Compiles a plugin on a thread of its own, and starts its first instance.
    pub async fn load(&self, spec: PluginSpec) -> Result<Plugin, LoadError> {
        let compiled = self
            .compiler
            .compile(&self.engine, spec.component.clone())
            .await?;
        load::load(&self.engine, compiled, spec).await
    }
}
