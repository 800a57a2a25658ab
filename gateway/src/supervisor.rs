//! What systemd is told of this process, or whoever else listens at `NOTIFY_SOCKET`
//! (<https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html>). Without that variable all of it is nothing.

use std::time::Duration;

use sd_notify::NotifyState;

/// It serves; `status` is for people.
pub fn ready(status: &str) {
    tell(&[NotifyState::Ready, NotifyState::Status(status)]);
}

/// It reads its configuration; [`ready`] ends that.
pub fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(error) => tracing::debug!("the supervisor is not told of a reload: {error}"),
    }
}

/// It starts another process that is to take over; [`main_process`] or [`ready`] ends that.
pub fn upgrading() {
    tell(&[NotifyState::Status("upgrading: a new process starts")]);
}

/// It drains, and ends then.
pub fn stopping() {
    tell(&[NotifyState::Stopping, NotifyState::Status("draining")]);
}

/// Another process is the one to supervise from now on.
pub fn main_process(id: u32) {
    tell(&[NotifyState::MainPid(id)]);
}

/// Says again and again that the data plane runs, where the supervisor wants to know: what keeps all of its threads keeps this,
/// too, where it runs on one of them.
pub async fn watched() {
    let Some(limit) = sd_notify::watchdog_enabled() else {
        return;
    };
    let mut ticks = tokio::time::interval((limit / 2).max(Duration::from_millis(1)));
    loop {
        ticks.tick().await;
        tell(&[NotifyState::Watchdog]);
    }
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!("the supervisor cannot be told: {error}");
    }
}
