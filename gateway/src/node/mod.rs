//! A running node: listeners, the reconciler, and the way down.

mod prepare;
mod protocol;
mod sockets;
mod upgrade;

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use portcullis_document::Problem;
use tokio_util::sync::CancellationToken;

pub use self::prepare::Prepared;

use self::sockets::{bind, cannot_bind, key};
pub(crate) use self::sockets::{bind_control, bind_problem, bind_tcp};
use crate::admin::{Control, NodePlane, SharedReconciler};
use crate::clock::Clock;
use crate::config::{GatewayConfig, ListenerConfig, ListenerTls, Peers};
use crate::handover::Sockets;
use crate::lifecycle::Tasks;
use crate::observe::sink;
use crate::proxy::call::Listener;
use crate::proxy::forwarded::Believed;
use crate::proxy::listen::{Limits, Listening};
use crate::proxy::origin::Networks;
use crate::proxy::tls::Tls;
use crate::proxy::{Gateway, listen};
use crate::reconcile::Outcome;

/// What a node is started with, beside its `gateway.toml`.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Where compiled components are kept; none: they are compiled at each start.
    pub cache_dir: Option<PathBuf>,
    /// What time it is; the machine's own clock where absent.
    pub clock: Option<Arc<dyn Clock>>,
    /// The environment's variables `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_{SERVICE}`, by name.
    pub environment: BTreeMap<String, String>,
    /// Listening sockets that this process was started with.
    pub sockets: Arc<Sockets>,
}

/// How long idle connections stay open after another process has taken over.
const FAREWELL: Duration = Duration::from_secs(5);

/// A node that serves.
#[derive(Debug)]
pub struct Node {
    gateway: Arc<Gateway>,
    reconciler: SharedReconciler,
    config: Arc<GatewayConfig>,
    listeners: HashMap<String, Open>,
    control: Option<Control>,
    /// What another process has taken over, and has to itself until this one ends.
    handed_over: Option<portcullis_store::HandedOver>,
    /// Where the control plane keeps something.
    plane: Option<Arc<NodePlane>>,
    tasks: Tasks,
    stop: CancellationToken,
}

/// A listener that is open.
#[derive(Debug)]
struct Open {
    /// None of a Unix socket.
    address: Option<SocketAddr>,
    name: String,
    /// A copy, for another process.
    socket: OwnedFd,
    listener: Arc<Listener>,
    stop: CancellationToken,
}

impl Node {
    /// Starts a node: everything is read, compiled and bound before the first request is served; with any error nothing
    /// is. The outcome has the warnings.
    pub async fn start(
        config: impl Into<PathBuf>,
        options: Options,
    ) -> Result<(Self, Outcome), Vec<Problem>> {
        Prepared::new(config, options).await?.serve(None).await
    }

