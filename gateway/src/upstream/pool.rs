//! One address that connections are opened to, and those of them that can take a request.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use http::Uri;
use http::uri::{Authority, PathAndQuery, Scheme};
use hyper_util::client::legacy::connect::HttpConnector;
use parking_lot::Mutex;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::UnixStream;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tower_service::Service as _;

use super::address::Address;
use super::error::SendError;
use super::guard::Resolver;
use super::http1::{self, Connection};
use super::http2::{self, Multiplexed};
use super::lease::Lease;
use super::stream::Stream;
use super::tls::H2;
use crate::config::BackendProtocol;
use crate::stream::Socket;

/// How long a connection may take to come up, the handshake of TLS included.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long an idle connection is kept. Shorter than the 60 s and more of common servers, so that the gateway closes
/// first and rarely meets a connection that the backend is just closing.
pub(super) const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// How often a connection of HTTP/1 is looked at in that time: it is kept for a sixth less at the most.
const SWEEPS: u32 = 6;
/// Idle connections kept for one address.
const MOST_IDLE: usize = 256;
/// Connections of HTTP/2 to one address. When there are as many, requests wait for streams.
const MOST_SHARED: usize = 64;

/// Connections to one address, all made in the same way.
#[derive(Debug)]
pub(super) struct Pool {
    place: Place,
    scheme: Scheme,
    tls: Option<PoolTls>,
    connector: HttpConnector<Resolver>,
    /// The one used last is on top. What a backend closes meanwhile is found out when it is swept past, or taken.
    idle: Mutex<Vec<Idle>>,
    /// Whether somebody closes those that are idle for too long.
    is_swept: AtomicBool,
    /// None: HTTP/1.1 alone is spoken.
    shared: Option<Box<Shared>>,
}

/// A connection of HTTP/1 that no request has.
#[derive(Debug)]
struct Idle {
    connection: Box<Connection>,
    /// How often it was swept past.
    age: u8,
}

/// What connections are opened to.
#[derive(Debug)]
enum Place {
    /// A URI of nothing but scheme and authority.
    Host(Uri),
    Unix(Arc<std::path::Path>),
}

/// Connections of HTTP/2.
#[derive(Debug, Default)]
struct Shared {
    connections: Mutex<Vec<Arc<Multiplexed>>>,
    /// One connection is opened at a time: whoever waits for it has a place on it.
    turn: tokio::sync::Mutex<()>,
    failures: AtomicU64,
    /// What the last attempt failed with.
    failed: Mutex<Option<SendError>>,
    /// Whether the server took HTTP/1.1: then each request opens its own, as ever.
    declined: AtomicBool,
}

/// How its connections speak TLS.
#[derive(Debug)]
pub(super) struct PoolTls {
    pub(super) config: Arc<ClientConfig>,
    /// Whose certificate it must be; sent along (SNI) where it is no IP address.
    pub(super) name: ServerName<'static>,
}

/// A connection that is open.
enum Opened {
    Http1(http1::Lease),
    Http2(Arc<Multiplexed>),
}

impl Pool {
    pub(super) fn new(
        address: &Address,
        tls: Option<PoolTls>,
        connector: HttpConnector<Resolver>,
        protocol: BackendProtocol,
    ) -> Arc<Self> {
        // It decides the port where the address has none.
        let scheme = if tls.is_some() {
            Scheme::HTTPS
        } else {
            Scheme::HTTP
        };
        let place = match address {
            Address::Host(authority) => Place::Host(origin(authority, scheme.clone())),
            Address::Unix(path) => Place::Unix(path.clone()),
        };
        let multiplexes = match protocol {
            BackendProtocol::Http1 => false,
            BackendProtocol::Http2 => true,
            // Nothing is agreed upon in clear text.
            BackendProtocol::Auto => tls.is_some(),
        };
        Arc::new(Self {
            place,
            scheme,
            tls,
            connector,
            idle: Mutex::default(),
            is_swept: AtomicBool::new(false),
            shared: multiplexes.then(Box::default),
        })
    }

    pub(super) fn scheme(&self) -> &Scheme {
        &self.scheme
    }

