//! Certificates that the node gets by itself, by ACME (RFC 8555): an account, an order for each name, its challenges, and the
//! next order in time.
//!
//! Nothing waits for it: a name that has no certificate yet fails its handshakes.

mod challenge;
mod client;
mod kept;
mod order;
mod renew;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arc_swap::{ArcSwap, ArcSwapOption};
use parking_lot::Mutex;
use rustls::sign::CertifiedKey;
use tokio::sync::Notify;

pub use challenge::Challenges;
pub use renew::run;

use crate::config::AcmeSource;
use kept::Kept;

/// Where the certificate of a name is, once there is one.
pub type Slot = Arc<ArcSwapOption<CertifiedKey>>;

/// What a node has by ACME.
#[derive(Debug, Default)]
pub struct Acme {
    /// What authorities may ask for now.
    pub challenges: Challenges,
    slots: Mutex<HashMap<Arc<str>, Slot>>,
    wanted: ArcSwapOption<AcmeSource>,
    changed: Notify,
    /// By name: when its certificate ends, in seconds since 1970.
    ends: ArcSwap<BTreeMap<Arc<str>, u64>>,
}

impl Acme {
    /// Where the certificate of a name will be.
    pub fn slot(&self, name: &str) -> Slot {
        let mut slots = self.slots.lock();
        match slots.get(name) {
            Some(slot) => slot.clone(),
            None => slots.entry(Arc::from(name)).or_default().clone(),
        }
    }

    /// Asks for the certificates of these names from now on. What is kept of before is there at once.
    pub fn want(&self, source: Option<Arc<AcmeSource>>) {
        let names: &[Arc<str>] = source.as_ref().map_or(&[], |source| &source.names);
        self.slots.lock().retain(|name, _| names.contains(name));
        for name in names {
            let slot = self.slot(name);
            let Some(source) = source.as_ref().filter(|_| slot.load().is_none()) else {
                continue;
            };
            match Kept::of(source).certificate(name) {
                Ok(Some(certificate)) => self.shows(name, &certificate),
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!("the certificate of {name} that is kept cannot be used: {error}")
                }
            }
        }
        self.wanted.store(source);
        self.changed.notify_one();
    }

    fn shows(&self, name: &Arc<str>, certificate: &kept::Certificate) {
        self.slot(name).store(Some(certificate.key.clone()));
        let mut ends = BTreeMap::clone(&self.ends.load());
        ends.insert(name.clone(), certificate.not_after);
        self.ends.store(Arc::new(ends));
    }

    /// When the certificates end, by name, in seconds since 1970; of names that are wanted.
    pub fn ends(&self) -> Vec<(Arc<str>, u64)> {
        let wanted = self.wanted.load();
        let is_wanted = |name: &Arc<str>| wanted.as_ref().is_some_and(|source| source.names.contains(name));
        let ends = self.ends.load();
        let ends = ends.iter().filter(|(name, _)| is_wanted(name));
        ends.map(|(name, end)| (name.clone(), *end)).collect()
    }
}
