//! Connections to HTTP backends: HTTP/1.1 and HTTP/2, in clear text and by TLS, direct and to private upstreams, pooled,
//! kept alive, bounded in time.

mod address;
mod again;
mod backend;
mod error;
mod guard;
mod health;
mod http1;
mod http2;
mod lease;
mod pool;
mod response;
mod settled;
mod stream;
mod tied;
mod tls;
mod unsent;
mod watched;

use std::collections::HashMap;
use std::hash::Hash as StdHash;
use std::sync::{Arc, Weak};

use http::uri::Authority;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::GaiResolver;
use parking_lot::Mutex;
use rustls::pki_types::ServerName;

use crate::config::{BackendProtocol, Hash};

pub use address::{Address, UNIX, is_socket_path};
pub use backend::Backend;
pub use error::SendError;
pub(crate) use error::is_untouched;
pub use guard::Guard;
pub use health::MOST_TARGETS;
pub use response::ResponseBody;
pub(crate) use tls::provider;
pub use tls::{ClientCertificate, PemError, TlsOptions, TlsSettings, TrustBundle, has_system_roots};

use backend::{Link, Route, Target};
use guard::Resolver;
use health::LinkState;
use pool::{Pool, PoolTls};

/// The HTTP backends of all plans. A plan takes its backends from here when it is compiled, so that connections outlive
/// reloads, and a request looks nothing up.
#[derive(Debug, Default)]
pub struct Upstream {
    known: Mutex<Known>,
}

/// What a backend is.
#[derive(Debug, Clone, Copy)]
pub struct Endpoint<'a> {
    /// Host and port of its URI.
    pub authority: &'a Authority,
    /// How it is spoken to by `https`.
    pub tls: Option<&'a Arc<TlsSettings>>,
    /// The private upstream that is connected to instead, by its name, with its targets.
    pub link: Option<(&'a str, &'a [Address])>,
    /// What HTTP is spoken.
    pub protocol: BackendProtocol,
}

/// The host of an `https` backend is no name that a certificate could have.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is neither a host name nor an IP address, so no certificate can be for it")]
pub struct BadHost(String);

/// What plans hold, to be shared by those that need the same.
#[derive(Debug, Default)]
struct Known {
    backends: Shared<BackendKey, Backend>,
    pools: Shared<PoolKey, Pool>,
    links: Shared<String, LinkState>,
    tls: Shared<Hash, TlsSettings>,
}

/// A backend is the same with the same address, TLS settings, private upstream and targets of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct BackendKey {
    authority: Authority,
    tls: Option<Hash>,
    link: Option<(String, Vec<Address>)>,
    protocol: BackendProtocol,
    guard: Option<Arc<Guard>>,
}

/// Connections are of use for all who would make them in the same way.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct PoolKey {
    address: Address,
    protocol: BackendProtocol,
    tls: Option<(Hash, ServerName<'static>)>,
    link: Option<String>,
    guard: Option<Arc<Guard>>,
}

/// What is kept as long as somebody holds it.
#[derive(Debug)]
struct Shared<K, V>(HashMap<K, Weak<V>>);

impl<K, V> Default for Shared<K, V> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Eq + StdHash, V> Shared<K, V> {
    fn get(&self, key: &K) -> Option<Arc<V>> {
        self.0.get(key).and_then(Weak::upgrade)
    }

    fn add(&mut self, key: K, value: &Arc<V>) {
        self.0.retain(|_, value| value.strong_count() > 0);
        self.0.insert(key, Arc::downgrade(value));
    }
}

impl Upstream {
    /// No backends.
    pub fn new() -> Self {
        Self::default()
    }

    /// TLS settings; one and the same for all who need the same, as long as one of them keeps it.
    ///
    /// Reads the system's certificate authorities when they are first needed.
    ///
    /// # Errors
    ///
    /// The cryptography does not go together with them.
    pub fn tls(&self, options: &TlsOptions<'_>) -> Result<Arc<TlsSettings>, rustls::Error> {
        let mut known = self.known.lock();
        let id = options.id();
        if let Some(settings) = known.tls.get(&id) {
            return Ok(settings);
        }
        let settings = Arc::new(TlsSettings::new(options)?);
        known.tls.add(id, &settings);
        Ok(settings)
    }

