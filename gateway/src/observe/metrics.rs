//! Counters. A request touches a few atomics of its own stage and no lock.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use http::StatusCode;
use parking_lot::Mutex;

use super::tokens::TokenMetrics;
use crate::proxy::admit::Scope;
use crate::proxy::listen::Cut;
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

/// Durations by [`LATENCY_BOUNDS`].
#[derive(Debug, Default)]
pub struct Histogram {
    /// How many; the last place has those over every bound.
    pub buckets: [AtomicU64; LATENCY_BOUNDS.len() + 1],
    /// Sum, in nanoseconds.
    pub sum: AtomicU64,
}

impl Histogram {
    fn record(&self, took: Duration) {
        let seconds = took.as_secs_f64();
        let bucket = LATENCY_BOUNDS
            .iter()
            .position(|bound| seconds <= *bound)
            .unwrap_or(LATENCY_BOUNDS.len());
        add(&self.buckets, bucket, 1);
        self.sum
            .fetch_add(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX), Relaxed);
    }
}

/// Counters of one method, for those that have the setting; they outlive swaps.
#[derive(Debug, Default)]
pub struct MethodMetrics {
    /// Finished requests by the hundreds of their status, from 1xx.
    pub by_class: [AtomicU64; 9],
    /// From the request's head to the response's last byte.
    pub latency: Histogram,
    /// From the call of the integration to the head of its response.
    pub integration_latency: Histogram,
    /// Answers from the cache, and those that were not there.
    pub cache: CacheMetrics,
}

/// What a cache was asked.
#[derive(Debug, Default)]
pub struct CacheMetrics {
    /// Answered from it.
    pub hits: AtomicU64,
    /// Not in it.
    pub misses: AtomicU64,
}

impl CacheMetrics {
    /// Counts one question.
    pub fn asked(&self, hit: bool) {
        let counter = if hit { &self.hits } else { &self.misses };
        counter.fetch_add(1, Relaxed);
    }
}

/// Counters of one authorizer; they outlive swaps.
#[derive(Debug, Default)]
pub struct AuthorizerMetrics {
    /// Requests by what came of them, [`DECIDED`].
    pub by_decision: [AtomicU64; DECIDED.len()],
    /// From a question to its answer; decisions that were kept are no questions.
    pub latency: Histogram,
    /// Decisions that were kept, and those that were not there; of authorizers that keep theirs.
    pub cache: CacheMetrics,
}

/// What comes of a request at an authorizer, in the order of the counters.
pub const DECIDED: [&str; 4] = ["allowed", "denied", "unauthorized", "failed"];

impl AuthorizerMetrics {
    /// Counts a request: let in, or refused with a status.
    pub fn decided(&self, refused: Option<StatusCode>) {
        let place = match refused {
            None => 0,
            Some(StatusCode::FORBIDDEN) => 1,
            Some(StatusCode::UNAUTHORIZED) => 2,
            Some(_) => 3,
        };
        add(&self.by_decision, place, 1);
    }

    /// Counts a question.
    pub fn asked(&self, took: Duration) {
        self.latency.record(took);
    }
}

impl MethodMetrics {
    /// Counts a request whose last byte has left.
    pub fn record(&self, status: StatusCode, took: Duration, integration: Option<Duration>) {
        add(&self.by_class, class(status), 1);
        self.latency.record(took);
        if let Some(integration) = integration {
            self.integration_latency.record(integration);
        }
    }
}

fn class(status: StatusCode) -> usize {
    usize::from(status.as_u16() / 100).saturating_sub(1)
}

/// A method's resource path and verb.
type MethodKey = (Arc<str>, Arc<str>);

