//! A node gives its place to another process.

use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;

use super::Node;
use super::sockets::CONTROL;
use crate::admin::{Control, PlaneHandedOver};
use crate::handover::{Addition, Program, Successor};

/// How long calls of the control plane that are under way may take.
const CALLS_LIMIT: Duration = Duration::from_secs(10);

impl Node {
    /// Starts a program that is to take over, which has `limit` until it serves, and waits until it is prepared. This node goes on
    /// as before.
    pub async fn successor(&self, program: Program, limit: Duration) -> Result<Successor, String> {
        let sockets = self
            .sockets()
            .map_err(|error| format!("the sockets cannot be copied: {error}"))?;
        blocking(move || {
            let successor = Successor::start(&program, &sockets, limit)?;
            successor.prepared().map(|()| successor)
        })
        .await
    }

    /// Gives it what is kept, and waits until it serves: both accept then, and [`shutdown`](Self::shutdown) is what is left to
    /// do. With an error this node goes on as before. Not to be dropped before its end.
    pub async fn hand_over(&mut self, mut successor: Successor) -> Result<Arc<Successor>, String> {
        let paused = Paused::new(self.control.as_ref()).await?;
        let kept = match &self.plane {
            Some(plane) => Some(plane.hand_over().await.map_err(|error| error.to_string())?),
            None => None,
        };
        let lock = kept.as_ref().map(PlaneHandedOver::lock).transpose();
        let lock = lock.map_err(|error| format!("the store's lock cannot be copied: {error}"))?;
        // Where it fails the other process has ended before what is kept is this node's again.
        let successor = blocking(move || successor.take_turn(lock.as_ref()).map(|()| successor)).await?;
        let successor = Arc::new(successor);
        self.handed_over = kept.map(|kept| kept.inherited(successor.clone()));
        paused.stays();
        Ok(successor)
    }

    /// What counts calls that the process before this one has counted.
    pub fn counter(&self) -> impl Fn(Vec<Addition>) + Send + 'static {
        let plane = self.plane.clone();
        move |additions| {
            if let Some(plane) = &plane {
                plane.counted(additions);
            }
        }
    }

    fn sockets(&self) -> std::io::Result<Vec<(String, OwnedFd)>> {
        let mut sockets = Vec::new();
        for (key, open) in &self.listeners {
            sockets.push((key.clone(), open.socket.try_clone()?));
        }
        if let Some(control) = &self.control {
            sockets.push((CONTROL.to_owned(), control.socket()?));
        }
        Ok(sockets)
    }
}

/// A control listener that accepts nothing; dropped, it does again.
struct Paused<'c> {
    control: Option<&'c Control>,
}

impl<'c> Paused<'c> {
    async fn new(control: Option<&'c Control>) -> Result<Self, String> {
        let paused = Self { control };
        let limit = CALLS_LIMIT.as_secs();
        match control {
            Some(control) if !control.pause(CALLS_LIMIT).await => Err(format!(
                "a call of the control plane did not finish within {limit} s"
            )),
            _ => Ok(paused),
        }
    }

    fn stays(mut self) {
        self.control = None;
    }
}

impl Drop for Paused<'_> {
    fn drop(&mut self) {
        if let Some(control) = self.control {
            control.resume();
        }
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Result<T, String> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => Err(format!("the upgrade was given up: {error}")),
    }
}
