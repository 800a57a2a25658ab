//! Counters of a point of presence, and their OpenMetrics text.

use std::fmt::Error;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use http::StatusCode;
use parking_lot::Mutex;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

use super::headers::From;
use super::settings::Settings;

/// What is counted.
#[derive(Debug, Default)]
pub(super) struct EdgeMetrics {
    by_class: [AtomicU64; 5],
    by_origin: [AtomicU64; 4],
    retries: AtomicU64,
    timeouts: AtomicU64,
    /// By region. Only failures lock it.
    failures: Mutex<std::collections::BTreeMap<Box<str>, u64>>,
}

const ORIGINS: [(From, &str); 4] = [
    (From::Hit, "hit"),
    (From::RefreshHit, "refresh_hit"),
    (From::Miss, "miss"),
    (From::Error, "error"),
];

impl EdgeMetrics {
    pub(super) fn answered(&self, status: StatusCode, from: From) {
        let class = usize::from(status.as_u16() / 100).saturating_sub(1);
        if let Some(counter) = self.by_class.get(class) {
            counter.fetch_add(1, Relaxed);
        }
        let origin = ORIGINS
            .iter()
            .zip(&self.by_origin)
            .find(|((known, _), _)| *known == from);
        if let Some((_, counter)) = origin {
            counter.fetch_add(1, Relaxed);
        }
    }

    pub(super) fn retried(&self) {
        self.retries.fetch_add(1, Relaxed);
    }

    pub(super) fn timed_out(&self) {
        self.timeouts.fetch_add(1, Relaxed);
    }

    pub(super) fn failed(&self, region: &str) {
        let mut failures = self.failures.lock();
        match failures.get_mut(region) {
            Some(count) => *count += 1,
            None => drop(failures.insert(region.into(), 1)),
        }
    }

    pub(super) fn encode(
        &self,
        encoder: &mut DescriptorEncoder<'_>,
        settings: &Settings,
    ) -> Result<(), Error> {
        let classes = ["1xx", "2xx", "3xx", "4xx", "5xx"];
        let classes = classes
            .iter()
            .zip(&self.by_class)
            .map(|(class, count)| (*class, count.load(Relaxed)));
        counters(
            encoder,
            "portcullis_edge_requests",
            "Answers by class of status",
            "status",
            classes,
        )?;
        let origins = ORIGINS
            .iter()
            .zip(&self.by_origin)
            .map(|((_, origin), count)| (*origin, count.load(Relaxed)));
        counters(
            encoder,
            "portcullis_edge_answers",
            "Answers by where they came from",
            "from",
            origins,
        )?;
        let failures = self.failures.lock().clone();
        let failed = failures.iter().map(|(region, count)| (&**region, *count));
        counters(
            encoder,
            "portcullis_edge_failures",
            "Requests that failed at a region",
            "region",
            failed,
        )?;
        for (name, help, count) in [
            (
                "portcullis_edge_retries",
                "Requests that were tried again",
                &self.retries,
            ),
            (
                "portcullis_edge_timeouts",
                "Requests that no region answered in time",
                &self.timeouts,
            ),
        ] {
            let encoder = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
            ConstCounter::new(count.load(Relaxed)).encode(encoder)?;
        }
        regions(encoder, settings)?;
        let kept = settings.cache.as_ref().map_or(0, |cache| cache.bytes());
        let help = "Bytes that kept responses take";
        let encoder =
            encoder.encode_descriptor("portcullis_edge_cache_bytes", help, None, MetricType::Gauge)?;
        ConstGauge::new(i64::try_from(kept).unwrap_or(i64::MAX)).encode(encoder)
    }
}

fn counters<'n>(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    label: &'static str,
    counts: impl Iterator<Item = (&'n str, u64)>,
) -> Result<(), Error> {
    let mut family = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
    for (value, count) in counts {
        ConstCounter::new(count).encode(family.encode_family(&[(label, value)])?)?;
    }
    Ok(())
}

fn regions(encoder: &mut DescriptorEncoder<'_>, settings: &Settings) -> Result<(), Error> {
    let regions = settings.regions.all();
    let help = "Connections to a region that are up";
    let mut family = encoder.encode_descriptor(
        "portcullis_edge_region_connections",
        help,
        None,
        MetricType::Gauge,
    )?;
    for region in regions {
        let up = i64::try_from(region.connected()).unwrap_or(i64::MAX);
        ConstGauge::new(up).encode(family.encode_family(&[("region", region.name())])?)?;
    }
    let help = "Smoothed time to a region and back";
    let mut family = encoder.encode_descriptor(
        "portcullis_edge_region_rtt_seconds",
        help,
        None,
        MetricType::Gauge,
    )?;
    for region in regions {
        let rtt = region.rtt().as_secs_f64();
        ConstGauge::new(rtt).encode(family.encode_family(&[("region", region.name())])?)?;
    }
    Ok(())
}
