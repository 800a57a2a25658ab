//! A running node: listeners, the reconciler, and the way down.

mod protocol;
mod sockets;

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use portcullis_document::Problem;
use portcullis_plugin_host::{Host, HostClock, HostSettings};
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use self::protocol::protocol;
use self::sockets::{bind, cannot_bind, cannot_listen, key};
use crate::acme;
use crate::admin::{Control, NodePlane, Protocol, SharedReconciler};
use crate::clock::{Clock, SystemClock};
use crate::config::{ControlConfig, GatewayConfig, ListenerConfig, ListenerTls};
use crate::guest::Guests;
use crate::lifecycle::Tasks;
use crate::observe::sink;
use crate::observe::text::LoadedPlugins;
use crate::proxy::call::Listener;
use crate::proxy::origin::Networks;
use crate::proxy::tls::Tls;
use crate::proxy::{Gateway, listen};
use crate::reconcile::{Outcome, Reconciler};

/// What a node is started with, beside its `gateway.toml`.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Where compiled components are kept; none: they are compiled at each start.
    pub cache_dir: Option<PathBuf>,
    /// What time it is; the machine's own clock where absent.
    pub clock: Option<Arc<dyn Clock>>,
    /// The environment's variables `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_{SERVICE}`, by name.
    pub environment: BTreeMap<String, String>,
}

/// A node that serves.
#[derive(Debug)]
pub struct Node {
    gateway: Arc<Gateway>,
    reconciler: SharedReconciler,
    config: Arc<GatewayConfig>,
    listeners: HashMap<String, Open>,
    control: Option<Control>,
    /// Where the control plane keeps something.
    plane: Option<Arc<NodePlane>>,
    tasks: Tasks,
    stop: CancellationToken,
}

/// A listener that is open.
#[derive(Debug)]
struct Open {
    address: SocketAddr,
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
        let clock = options.clock.unwrap_or_else(SystemClock::shared);
        let of_host = clock.clone();
        let host = Host::new(HostSettings {
            cache_dir: options.cache_dir,
            clock: HostClock::new(move || of_host.monotonic()),
            outgoing: Some(Arc::new(Guests::default())),
            ..HostSettings::default()
        })
        .map_err(|error| vec![Problem::in_file("", "plugin-host", error.to_string())])?;
        let path = config.into();
        let directory = path.parent().unwrap_or(Path::new("")).to_path_buf();
        let gateway = Gateway::new(clock);
        let mut reconciler = Reconciler::new(gateway.clone(), host, path).in_environment(options.environment);
        let mut outcome = reconciler.start().await;
        let Some(config) = outcome.config.clone().filter(|_| !outcome.has_errors()) else {
            return Err(outcome.problems);
        };
        gateway.networks.store(Arc::new(Networks::of(&config)));
        let mut bound = Vec::new();
        for (index, listener) in config.listeners.iter().enumerate() {
            let socket = bind(&listener.address)
                .map_err(|error| vec![cannot_bind(&outcome, index, listener, &error)])?;
            // What cannot be read has been told: there is an outcome without errors.
            let tls = outcome.tls(index).and_then(Result::ok);
            let tls = tls
                .map(|tls| speaking(&gateway, &outcome, index, tls))
                .transpose();
            bound.push((
                key(index, listener),
                listener,
                socket,
                tls.map_err(|problem| vec![problem])?,
            ));
        }
        let plugins = reconciler.loaded();
        let reconciler = Arc::new(Mutex::new(reconciler));
        let (mut control, mut plane) = (None, None);
        if let Some(config) = &config.control {
            let domain = domain(bound.first().map(|(_, _, socket, _)| socket));
            let kept = protocol(config, &directory, &gateway, &reconciler, &domain, &mut outcome).await?;
            let (protocol, of_node) = kept.unzip();
            control = Some(start_control(config, &gateway, &plugins, protocol, &outcome)?);
            plane = of_node;
        }
        let tasks = gateway.tasks.clone();
        let mut node = Self {
            gateway,
            reconciler,
            config: config.clone(),
            listeners: HashMap::new(),
            control,
            plane,
            tasks,
            stop: CancellationToken::new(),
        };
        for (key, listener, socket, tls) in bound {
            node.serve(key, listener, socket, tls);
        }
        // Authorities of ACME ask those listeners.
        let renewing = acme::run(node.gateway.clone(), node.stop.child_token());
        node.tasks.spawn(renewing);
        Ok((node, outcome))
    }

    /// The addresses that are served, by the place of their listener in the configuration.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        let open = |(index, listener)| Some(self.listeners.get(&key(index, listener))?.address);
        self.config
            .listeners
            .iter()
            .enumerate()
            .filter_map(open)
            .collect()
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
                tracing::info!("closing the listener {}", open.address);
            }
            keep
        });
        for (key, (index, listener)) in wanted {
            if let Some(open) = self.listeners.get(&key) {
                open.listener.set_default_api(listener.default_api.as_deref());
                open.listener.set_vpce(listener.vpce.as_deref());
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
            match bind(&listener.address) {
                Ok(socket) => {
                    self.serve(key.clone(), listener, socket, tls);
                    if let Some(open) = self.listeners.get(&key) {
                        tracing::info!("listening on {}://{}", listener.scheme(), open.address);
                    }
                }
                Err(error) => outcome
                    .problems
                    .push(cannot_bind(outcome, index, listener, &error)),
            }
        }
        let control = |config: &GatewayConfig| config.control.as_ref().map(|control| control.address.clone());
        if control(config) != control(&self.config) {
            let message = "a changed control listener takes effect at a restart";
            outcome
                .problems
                .extend(outcome.warning("needs-restart", "/control", message));
        }
    }

    fn serve(&mut self, key: String, config: &ListenerConfig, socket: TcpListener, tls: Option<Arc<Tls>>) {
        let Ok(address) = socket.local_addr() else { return };
        let listener = Arc::new(Listener::default());
        listener.set_default_api(config.default_api.as_deref());
        listener.set_vpce(config.vpce.as_deref());
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
                listener,
                stop,
            },
        );
    }

    /// Stops accepting, lets what is under way finish for `limit` at the most, and ends. True: all of it finished.
    pub async fn shutdown(self, limit: Duration) -> bool {
        if let Some(control) = &self.control {
            control.draining();
        }
        self.stop.cancel();
        let drained = self.tasks.drained(limit).await;
        if !drained {
            tracing::warn!(
                "{} connections did not finish within {} s",
                self.tasks.running(),
                limit.as_secs()
            );
        }
        sink::flush(&self.gateway.sinks).await;
        if let Some(control) = self.control {
            control.stop();
        }
        drained
    }
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

/// What stands behind `{api}.execute-api.` in addresses that are shown: names below `localhost` are this machine's own.
fn domain(socket: Option<&TcpListener>) -> String {
    match socket.and_then(|socket| socket.local_addr().ok()) {
        Some(address) => format!("localhost:{}", address.port()),
        None => "localhost".to_owned(),
    }
}

fn start_control(
    config: &ControlConfig,
    gateway: &Arc<Gateway>,
    plugins: &LoadedPlugins,
    protocol: Option<Protocol>,
    outcome: &Outcome,
) -> Result<Control, Vec<Problem>> {
    Control::start(&config.address, gateway.clone(), plugins.clone(), protocol).map_err(|error| {
        vec![cannot_listen(
            outcome,
            "/control/address",
            &config.address,
            &error,
        )]
    })
}
