//! What became of the tokens that an authorizer was shown.

use std::fmt::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

use super::metrics::StageMetrics;
use crate::issuer::Issuers;
use crate::live::StageId;

/// What became of one token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenOutcome {
    /// Its owner may call.
    Accepted,
    /// There is none, or it is none that counts.
    Refused,
    /// Its time is over.
    Expired,
    /// It has none of the method's scopes.
    Scope,
    /// The issuer's keys are not known.
    Failed,
}

const OUTCOMES: [(TokenOutcome, &str); 5] = [
    (TokenOutcome::Accepted, "accepted"),
    (TokenOutcome::Refused, "refused"),
    (TokenOutcome::Expired, "expired"),
    (TokenOutcome::Scope, "scope"),
    (TokenOutcome::Failed, "failed"),
];

/// Counters of one authorizer.
#[derive(Debug, Default)]
pub struct TokenMetrics([AtomicU64; OUTCOMES.len()]);

impl TokenMetrics {
    /// Counts a token.
    pub fn count(&self, outcome: TokenOutcome) {
        if let Some(counter) = self.0.get(outcome as usize) {
            counter.fetch_add(1, Relaxed);
        }
    }
}

/// What became of tokens, by authorizer.
pub(super) fn write(
    encoder: &mut DescriptorEncoder<'_>,
    stages: &[(StageId, Arc<StageMetrics>)],
) -> Result<(), Error> {
    let help = "Requests to authorizers that verify tokens, by what became of the token";
    let mut family =
        encoder.encode_descriptor("portcullis_authorizer_tokens", help, None, MetricType::Counter)?;
    for (id, metrics) in stages {
        for (authorizer, tokens) in metrics.tokens() {
            for ((_, outcome), counter) in OUTCOMES.iter().zip(&tokens.0) {
                let labels = [
                    ("api", id.api.to_string()),
                    ("stage", id.stage.to_string()),
                    ("authorizer", authorizer.clone()),
                    ("outcome", (*outcome).to_owned()),
                ];
                ConstCounter::new(counter.load(Relaxed)).encode(family.encode_family(&labels)?)?;
            }
        }
    }
    Ok(())
}

/// The keys of issuers, and what came of fetching them.
pub(super) fn write_issuers(encoder: &mut DescriptorEncoder<'_>, issuers: &Issuers) -> Result<(), Error> {
    let issuers = issuers.all();
    let help = "Fetches of issuers' keys, by what came of them";
    let mut family =
        encoder.encode_descriptor("portcullis_issuer_fetches", help, None, MetricType::Counter)?;
    for issuer in &issuers {
        for (outcome, count) in issuer.metrics.counts() {
            let labels = [
                ("issuer", issuer.name().to_owned()),
                ("outcome", outcome.to_owned()),
            ];
            ConstCounter::new(count).encode(family.encode_family(&labels)?)?;
        }
    }
    let help = "Keys of issuers that can be used; none before they are fetched";
    let mut family = encoder.encode_descriptor("portcullis_issuer_keys", help, None, MetricType::Gauge)?;
    for issuer in &issuers {
        let labels = [("issuer", issuer.name().to_owned())];
        let count = i64::try_from(issuer.known_keys().unwrap_or_default()).unwrap_or(i64::MAX);
        ConstGauge::new(count).encode(family.encode_family(&labels)?)?;
    }
    Ok(())
}