    /// A backend; one and the same for all who name it, as long as one of them keeps it.
    ///
    /// # Errors
    ///
    /// No certificate could be for its host.
    pub fn backend(&self, endpoint: Endpoint<'_>) -> Result<Arc<Backend>, BadHost> {
        self.shared(endpoint, None)
    }

    /// The same, of which no address is connected to that a guard keeps away.
    ///
    /// # Errors
    ///
    /// No certificate could be for its host.
    pub fn guarded(&self, endpoint: Endpoint<'_>, guard: Guard) -> Result<Arc<Backend>, BadHost> {
        self.shared(endpoint, Some(Arc::new(guard)))
    }

    fn shared(&self, endpoint: Endpoint<'_>, guard: Option<Arc<Guard>>) -> Result<Arc<Backend>, BadHost> {
        let Endpoint {
            authority,
            tls,
            link,
            protocol,
        } = endpoint;
        let mut known = self.known.lock();
        let key = BackendKey {
            authority: authority.clone(),
            tls: tls.map(|tls| tls.id()),
            link: link.map(|(name, targets)| (name.to_owned(), targets.to_vec())),
            protocol,
            guard: guard.clone(),
        };
        if let Some(backend) = known.backends.get(&key) {
            return Ok(backend);
        }
        let tls = match tls {
            Some(settings) => Some((settings, server_name(authority)?)),
            None => None,
        };
        let route = match link {
            None => {
                let address = Address::Host(authority.clone());
                Route::Direct(self.pool(&mut known, &address, (tls.as_ref(), protocol), (None, guard)))
            }
            Some((name, targets)) => {
                Route::Link(self.link(&mut known, name, targets, (tls.as_ref(), protocol)))
            }
        };
        let default_port = if tls.is_some() { 443 } else { 80 };
        let backend = Backend::new(authority, default_port, route);
        known.backends.add(key, &backend);
        Ok(backend)
    }

    fn link(&self, known: &mut Known, name: &str, targets: &[Address], spoken: Spoken<'_>) -> Link {
        let state = known.links.get(&name.to_owned()).unwrap_or_else(|| {
            let state = Arc::default();
            known.links.add(name.to_owned(), &state);
            state
        });
        let health = state.of_targets(targets);
        let targets = targets.iter().zip(health).map(|(address, health)| Target {
            address: address.clone(),
            pool: self.pool(known, address, spoken, (Some(name), None)),
            health,
        });
        let targets = targets.collect();
        Link {
            name: name.into(),
            state,
            targets,
        }
    }

    fn pool(
        &self,
        known: &mut Known,
        address: &Address,
        (tls, protocol): Spoken<'_>,
        (link, guard): (Option<&str>, Option<Arc<Guard>>),
    ) -> Arc<Pool> {
        let key = PoolKey {
            address: address.clone(),
            protocol,
            tls: tls.map(|(settings, name)| (settings.id(), name.clone())),
            link: link.map(str::to_owned),
            guard: guard.clone(),
        };
        if let Some(pool) = known.pools.get(&key) {
            return pool;
        }
        let tls = tls.map(|(settings, name)| PoolTls {
            config: settings.config(protocol),
            name: name.clone(),
        });
        let pool = Pool::new(address, tls, connector(guard), protocol);
        known.pools.add(key, &pool);
        pool
    }
}

fn connector(guard: Option<Arc<Guard>>) -> HttpConnector<Resolver> {
    let inner = GaiResolver::new();
    let mut connector = HttpConnector::new_with_resolver(Resolver { inner, guard });
    connector.set_nodelay(true);
    connector.set_connect_timeout(Some(pool::CONNECT_TIMEOUT));
    // The TLS of `https` comes behind it.
    connector.enforce_http(false);
    connector
}

/// What is spoken with a server.
type Spoken<'a> = (Option<&'a NamedTls<'a>>, BackendProtocol);

/// Settings, and whose certificate it must be.
type NamedTls<'a> = (&'a Arc<TlsSettings>, ServerName<'static>);

fn server_name(authority: &Authority) -> Result<ServerName<'static>, BadHost> {
    let host = authority.host();
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let name = ServerName::try_from(bare.unwrap_or(host).to_owned());
    name.map_err(|_| BadHost(host.to_owned()))
}

#[cfg(test)]
mod tests;