    /// Whether HTTP/2 may be spoken.
    pub(super) fn may_multiplex(&self) -> bool {
        self.shared.is_some()
    }

    /// A new connection, or a place on one that somebody else has just opened.
    pub(super) async fn connect(self: &Arc<Self>) -> Result<Lease, SendError> {
        match &self.shared {
            Some(shared) if !shared.declined.load(Ordering::Relaxed) => self.connect_in_turn(shared).await,
            _ => self.open().await.map(|opened| self.lease(opened)),
        }
    }

    async fn connect_in_turn(self: &Arc<Self>, shared: &Shared) -> Result<Lease, SendError> {
        let failures = shared.failures.load(Ordering::Acquire);
        let turn = shared.turn.lock().await;
        if let Some(unsettled) = shared.unsettled() {
            // It may have room for all who wait, which is not known yet.
            let _ = timeout(CONNECT_TIMEOUT, unsettled.settled().cancelled()).await;
        }
        if let Some(lease) = shared.take() {
            return Ok(Lease::Http2(lease));
        }
        if shared.declined.load(Ordering::Relaxed) {
            drop(turn);
            return self.open().await.map(|opened| self.lease(opened));
        }
        if shared.failures.load(Ordering::Acquire) != failures
            && let Some(error) = shared.failed.lock().as_ref()
        {
            // What was waited for has failed; trying each in turn would take them ever longer.
            return Err(error.again());
        }
        match self.open().await {
            Ok(opened) => {
                if matches!(opened, Opened::Http1(_)) {
                    shared.declined.store(true, Ordering::Relaxed);
                }
                Ok(self.lease(opened))
            }
            Err(error) => {
                *shared.failed.lock() = Some(error.again());
                shared.failures.fetch_add(1, Ordering::AcqRel);
                Err(error)
            }
        }
    }

    async fn open(self: &Arc<Self>) -> Result<Opened, SendError> {
        let deadline = Instant::now() + CONNECT_TIMEOUT;
        let socket = self.socket(deadline).await?;
        let (stream, agreed) = match &self.tls {
            // Prior knowledge.
            None => (Stream::Plain(socket), self.may_multiplex()),
            Some(tls) => {
                let stream = tls.handshake(socket, deadline).await?;
                let agreed = stream.get_ref().1.alpn_protocol() == Some(H2);
                if !agreed && tls.wants_http2_alone() {
                    let message = "the backend does not speak HTTP/2, and protocol = \"http2\" wants it";
                    return Err(SendError::Tls(rustls::Error::General(message.to_owned())));
                }
                (Stream::Tls(Box::new(stream)), agreed)
            }
        };
        let opened = match agreed {
            false => http1::begin(stream, self).await.map(Opened::Http1),
            true => http2::begin(stream, self).await.map(Opened::Http2),
        };
        opened.map_err(|error| SendError::Unreachable(error.into()))
    }

    async fn socket(&self, deadline: Instant) -> Result<Socket, SendError> {
        match &self.place {
            Place::Host(origin) => {
                let mut connector = self.connector.clone();
                let stream = connector.call(origin.clone()).await;
                let stream = stream.map_err(|error| SendError::Unreachable(error.into()))?;
                Ok(Socket::Tcp(stream.into_inner()))
            }
            Place::Unix(path) => match timeout_at(deadline, UnixStream::connect(path)).await {
                Ok(stream) => stream
                    .map(Socket::Unix)
                    .map_err(|error| SendError::Unreachable(error.into())),
                Err(_) => Err(too_long("the connection took too long")),
            },
        }
    }

    fn lease(&self, opened: Opened) -> Lease {
        match opened {
            Opened::Http1(lease) => Lease::Http1(lease),
            Opened::Http2(multiplexed) => {
                let lease = http2::Lease::on(&multiplexed);
                if let Some(shared) = &self.shared {
                    shared.connections.lock().push(multiplexed);
                }
                Lease::Http2(lease)
            }
        }
    }

    /// A connection that can take a request at once.
    pub(super) fn take(self: &Arc<Self>) -> Option<Lease> {
        if let Some(lease) = self.shared.as_ref().and_then(|shared| shared.take()) {
            return Some(Lease::Http2(lease));
        }
        let Idle { connection, .. } = self.idle.lock().pop()?;
        Some(Lease::Http1(http1::Lease::of(connection, self.clone())))
    }

