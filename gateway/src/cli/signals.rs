//! The signals that mean something to a running gateway.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// They are received from the moment that this is made.
pub(super) struct Signals {
    hang_up: Signal,
    upgrade: Signal,
    terminate: Signal,
    interrupt: Signal,
}

/// What a signal says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    Reload,
    Upgrade,
    End,
}

impl Signals {
    pub(super) fn new() -> std::io::Result<Self> {
        Ok(Self {
            hang_up: signal(SignalKind::hangup())?,
            upgrade: signal(SignalKind::user_defined2())?,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    pub(super) async fn next(&mut self) -> Told {
        tokio::select! {
            _ = self.hang_up.recv() => Told::Reload,
            _ = self.upgrade.recv() => Told::Upgrade,
            () = ended(&mut self.terminate, &mut self.interrupt) => Told::End,
        }
    }

    /// The next one that ends the process.
    pub(super) async fn end(&mut self) {
        ended(&mut self.terminate, &mut self.interrupt).await;
    }
}

async fn ended(terminate: &mut Signal, interrupt: &mut Signal) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
