//! One address that connections are opened to, and those of them that are idle.

use std::io;
use std::sync::Arc;

use http::Uri;
use http::uri::{Authority, PathAndQuery, Scheme};
use hyper_util::client::legacy::connect::HttpConnector;
use parking_lot::Mutex;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tower_service::Service as _;

use super::connection::{self, CONNECT_TIMEOUT, Idle, Lease};
use super::error::SendError;
use super::guard::Resolver;
use super::stream::{ResponseBegun, Stream};
use super::tls::TlsSettings;

/// Idle connections kept for one address.
const MOST_IDLE: usize = 256;

/// Connections to one address, all made in the same way.
#[derive(Debug)]
pub(super) struct Pool {
    /// What its connections are opened to.
    origin: Uri,
    tls: Option<PoolTls>,
    connector: HttpConnector<Resolver>,
    /// The one used last is on top.
    idle: Mutex<Vec<Idle>>,
}

/// How its connections speak TLS.
#[derive(Debug)]
pub(super) struct PoolTls {
    pub(super) settings: Arc<TlsSettings>,
    /// Whose certificate it must be; sent along (SNI) where it is no IP address.
    pub(super) name: ServerName<'static>,
}

impl Pool {
    pub(super) fn new(
        address: &Authority,
        tls: Option<PoolTls>,
        connector: HttpConnector<Resolver>,
    ) -> Arc<Self> {
        let mut parts = http::uri::Parts::default();
        // It decides the port where the address has none.
        parts.scheme = Some(if tls.is_some() {
            Scheme::HTTPS
        } else {
            Scheme::HTTP
        });
        parts.authority = Some(address.clone());
        parts.path_and_query = Some(PathAndQuery::from_static("/"));
        Arc::new(Self {
            // Only parts that do not go together are refused.
            origin: Uri::from_parts(parts).unwrap_or_default(),
            tls,
            connector,
            idle: Mutex::default(),
        })
    }

    /// A new connection.
    pub(super) async fn connect(self: &Arc<Self>) -> Result<Lease, SendError> {
        let deadline = Instant::now() + CONNECT_TIMEOUT;
        let mut connector = self.connector.clone();
        let stream = connector.call(self.origin.clone()).await;
        let stream = stream.map_err(|error| SendError::Unreachable(error.into()))?;
        let stream = stream.into_inner();
        let stream = match &self.tls {
            None => Stream::Plain(stream),
            Some(tls) => Stream::Tls(Box::new(tls.handshake(stream, deadline).await?)),
        };
        let lease = connection::begin(stream, self).await;
        lease.map_err(|error| SendError::Unreachable(error.into()))
    }

    /// An idle connection that can take a request at once.
    pub(super) fn take(self: &Arc<Self>) -> Option<Lease> {
        let mut idle = self.idle.lock();
        let at = idle.iter().rposition(|idle| idle.sender.is_ready())?;
        let Idle { sender, begun, .. } = idle.remove(at);
        Some(Lease {
            sender,
            begun,
            pool: self.clone(),
        })
    }

    pub(super) fn keep(&self, connection: Idle) {
        let mut idle = self.idle.lock();
        if idle.len() < MOST_IDLE {
            idle.push(connection);
        }
    }

    /// Closes a connection that has been idle for too long; else says when it will have been. None where it is in use.
    pub(super) fn expire(&self, begun: &Arc<ResponseBegun>) -> Option<Instant> {
        let mut idle = self.idle.lock();
        let at = idle.iter().position(|idle| Arc::ptr_eq(&idle.begun, begun))?;
        let ends = idle.get(at)?.ends();
        if ends <= Instant::now() {
            // Without its sender the connection's task ends.
            idle.remove(at);
        }
        Some(ends.max(Instant::now()))
    }

    /// Forgets a connection that has ended.
    pub(super) fn forget(&self, begun: &Arc<ResponseBegun>) {
        self.idle.lock().retain(|idle| !Arc::ptr_eq(&idle.begun, begun));
    }
}

impl PoolTls {
    async fn handshake(
        &self,
        stream: TcpStream,
        deadline: Instant,
    ) -> Result<TlsStream<TcpStream>, SendError> {
        let connector = TlsConnector::from(self.settings.config().clone());
        let handshake = connector.connect(self.name.clone(), stream);
        match timeout_at(deadline, handshake).await {
            Ok(done) => done.map_err(SendError::of_handshake),
            Err(_) => {
                let error = io::Error::new(io::ErrorKind::TimedOut, "the TLS handshake took too long");
                Err(SendError::Unreachable(error.into()))
            }
        }
    }
}
