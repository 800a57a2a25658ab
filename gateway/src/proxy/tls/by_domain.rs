//! What custom domain names say of TLS, their certificates, trust stores and security policies, and what APIs say for the names
//! that they have of their own.
//!
//! A handshake looks the host up that the client names. A request looks up whose trust store its host needs, where any domain
//! name has one of its own.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use arc_swap::{ArcSwap, ArcSwapOption};
use parking_lot::Mutex;
use portcullis_model::SecurityPolicy;
use rustls::ServerConfig;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::speak::Spoken;
use super::{Secured, Tls, policy};
use crate::api_keys::Origin;
use crate::config::{ClientAuthConfig, Hash};
use crate::domains::without_port;
use crate::proxy::own_name::{api_of_host, of_endpoint};
use crate::proxy::strict::Strict;
use crate::upstream::{ClientCertificate, TrustBundle};

/// The certificate that a domain name shows.
#[derive(Debug, Clone, Default)]
pub enum Shown {
    /// What the listener has for it.
    #[default]
    Listeners,
    /// Its own.
    Own(Arc<ClientCertificate>),
    /// One that comes and changes by itself; none yet: handshakes fail.
    Renewed(Arc<ArcSwapOption<CertifiedKey>>),
    /// None that could be used: handshakes fail.
    Nothing,
}

/// What an API says is kept under its id with this behind it, which no domain name has.
const OF_APIS: &str = ".execute-api.*";

/// What a domain name, or an API for its own names, says of TLS.
#[derive(Debug, Clone, Default)]
pub struct DomainTls {
    /// Its certificate.
    pub shown: Shown,
    /// Whose certificates its clients show; none: as the listener says.
    pub trust: Option<Arc<TrustBundle>>,
    /// None: the listener's.
    pub policy: Option<SecurityPolicy>,
    /// Of an API: how requests by its own addresses must come. (Of domain names it is with what they lead to.)
    pub strict: Option<Strict>,
}

/// What becomes of a domain name.
#[derive(Debug)]
pub enum Said {
    /// It says this.
    Now(DomainTls),
    /// What it says cannot be used: what it said before stays; with nothing before handshakes fail.
    Unusable,
    /// What it says is not known: what it said before stays.
    Unknown,
}

/// The table of a node.
#[derive(Debug, Default)]
pub struct TlsNames {
    table: ArcSwap<Table>,
    /// Whether any domain name has a trust store of its own, and whether any API says anything: most nodes have neither, and
    /// requests look no further.
    trusts: AtomicBool,
    has_apis: AtomicBool,
    known: Mutex<Known>,
}

type Known = HashMap<(Origin, Arc<str>), Arc<Entry>>;

/// By host, in lower case; a wildcard by what is behind its asterisk.
#[derive(Debug, Default)]
struct Table {
    names: HashMap<Arc<str>, Arc<Entry>>,
    wildcards: HashMap<Arc<str>, Arc<Entry>>,
    /// By id.
    apis: HashMap<Arc<str>, Arc<Entry>>,
}

#[derive(Debug)]
pub(super) struct Entry {
    name: Arc<str>,
    said: DomainTls,
    id: Hash,
    /// By listener. Made at the first handshake there.
    spoken: ArcSwap<Vec<(Weak<()>, Arc<ServerConfig>)>>,
    making: Mutex<()>,
}

impl TlsNames {
    /// What the host that a client names says.
    pub(super) fn find(&self, host: Option<&str>) -> Option<Arc<Entry>> {
        self.table.load().find(host?).cloned()
    }

    /// Whether requests of a host may come by a connection: a host answers only where clients were verified against its own
    /// trust store, and not where they were against another's.
    pub fn admits(&self, host: &str, secured: Option<&Secured>) -> bool {
        if !self.trusts.load(Ordering::Acquire) {
            return true;
        }
        let table = self.table.load();
        let needed = table.find(without_port(host)).and_then(|entry| entry.trusts());
        needed == secured.and_then(|secured| secured.trust.as_ref())
    }

    /// Whether the TLS of a client behind a point of presence is what the host of its request demands: the handshake was not here.
    pub fn lets(&self, host: &str, secured: &Secured) -> bool {
        let table = self.table.load();
        let policy = table.find(without_port(host)).and_then(|entry| entry.said.policy);
        policy.is_none_or(|policy| policy::lets(policy, secured.version, &secured.cipher))
    }

    /// How requests by an API's own addresses must come, where that matters.
    pub fn strict(&self, api: &str) -> Option<Strict> {
        if !self.has_apis.load(Ordering::Acquire) {
            return None;
        }
        self.table.load().apis.get(api)?.said.strict
    }

    /// What stands for the names that an API has of its own.
    pub fn of_api(api: &str) -> String {
        format!("{api}{OF_APIS}")
    }

