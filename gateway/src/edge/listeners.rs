//! The listeners of a point of presence: opened, closed and given other certificates as its file says.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use portcullis_document::Problem;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::config::EdgeListenerConfig;
use super::load::Loaded;
use crate::node::{bind_problem, bind_tcp};
use crate::proxy::call::Listener;
use crate::proxy::listen::Listening;
use crate::proxy::tls::Tls;
use crate::proxy::{Gateway, listen};

/// Those that are open, by the address that they were told.
#[derive(Debug, Default)]
pub(super) struct Listeners(HashMap<String, Open>);

#[derive(Debug)]
struct Open {
    address: SocketAddr,
    listener: Arc<Listener>,
    stop: CancellationToken,
}

/// What a listener is opened with.
#[derive(Debug)]
pub(super) struct Ready {
    key: String,
    max_connections: usize,
    socket: TcpListener,
    tls: Option<Arc<Tls>>,
}

/// Listeners on port 0 are told apart by their place.
fn key(index: usize, listener: &EdgeListenerConfig) -> String {
    match listener.address.ends_with(":0") {
        true => format!("{}#{index}", listener.address),
        false => listener.address.clone(),
    }
}

/// TLS of a listener; none in clear text.
fn tls(gateway: &Gateway, loaded: &Loaded, index: usize) -> Result<Option<Arc<Tls>>, Problem> {
    let from = loaded.listeners.get(index).and_then(Option::as_ref);
    let tls = from.map(|from| Tls::new(from, &gateway.clock).map(Arc::new));
    tls.transpose().map_err(|error| {
        let message = format!("no TLS can be spoken: {error}");
        loaded
            .document
            .error("tls", &format!("/listeners/{index}/tls"), message)
    })
}

impl Listeners {
    /// Binds those that are not open yet; nothing is served before all are.
    pub(super) fn bind(&self, gateway: &Gateway, loaded: &Loaded) -> (Vec<Ready>, Vec<Problem>) {
        let (mut ready, mut problems) = (Vec::new(), Vec::new());
        for (index, listener) in loaded.config.listeners.iter().enumerate() {
            let key = key(index, listener);
            if self.0.contains_key(&key) {
                continue;
            }
            let bound = tls(gateway, loaded, index).and_then(|tls| {
                let socket = bind_tcp(&listener.address, false).map_err(|error| {
                    let at = format!("/listeners/{index}/address");
                    bind_problem(&loaded.document, &at, &listener.address, &error)
                })?;
                Ok(Ready {
                    key,
                    max_connections: listener.max_connections as usize,
                    socket,
                    tls,
                })
            });
            match bound {
                Ok(bound) => ready.push(bound),
                Err(problem) => problems.push(problem),
            }
        }
        (ready, problems)
    }

    /// Begins to serve what was bound.
    pub(super) fn serve(&mut self, ready: Vec<Ready>, gateway: &Arc<Gateway>, stop: &CancellationToken) {
        for Ready {
            key,
            max_connections,
            socket,
            tls,
        } in ready
        {
            let Ok(address) = socket.local_addr() else {
                continue;
            };
            let (listener, stop) = (Arc::new(Listener::default()), stop.child_token());
            listener.set_tls(tls);
            let tasks = gateway.tasks.clone();
            let serving = listen::serve(
                Listening::Tcp(socket),
                listener.clone(),
                max_connections,
                gateway.clone(),
                tasks,
                stop.clone(),
            );
            gateway.tasks.spawn(serving);
            let open = Open {
                address,
                listener,
                stop,
            };
            self.0.insert(key, open);
        }
    }

    /// Closes those that are gone, and lets the others speak TLS as the files say now.
    pub(super) fn follow(&mut self, gateway: &Gateway, loaded: &Loaded) -> Vec<Problem> {
        let mut problems = Vec::new();
        let wanted: HashMap<String, usize> = loaded
            .config
            .listeners
            .iter()
            .enumerate()
            .map(|(index, listener)| (key(index, listener), index))
            .collect();
        self.0.retain(|key, open| {
            let Some(index) = wanted.get(key) else {
                open.stop.cancel();
                tracing::info!("closing the listener {}", open.address);
                return false;
            };
            let from = loaded.listeners.get(*index).and_then(Option::as_ref);
            let same = match (open.listener.tls(), from) {
                (Some(spoken), Some(from)) => spoken.is_of(from),
                (spoken, from) => spoken.is_none() && from.is_none(),
            };
            if !same {
                match tls(gateway, loaded, *index) {
                    Ok(tls) => open.listener.set_tls(tls),
                    Err(problem) => problems.push(problem),
                }
            }
            true
        });
        problems
    }

    /// The addresses that are served, by the place of their listener in the configuration.
    pub(super) fn addresses(&self, config: &[EdgeListenerConfig]) -> Vec<SocketAddr> {
        let open = |(index, listener)| Some(self.0.get(&key(index, listener))?.address);
        config.iter().enumerate().filter_map(open).collect()
    }
}
