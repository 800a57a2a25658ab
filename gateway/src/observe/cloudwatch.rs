//! The metrics that API Gateway has in CloudWatch, under their names
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html>): for each
//! stage, and for each method that has the setting, with `resource` and `method` as labels.

use std::fmt::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::registry::Unit;

use super::metrics::{CacheMetrics, Histogram, LATENCY_BOUNDS};
use crate::live::StageId;
use crate::plan::StageLive;

/// The places of 4XX and 5XX among the classes of a status.
const CLASS_4XX: usize = 3;
const CLASS_5XX: usize = 4;

/// One stage or method.
struct Series<'a> {
    labels: Vec<(&'static str, String)>,
    by_class: &'a [AtomicU64; 9],
    latency: &'a Histogram,
    integration_latency: &'a Histogram,
    cache: &'a CacheMetrics,
}

/// Writes them for these stages.
pub(super) fn write(
    encoder: &mut DescriptorEncoder<'_>,
    stages: &[(StageId, Arc<StageLive>)],
) -> Result<(), Error> {
    let series: Vec<Series<'_>> = stages.iter().flat_map(series).collect();
    let class = |series: &Series<'_>, class: usize| series.by_class.get(class).map_or(0, load);
    let mut counter = |name: &str, help: &str, value: &dyn Fn(&Series<'_>) -> u64| {
        let mut family = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
        for series in &series {
            ConstCounter::new(value(series)).encode(family.encode_family(&series.labels)?)?;
        }
        Ok::<_, Error>(())
    };
    counter("apigateway_Count", "Finished requests", &|series| {
        series.by_class.iter().map(load).sum()
    })?;
    counter(
        "apigateway_4XXError",
        "Responses that blame the client",
        &|series| class(series, CLASS_4XX),
    )?;
    counter(
        "apigateway_5XXError",
        "Responses that blame this side",
        &|series| class(series, CLASS_5XX),
    )?;
    counter(
        "apigateway_CacheHitCount",
        "Requests answered from the cache",
        &|series| load(&series.cache.hits),
    )?;
    counter(
        "apigateway_CacheMissCount",
        "Requests that the cache had no answer for",
        &|series| load(&series.cache.misses),
    )?;
    let help = "From the request's head to the response's last byte";
    histogram(encoder, "apigateway_Latency", help, &series, |series| {
        series.latency
    })?;
    let help = "From the call of the integration to the head of its response";
    histogram(
        encoder,
        "apigateway_IntegrationLatency",
        help,
        &series,
        |series| series.integration_latency,
    )
}

fn series((id, plan): &(StageId, Arc<StageLive>)) -> Vec<Series<'_>> {
    let of_stage = [("api", id.api.to_string()), ("stage", id.stage.to_string())];
    let mut series = vec![Series {
        labels: of_stage.to_vec(),
        by_class: &plan.metrics.by_class,
        latency: &plan.metrics.latency,
        integration_latency: &plan.metrics.integration_latency,
        cache: &plan.metrics.cache,
    }];
    for method in &plan.base.methods {
        let Some(metrics) = &method.observed.metrics else {
            continue;
        };
        let mut labels = of_stage.to_vec();
        labels.push(("resource", method.resource_path.to_string()));
        labels.push(("method", method.observed.verb.to_string()));
        series.push(Series {
            labels,
            by_class: &metrics.by_class,
            latency: &metrics.latency,
            integration_latency: &metrics.integration_latency,
            cache: &metrics.cache,
        });
    }
    series
}

fn histogram<'a>(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    series: &[Series<'a>],
    of: impl Fn(&Series<'a>) -> &'a Histogram,
) -> Result<(), Error> {
    let unit = Unit::Other("milliseconds".to_owned());
    let mut family = encoder.encode_descriptor(name, help, Some(&unit), MetricType::Histogram)?;
    for series in series {
        let histogram = of(series);
        let counts: Vec<u64> = histogram.buckets.iter().map(load).collect();
        let bounds = LATENCY_BOUNDS
            .iter()
            .map(|seconds| seconds * 1e3)
            .chain([f64::INFINITY]);
        let buckets: Vec<(f64, u64)> = bounds.zip(counts.iter().copied()).collect();
        let sum = load(&histogram.sum) as f64 / 1e6;
        let (family, total) = (&mut family, counts.iter().sum());
        family
            .encode_family(&series.labels)?
            .encode_histogram::<NoLabelSet>(sum, total, &buckets, None)?;
    }
    Ok(())
}

fn load(counter: &AtomicU64) -> u64 {
    counter.load(Relaxed)
}
