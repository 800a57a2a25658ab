//! One live instance of a plugin: its store, what the host keeps beside it, and how it is made.

use std::{collections::BTreeMap, fmt, sync::Arc};

use wasmtime::{
    Store, StoreContextMut, UpdateDeadline,
    component::{HasSelf, InstancePre, Linker, ResourceTable},
};
use wasmtime_wasi::{I32Exit, WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtxView, WasiHttpView};

use crate::{
    CallError, Grants, Limits, Problem, Stats,
    bindings::{counter, lifecycle, log},
    counter::Counters,
    engine::Engine,
    gate::{Gate, Meter},
    http,
    limits::MemoryMeter,
    output::Output,
    slots::Slot,
    wasi,
    worlds::{Exports, Interest},
};

/// What all instances of one plugin share.
pub(crate) struct Shared {
    pub(crate) name: Arc<str>,
    pub(crate) config_json: String,
    pub(crate) grants: Grants,
    pub(crate) limits: Limits,
    pub(crate) engine: Arc<Engine>,
    pub(crate) stats: Arc<Stats>,
    /// What its instances count, where that is granted.
    pub(crate) counters: Option<Arc<Counters>>,
    pub(crate) gate: Gate,
    /// Slots that an instance takes.
    pub(crate) weight: u32,
}

/// What the host keeps for one instance, inside its store.
pub(crate) struct GuestState {
    shared: Arc<Shared>,
    pub(crate) meter: Arc<Meter>,
    pub(crate) memory: MemoryMeter,
    table: ResourceTable,
    wasi: Option<Box<WasiCtx>>,
    http: Option<Box<http::State>>,
    output: Option<Arc<Output>>,
    request: String,
}

impl GuestState {
    fn new(shared: Arc<Shared>) -> Self {
        let memory = MemoryMeter::new(shared.limits.memory_bytes);
        Self {
            shared,
            meter: Arc::new(Meter::new()),
            memory,
            table: wasi::table(),
            wasi: None,
            http: None,
            output: None,
            request: String::new(),
        }
    }

    pub(crate) fn environment(&self) -> &BTreeMap<String, String> {
        &self.shared.grants.environment
    }

    /// Where this instance's lines go, made when there is a first one.
    pub(crate) fn output(&mut self) -> Arc<Output> {
        let Self {
            output,
            shared,
            request,
            ..
        } = self;
        let output = output.get_or_insert_with(|| {
            let output = Output::new(shared.name.clone());
            output.begin_call(request);
            Arc::new(output)
        });
        output.clone()
    }
}

impl WasiView for GuestState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        let mut wasi = self.wasi.take();
        let ctx = wasi.take().unwrap_or_else(|| wasi::context(self));
        WasiCtxView {
            ctx: self.wasi.insert(ctx),
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for GuestState {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        let shared = &self.shared;
        let state = self
            .http
            .get_or_insert_with(|| Box::new(http::State::new(shared)));
        WasiHttpCtxView {
            hooks: &mut state.hooks,
            table: &mut self.table,
            ctx: &mut state.context,
        }
    }
}

impl log::Host for GuestState {
    fn log(&mut self, level: log::Level, message: String) {
        let level = match level {
            log::Level::Debug => tracing::Level::DEBUG,
            log::Level::Info => tracing::Level::INFO,
            log::Level::Warn => tracing::Level::WARN,
            log::Level::Error => tracing::Level::ERROR,
        };
        self.output().log(level, &message);
    }
}

/// Adds the capability `log`.
pub(crate) fn link_log(linker: &mut Linker<GuestState>) -> wasmtime::Result<()> {
    log::add_to_linker::<_, HasSelf<GuestState>>(linker, |state| state)
}

impl counter::Host for GuestState {
    fn increment(&mut self, key: String, by: u32, ttl_seconds: u32) -> Result<u64, counter::Error> {
        match &self.shared.counters {
            Some(counters) => counters.increment(&key, by, ttl_seconds),
            // Not linked then.
            None => Ok(0),
        }
    }
}