    /// Makes a domain name, or an API, say this, or nothing.
    pub fn set(&self, origin: Origin, name: &str, said: Option<Said>) {
        let mut known = self.known.lock();
        let key = (origin, Arc::from(name));
        match said {
            Some(said) => {
                if let Some(entry) = entry(&key.1, said, known.get(&key)) {
                    known.insert(key, entry);
                }
            }
            None => drop(known.remove(&key)),
        }
        self.publish(&known);
    }

    /// Makes these all names of an origin.
    pub fn replace(&self, origin: Origin, names: impl IntoIterator<Item = (Arc<str>, Said)>) {
        let mut known = self.known.lock();
        let entries: Vec<_> = names
            .into_iter()
            .filter_map(|(name, said)| {
                let key = (origin, name);
                let entry = entry(&key.1, said, known.get(&key))?;
                Some((key, entry))
            })
            .collect();
        known.retain(|(of, _), _| *of != origin);
        known.extend(entries);
        self.publish(&known);
    }

    /// The table comes first: whoever sees that it matters sees it.
    fn publish(&self, known: &Known) {
        let table = table(known);
        let mut names = table.names.values().chain(table.wildcards.values());
        let trusts = names.any(|entry| entry.trusts().is_some());
        let has_apis = !table.apis.is_empty();
        self.table.store(Arc::new(table));
        self.trusts.store(trusts, Ordering::Release);
        self.has_apis.store(has_apis, Ordering::Release);
    }
}

/// What is the same stays, with its sessions.
fn entry(name: &Arc<str>, said: Said, before: Option<&Arc<Entry>>) -> Option<Arc<Entry>> {
    let said = match (said, before) {
        (Said::Unusable | Said::Unknown, Some(before)) => return Some(before.clone()),
        (Said::Unknown, None) => return None,
        (Said::Unusable, None) => DomainTls {
            shown: Shown::Nothing,
            ..DomainTls::default()
        },
        (Said::Now(said), _) => said,
    };
    let id = said.id();
    let same = before.filter(|before| before.id == id).cloned();
    let new = || Entry {
        name: name.clone(),
        said,
        id,
        spoken: ArcSwap::default(),
        making: Mutex::default(),
    };
    Some(same.unwrap_or_else(|| Arc::new(new())))
}

fn table(known: &Known) -> Table {
    let mut table = Table::default();
    for ((origin, name), entry) in known {
        if *origin == Origin::Calls && known.contains_key(&(Origin::File, name.clone())) {
            continue;
        }
        match (name.strip_prefix("*."), name.strip_suffix(OF_APIS)) {
            (Some(parent), _) => table.wildcards.insert(parent.into(), entry.clone()),
            (None, Some(api)) => table.apis.insert(api.into(), entry.clone()),
            (None, None) => table.names.insert(name.clone(), entry.clone()),
        };
    }
    table
}

impl Table {
    fn find(&self, host: &str) -> Option<&Arc<Entry>> {
        if self.names.is_empty() && self.wildcards.is_empty() && self.apis.is_empty() {
            return None;
        }
        let host = host.to_ascii_lowercase();
        let of_name = self.names.get(host.as_str()).or_else(|| {
            let (label, parent) = host.split_once('.')?;
            self.wildcards.get(parent).filter(|_| !label.is_empty())
        });
        of_name.or_else(|| {
            let api = api_of_host(&host)?;
            let of_endpoint = || self.apis.get(of_endpoint(&api)?.0);
            self.apis.get(&*api).or_else(of_endpoint)
        })
    }
}

impl DomainTls {
    /// With a security policy by its name; one that cannot be kept to, which is told elsewhere, leaves the listener's.
    pub fn by_policy(name: Option<&str>) -> Self {
        Self {
            policy: name.and_then(|name| SecurityPolicy::parse(name).ok()),
            ..Self::default()
        }
    }

    /// The same for what says the same.
    fn id(&self) -> Hash {
        let (kind, of_shown) = match &self.shown {
            Shown::Listeners => (0, Vec::new()),
            Shown::Own(own) => (1, own.hash().to_vec()),
            // Who renews has one for each name.
            Shown::Renewed(_) => (2, Vec::new()),
            Shown::Nothing => (3, Vec::new()),
        };
        let trust = self.trust.as_ref().map(|trust| trust.hash().to_vec());
        let policy = format!("{:?} {:?}", self.policy, self.strict);
        crate::config::hash(&[&[kind], &of_shown, &trust.unwrap_or_default(), policy.as_bytes()])
    }
}

impl Entry {
    /// Whose trust store clients are verified against, where it is its own. A name with nothing to show is as one of a store
    /// that nobody could have been verified against.
    pub(super) fn trusts(&self) -> Option<&Arc<str>> {
        let own = self.said.trust.is_some() || matches!(self.said.shown, Shown::Nothing);
        own.then_some(&self.name)
    }

