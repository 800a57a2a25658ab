//! Metrics as OpenMetrics text.

use std::fmt::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use parking_lot::RwLock;
use portcullis_plugin_host::Plugin;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, MetricEncoder, NoLabelSet, text};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::{Registry, Unit};

use super::metrics::{BLAMES, Histogram, LATENCY_BOUNDS, RESPONSE_TYPES, StageMetrics};
use super::{authorizer_text, cache_text, certificate_text, cloudwatch, tokens};
use crate::live::StageId;
use crate::plan::StageLive;
use crate::proxy::Gateway;
use crate::proxy::admit::Scope;

/// The plugins that are loaded, as the reconciler last left them.
pub type LoadedPlugins = Arc<RwLock<Vec<Plugin>>>;

/// Writes the metrics of a node.
pub fn write(gateway: &Arc<Gateway>, plugins: &LoadedPlugins) -> Result<String, Error> {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Node {
        gateway: gateway.clone(),
        plugins: plugins.clone(),
    }));
    let mut written = String::new();
    text::encode(&mut written, &registry)?;
    Ok(written)
}

#[derive(Debug)]
struct Node {
    gateway: Arc<Gateway>,
    plugins: LoadedPlugins,
}

impl Collector for Node {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), Error> {
        for (name, help, value) in self.gateway.metrics.counters() {
            let encoder = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
            ConstCounter::new(value).encode(encoder)?;
        }
        let open = ConstGauge::new(self.gateway.metrics.open_connections());
        let help = "Connections open now";
        open.encode(encoder.encode_descriptor(
            "portcullis_open_connections",
            help,
            None,
            MetricType::Gauge,
        )?)?;
        self.connections(&mut encoder)?;
        let help = "Access log lines that were not written";
        let dropped = ConstCounter::new(self.gateway.sinks.dropped());
        dropped.encode(encoder.encode_descriptor(
            "portcullis_access_log_dropped",
            help,
            None,
            MetricType::Counter,
        )?)?;
        self.refused(&mut encoder)?;
        let stages = self.gateway.live.stages().into_iter();
        let plans: Vec<_> = stages.map(|(id, cell)| (id, cell.plan())).collect();
        self.stages(&mut encoder, &plans)?;
        cache_text::encode(&mut encoder, &plans)?;
        certificate_text::encode(&mut encoder, &self.gateway)?;
        cloudwatch::write(&mut encoder, &plans)?;
        tokens::write_issuers(&mut encoder, &self.gateway.issuers)?;
        if let Some(presence) = self.gateway.presence.get() {
            presence.encode(&mut encoder)?;
        }
        self.plugins(&mut encoder)
    }
}

impl Node {
    fn refused(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        let help = "Requests that were refused before any stage saw them, by reason";
        let name = "portcullis_refused_requests";
        let mut family = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
        for (reason, count) in self.gateway.metrics.refused_requests() {
            if count > 0 {
                ConstCounter::new(count).encode(family.encode_family(&[("reason", reason)])?)?;
            }
        }
        Ok(())
    }

    /// Connections that this side ended, and what is under way.
    fn connections(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        let (name, help) = ("portcullis_cut_connections", "Connections ended by this side");
        let mut family = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
        for (reason, count) in self.gateway.metrics.cuts() {
            ConstCounter::new(count).encode(family.encode_family(&[("reason", reason)])?)?;
        }
        let running = i64::from(self.gateway.overload.running());
        let held = i64::try_from(self.gateway.buffered.held()).unwrap_or(i64::MAX);
        for (name, help, value) in [
            (
                "portcullis_requests_in_flight",
                "Requests whose response has not left",
                running,
            ),
            (
                "portcullis_buffered_bytes",
                "Bytes of bodies that are held whole",
                held,
            ),
        ] {
            let encoder = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
            ConstGauge::new(value).encode(encoder)?;
        }
        Ok(())
    }

