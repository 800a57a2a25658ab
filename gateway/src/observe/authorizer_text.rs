//! Counters of authorizers as OpenMetrics text.

use std::fmt::Error;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::registry::Unit;

use super::metrics::{AuthorizerMetrics, DECIDED, StageMetrics};
use super::text::histogram;
use crate::live::StageId;

type Labels = [(&'static str, String); 3];

/// Writes those of all stages.
pub(super) fn encode(
    encoder: &mut DescriptorEncoder<'_>,
    stages: &[(StageId, Arc<StageMetrics>)],
) -> Result<(), Error> {
    let authorizers: Vec<(Labels, Arc<AuthorizerMetrics>)> = stages.iter().flat_map(of_stage).collect();
    let help = "Requests to authorizers by what came of them";
    let mut family =
        encoder.encode_descriptor("portcullis_authorizer_requests", help, None, MetricType::Counter)?;
    for (labels, metrics) in &authorizers {
        for (decision, counter) in DECIDED.iter().zip(&metrics.by_decision) {
            let labels = with(labels, "decision", decision);
            ConstCounter::new(counter.load(Relaxed)).encode(family.encode_family(&labels)?)?;
        }
    }
    let help = "From the question to an authorizer to its answer";
    let unit = Some(&Unit::Seconds);
    let mut family =
        encoder.encode_descriptor("portcullis_authorizer_latency", help, unit, MetricType::Histogram)?;
    for (labels, metrics) in &authorizers {
        histogram(&metrics.latency, &mut family.encode_family(labels)?)?;
    }
    let help = "Requests to authorizers that keep their decisions, by whether one was kept";
    let mut family =
        encoder.encode_descriptor("portcullis_authorizer_cache", help, None, MetricType::Counter)?;
    for (labels, metrics) in &authorizers {
        for (result, counter) in [("hit", &metrics.cache.hits), ("miss", &metrics.cache.misses)] {
            let labels = with(labels, "result", result);
            ConstCounter::new(counter.load(Relaxed)).encode(family.encode_family(&labels)?)?;
        }
    }
    Ok(())
}

fn of_stage(
    (id, metrics): &(StageId, Arc<StageMetrics>),
) -> impl Iterator<Item = (Labels, Arc<AuthorizerMetrics>)> {
    metrics.authorizers().into_iter().map(|(name, metrics)| {
        let labels = [
            ("api", id.api.to_string()),
            ("stage", id.stage.to_string()),
            ("authorizer", name),
        ];
        (labels, metrics)
    })
}

fn with(labels: &Labels, name: &'static str, value: &str) -> [(&'static str, String); 4] {
    let [api, stage, authorizer] = labels.clone();
    [api, stage, authorizer, (name, value.to_owned())]
}