/// Adds the capability `counter`.
pub(crate) fn link_counter(linker: &mut Linker<GuestState>) -> wasmtime::Result<()> {
    counter::add_to_linker::<_, HasSelf<GuestState>>(linker, |state| state)
}

/// Why the epoch callback ended a guest.
#[derive(Debug)]
struct CpuUsedUp;

impl fmt::Display for CpuUsedUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CPU budget used up")
    }
}

impl std::error::Error for CpuUsedUp {}

/// At each tick: an error when the budget is used up, else a yield that lets the worker's other tasks run. Yielding by
/// `Yield` would wake the task at once, and tokio would poll its sockets only every 61 turns.
fn on_tick(mut store: StoreContextMut<'_, GuestState>) -> wasmtime::Result<UpdateDeadline> {
    let state = store.data_mut();
    state.shared.stats.tick();
    // The ticker counts on each running guest to keep it awake.
    state.shared.engine.ticker.touch();
    if state.meter.tick() {
        return Err(CpuUsedUp.into());
    }
    Ok(UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now())))
}

/// A live instance with the typed exports of its world.
pub(crate) struct Instance<E> {
    // In this order: the store gives back to the pool what the slot stands for.
    pub(crate) store: Store<GuestState>,
    pub(crate) exports: E,
    pub(crate) calls: u32,
    _slot: Slot,
    _count: Count,
}

/// Counts an instance for as long as it lives.
struct Count(Arc<Stats>);

impl Count {
    fn new(stats: Arc<Stats>) -> Self {
        stats.instance_created();
        Self(stats)
    }
}

impl Drop for Count {
    fn drop(&mut self) {
        self.0.instance_discarded();
    }
}

/// Everything that an instance of one plugin is made from.
pub(crate) struct Template<E: Exports> {
    pub(crate) pre: InstancePre<GuestState>,
    /// None where the world has none.
    pub(crate) lifecycle: Option<lifecycle::GuestIndices>,
    pub(crate) indices: E::Indices,
}

impl<E: Exports> Template<E> {
    /// Makes an instance and has it read its configuration.
    pub(crate) async fn start(&self, shared: &Arc<Shared>) -> Result<(Instance<E>, Interest), CallError> {
        let slot = shared.engine.slots.take(shared.weight).await;
        let count = Count::new(shared.stats.clone());
        let mut store = new_store(shared)?;
        let meter = store.data().meter.clone();
        meter.begin(shared.limits.start_cpu());
        arm(&mut store, shared);
        let started = shared
            .gate
            .run(&meter, self.instantiate(&mut store, &shared.config_json))
            .await;
        end_call(&store);
        let (exports, answer) = started.map_err(|error| starting(classify(&store, shared, &error)))?;
        store.data_mut().memory.started();
        match answer {
            Ok(interest) => Ok((
                Instance {
                    store,
                    exports,
                    calls: 0,
                    _slot: slot,
                    _count: count,
                },
                interest,
            )),
            Err(problems) => {
                let problems = problems.into_iter().map(Problem::from).collect();
                Err(CallError::Init {
                    plugin: shared.name.clone(),
                    problems,
                })
            }
        }
    }

    async fn instantiate(
        &self,
        store: &mut Store<GuestState>,
        config_json: &str,
    ) -> wasmtime::Result<(E, InitAnswer)> {
        let instance = self.pre.instantiate_async(&mut *store).await?;
        let Some(lifecycle) = &self.lifecycle else {
            let exports = E::load(&self.indices, store, &instance)?;
            return Ok((exports, without_config(config_json)));
        };
        let lifecycle = lifecycle.load(&mut *store, &instance)?;
        let exports = E::load(&self.indices, store, &instance)?;
        let answer = lifecycle.call_init(&mut *store, config_json).await?;
        Ok((exports, answer.map(Interest::from)))
    }
}

