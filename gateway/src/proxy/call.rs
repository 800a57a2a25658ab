//! What the stations see of a request and make of a response: types of our own, so that a station serves any source.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use arc_swap::{ArcSwap, ArcSwapOption};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use tokio_util::sync::CancellationToken;

use super::activity::Activity;
use super::body::Body;
use super::forwarded::Believed;
use super::host::Host;
use super::listen::Limits;
use super::timers::SpareTimers;
use super::tls::{Secured, Tls};
use crate::config::Peers;

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
    pub host: Option<Host>,
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
    /// Whether it was by a Unix socket, whose peers have no address: they are processes of this machine, so that `peer` is
    /// its loopback address.
    pub is_unix: bool,
    /// What happens on it.
    pub activity: Arc<Activity>,
    /// For what its requests wait for.
    pub timers: SpareTimers,
}

impl Connection {
    /// Facts of a connection that was accepted.
    pub fn new(peer: SocketAddr, local: SocketAddr, listener: Arc<Listener>) -> Self {
        Self {
            peer,
            local,
            peer_text: text(peer),
            local_port: HeaderValue::from(local.port()),
            listener,
            tls: None,
            is_unix: false,
            activity: Arc::default(),
            timers: SpareTimers::default(),
        }
    }

    /// The same, of a process of this machine.
    pub fn of_unix(local: SocketAddr, listener: Arc<Listener>) -> Self {
        let peer = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self {
            is_unix: true,
            ..Self::new(peer, local, listener)
        }
    }

    /// Whether whoever connected is one of these.
    pub fn is_from(&self, peers: &Peers) -> bool {
        match self.is_unix {
            true => peers.have_unix(),
            false => peers.have(self.peer.ip().to_canonical()),
        }
    }

    /// Whether it is from a load balancer, or another that is trusted to speak for many clients.
    pub fn is_of_many(&self) -> bool {
        let listener = &self.listener;
        let is_from = |peers: &Peers| self.is_from(peers);
        self.is_unix
            || listener.proxies().is_some_and(|peers| is_from(&peers))
            || listener
                .believed()
                .is_some_and(|believed| is_from(&believed.peers))
    }

    /// Lets it be a client's, as somebody who is trusted says.
    pub fn is_of(&mut self, peer: SocketAddr, local: SocketAddr) {
        (self.peer, self.local, self.is_unix) = (peer, local, false);
        self.peer_text = text(peer);
        self.local_port = HeaderValue::from(local.port());
    }
}

fn text(peer: SocketAddr) -> HeaderValue {
    let text = HeaderValue::from_str(&peer.ip().to_canonical().to_string());
    text.unwrap_or_else(|_| HeaderValue::from_static("unknown"))
}

/// What a reload may change of a listener that is open.
#[derive(Debug, Default)]
pub struct Listener {
    default_api: ArcSwap<Option<Arc<str>>>,
    vpce: ArcSwap<Option<Arc<str>>>,
    tls: ArcSwapOption<Tls>,
    limits: ArcSwap<Limits>,
    proxies: ArcSwapOption<Peers>,
    believed: ArcSwapOption<Believed>,
    left: CancellationToken,
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

    /// Who begins connections with a header of the PROXY protocol; none where it is not spoken.
    pub fn proxies(&self) -> Option<Arc<Peers>> {
        self.proxies.load_full()
    }

    /// Changes it for the connections to come.
    pub fn set_proxies(&self, peers: Option<Peers>) {
        self.proxies.store(peers.map(Arc::new));
    }

    /// Who is believed about where requests are from; none where nobody is.
    pub fn believed(&self) -> Option<Arc<Believed>> {
        // Where nobody is, which is the rule, nothing is counted.
        self.believed.load().clone()
    }

    /// Changes it for the requests to come.
    pub fn set_believed(&self, believed: Option<Believed>) {
        self.believed.store(believed.map(Arc::new));
    }

    /// TLS as it is spoken here; none in clear text.
    pub fn tls(&self) -> Option<Arc<Tls>> {
        self.tls.load_full()
    }

    /// Changes it for the connections to come.
    pub fn set_tls(&self, tls: Option<Arc<Tls>>) {
        self.tls.store(tls);
    }

    /// What it allows its clients.
    pub fn limits(&self) -> Arc<Limits> {
        self.limits.load_full()
    }

    /// Changes it for the connections to come.
    pub fn set_limits(&self, limits: Limits) {
        if **self.limits.load() != limits {
            self.limits.store(Arc::new(limits));
        }
    }

    /// Leaves it to another process: nothing more is accepted here, and clients are told with their next response to connect
    /// anew. A connection that is closed while it is idle may be closed under a request that is on its way.
    pub fn leave(&self) {
        self.left.cancel();
    }

    /// Ends when it is left.
    pub async fn left(&self) {
        self.left.cancelled().await;
    }

    /// Whether it is left.
    pub fn is_left(&self) -> bool {
        self.left.is_cancelled()
    }
}
