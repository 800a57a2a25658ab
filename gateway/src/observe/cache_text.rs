//! What the caches of stages count, as OpenMetrics text.

use std::fmt::Error;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;

use crate::caches::StageCache;
use crate::live::StageId;
use crate::plan::StageLive;

type Value = (&'static str, u64);

/// Writes those of the stages that have a cache.
pub(super) fn encode(
    encoder: &mut DescriptorEncoder<'_>,
    plans: &[(StageId, Arc<StageLive>)],
) -> Result<(), Error> {
    let cached: Vec<_> = plans
        .iter()
        .filter_map(|(id, plan)| Some((id, plan, &*plan.settings.cache.as_ref()?.kept)))
        .collect();
    let labels = |id: &StageId, key: &'static str, value: &str| {
        [
            ("api", id.api.to_string()),
            ("stage", id.stage.to_string()),
            (key, value.to_owned()),
        ]
    };
    let help = "Requests whose responses are kept, by whether one was there";
    let mut family =
        encoder.encode_descriptor("portcullis_cache_requests", help, None, MetricType::Counter)?;
    for (id, plan, _) in &cached {
        let metrics = &plan.metrics.cache;
        for (result, counter) in [("hit", &metrics.hits), ("miss", &metrics.misses)] {
            let labels = labels(id, "result", result);
            ConstCounter::new(counter.load(Relaxed)).encode(family.encode_family(&labels)?)?;
        }
    }
    let help = "Kept responses that went before their time (evicted), to disk (spilled), came from there (read), or were \
                lost with it (lost)";
    let mut family = encoder.encode_descriptor("portcullis_cache_moves", help, None, MetricType::Counter)?;
    for (id, _, kept) in &cached {
        for (what, count) in moves(kept) {
            ConstCounter::new(count).encode(family.encode_family(&labels(id, "move", what))?)?;
        }
    }
    let help = "What kept responses take";
    let unit = Some(&Unit::Bytes);
    let mut family = encoder.encode_descriptor("portcullis_cache", help, unit, MetricType::Gauge)?;
    for (id, _, kept) in &cached {
        let bytes = kept.responses.bytes();
        for (place, bytes) in [("memory", bytes.memory), ("disk", bytes.disk)] {
            ConstGauge::new(gauge(bytes)).encode(family.encode_family(&labels(id, "place", place))?)?;
        }
    }
    let help = "Responses that are kept";
    let mut family =
        encoder.encode_descriptor("portcullis_cache_responses", help, None, MetricType::Gauge)?;
    for (id, _, kept) in &cached {
        let (memory, disk) = kept.responses.counts();
        for (place, count) in [("memory", memory), ("disk", disk)] {
            let count = gauge(count as u64);
            ConstGauge::new(count).encode(family.encode_family(&labels(id, "place", place))?)?;
        }
    }
    Ok(())
}

fn moves(kept: &StageCache) -> [Value; 4] {
    let stats = kept.responses.stats();
    [
        ("evicted", stats.evicted()),
        ("spilled", stats.spilled()),
        ("read", stats.disk_hits()),
        ("lost", stats.lost()),
    ]
}

fn gauge(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