type InitAnswer = Result<Interest, Vec<crate::bindings::types::Problem>>;

/// A component without a lifecycle reads no configuration, so that there must be none.
fn without_config(config_json: &str) -> InitAnswer {
    if matches!(config_json, "" | "{}") {
        return Ok(Interest::none());
    }
    Err(vec![crate::bindings::types::Problem {
        pointer: String::new(),
        message: "a component of wasi:http reads no configuration".to_owned(),
        hint: Some("pass it what it needs as grants.environment".to_owned()),
    }])
}

/// Small lists and records cost more on the host than their bytes; this much more is no breach.
const OUTPUT_SLACK: usize = 64 << 10;

fn new_store(shared: &Arc<Shared>) -> Result<Store<GuestState>, CallError> {
    let state = GuestState::new(shared.clone());
    let mut store =
        Store::try_new(&shared.engine.wasmtime, state).map_err(|error| CallError::Instantiate {
            plugin: shared.name.clone(),
            text: error.to_string(),
        })?;
    store.limiter(|state| &mut state.memory);
    store.epoch_deadline_callback(on_tick);
    store.set_hostcall_fuel(shared.limits.output_bytes.saturating_add(OUTPUT_SLACK));
    store.set_max_component_handles(wasi::RESOURCES);
    Ok(store)
}

/// Sets the deadline at the next tick and sees to it that this tick comes, in this order.
fn arm(store: &mut Store<GuestState>, shared: &Shared) {
    store.set_epoch_deadline(1);
    shared.engine.ticker.touch();
}

impl<E> Instance<E> {
    /// Resets what counts for one call.
    pub(crate) fn begin_call(&mut self, shared: &Shared, request: &str) {
        self.calls += 1;
        let state = self.store.data_mut();
        state.meter.begin(shared.limits.cpu);
        state.memory.begin_call();
        state.request.clear();
        state.request.push_str(request);
        if let Some(output) = &state.output {
            output.begin_call(request);
        }
        arm(&mut self.store, shared);
    }

    pub(crate) fn end_call(&self) {
        end_call(&self.store);
    }

    /// Whether it may serve another call.
    pub(crate) fn reusable(&self, limits: &Limits) -> bool {
        self.calls < limits.calls_per_instance && !self.store.data().memory.outgrown()
    }

    pub(crate) fn classify(&self, shared: &Shared, error: &wasmtime::Error) -> CallError {
        classify(&self.store, shared, error)
    }
}

fn end_call(store: &Store<GuestState>) {
    if let Some(output) = &store.data().output {
        output.end_call();
    }
}

/// What an error of wasmtime's means for the caller.
fn classify(store: &Store<GuestState>, shared: &Shared, error: &wasmtime::Error) -> CallError {
    let plugin = shared.name.clone();
    if error.is::<CpuUsedUp>() {
        return CallError::Cpu {
            plugin,
            limit: shared.limits.cpu,
        };
    }
    if store.data().memory.refused() {
        return CallError::Memory {
            plugin,
            limit: shared.limits.memory_bytes,
        };
    }
    // wasmtime keeps the error's type to itself; a test holds the text.
    if error
        .chain()
        .any(|cause| cause.to_string().contains("fuel allocated for hostcalls"))
    {
        return CallError::Output {
            plugin,
            limit: shared.limits.output_bytes,
        };
    }
    let text = match error.downcast_ref::<I32Exit>() {
        Some(exit) => format!("it exited with status {}", exit.0),
        // The cause first: what goes before it is a backtrace, often without names.
        None => shortened(&format!("{}: {error}", error.root_cause())),
    };
    CallError::Trap { plugin, text }
}

/// A failed start is reported as such; a breached limit says more by itself.
fn starting(error: CallError) -> CallError {
    match error {
        CallError::Trap { plugin, text } => CallError::Instantiate { plugin, text },
        other => other,
    }
}

/// On one line and not without end: the text of a trap contains names from the guest.
fn shortened(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(600) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}
