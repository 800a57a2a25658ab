//! Compiles components on few threads of their own, each once, whatever number of plugins use it.

use std::{
    collections::HashMap,
    hash::{Hash as _, Hasher},
    sync::{Arc, Weak},
    thread,
};

use bytes::Bytes;
use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};
use tokio::sync::{Semaphore, oneshot};
use wasmtime::component::Component;

use crate::{Inspection, LoadError, cache::Cache, engine::Engine, header};

/// A component ready to be instantiated.
pub(crate) struct Compiled {
    pub(crate) component: Component,
    pub(crate) inspection: Inspection,
}

/// SHA-256 of a component's bytes and of what the compiled form depends on.
pub(crate) type CompileKey = [u8; 32];

/// Makes compiled components.
pub(crate) struct Compiler {
    cache: Option<Arc<Cache>>,
    threads: Arc<Semaphore>,
    known: Mutex<HashMap<CompileKey, Known>>,
}

/// The lock makes a second caller for the same component wait for the first one's.
type Known = Arc<tokio::sync::Mutex<Weak<Compiled>>>;

/// A lower priority than the threads that serve requests.
const NICE: i32 = 10;

impl Compiler {
    pub(crate) fn new(cache: Option<Cache>, cores: usize) -> Self {
        Self {
            cache: cache.map(Arc::new),
            threads: Arc::new(Semaphore::new((cores / 2).clamp(1, 2))),
            known: Mutex::new(HashMap::new()),
        }
    }

    /// The compiled component: the one in use, the one on disk, or a new one.
    pub(crate) async fn compile(
        &self,
        engine: &Arc<Engine>,
        bytes: Bytes,
    ) -> Result<Arc<Compiled>, LoadError> {
        header::check(&bytes)?;
        let key = key(engine, &bytes);
        let known = self.known(key);
        let mut known = known.lock().await;
        if let Some(compiled) = known.upgrade() {
            return Ok(compiled);
        }
        let compiled = Arc::new(self.on_thread(engine.clone(), key, bytes).await?);
        *known = Arc::downgrade(&compiled);
        Ok(compiled)
    }

    fn known(&self, key: CompileKey) -> Known {
        let mut known = self.known.lock();
        // Components that nobody uses any more, and nobody is about to.
        known.retain(|_, entry| {
            Arc::strong_count(entry) > 1 || entry.try_lock().is_ok_and(|compiled| compiled.strong_count() > 0)
        });
        known.entry(key).or_default().clone()
    }

    async fn on_thread(
        &self,
        engine: Arc<Engine>,
        key: CompileKey,
        bytes: Bytes,
    ) -> Result<Compiled, LoadError> {
        let permit = self
            .threads
            .clone()
            .acquire_owned()
            .await
            .map_err(|error| LoadError::Host(error.to_string()))?;
        let cache = self.cache.clone();
        let (sender, receiver) = oneshot::channel();
        let work = move || {
            // A convenience: where it is refused, compiling is only felt a little more.
            let _ = rustix::process::setpriority_process(None, NICE);
            let compiled = compile(&engine, cache.as_deref(), &key, &bytes);
            // The caller may have gone; then nobody wants it.
            let _ = sender.send(compiled);
            drop(permit);
        };
        thread::Builder::new()
            .name("plugin-compile".to_owned())
            .spawn(work)
            .map_err(|error| LoadError::Host(format!("cannot start a thread: {error}")))?;
        receiver
            .await
            .unwrap_or_else(|_| Err(LoadError::Host("the compiling thread panicked".to_owned())))
    }
}

/// Compiles on the calling thread.
pub(crate) fn compile_here(engine: &Engine, bytes: &[u8]) -> Result<Compiled, LoadError> {
    header::check(bytes)?;
    finish(engine, compile_fresh(engine, bytes)?)
}

fn compile(
    engine: &Engine,
    cache: Option<&Cache>,
    key: &CompileKey,
    bytes: &[u8],
) -> Result<Compiled, LoadError> {
    let Some(cache) = cache else {
        return finish(engine, compile_fresh(engine, bytes)?);
    };
    if let Some(component) = cache.get(&engine.wasmtime, key) {
        return finish(engine, component);
    }
    let component = compile_fresh(engine, bytes)?;
    match component.serialize() {
        Ok(compiled) => cache.put(key, &compiled),
        Err(error) => tracing::warn!("cannot serialise a compiled plugin for the cache: {error:#}"),
    }
    finish(engine, component)
}

fn compile_fresh(engine: &Engine, bytes: &[u8]) -> Result<Component, LoadError> {
    Component::from_binary(&engine.wasmtime, bytes).map_err(|error| LoadError::Invalid(format!("{error:#}")))
}

fn finish(engine: &Engine, component: Component) -> Result<Compiled, LoadError> {
    // Now and not in the first request.
    component
        .initialize_copy_on_write_image()
        .map_err(|error| LoadError::Host(format!("{error:#}")))?;
    Ok(Compiled {
        inspection: Inspection::of(&engine.wasmtime, &component),
        component,
    })
}

fn key(engine: &Engine, bytes: &[u8]) -> CompileKey {
    let mut hasher = ShaHasher(Sha256::new());
    engine.wasmtime.precompile_compatibility_hash().hash(&mut hasher);
    hasher.0.update((bytes.len() as u64).to_le_bytes());
    hasher.0.update(bytes);
    hasher.0.finalize().into()
}

/// Feeds what implements `Hash` into SHA-256, whose answer is the same in every process.
struct ShaHasher(Sha256);

impl Hasher for ShaHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        // Never asked for: the digest is taken instead.
        0
    }
}
