//! What a plugin may cost, and the memory limiter of a store.

use std::time::Duration;

use wasmtime::ResourceLimiter;

/// What one plugin may cost. The default suits a small plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// CPU time of one call, measured in ticks of 1 ms. Starting an instance may take ten times as much.
    pub cpu: Duration,
    /// Time of one call from asking to answer, waiting for a turn included.
    pub wall: Duration,
    /// Linear memory of one instance.
    pub memory_bytes: usize,
    /// What one call may give back, and what the guest may pass to the host in one go.
    pub output_bytes: usize,
    /// How many calls run at once.
    pub concurrency: u32,
    /// How many calls wait for their turn at most; one more is [`CallError::Busy`](crate::CallError::Busy).
    pub queue: u32,
    /// How many calls an instance serves before it is replaced.
    pub calls_per_instance: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            cpu: Duration::from_millis(50),
            wall: Duration::from_secs(5),
            memory_bytes: 64 << 20,
            output_bytes: 10 << 20,
            concurrency: 64,
            queue: 1024,
            calls_per_instance: 10_000,
        }
    }
}

impl Limits {
    /// An interpreter sets itself up in `init`; a call's budget would be too small for that.
    pub(crate) fn start_cpu(&self) -> Duration {
        self.cpu.saturating_mul(10)
    }
}

/// Table elements cost eight bytes each on the host; no toolchain comes near this.
const TABLE_ELEMENTS: usize = 100_000;

/// An instance that grew by this much since its start is not worth keeping.
const GROWTH_KEPT: usize = 8 << 20;

/// Counts the linear memory of one store, and remembers a refusal, which would otherwise look like any other trap.
#[derive(Debug)]
pub(crate) struct MemoryMeter {
    limit: usize,
    used: usize,
    after_start: usize,
    refused: bool,
}

impl MemoryMeter {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            used: 0,
            after_start: 0,
            refused: false,
        }
    }

    pub(crate) fn started(&mut self) {
        self.after_start = self.used;
    }

    /// A refusal counts for the call that it happened in, not for a later trap.
    pub(crate) fn begin_call(&mut self) {
        self.refused = false;
    }

    pub(crate) fn refused(&self) -> bool {
        self.refused
    }

    /// Whether the instance grew so much that a fresh one is cheaper to hold.
    pub(crate) fn outgrown(&self) -> bool {
        let grown = self.used - self.after_start.min(self.used);
        grown > GROWTH_KEPT || grown > self.limit.saturating_sub(self.after_start) / 2
    }
}

impl ResourceLimiter for MemoryMeter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        // A store may have several memories, and one limit for all of them.
        let wanted = self.used.saturating_add(desired.saturating_sub(current));
        if wanted > self.limit {
            self.refused = true;
            return Ok(false);
        }
        self.used = wanted;
        Ok(true)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let granted = desired <= TABLE_ELEMENTS;
        self.refused |= !granted;
        Ok(granted)
    }
}
