//! When certificates are asked for: those that are missing at once, those that are there at two thirds of their time.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::kept::Kept;
use super::order;
use crate::config::AcmeSource;
use crate::proxy::Gateway;

/// How often the clock is looked at.
const LOOK: Duration = Duration::from_secs(30);
/// After a failure, doubled with each that follows.
const FIRST_PAUSE: u64 = 60;
const LONGEST_PAUSE: u64 = 6 * 3_600;

/// What went wrong of late with a name.
#[derive(Debug, Default)]
struct Failed {
    times: u32,
    /// When to try again, in seconds since 1970.
    again: u64,
}

/// Gets certificates until `stop`.
pub async fn run(gateway: Arc<Gateway>, stop: CancellationToken) {
    let mut failed = HashMap::new();
    loop {
        if let Some(source) = gateway.acme.wanted.load_full() {
            let look = look(&gateway, &source, &mut failed);
            tokio::select! {
                () = stop.cancelled() => return,
                () = look => {}
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = gateway.acme.changed.notified() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

async fn look(gateway: &Gateway, source: &AcmeSource, failed: &mut HashMap<Arc<str>, Failed>) {
    failed.retain(|name, _| source.names.contains(name));
    for name in &source.names {
        let now = || gateway.clock.wall().as_secs();
        let waits = failed.get(name).is_some_and(|failed| now() < failed.again);
        if waits || !is_due(source, name, now()) {
            continue;
        }
        match order::certificate(source, &gateway.acme.challenges, name).await {
            Ok(certificate) => {
                tracing::info!("{} issued a certificate for {name}", source.config.directory);
                failed.remove(name);
                gateway.acme.shows(name, &certificate);
            }
            Err(reason) => {
                let failed = failed.entry(name.clone()).or_default();
                let pause = pause(failed.times);
                failed.times = failed.times.saturating_add(1);
                failed.again = now().saturating_add(pause);
                gateway.metrics.certificate_failed();
                tracing::warn!(
                    "no certificate for {name} from {}: {reason}; tried again in {pause} s",
                    source.config.directory
                );
            }
        }
    }
}

fn is_due(source: &AcmeSource, name: &str, now: u64) -> bool {
    match Kept::of(source).certificate(name) {
        Ok(Some(certificate)) => certificate.due() <= now,
        Ok(None) | Err(_) => true,
    }
}

fn pause(times: u32) -> u64 {
    let doubled = FIRST_PAUSE.saturating_mul(1_u64.checked_shl(times).unwrap_or(u64::MAX));
    doubled.min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_bound() {
        let pauses: Vec<u64> = [0, 1, 2, 8, 9, 63, 64, u32::MAX].map(pause).to_vec();
        assert_eq!(pauses, [60, 120, 240, 15_360, 21_600, 21_600, 21_600, 21_600]);
    }
}
