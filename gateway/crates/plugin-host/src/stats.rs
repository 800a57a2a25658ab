//! Counters of one plugin, read by the metrics.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use crate::CallError;

/// Counters of one plugin. They only ever tell what was; nothing is decided by them.
#[derive(Debug, Default)]
pub struct Stats {
    calls: [AtomicU64; CallError::OUTCOMES.len()],
    cpu_ticks: AtomicU64,
    nanoseconds: AtomicU64,
    created: AtomicU64,
    discarded: AtomicU64,
    idle: AtomicU64,
    waiting: AtomicU64,
}

impl Stats {
    /// Finished calls by outcome (`ok` and [`CallError::outcome`]). A cancelled call is none of them.
    pub fn calls(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        CallError::OUTCOMES
            .into_iter()
            .zip(self.calls.iter().map(|count| count.load(Relaxed)))
    }

    /// Finished calls with this outcome.
    pub fn calls_with(&self, outcome: &str) -> u64 {
        self.calls()
            .find(|(name, _)| *name == outcome)
            .map_or(0, |(_, count)| count)
    }

    /// How often a guest ran into the end of a 1 ms tick: near its CPU milliseconds, but for calls shorter than a tick.
    pub fn cpu_ticks(&self) -> u64 {
        self.cpu_ticks.load(Relaxed)
    }

    /// Time of all finished calls together, waiting included.
    pub fn total_time(&self) -> Duration {
        Duration::from_nanos(self.nanoseconds.load(Relaxed))
    }

    /// Instances made so far.
    pub fn instances_created(&self) -> u64 {
        self.created.load(Relaxed)
    }

    /// Instances gone so far, for whatever reason.
    pub fn instances_discarded(&self) -> u64 {
        self.discarded.load(Relaxed)
    }

    /// Instances that exist now.
    pub fn instances_live(&self) -> u64 {
        self.created
            .load(Relaxed)
            .saturating_sub(self.discarded.load(Relaxed))
    }

    /// Instances that wait for a call.
    pub fn instances_idle(&self) -> u64 {
        self.idle.load(Relaxed)
    }

    /// Calls that wait for their turn.
    pub fn waiting(&self) -> u64 {
        self.waiting.load(Relaxed)
    }

    pub(crate) fn call_finished(&self, outcome: &str, time: Duration) {
        let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.nanoseconds.fetch_add(nanoseconds, Relaxed);
        let place = CallError::OUTCOMES.iter().position(|name| *name == outcome);
        if let Some(count) = place.and_then(|place| self.calls.get(place)) {
            count.fetch_add(1, Relaxed);
        }
    }

    pub(crate) fn tick(&self) {
        self.cpu_ticks.fetch_add(1, Relaxed);
    }

    pub(crate) fn instance_created(&self) {
        self.created.fetch_add(1, Relaxed);
    }

    pub(crate) fn instance_discarded(&self) {
        self.discarded.fetch_add(1, Relaxed);
    }

    pub(crate) fn set_idle(&self, count: usize) {
        self.idle.store(count as u64, Relaxed);
    }

    /// Counts one more waiting call, and how many there are with it.
    pub(crate) fn wait_started(&self) -> u64 {
        self.waiting.fetch_add(1, Relaxed) + 1
    }

    pub(crate) fn wait_ended(&self) {
        self.waiting.fetch_sub(1, Relaxed);
    }
}
