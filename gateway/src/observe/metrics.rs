//! Counters. A request touches a few atomics of its own stage and no lock.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use http::StatusCode;

use crate::proxy::refusal::{Blame, ResponseType};

/// Upper bounds of the latency histogram, in seconds.
pub const LATENCY_BOUNDS: [f64; 12] = [
    0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0,
];

/// Gateway response types in the order of their counters.
pub const RESPONSE_TYPES: [ResponseType; ResponseType::ALL.len()] = ResponseType::ALL;

/// Blames in the order of their counters.
pub const BLAMES: [Blame; 5] = [
    Blame::Client,
    Blame::Upstream,
    Blame::Authorizer,
    Blame::Plugin,
    Blame::Gateway,
];

/// Counters of one stage; they outlive swaps.
#[derive(Debug, Default)]
pub struct StageMetrics {
    /// Finished requests by the hundreds of their status, from 1xx.
    pub by_class: [AtomicU64; 9],
    /// Bytes of response bodies.
    pub response_bytes: AtomicU64,
    /// Finished requests by latency; the last place has those over every bound.
    pub latency: [AtomicU64; LATENCY_BOUNDS.len() + 1],
    /// Sum of latencies, in nanoseconds.
    pub latency_sum: AtomicU64,
    /// Refusals by gateway response type, [`RESPONSE_TYPES`].
    pub by_type: [AtomicU64; RESPONSE_TYPES.len()],
    /// Refusals by blame, [`BLAMES`].
    pub by_blame: [AtomicU64; BLAMES.len()],
}

impl StageMetrics {
    /// Counts a request whose last byte has left.
    pub fn record(&self, status: StatusCode, took: Duration, bytes: u64) {
        let class = usize::from(status.as_u16() / 100).saturating_sub(1);
        add(&self.by_class, class, 1);
        self.response_bytes.fetch_add(bytes, Relaxed);
        let seconds = took.as_secs_f64();
        let bucket = LATENCY_BOUNDS
            .iter()
            .position(|bound| seconds <= *bound)
            .unwrap_or(LATENCY_BOUNDS.len());
        add(&self.latency, bucket, 1);
        self.latency_sum
            .fetch_add(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX), Relaxed);
    }

    /// Counts a refusal.
    pub fn refused(&self, response_type: Option<ResponseType>, blame: Blame) {
        if let Some(place) = RESPONSE_TYPES
            .iter()
            .position(|kind| Some(*kind) == response_type)
        {
            add(&self.by_type, place, 1);
        }
        if let Some(place) = BLAMES.iter().position(|known| *known == blame) {
            add(&self.by_blame, place, 1);
        }
    }
}

fn add(counters: &[AtomicU64], place: usize, by: u64) {
    if let Some(counter) = counters.get(place) {
        counter.fetch_add(by, Relaxed);
    }
}

/// Counters that belong to no stage.
#[derive(Debug, Default)]
pub struct Metrics {
    unresolved: AtomicU64,
    open_connections: AtomicI64,
    connections: AtomicU64,
    reloads: AtomicU64,
    failed_reloads: AtomicU64,
    swaps: AtomicU64,
}

impl Metrics {
    /// A request that named no live stage.
    pub fn count_unresolved(&self) {
        self.unresolved.fetch_add(1, Relaxed);
    }

    /// A client connected.
    pub fn connection_opened(&self) {
        self.connections.fetch_add(1, Relaxed);
        self.open_connections.fetch_add(1, Relaxed);
    }

    /// A client's connection ended.
    pub fn connection_closed(&self) {
        self.open_connections.fetch_sub(1, Relaxed);
    }

    /// The configuration was read again; `swapped` stages changed.
    pub fn reloaded(&self, swapped: usize, failed: bool) {
        self.reloads.fetch_add(1, Relaxed);
        self.failed_reloads.fetch_add(u64::from(failed), Relaxed);
        self.swaps.fetch_add(swapped as u64, Relaxed);
    }

    /// Name, help and value of each counter; the open connections are a gauge.
    pub fn counters(&self) -> [(&'static str, &'static str, u64); 5] {
        [
            (
                "portcullis_unresolved_requests",
                "Requests that named no live stage",
                self.unresolved.load(Relaxed),
            ),
            (
                "portcullis_connections",
                "Connections accepted",
                self.connections.load(Relaxed),
            ),
            (
                "portcullis_reloads",
                "Times the configuration was read again",
                self.reloads.load(Relaxed),
            ),
            (
                "portcullis_failed_reloads",
                "Reloads that found problems",
                self.failed_reloads.load(Relaxed),
            ),
            (
                "portcullis_stage_swaps",
                "Plans that a reload made live",
                self.swaps.load(Relaxed),
            ),
        ]
    }

    /// Connections open now.
    pub fn open_connections(&self) -> i64 {
        self.open_connections.load(Relaxed)
    }
}