/// Counters of one stage; they outlive swaps.
#[derive(Debug, Default)]
pub struct StageMetrics {
    /// Finished requests by the hundreds of their status, from 1xx.
    pub by_class: [AtomicU64; 9],
    /// Bytes of response bodies.
    pub response_bytes: AtomicU64,
    /// From the request's head to the response's last byte.
    pub latency: Histogram,
    /// From the call of an integration to the head of its response.
    pub integration_latency: Histogram,
    /// Answers from the cache, and those that were not there.
    pub cache: CacheMetrics,
    /// Refusals by gateway response type, [`RESPONSE_TYPES`].
    pub by_type: [AtomicU64; RESPONSE_TYPES.len()],
    /// Refusals for want of tokens or quota, [`Scope::ALL`].
    pub by_scope: [AtomicU64; Scope::ALL.len()],
    /// Refusals by blame, [`BLAMES`].
    pub by_blame: [AtomicU64; BLAMES.len()],
    /// Touched by the compiler alone; a request has its method's counters in its plan.
    methods: Mutex<BTreeMap<MethodKey, Arc<MethodMetrics>>>,
    /// The same of authorizers.
    authorizers: Mutex<BTreeMap<String, Arc<AuthorizerMetrics>>>,
    /// The same of authorizers that verify tokens.
    tokens: Mutex<BTreeMap<String, Arc<TokenMetrics>>>,
}

impl StageMetrics {
    /// Counts a request whose last byte has left; `integration` is the latency of its integration, where that was called.
    pub fn record(&self, status: StatusCode, took: Duration, bytes: u64, integration: Option<Duration>) {
        add(&self.by_class, class(status), 1);
        self.response_bytes.fetch_add(bytes, Relaxed);
        self.latency.record(took);
        if let Some(integration) = integration {
            self.integration_latency.record(integration);
        }
    }

    /// Counts a request that was refused for want of tokens or quota.
    pub fn throttled(&self, scope: Scope) {
        let place = Scope::ALL.iter().position(|known| *known == scope);
        add(&self.by_scope, place.unwrap_or_default(), 1);
    }

    /// The counters of a method, the same for as long as the stage has its name.
    pub fn method(&self, resource: &Arc<str>, verb: &Arc<str>) -> Arc<MethodMetrics> {
        let mut methods = self.methods.lock();
        methods
            .entry((resource.clone(), verb.clone()))
            .or_default()
            .clone()
    }

    /// The counters of an authorizer, the same for as long as the stage has its name.
    pub fn authorizer(&self, name: &str) -> Arc<AuthorizerMetrics> {
        self.authorizers
            .lock()
            .entry(name.to_owned())
            .or_default()
            .clone()
    }

    /// Those of all authorizers, by their names.
    pub fn authorizers(&self) -> Vec<(String, Arc<AuthorizerMetrics>)> {
        let authorizers = self.authorizers.lock();
        authorizers
            .iter()
            .map(|(name, metrics)| (name.clone(), metrics.clone()))
            .collect()
    }

    /// The counters of the tokens that an authorizer is shown.
    pub fn tokens_of(&self, name: &str) -> Arc<TokenMetrics> {
        self.tokens.lock().entry(name.to_owned()).or_default().clone()
    }

    /// Those of all authorizers that verify tokens, by their names.
    pub fn tokens(&self) -> Vec<(String, Arc<TokenMetrics>)> {
        let tokens = self.tokens.lock();
        let tokens = tokens.iter();
        tokens
            .map(|(name, metrics)| (name.clone(), metrics.clone()))
            .collect()
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
    failed_handshakes: AtomicU64,
    reloads: AtomicU64,
    failed_reloads: AtomicU64,
    swaps: AtomicU64,
    shed: AtomicU64,
    cuts: [AtomicU64; Cut::COUNT],
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

    /// A client connected, but there was no TLS with it.
    pub fn handshake_failed(&self) {
        self.failed_handshakes.fetch_add(1, Relaxed);
    }

    /// A request was more than this node takes upon itself.
    pub fn shed(&self) {
        self.shed.fetch_add(1, Relaxed);
    }

    /// A connection is ended by this side.
    pub fn cut(&self, cut: Cut) {
        add(&self.cuts, cut.place(), 1);
    }

    /// Connections that this side ended, by the reason.
    pub fn cuts(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let counts = self.cuts.iter().map(|count| count.load(Relaxed));
        Cut::all().map(Cut::name).zip(counts)
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
    pub fn counters(&self) -> [(&'static str, &'static str, u64); 7] {
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
                "portcullis_failed_handshakes",
                "TLS handshakes of clients that failed",
                self.failed_handshakes.load(Relaxed),
            ),
            (
                "portcullis_shed_requests",
                "Requests that were more than this node takes upon itself",
                self.shed.load(Relaxed),
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
