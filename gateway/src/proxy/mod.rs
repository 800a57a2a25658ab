//! The request path: connections, stations, and the pipeline that knows their order.
//!
//! [`pipeline`] reads like the list in ARCHITECTURE.md; every station is a module of its own.

pub mod activity;
pub mod admit;
pub mod authorize;
pub mod body;
pub mod buffered;
pub mod cache;
pub mod call;
pub mod compress;
pub mod context;
pub mod cors;
pub mod event;
pub mod exchange;
pub mod filter;
pub mod forwarded;
pub mod host;
pub mod integrate;
pub mod listen;
pub mod mapping;
pub mod origin;
pub mod overload;
mod own_name;
pub mod patience;
pub mod percent;
pub mod pipeline;
pub mod presence;
pub mod refusal;
pub mod resolve;
pub mod respond;
pub mod route;
pub mod shed;
pub mod strict;
pub mod timers;
pub mod tls;
pub mod trace;
pub mod trial;
pub mod validate;
pub mod view;
pub mod viewer;

pub use body::{Body, BodyError};
pub use call::{Call, Connection, Head, Reply};
pub use exchange::Exchange;
pub use refusal::{Blame, Refusal, ResponseType};

use std::sync::{Arc, OnceLock};

use arc_swap::ArcSwap;
use portcullis_admin::keys::Keys;
use portcullis_limit::Gate;

use crate::acme::Acme;
use crate::api_keys::ApiKeys;
use crate::aws::Chains;
use crate::caches::Caches;
use crate::clock::Clock;
use crate::domains::Domains;
use crate::issuer::Issuers;
use crate::lifecycle::Tasks;
use crate::live::Live;
use crate::observe::metrics::Metrics;
use crate::observe::sink::Sinks;

/// What every request of a node shares.
#[derive(Debug)]
pub struct Gateway {
    /// The stages.
    pub live: Live,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Counters that belong to no stage.
    pub metrics: Metrics,
    /// Hosts of one's own.
    pub domains: Domains,
    /// What they say of TLS.
    pub tls_names: tls::TlsNames,
    /// Certificates that the node gets by itself.
    pub acme: Acme,
    /// Who may call what requires an API key.
    pub api_keys: ApiKeys,
    /// What all requests pass through, whatever they call.
    pub account: Gate,
    /// How much this node takes upon itself.
    pub overload: overload::Overload,
    /// Bodies that are held whole.
    pub buffered: Arc<buffered::Buffered>,
    /// What authorizers decided.
    pub decisions: authorize::Decisions,
    /// What stages keep of responses.
    pub caches: Caches,
    /// Responses that are fetched anew while nobody waits for them.
    pub refreshes: Tasks,
    /// Issuers of tokens, with their keys.
    pub issuers: Issuers,
    /// Credentials of AWS's standard chain.
    pub chains: Chains,
    /// Where access logs go.
    pub sinks: Arc<Sinks>,
    /// What runs on behalf of clients, whether they wait for it or not.
    pub tasks: Tasks,
    /// The access keys, where the control plane keeps something.
    pub keys: OnceLock<Keys>,
    /// What answers in the place of the stations, where this is a point of presence.
    pub presence: OnceLock<Arc<dyn presence::Presence>>,
    /// What policies know as VPCs.
    pub networks: ArcSwap<origin::Networks>,
    /// What makes spans, where the configuration has a place for them.
    #[cfg(feature = "otel")]
    pub spans: OnceLock<crate::observe::spans::Spans>,
}

impl Gateway {
    /// A gateway with no stages.
    pub fn new(clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self {
            live: Live::default(),
            issuers: Issuers::new(clock.clone()),
            chains: Chains::new(clock.clone()),
            clock,
            metrics: Metrics::default(),
            domains: Domains::default(),
            tls_names: tls::TlsNames::default(),
            acme: Acme::default(),
            api_keys: ApiKeys::default(),
            account: Gate::default(),
            overload: overload::Overload::default(),
            buffered: Arc::default(),
            decisions: authorize::Decisions::default(),
            caches: Caches::default(),
            refreshes: Tasks::default(),
            sinks: Arc::default(),
            tasks: Tasks::default(),
            keys: OnceLock::new(),
            presence: OnceLock::new(),
            networks: ArcSwap::default(),
            #[cfg(feature = "otel")]
            spans: OnceLock::new(),
        })
    }
}
