//! Metrics of certificates that the node gets by itself.

use std::fmt::Error;

use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;

use crate::proxy::Gateway;

/// Days until each ends; negative once it has.
pub(super) fn encode(encoder: &mut DescriptorEncoder<'_>, gateway: &Gateway) -> Result<(), Error> {
    let ends = gateway.acme.ends();
    let now = gateway.clock.wall().as_secs_f64();
    let help = "Days until the certificate of a domain name ends";
    let name = "portcullis_certificate_expiry_days";
    let mut metric = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
    for (domain, end) in ends {
        #[allow(clippy::cast_precision_loss, reason = "days")]
        let days = (end as f64 - now) / 86_400.0;
        ConstGauge::new(days).encode(metric.encode_family(&[("domain", &*domain)])?)?;
    }
    Ok(())
}
