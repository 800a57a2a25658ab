//! A running point of presence: listeners, regions, and the way down.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use portcullis_document::Problem;
use tokio_util::sync::CancellationToken;

use super::Edge;
use super::config::EdgeConfig;
use super::listeners::Listeners;
use super::load::{Loaded, load};
use super::metrics::EdgeMetrics;
use super::settings::Settings;
use crate::admin::Control;
use crate::clock::{Clock, SystemClock};
use crate::node::{bind_control, bind_problem};
use crate::observe::text::LoadedPlugins;
use crate::proxy::Gateway;

/// How long a start waits for the first region: clients are let in to nothing otherwise.
const PATIENCE: Duration = Duration::from_secs(2);

/// A point of presence that serves.
#[derive(Debug)]
pub struct EdgeNode {
    path: PathBuf,
    gateway: Arc<Gateway>,
    edge: Arc<Edge>,
    config: EdgeConfig,
    listeners: Listeners,
    control: Option<Control>,
    stop: CancellationToken,
}

/// What a reading of the files gave.
#[derive(Debug)]
pub struct Reading {
    /// Errors and warnings. With an error everything stays as it was.
    pub problems: Vec<Problem>,
    /// Directories that hold what was read.
    pub directories: Vec<PathBuf>,
}

impl EdgeNode {
    /// Starts one: everything is read and bound before the first request is served; with any error nothing is. Connections
    /// to regions are begun, and the first of them is waited for a moment.
    ///
    /// # Errors
    ///
    /// What is wrong with the files, or cannot be bound.
    pub async fn start(
        path: impl Into<PathBuf>,
        clock: Option<Arc<dyn Clock>>,
    ) -> Result<(Self, Reading), Vec<Problem>> {
        let path = path.into();
        let loaded = read(&path).await.map_err(|(problems, _)| problems)?;
        let gateway = Gateway::new(clock.unwrap_or_else(SystemClock::shared));
        let mut listeners = Listeners::default();
        let (ready, problems) = listeners.bind(&gateway, &loaded);
        if !problems.is_empty() {
            return Err(problems);
        }
        let edge = Arc::new(Edge {
            settings: ArcSwap::from_pointee(Settings::of(&loaded, None)),
            metrics: EdgeMetrics::default(),
        });
        // It is the first and only one.
        let _ = gateway.presence.set(edge.clone());
        let control = loaded.config.control.as_ref().map(|control| {
            let address = &control.address;
            bind_control(address, None)
                .and_then(|socket| Control::start(socket, gateway.clone(), LoadedPlugins::default(), None))
                .map_err(|error| bind_problem(&loaded.document, "/control/address", address, &error))
        });
        let control = control.transpose().map_err(|problem| vec![problem])?;
        let stop = CancellationToken::new();
        if tokio::time::timeout(PATIENCE, edge.settings.load_full().regions.up())
            .await
            .is_err()
        {
            tracing::warn!("no region is up yet: requests get 503 until one is");
        }
        listeners.serve(ready, &gateway, &stop);
        let node = Self {
            path,
            gateway,
            edge,
            config: loaded.config,
            listeners,
            control,
            stop,
        };
        let reading = Reading {
            problems: loaded.problems,
            directories: loaded.directories,
        };
        Ok((node, reading))
    }

    /// The addresses that are served, by the place of their listener in the configuration.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.listeners.addresses(&self.config.listeners)
    }

    /// The address of the control listener.
    pub fn control_address(&self) -> Option<SocketAddr> {
        self.control.as_ref().map(Control::address)
    }

    /// What its file says.
    pub fn config(&self) -> &EdgeConfig {
        &self.config
    }

    /// Makes it equal to what the files say now. What has an error changes nothing.
    pub async fn reload(&mut self) -> Reading {
        let loaded = match read(&self.path).await {
            Ok(loaded) => loaded,
            Err((problems, directories)) => {
                return Reading {
                    problems,
                    directories,
                };
            }
        };
        let mut problems = loaded.problems.clone();
        let (ready, not_bound) = self.listeners.bind(&self.gateway, &loaded);
        problems.extend(not_bound);
        let before = self.edge.settings.load_full();
        let settings = Arc::new(Settings::of(&loaded, Some(&before)));
        self.edge.settings.store(settings.clone());
        before.regions.end_but(Some(&settings.regions));
        problems.extend(self.listeners.follow(&self.gateway, &loaded));
        self.listeners.serve(ready, &self.gateway, &self.stop);
        if loaded.config.control != self.config.control {
            let message = "a changed control listener takes effect at a restart";
            problems.push(loaded.document.warning("needs-restart", "/control", message));
        }
        self.config = loaded.config;
        Reading {
            problems,
            directories: loaded.directories,
        }
    }

    /// Stops accepting, lets what is under way finish for `limit` at the most, and ends. True: all of it finished.
    pub async fn shutdown(self, limit: Duration) -> bool {
        if let Some(control) = &self.control {
            control.draining();
        }
        self.stop.cancel();
        let drained = self.gateway.tasks.drained(limit).await;
        if !drained {
            let (running, limit) = (self.gateway.tasks.running(), limit.as_secs());
            tracing::warn!("{running} connections did not finish within {limit} s");
        }
        self.edge.settings.load().regions.end_but(None);
        if let Some(control) = self.control {
            control.stop();
        }
        drained
    }
}

/// Files may be slow: they are read beside the workers.
async fn read(path: &std::path::Path) -> Result<Loaded, (Vec<Problem>, Vec<PathBuf>)> {
    let path = path.to_path_buf();
    #[allow(clippy::disallowed_methods, reason = "it is waited for at once")]
    let reading = tokio::task::spawn_blocking(move || load(&path)).await;
    reading.unwrap_or_else(|error| {
        let problem = Problem::in_file("", "internal", format!("the files could not be read: {error}"));
        Err((vec![problem], Vec::new()))
    })
}