    fn stages(
        &self,
        encoder: &mut DescriptorEncoder<'_>,
        plans: &[(StageId, Arc<StageLive>)],
    ) -> Result<(), Error> {
        let stages: Vec<(StageId, Arc<StageMetrics>)> = plans
            .iter()
            .map(|(id, plan)| (id.clone(), plan.metrics.clone()))
            .collect();
        let labels = |id: &StageId, key: &'static str, value: String| {
            [
                ("api", id.api.to_string()),
                ("stage", id.stage.to_string()),
                (key, value),
            ]
        };
        let classes: Vec<String> = (1..=9).map(|class| format!("{class}xx")).collect();
        let mut family = |name: &str, help: &str, key, of: &dyn Fn(&StageMetrics) -> Vec<(String, u64)>| {
            let mut family = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
            for (id, metrics) in &stages {
                for (value, count) in of(metrics).into_iter().filter(|(_, count)| *count > 0) {
                    ConstCounter::new(count).encode(family.encode_family(&labels(id, key, value))?)?;
                }
            }
            Ok::<_, Error>(())
        };
        family(
            "portcullis_requests",
            "Finished requests by class of status",
            "status",
            &|metrics| named(classes.iter().cloned(), &metrics.by_class),
        )?;
        family(
            "portcullis_refusals",
            "Refusals by gateway response type",
            "type",
            &|metrics| {
                named(
                    RESPONSE_TYPES.iter().map(|kind| kind.name().to_owned()),
                    &metrics.by_type,
                )
            },
        )?;
        family(
            "portcullis_throttled",
            "Refusals for want of tokens or quota, by whose they are",
            "scope",
            &|metrics| {
                let scopes = Scope::ALL.iter().map(|scope| scope.name().to_owned());
                named(scopes, &metrics.by_scope)
            },
        )?;
        family(
            "portcullis_blames",
            "Refusals by whose doing they are",
            "blame",
            &|metrics| {
                named(
                    BLAMES.iter().map(|blame| format!("{blame:?}").to_lowercase()),
                    &metrics.by_blame,
                )
            },
        )?;
        let help = "Bytes of response bodies";
        let mut bytes = encoder.encode_descriptor(
            "portcullis_response",
            help,
            Some(&Unit::Bytes),
            MetricType::Counter,
        )?;
        for (id, metrics) in &stages {
            let labels = [("api", id.api.to_string()), ("stage", id.stage.to_string())];
            ConstCounter::new(metrics.response_bytes.load(Relaxed)).encode(bytes.encode_family(&labels)?)?;
        }
        authorizer_text::encode(encoder, &stages)?;
        tokens::write(encoder, &stages)?;
        latency(encoder, &stages)
    }

    fn plugins(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        let plugins = self.plugins.read();
        let help = "Calls of plugins by outcome";
        let mut calls =
            encoder.encode_descriptor("portcullis_plugin_calls", help, None, MetricType::Counter)?;
        for plugin in plugins.iter() {
            for (outcome, count) in plugin.stats().calls() {
                let labels = [
                    ("plugin", plugin.name().to_owned()),
                    ("outcome", outcome.to_owned()),
                ];
                ConstCounter::new(count).encode(calls.encode_family(&labels)?)?;
            }
        }
        let help = "Instances of plugins that are alive";
        let mut live =
            encoder.encode_descriptor("portcullis_plugin_instances", help, None, MetricType::Gauge)?;
        for plugin in plugins.iter() {
            let labels = [("plugin", plugin.name().to_owned())];
            let count = i64::try_from(plugin.stats().instances_live()).unwrap_or(i64::MAX);
            ConstGauge::new(count).encode(live.encode_family(&labels)?)?;
        }
        let help = "Time in calls of plugins";
        let unit = Some(&Unit::Seconds);
        let mut spent =
            encoder.encode_descriptor("portcullis_plugin_call", help, unit, MetricType::Counter)?;
        for plugin in plugins.iter() {
            let labels = [("plugin", plugin.name().to_owned())];
            ConstCounter::new(plugin.stats().total_time().as_secs_f64())
                .encode(spent.encode_family(&labels)?)?;
        }
        Ok(())
    }
}

fn named(names: impl Iterator<Item = String>, counters: &[AtomicU64]) -> Vec<(String, u64)> {
    names
        .zip(counters.iter().map(|counter| counter.load(Relaxed)))
        .collect()
}

fn latency(
    encoder: &mut DescriptorEncoder<'_>,
    stages: &[(StageId, Arc<StageMetrics>)],
) -> Result<(), Error> {
    let help = "From the request's head to the response's last byte";
    let unit = Some(&Unit::Seconds);
    let mut family = encoder.encode_descriptor("portcullis_latency", help, unit, MetricType::Histogram)?;
    for (id, metrics) in stages {
        let labels = [("api", id.api.to_string()), ("stage", id.stage.to_string())];
        histogram(&metrics.latency, &mut family.encode_family(&labels)?)?;
    }
    Ok(())
}

pub(super) fn histogram(histogram: &Histogram, into: &mut MetricEncoder<'_>) -> Result<(), Error> {
    let counts: Vec<u64> = histogram
        .buckets
        .iter()
        .map(|bucket| bucket.load(Relaxed))
        .collect();
    let bounds = LATENCY_BOUNDS.iter().copied().chain([f64::INFINITY]);
    let buckets: Vec<(f64, u64)> = bounds.zip(counts.iter().copied()).collect();
    let sum = histogram.sum.load(Relaxed) as f64 / 1e9;
    into.encode_histogram::<NoLabelSet>(sum, counts.iter().sum(), &buckets, None)
}