    pub(super) fn keep(&self, connection: Box<Connection>) {
        let mut idle = self.idle.lock();
        if idle.len() < MOST_IDLE {
            idle.push(Idle { connection, age: 0 });
        }
    }

    /// Lets idle connections be closed in time. One timer does for all of them.
    pub(super) fn sweep(self: &Arc<Self>) {
        if self.is_swept.swap(true, Ordering::Relaxed) {
            return;
        }
        let pool = Arc::downgrade(self);
        let task = async move {
            loop {
                sleep(IDLE_TIMEOUT / SWEEPS).await;
                match pool.upgrade() {
                    Some(pool) => pool.expire(),
                    None => break,
                }
            }
        };
        #[allow(
            clippy::disallowed_methods,
            reason = "a drain waits for requests, not for this"
        )]
        tokio::spawn(task);
    }

    /// Closes the connections that have been idle for too long, or have ended.
    fn expire(&self) {
        let is_over = |idle: &mut Idle| {
            idle.age += 1;
            u32::from(idle.age) >= SWEEPS || !idle.connection.is_alive()
        };
        let over: Vec<_> = self.idle.lock().extract_if(.., is_over).collect();
        // Nobody waits for the lock while they are closed.
        drop(over);
    }

    /// Closes a connection that requests share, where it has been idle for too long; else says when it will have been. None
    /// where it is in use.
    pub(super) fn expire_shared(&self, connection: &Arc<Multiplexed>) -> Option<Instant> {
        let shared = self.shared.as_ref()?;
        // No request can be put on it meanwhile.
        let mut connections = shared.connections.lock();
        let ends = connection.ends()?;
        if ends <= Instant::now() {
            connections.retain(|known| !Arc::ptr_eq(known, connection));
        }
        Some(ends.max(Instant::now()))
    }

    /// Forgets a connection that has ended.
    pub(super) fn forget_shared(&self, connection: &Arc<Multiplexed>) {
        if let Some(shared) = &self.shared {
            let mut connections = shared.connections.lock();
            connections.retain(|known| !Arc::ptr_eq(known, connection));
        }
    }
}

impl Shared {
    /// A place on a connection that has room; on the least busy one where there are as many as there may be.
    fn take(&self) -> Option<http2::Lease> {
        let mut connections = self.connections.lock();
        connections.retain(|connection| !connection.is_over());
        let with_room = connections.iter().find(|connection| connection.has_room());
        let found = with_room.or_else(|| {
            let full = connections.len() >= MOST_SHARED;
            full.then(|| connections.iter().min_by_key(|connection| connection.under_way()))?
        });
        found.map(http2::Lease::on)
    }

    /// A connection of which is not known yet how many requests it takes.
    fn unsettled(&self) -> Option<Arc<Multiplexed>> {
        let connections = self.connections.lock();
        let mut unsettled = connections.iter().filter(|one| !one.settled().is_cancelled());
        unsettled.next().cloned()
    }
}

impl PoolTls {
    fn wants_http2_alone(&self) -> bool {
        self.config.alpn_protocols.iter().all(|protocol| protocol == H2)
    }

    async fn handshake(&self, socket: Socket, deadline: Instant) -> Result<TlsStream<Socket>, SendError> {
        let connector = TlsConnector::from(self.config.clone());
        let handshake = connector.connect(self.name.clone(), socket);
        match timeout_at(deadline, handshake).await {
            Ok(done) => done.map_err(SendError::of_handshake),
            Err(_) => Err(too_long("the TLS handshake took too long")),
        }
    }
}

fn too_long(message: &str) -> SendError {
    SendError::Unreachable(io::Error::new(io::ErrorKind::TimedOut, message).into())
}

fn origin(authority: &Authority, scheme: Scheme) -> Uri {
    let mut parts = http::uri::Parts::default();
    parts.scheme = Some(scheme);
    parts.authority = Some(authority.clone());
    parts.path_and_query = Some(PathAndQuery::from_static("/"));
    // Only parts that do not go together are refused.
    Uri::from_parts(parts).unwrap_or_default()
}