    /// The addresses that are served, by the place of their listener in the configuration; Unix sockets have none.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        let open = |(index, listener)| self.listeners.get(&key(index, listener))?.address;
        self.config
            .listeners
            .iter()
            .enumerate()
            .filter_map(open)
            .collect()
    }

    /// The listeners that are open, each with its URL, or the path of its socket.
    pub fn listening(&self) -> impl Iterator<Item = (&str, &ListenerConfig)> {
        let listeners = self.config.listeners.iter().enumerate();
        listeners.filter_map(|(index, config)| {
            let open = self.listeners.get(&key(index, config))?;
            Some((&*open.name, config))
        })
    }

    /// The address of the control listener.
    pub fn control_address(&self) -> Option<SocketAddr> {
        self.control.as_ref().map(Control::address)
    }

    /// What requests run on.
    pub fn gateway(&self) -> &Arc<Gateway> {
        &self.gateway
    }

    /// The configuration that the listeners follow.
    pub fn config(&self) -> &Arc<GatewayConfig> {
        &self.config
    }

    /// Makes the node equal to what the files say now.
    pub async fn reload(&mut self) -> Outcome {
        // Whoever moves a log away tells by SIGHUP.
        self.gateway.sinks.reopen();
        let mut outcome = self.reconciler.lock().await.reload().await;
        if let Some(plane) = &self.plane {
            let now = self.gateway.clock.wall().as_secs();
            outcome.problems.extend(plane.record_files(now).await);
            outcome.problems.extend(plane.publish_tls(None).await);
        }
        if let Some(config) = outcome.config.clone() {
            self.follow(&config, &mut outcome);
            self.config = config;
        }
        self.gateway
            .metrics
            .reloaded(outcome.swapped.len(), outcome.has_errors());
        outcome
    }

    /// Opens listeners that are new, closes those that are gone.
    fn follow(&mut self, config: &GatewayConfig, outcome: &mut Outcome) {
        self.gateway.networks.store(Arc::new(Networks::of(config)));
        let wanted: HashMap<String, (usize, &ListenerConfig)> = config
            .listeners
            .iter()
            .enumerate()
            .map(|(index, listener)| (key(index, listener), (index, listener)))
            .collect();
        self.listeners.retain(|key, open| {
            let keep = wanted.contains_key(key);
            if !keep {
                open.stop.cancel();
                tracing::info!("closing the listener {}", open.name);
            }
            keep
        });
        for (key, (index, listener)) in wanted {
            if let Some(open) = self.listeners.get(&key) {
                open.listener.set_default_api(listener.default_api.as_deref());
                open.listener.set_vpce(listener.vpce.as_deref());
                open.listener.set_limits(Limits::of(&listener.limits));
                believe(&open.listener, listener, config);
                secure(&self.gateway, &open.listener, outcome, index);
                continue;
            }
            let tls = match outcome.tls(index) {
                // Told, and nothing to keep: it does not open in clear text instead.
                Some(Err(())) => continue,
                Some(Ok(tls)) => match speaking(&self.gateway, outcome, index, tls) {
                    Ok(tls) => Some(tls),
                    Err(problem) => {
                        outcome.problems.push(problem);
                        continue;
                    }
                },
                None => None,
            };
            match bind(listener, None) {
                Ok(socket) => {
                    self.serve(key.clone(), (listener, config), socket, tls);
                    if let Some(open) = self.listeners.get(&key) {
                        tracing::info!("listening on {}", open.name);
                    }
                }
                Err(error) => outcome
                    .problems
                    .push(cannot_bind(outcome, index, listener, &error)),
            }
        }
        if config.tracing != self.config.tracing {
            let message = "a changed place for spans takes effect at a restart";
            outcome
                .problems
                .extend(outcome.warning("needs-restart", "/tracing", message));
        }
        let control = |config: &GatewayConfig| config.control.as_ref().map(|control| control.address.clone());
        if control(config) != control(&self.config) {
            let message = "a changed control listener takes effect at a restart";
            outcome
                .problems
                .extend(outcome.warning("needs-restart", "/control", message));
        }
    }

    fn serve(
        &mut self,
        key: String,
        (config, whole): (&ListenerConfig, &GatewayConfig),
        socket: Listening,
        tls: Option<Arc<Tls>>,
    ) {
        let Ok(copy) = socket.copy() else { return };
        let address = socket.address();
        let name = match address {
            Some(address) => format!("{}://{address}", config.scheme()),
            None => config.address.clone(),
        };
        let listener = Arc::new(Listener::default());
        listener.set_default_api(config.default_api.as_deref());
        listener.set_vpce(config.vpce.as_deref());
        listener.set_limits(Limits::of(&config.limits));
        believe(&listener, config, whole);
        listener.set_tls(tls);
        let stop = self.stop.child_token();
        let max_connections = config.max_connections as usize;
        let (gateway, tasks) = (self.gateway.clone(), self.tasks.clone());
        let serving = listen::serve(
            socket,
            listener.clone(),
            max_connections,
            gateway,
            tasks,
            stop.clone(),
        );
        self.tasks.spawn(serving);
        self.listeners.insert(
            key,
            Open {
                address,
                name,
                socket: copy,
                listener,
                stop,
            },
        );
    }

    /// Leaves the listeners to another process that accepts on the same sockets, lets what is under way finish for `limit` at
    /// the most, and ends. True: all of it finished. Idle connections are closed after a while, in which most clients have
    /// learnt from a response that they are to connect anew.
    pub async fn retire(self, limit: Duration) -> bool {
        for open in self.listeners.values() {
            open.listener.leave();
        }
        let farewell = FAREWELL.min(limit / 2);
        self.tasks.drained(farewell).await;
        self.shutdown(limit - farewell).await
    }

    /// Stops accepting, lets what is under way finish for `limit` at the most, and ends. True: all of it finished.
    pub async fn shutdown(mut self, limit: Duration) -> bool {
        if let Some(control) = &self.control {
            control.draining();
        }
        self.stop.cancel();
        // With the copies of their sockets: nobody is to connect any more.
        self.listeners.clear();
        let drained = self.tasks.drained(limit).await;
        if !drained {
            tracing::warn!(
                "{} connections did not finish within {} s",
                self.tasks.running(),
                limit.as_secs()
            );
        }
        sink::flush(&self.gateway.sinks).await;
        #[cfg(feature = "otel")]
        end_spans(&self.gateway).await;
        if let Some(control) = self.control {
            control.stop();
        }
        drained
    }
}

/// Whom a listener believes about where its clients are.
fn believe(listener: &Listener, config: &ListenerConfig, whole: &GatewayConfig) {
    let peers = |names: &[String]| (!names.is_empty()).then(|| Peers::of(names, &whole.networks));
    listener.set_proxies(peers(&config.proxy_protocol));
    let header = config.forwarded_header;
    listener.set_believed(peers(&config.trust_forwarded).map(|peers| Believed { peers, header }));
}

#[cfg(feature = "otel")]
async fn end_spans(gateway: &Arc<Gateway>) {
    let gateway = gateway.clone();
    let ended = tokio::task::spawn_blocking(move || {
        if let Some(spans) = gateway.spans.get() {
            spans.end();
        }
    });
    // A panic there has been logged by the panic hook.
    let _ = ended.await;
}

/// TLS of a listener, made of what its files have.
fn speaking(
    gateway: &Gateway,
    outcome: &Outcome,
    index: usize,
    tls: &Arc<ListenerTls>,
) -> Result<Arc<Tls>, Problem> {
    Tls::new(tls, &gateway.clock).map(Arc::new).map_err(|error| {
        let message = format!("no TLS can be spoken: {error}");
        outcome.problem("tls", &format!("/listeners/{index}/tls"), message)
    })
}

/// Lets a listener that is open speak TLS as the files say now; what cannot be used leaves it as it was. What is the same
/// stays, with its sessions.
fn secure(gateway: &Gateway, listener: &Listener, outcome: &mut Outcome, index: usize) {
    let tls = match outcome.tls(index) {
        None => return listener.set_tls(None),
        Some(Err(())) => return,
        Some(Ok(tls)) => tls,
    };
    if listener.tls().is_some_and(|spoken| spoken.is_of(tls)) {
        return;
    }
    match speaking(gateway, outcome, index, tls) {
        Ok(tls) => listener.set_tls(Some(tls)),
        Err(problem) => outcome.problems.push(problem),
    }
}
