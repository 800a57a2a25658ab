//! Issuers of tokens: their keys, fetched when they are first needed, kept, and fetched anew.
//!
//! A request takes the keys by one lock-free read. It waits only where there are none, or where its token names a key that
//! is not among them; what it waits for is one fetch for all. All fetches of an issuer are counted by one budget
//! ([`budget`]), whatever they are for, so that tokens with made-up key ids cannot make a flood of them.

mod budget;
mod fetch;
mod freshness;
mod location;
mod metrics;

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use parking_lot::Mutex;
use portcullis_jwt::KeySet;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::lifecycle::Tasks;
use crate::upstream::{TlsSettings, Upstream};

pub use location::{BadLocation, Location, Rule};
pub use metrics::{FetchMetrics, Fetched};

use budget::Budget;

/// Keys that are older than they may be are still used for so long, while they are fetched beside the request. Older ones
/// are waited for.
const GRACE: Duration = Duration::from_secs(5 * 60);
/// Where an issuer cannot be reached, the last keys count for so long.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// For so long it is not asked again where the issuer's keys are.
const DISCOVERED: Duration = Duration::from_secs(24 * 60 * 60);

/// Whose keys, and where they are: the same for all who say the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IssuerOf {
    /// What it is called in problems, metrics and logs.
    pub name: String,
    /// What its tokens, and its discovery document, say.
    pub iss: String,
    /// Where its keys are, or where it is told.
    pub source: KeySource,
    /// What that, and what is found there, may be.
    pub rule: Rule,
}

/// Where the keys of an issuer are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum KeySource {
    /// There.
    KeySet(Location),
    /// The document there says where (OpenID Connect Discovery 1.0).
    Discovery(Location),
}

/// The issuers of all plans. A plan takes its issuers from here when it is compiled, so that keys outlive reloads.
#[derive(Debug)]
pub struct Issuers {
    clock: Arc<dyn Clock>,
    upstream: Arc<Upstream>,
    tasks: Tasks,
    known: Mutex<HashMap<IssuerOf, Weak<Issuer>>>,
}

/// An issuer, and its keys as they are known.
#[derive(Debug)]
pub struct Issuer {
    of: IssuerOf,
    tls: Arc<TlsSettings>,
    clock: Arc<dyn Clock>,
    upstream: Arc<Upstream>,
    tasks: Tasks,
    keys: ArcSwapOption<Keys>,
    control: Mutex<Control>,
    /// How many fetches have ended.
    ended: watch::Sender<u64>,
    /// What came of them.
    pub metrics: FetchMetrics,
}

/// The keys of an issuer, as they were once.
#[derive(Debug)]
pub struct Keys {
    /// The keys.
    pub set: KeySet,
    fetched: Duration,
    fresh: Duration,
}

/// What is known of the fetches; no request takes it that finds its key.
#[derive(Debug, Default)]
struct Control {
    budget: Budget,
    is_running: bool,
    /// The last fetch came to nothing.
    failed: bool,
    /// Where discovery found the keys, and when.
    found: Option<(Location, Duration)>,
}

impl Issuers {
    /// None yet.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            upstream: Arc::default(),
            tasks: Tasks::default(),
            known: Mutex::default(),
        }
    }

    /// How TLS settings for them are made.
    pub fn upstream(&self) -> &Upstream {
        &self.upstream
    }

    /// An issuer; one and the same for all who name it alike, as long as one of them keeps it.
    pub fn issuer(&self, of: IssuerOf, tls: Arc<TlsSettings>) -> Arc<Issuer> {
        let mut known = self.known.lock();
        if let Some(issuer) = known.get(&of).and_then(Weak::upgrade)
            && issuer.tls.id() == tls.id()
        {
            return issuer;
        }
        known.retain(|_, issuer| issuer.strong_count() > 0);
        let issuer = Arc::new(Issuer {
            of: of.clone(),
            tls,
            clock: self.clock.clone(),
            upstream: self.upstream.clone(),
            tasks: self.tasks.clone(),
            keys: ArcSwapOption::empty(),
            control: Mutex::default(),
            ended: watch::Sender::new(0),
            metrics: FetchMetrics::default(),
        });
        known.insert(of, Arc::downgrade(&issuer));
        issuer
    }

    /// Those that some plan has, in the order of their names.
    pub fn all(&self) -> Vec<Arc<Issuer>> {
        let mut all: Vec<_> = self.known.lock().values().filter_map(Weak::upgrade).collect();
        all.sort_by(|one, other| one.of.name.cmp(&other.of.name));
        all
    }
}

impl Issuer {
    /// What it is called.
    pub fn name(&self) -> &str {
        &self.of.name
    }

    /// What its tokens say.
    pub fn iss(&self) -> &str {
        &self.of.iss
    }

    /// Its keys, where they are known and no fetch is due.
    pub fn keys(&self) -> Option<Arc<Keys>> {
        let keys = self.keys.load_full()?;
        (self.clock.monotonic() < keys.fetched + keys.fresh).then_some(keys)
    }

    /// Its keys where [`Self::keys`] has none: fetched if need be, or the last ones where they still count.
    pub async fn fetched(self: &Arc<Self>) -> Option<Arc<Keys>> {
        let fetch = self.begin();
        let now = self.clock.monotonic();
        let counts = |keys: &Arc<Keys>| now < keys.fetched + keys.fresh + KEPT;
        let keys = self.keys.load_full().filter(counts);
        let waits = match &keys {
            None => true,
            // An issuer that did not answer last time is not waited for.
            Some(keys) => now >= keys.fetched + keys.fresh + GRACE && !self.control.lock().failed,
        };
        match fetch {
            Some(fetch) if waits => {
                self.wait(fetch).await;
                self.keys.load_full().filter(counts)
            }
            _ => keys,
        }
    }

    /// Keys that were fetched after these, which lack one that a token names; none where nothing may be fetched now, or
    /// nothing came of it.
    pub async fn newer(self: &Arc<Self>, than: &Arc<Keys>) -> Option<Arc<Keys>> {
        let is_newer = |keys: &Arc<Keys>| !Arc::ptr_eq(keys, than);
        if let Some(keys) = self.keys.load_full().filter(is_newer) {
            return Some(keys);
        }
        let fetch = self.begin()?;
        self.wait(fetch).await;
        self.keys.load_full().filter(is_newer)
    }

    /// Begins a fetch, or joins the one that is under way; `None` where the budget has none left.
    fn begin(self: &Arc<Self>) -> Option<watch::Receiver<u64>> {
        let mut control = self.control.lock();
        let ended = self.ended.subscribe();
        if control.is_running {
            return Some(ended);
        }
        if !control.budget.has_some(self.clock.monotonic()) {
            self.metrics.count(Fetched::Withheld);
            return None;
        }
        control.is_running = true;
        let issuer = self.clone();
        // A task of its own: it ends even if whoever wanted it has gone.
        self.tasks.spawn(async move {
            let running = Running(&issuer);
            issuer.fetch().await;
            drop(running);
        });
        Some(ended)
    }

    async fn wait(&self, mut fetch: watch::Receiver<u64>) {
        // The sender lives as long as this.
        let _ = fetch.changed().await;
    }

    /// The keys, if they may be looked at: for metrics.
    pub fn known_keys(&self) -> Option<usize> {
        self.keys.load().as_ref().map(|keys| keys.set.len())
    }
}

/// A fetch that is under way; dropped, it has ended.
struct Running<'a>(&'a Issuer);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.control.lock().is_running = false;
        self.0.ended.send_modify(|ended| *ended = ended.wrapping_add(1));
    }
}
