//! What the stations see of a request and make of a response: types of our own, so that a station serves any source.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicU32, AtomicU64};

use arc_swap::{ArcSwap, ArcSwapOption};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use super::body::Body;
use super::tls::{Secured, Tls};

/// A request on its way through the stations.
#[derive(Debug)]
pub struct Call {
    /// All but the body.
    pub head: Head,
    /// The body.
    pub body: Body,
}

/// A request without its body.
#[derive(Debug)]
pub struct Head {
    /// The verb.
    pub method: Method,
    /// The path and query as sent.
    pub target: PathAndQuery,
    /// Where in `target`'s path the part below the stage begins.
    pub below_stage: usize,
    /// The host that the client named, with its port if it named one.
    pub host: Option<String>,
    /// `HTTP/1.1` or `HTTP/2.0`.
    pub version: http::Version,
    /// In order, repeats kept.
    pub headers: HeaderMap,
}

impl Head {
    /// The path below the stage, percent-encoded as sent. Never empty.
    pub fn path(&self) -> &str {
        match self.target.path().get(self.below_stage..) {
            Some(path) if !path.is_empty() => path,
            _ => "/",
        }
    }

    /// The query as sent, without its question mark.
    pub fn query(&self) -> Option<&str> {
        self.target.query()
    }

    /// The one value of a header; none where it is absent, repeated values give the first.
    pub fn header(&self, name: &http::HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// What an integration or a filter answers.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Body,
}

/// Facts of a connection, shared by its requests.
#[derive(Debug)]
pub struct Connection {
    /// The client's address.
    pub peer: SocketAddr,
    /// The address it connected to.
    pub local: SocketAddr,
    /// The client's IP address, as a header for backends.
    pub peer_text: HeaderValue,
    /// The port it connected to, likewise.
    pub local_port: HeaderValue,
    /// The listener that accepted it.
    pub listener: Arc<Listener>,
    /// What was agreed upon, where it is by TLS.
    pub tls: Option<Box<Secured>>,
    /// Whether anything happens on it.
    pub activity: Arc<Activity>,
}

/// Whether anything happens on a connection. One timer a connection looks at it now and then, where a timer for each
/// request would cost every request.
#[derive(Debug, Default)]
pub struct Activity {
    in_flight: AtomicU32,
    progress: AtomicU64,
}

impl Activity {
    /// A request begins; it ends with [`ended`](Self::ended).
    pub fn begun(&self) {
        self.in_flight.fetch_add(1, Relaxed);
        self.progressed();
    }

    /// A request has ended.
    pub fn ended(&self) {
        self.in_flight.fetch_sub(1, Relaxed);
    }

    /// The client took bytes.
    pub fn progressed(&self) {
        self.progress.fetch_add(1, Relaxed);
    }

    /// None while a request is in flight; else a mark that is another one as soon as anything happened.
    pub fn idle_mark(&self) -> Option<u64> {
        (self.in_flight.load(Relaxed) == 0).then(|| self.progress.load(Relaxed))
    }
}

impl Connection {
    /// Facts of a connection that was accepted.
    pub fn new(peer: SocketAddr, local: SocketAddr, listener: Arc<Listener>) -> Self {
        let peer_text = HeaderValue::from_str(&peer.ip().to_canonical().to_string());
        let peer_text = peer_text.unwrap_or_else(|_| HeaderValue::from_static("unknown"));
        Self {
            peer,
            local,
            peer_text,
            local_port: HeaderValue::from(local.port()),
            listener,
            tls: None,
            activity: Arc::default(),
        }
    }
}

/// What a reload may change of a listener that is open.
#[derive(Debug, Default)]
pub struct Listener {
    default_api: ArcSwap<Option<Arc<str>>>,
    vpce: ArcSwap<Option<Arc<str>>>,
    tls: ArcSwapOption<Tls>,
}

impl Listener {
    /// The API that a path without one means here.
    pub fn default_api(&self) -> Option<Arc<str>> {
        Option::clone(&self.default_api.load())
    }

    /// Changes it for the requests to come.
    pub fn set_default_api(&self, api: Option<&str>) {
        self.default_api.store(Arc::new(api.map(Arc::from)));
    }

    /// The VPC endpoint that policies take it for.
    pub fn vpce(&self) -> Option<Arc<str>> {
        Option::clone(&self.vpce.load())
    }

    /// Changes it for the requests to come.
    pub fn set_vpce(&self, vpce: Option<&str>) {
        self.vpce.store(Arc::new(vpce.map(Arc::from)));
    }

    /// TLS as it is spoken here; none in clear text.
    pub fn tls(&self) -> Option<Arc<Tls>> {
        self.tls.load_full()
    }

    /// Changes it for the connections to come.
    pub fn set_tls(&self, tls: Option<Arc<Tls>>) {
        self.tls.store(tls);
    }
}
