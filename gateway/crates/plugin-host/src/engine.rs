//! The one wasmtime engine of a host, and what belongs to it.

use std::{sync::Arc, time::Instant};

use tokio::sync::Semaphore;
use wasmtime::{
    Config, Enabled, InstanceAllocationStrategy, PoolingAllocationConfig, Strategy, component::Linker,
};

use crate::{
    Grants, HostError, HostSettings, Outgoing,
    counter::CounterTables,
    instance::{GuestState, link_counter, link_log},
    slots::{Slots, TABLES_PER_SLOT},
    ticker::Ticker,
    wasi,
};

/// Shared by every plugin of a host.
pub(crate) struct Engine {
    pub(crate) wasmtime: wasmtime::Engine,
    pub(crate) ticker: Ticker,
    pub(crate) slots: Slots,
    /// Permits of guests past their first tick.
    pub(crate) heavy: Arc<Semaphore>,
    pub(crate) heavy_guests: usize,
    /// Where this engine's clock starts.
    pub(crate) born: Instant,
    /// What plugins count.
    pub(crate) counters: CounterTables,
    /// Sends requests of guests; nothing does where absent.
    pub(crate) outgoing: Option<Arc<dyn Outgoing>>,
    linker: Linker<GuestState>,
}

impl Engine {
    pub(crate) fn new(settings: &HostSettings) -> Result<Self, HostError> {
        let slots = settings.instance_slots.max(1);
        let wasmtime = make(slots)?;
        let linker = link(&wasmtime).map_err(|error| HostError::Engine(format!("{error:#}")))?;
        let heavy_guests = settings.heavy_guests.max(1);
        Ok(Self {
            ticker: Ticker::start(&wasmtime).map_err(HostError::Thread)?,
            slots: Slots::new(slots),
            heavy: Arc::new(Semaphore::new(heavy_guests)),
            heavy_guests,
            born: Instant::now(),
            counters: CounterTables::new(settings.clock.clone()),
            outgoing: settings.outgoing.clone(),
            linker,
            wasmtime,
        })
    }

    /// Offers what is granted and nothing else.
    pub(crate) fn linker(&self, grants: &Grants) -> wasmtime::Result<Linker<GuestState>> {
        let mut linker = self.linker.clone();
        if grants.log {
            link_log(&mut linker)?;
        }
        if grants.counter {
            link_counter(&mut linker)?;
        }
        Ok(linker)
    }
}

fn link(engine: &wasmtime::Engine) -> wasmtime::Result<Linker<GuestState>> {
    let mut linker = Linker::new(engine);
    wasi::link(&mut linker)?;
    Ok(linker)
}

/// With a pool of instance slots; without one where the address space is too small for it.
fn make(slots: u32) -> Result<wasmtime::Engine, HostError> {
    let mut config = base();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(slots)));
    let pooled = wasmtime::Engine::new(&config);
    pooled.or_else(|error| {
        tracing::warn!(
            slots,
            "cannot reserve the pool of plugin instances, fresh ones will cost more: {error:#}"
        );
        wasmtime::Engine::new(&base()).map_err(|error| HostError::Engine(format!("{error:#}")))
    })
}

fn base() -> Config {
    let mut config = Config::new();
    config
        .strategy(Strategy::Cranelift)
        .wasm_component_model(true)
        // No component-model-async in the contract; without its bookkeeping each call is faster.
        .concurrency_support(false)
        .epoch_interruption(true)
        .memory_init_cow(true)
        // Compiling has threads of its own; spread over all cores it would be felt by requests.
        .parallel_compilation(false)
        .wasm_backtrace_max_frames(std::num::NonZeroUsize::new(6));
    config
}

/// Kept resident in each slot, so that a fresh instance costs no page faults.
const KEPT_RESIDENT: usize = 64 << 10;

fn pool(slots: u32) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(slots)
        .total_memories(slots)
        .total_tables(slots.saturating_mul(TABLES_PER_SLOT))
        .total_stacks(slots)
        .total_gc_heaps(slots)
        // Only counted, nothing is reserved for them: slots are weighed by memories and tables.
        .total_core_instances(u32::MAX)
        .max_tables_per_module(TABLES_PER_SLOT)
        .max_memories_per_module(4)
        .linear_memory_keep_resident(KEPT_RESIDENT)
        .table_keep_resident(KEPT_RESIDENT)
        // Without it (Linux before 6.7) fresh instances cost three times as much.
        .pagemap_scan(Enabled::Auto);
    pool
}
