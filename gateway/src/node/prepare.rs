//! The start of a node, in two steps: all that can be done beside another process, and what is done when that one has given
//! its store up.

use std::collections::HashMap;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use portcullis_document::Problem;
use portcullis_plugin_host::{Host, HostClock, HostSettings};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::protocol::protocol;
use super::sockets::{CONTROL, bind, bind_control, cannot_bind, cannot_listen, key};
use super::{Node, Options, speaking};
use crate::acme;
use crate::admin::{Control, Protocol};
use crate::clock::SystemClock;
use crate::config::{ControlConfig, GatewayConfig};
use crate::guest::Guests;
use crate::handover::Sockets;
use crate::proxy::Gateway;
use crate::proxy::listen::Listening;
use crate::proxy::origin::Networks;
use crate::proxy::tls::Tls;
use crate::reconcile::{Outcome, Reconciler};

/// A node that has read and compiled its files and has its sockets. It accepts nothing yet.
#[derive(Debug)]
pub struct Prepared {
    gateway: Arc<Gateway>,
    reconciler: Reconciler,
    config: Arc<GatewayConfig>,
    directory: PathBuf,
    outcome: Outcome,
    bound: Vec<Bound>,
    control: Option<std::net::TcpListener>,
}

/// A listener that accepts nothing yet.
#[derive(Debug)]
struct Bound {
    index: usize,
    socket: Listening,
    tls: Option<Arc<Tls>>,
}

impl Prepared {
    /// Reads, compiles and binds everything; an error where any of it fails.
    pub async fn new(config: impl Into<PathBuf>, options: Options) -> Result<Self, Vec<Problem>> {
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
        let outcome = reconciler.start().await;
        let Some(config) = outcome.config.clone().filter(|_| !outcome.has_errors()) else {
            return Err(outcome.problems);
        };
        gateway.networks.store(Arc::new(Networks::of(&config)));
        #[cfg(feature = "otel")]
        begin_spans(&gateway, &config, &outcome).map_err(|problem| vec![problem])?;
        let sockets = &options.sockets;
        let bound = listeners(&config, &gateway, &outcome, sockets).map_err(|problem| vec![problem])?;
        let control = config.control.as_ref();
        let control = control
            .map(|control| control_socket(control, &outcome, sockets))
            .transpose()
            .map_err(|problem| vec![problem])?;
        for place in sockets.close_rest() {
            tracing::warn!(
                "a socket on {place} was passed to this process, and no listener has that address"
            );
        }
        Ok(Self {
            gateway,
            reconciler,
            config,
            directory,
            outcome,
            bound,
            control,
        })
    }

    /// Opens the store, with a lock that another process lends, makes what is kept live, and accepts. The outcome has the
    /// warnings.
    pub async fn serve(self, lock: Option<OwnedFd>) -> Result<(Node, Outcome), Vec<Problem>> {
        let (gateway, mut outcome) = (self.gateway, self.outcome);
        let plugins = self.reconciler.loaded();
        let reconciler = Arc::new(Mutex::new(self.reconciler));
        let (mut control, mut plane) = (None, None);
        if let (Some(config), Some(socket)) = (&self.config.control, self.control) {
            let domain = domain(self.bound.first().map(|bound| &bound.socket));
            let place = (self.directory.as_path(), lock);
            let kept = protocol(config, place, &gateway, &reconciler, &domain, &mut outcome).await?;
            let (protocol, of_node): (Option<Protocol>, _) = kept.unzip();
            let started = Control::start(socket, gateway.clone(), plugins.clone(), protocol);
            let started = started.map_err(|error| {
                vec![cannot_listen(
                    &outcome,
                    "/control/address",
                    &config.address,
                    &error,
                )]
            })?;
            control = Some(started);
            plane = of_node;
        }
        let tasks = gateway.tasks.clone();
        let mut node = Node {
            gateway,
            reconciler,
            config: self.config.clone(),
            listeners: HashMap::new(),
            control,
            handed_over: None,
            plane,
            tasks,
            stop: CancellationToken::new(),
        };
        for Bound { index, socket, tls } in self.bound {
            if let Some(listener) = self.config.listeners.get(index) {
                node.serve(key(index, listener), (listener, &self.config), socket, tls);
            }
        }
        // Authorities of ACME ask those listeners.
        watch_certificates(&node);
        Ok((node, outcome))
    }
}

#[allow(clippy::disallowed_methods, reason = "an end does not wait for a certificate")]
fn watch_certificates(node: &Node) {
    tokio::spawn(acme::run(node.gateway.clone(), node.stop.child_token()));
}

#[cfg(feature = "otel")]
fn begin_spans(gateway: &Gateway, config: &GatewayConfig, outcome: &Outcome) -> Result<(), Problem> {
    let Some(config) = &config.tracing else {
        return Ok(());
    };
    let spans = crate::observe::spans::Spans::new(config).map_err(|error| {
        let message = format!("no spans can be sent: {error}");
        outcome.problem("tracing", "/tracing", message)
    })?;
    gateway.spans.get_or_init(|| spans);
    Ok(())
}

fn listeners(
    config: &GatewayConfig,
    gateway: &Gateway,
    outcome: &Outcome,
    sockets: &Sockets,
) -> Result<Vec<Bound>, Problem> {
    let mut bound = Vec::new();
    for (index, listener) in config.listeners.iter().enumerate() {
        let inherited = sockets.take(&key(index, listener), &listener.address);
        let socket =
            bind(listener, inherited).map_err(|error| cannot_bind(outcome, index, listener, &error))?;
        // What cannot be read has been told: there is an outcome without errors.
        let tls = outcome.tls(index).and_then(Result::ok);
        let tls = tls
            .map(|tls| speaking(gateway, outcome, index, tls))
            .transpose()?;
        bound.push(Bound { index, socket, tls });
    }
    Ok(bound)
}

fn control_socket(
    config: &ControlConfig,
    outcome: &Outcome,
    sockets: &Sockets,
) -> Result<std::net::TcpListener, Problem> {
    bind_control(&config.address, sockets.take(CONTROL, &config.address))
        .map_err(|error| cannot_listen(outcome, "/control/address", &config.address, &error))
}

/// What stands behind `{api}.execute-api.` in addresses that are shown: names below `localhost` are this machine's own.
fn domain(socket: Option<&Listening>) -> String {
    match socket.and_then(Listening::address) {
        Some(address) => format!("localhost:{}", address.port()),
        None => "localhost".to_owned(),
    }
}