    /// What is spoken with clients of a listener that name it.
    pub(super) fn on(&self, listener: &Tls) -> Result<Arc<ServerConfig>, rustls::Error> {
        let made = |spoken: &[(Weak<()>, Arc<ServerConfig>)]| {
            let is_of = |(of, _): &&(Weak<()>, _)| of.as_ptr() == Arc::as_ptr(&listener.mark);
            spoken.iter().find(is_of).map(|(_, config)| config.clone())
        };
        if let Some(config) = made(&self.spoken.load()) {
            return Ok(config);
        }
        let _making = self.making.lock();
        let mut spoken = Vec::clone(&self.spoken.load());
        if let Some(config) = made(&spoken) {
            return Ok(config);
        }
        let config = self.make(listener)?;
        spoken.retain(|(of, _)| of.strong_count() > 0);
        spoken.push((Arc::downgrade(&listener.mark), config.clone()));
        self.spoken.store(Arc::new(spoken));
        Ok(config)
    }

    fn make(&self, listener: &Tls) -> Result<Arc<ServerConfig>, rustls::Error> {
        let from = &listener.from;
        let shown: Arc<dyn ResolvesServerCert> = match &self.said.shown {
            Shown::Listeners => listener.certificates.clone(),
            Shown::Own(own) => Arc::new(One(Some(Arc::new(own.key().clone())))),
            Shown::Renewed(slot) => Arc::new(Slot(slot.clone())),
            Shown::Nothing => Arc::new(One(None)),
        };
        let (trust, edges, client_auth) = match &self.said.trust {
            // Points of presence have shown nobody's certificate but their own.
            Some(own) => (Some(own), None, ClientAuthConfig::Required),
            None => (from.trust.as_ref(), from.edges.as_deref(), from.client_auth),
        };
        let spoken = Spoken {
            policy: self.said.policy.or(from.policy),
            shown,
            trust: trust.map(|trust| &**trust),
            edges,
            client_auth,
        };
        spoken.made(&listener.clock)
    }
}

#[derive(Debug)]
struct One(Option<Arc<CertifiedKey>>);

impl ResolvesServerCert for One {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.0.clone()
    }
}

#[derive(Debug)]
struct Slot(Arc<ArcSwapOption<CertifiedKey>>);

impl ResolvesServerCert for Slot {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.0.load_full()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(policy: SecurityPolicy) -> DomainTls {
        DomainTls {
            policy: Some(policy),
            ..DomainTls::default()
        }
    }

    fn found(names: &TlsNames, host: &str) -> Option<SecurityPolicy> {
        names.find(Some(host))?.said.policy
    }

    #[test]
    fn a_name_comes_before_a_wildcard_and_a_file_before_the_control_plane() {
        let names = TlsNames::default();
        assert!(names.find(Some("a.example.com")).is_none());
        let (old, new) = (SecurityPolicy::TLS_1_2, SecurityPolicy::TLS13_1_3_2025_09);
        names.set(Origin::Calls, "*.example.com", Some(Said::Now(policy(old))));
        assert_eq!(found(&names, "A.example.com"), Some(old));
        assert_eq!(found(&names, "a.b.example.com"), None);
        assert_eq!(found(&names, ".example.com"), None);
        names.set(
            Origin::Calls,
            "a.example.com",
            Some(Said::Now(DomainTls::default())),
        );
        assert_eq!(
            found(&names, "a.example.com"),
            None,
            "the wildcard's is not the name's"
        );
        names.replace(
            Origin::File,
            [(Arc::from("a.example.com"), Said::Now(policy(new)))],
        );
        assert_eq!(found(&names, "a.example.com"), Some(new));
        names.replace(Origin::File, [(Arc::from("a.example.com"), Said::Unusable)]);
        assert_eq!(
            found(&names, "a.example.com"),
            Some(new),
            "what it said before stays"
        );
        names.replace(Origin::File, []);
        names.set(Origin::Calls, "a.example.com", None);
        assert_eq!(found(&names, "a.example.com"), Some(old));
    }

    #[test]
    fn what_says_the_same_is_the_same() {
        let names = TlsNames::default();
        let say = |policy_of| {
            names.replace(
                Origin::File,
                [(Arc::from("a.example.com"), Said::Now(policy(policy_of)))],
            );
            names.find(Some("a.example.com")).expect("an entry")
        };
        let first = say(SecurityPolicy::TLS_1_2);
        assert!(Arc::ptr_eq(&first, &say(SecurityPolicy::TLS_1_2)));
        assert!(!Arc::ptr_eq(&first, &say(SecurityPolicy::TLS13_1_3_2025_09)));
    }

    #[test]
    fn a_name_with_nothing_to_show_admits_nobody() {
        let names = TlsNames::default();
        assert!(names.admits("a.example.com", None));
        names.set(Origin::Calls, "a.example.com", Some(Said::Unusable));
        assert!(!names.admits("a.example.com:443", None));
        assert!(names.admits("b.example.com", None));
    }
}
