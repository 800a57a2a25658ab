//! A region: its warm connections, and how far it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use hyper::client::conn::http2::SendRequest;
use rustls::client::ResolvesClientCert;
use rustls::pki_types::ServerName;
use rustls::sign::SingleCertAndKey;
use rustls::{ClientConfig, RootCertStore};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::config::RegionConfig;
use super::connection;
use crate::config::{Hash, hash};
use crate::proxy::Body;
use crate::upstream::{ClientCertificate, TrustBundle, provider};

/// How much of the smoothed time a new one is: as TCP weighs it (RFC 6298, section 2).
const WEIGHT: u64 = 8;

/// What is connected to, and how.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) name: Arc<str>,
    pub(super) host: Arc<str>,
    pub(super) port: u16,
    pub(super) server_name: ServerName<'static>,
    /// The same as the host of requests that name none.
    pub(super) authority: Arc<str>,
    pub(super) tls: Arc<ClientConfig>,
    connections: usize,
    hash: Hash,
}

/// A region that connections are kept to.
#[derive(Debug)]
pub(super) struct Region {
    pub(super) target: Target,
    /// Connections; none where one is being made.
    slots: Vec<ArcSwapOption<SendRequest<Body>>>,
    next: AtomicUsize,
    /// Smoothed, in microseconds; 0 where it is not known yet.
    rtt: AtomicU64,
    /// Tells that a connection came up.
    came_up: Arc<Notify>,
    pub(super) stop: CancellationToken,
}

impl Target {
    pub(super) fn new(
        config: &RegionConfig,
        trust: &TrustBundle,
        shown: &ClientCertificate,
    ) -> Result<Self, Box<dyn std::error::Error>> {
        let authority: http::uri::Authority = config.address.parse()?;
        let host = authority.host();
        let bare = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
            .unwrap_or(host);
        let server_name = config.server_name.as_deref().unwrap_or(bare);
        let mut roots = RootCertStore::empty();
        roots.roots.extend(trust.roots().iter().cloned());
        let key: Arc<dyn ResolvesClientCert> = Arc::new(SingleCertAndKey::from(shown.key().clone()));
        let builder =
            ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?;
        let mut tls = builder
            .with_root_certificates(roots)
            .with_client_cert_resolver(key);
        tls.alpn_protocols = vec![b"h2".to_vec()];
        let said = serde_json::to_vec(config)?;
        Ok(Self {
            name: config.name.as_str().into(),
            host: bare.into(),
            port: authority.port_u16().unwrap_or(443),
            server_name: ServerName::try_from(server_name.to_owned())?,
            authority: server_name.into(),
            tls: Arc::new(tls),
            connections: config.connections.into(),
            hash: hash(&[&said, &trust.hash(), &shown.hash()]),
        })
    }
}

impl Region {
    /// Begins to connect to it; connections are kept until it is ended.
    pub(super) fn start(target: Target, came_up: Arc<Notify>) -> Arc<Self> {
        let region = Arc::new(Self {
            slots: (0..target.connections).map(|_| ArcSwapOption::empty()).collect(),
            target,
            next: AtomicUsize::new(0),
            rtt: AtomicU64::new(0),
            came_up,
            stop: CancellationToken::new(),
        });
        for slot in 0..region.slots.len() {
            let keeping = connection::keep(region.clone(), slot);
            #[allow(
                clippy::disallowed_methods,
                reason = "a drain waits for requests, not for connections to regions"
            )]
            tokio::spawn(keeping);
        }
        region
    }

    pub(super) fn is_of(&self, target: &Target) -> bool {
        self.target.hash == target.hash
    }

    pub(super) fn name(&self) -> &str {
        &self.target.name
    }

    /// No more connections are made, and those that are there end with their last request.
    pub(super) fn end(&self) {
        self.stop.cancel();
    }

    pub(super) fn set(&self, slot: usize, sender: Option<SendRequest<Body>>) {
        if let Some(slot) = self.slots.get(slot) {
            let is_up = sender.is_some();
            slot.store(sender.map(Arc::new));
            if is_up {
                self.came_up.notify_waiters();
            }
        }
    }

    /// Connections that are up, beginning with another one each time.
    pub(super) fn senders(&self) -> impl Iterator<Item = SendRequest<Body>> {
        let first = self.next.fetch_add(1, Relaxed) % self.slots.len().max(1);
        let (before, behind) = self.slots.split_at_checked(first).unwrap_or((&[], &[]));
        let in_turn = behind.iter().chain(before);
        in_turn
            .filter_map(|slot| slot.load_full())
            .filter(|sender| !sender.is_closed())
            .map(|sender| (*sender).clone())
    }

    /// How many connections are up.
    pub(super) fn connected(&self) -> usize {
        let up = |slot: &&ArcSwapOption<SendRequest<Body>>| {
            slot.load().as_ref().is_some_and(|sender| !sender.is_closed())
        };
        self.slots.iter().filter(up).count()
    }

    pub(super) fn is_up(&self) -> bool {
        self.connected() > 0
    }

    /// The smoothed time to the region and back.
    pub(super) fn rtt(&self) -> Duration {
        Duration::from_micros(self.rtt.load(Relaxed))
    }

    /// One more of such times.
    pub(super) fn measured(&self, took: Duration) {
        let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX).max(1);
        let smoothed = |known: u64| match known {
            0 => took,
            known => (known - known / WEIGHT).saturating_add(took / WEIGHT).max(1),
        };
        // Nothing waits for it: of two at once either may count.
        self.rtt.store(smoothed(self.rtt.load(Relaxed)), Relaxed);
    }
}
