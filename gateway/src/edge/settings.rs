//! What an `edge.toml` is made into: immutable, and swapped as one.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;

use super::cache::EdgeCache;
use super::choice::Regions;
use super::country::Countries;
use super::load::Loaded;

/// What requests run on.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) name: Box<str>,
    /// What stands in `Via`.
    pub(super) via: HeaderValue,
    pub(super) regions: Regions,
    pub(super) countries: Countries,
    pub(super) cache: Option<Arc<EdgeCache>>,
    pub(super) timeout: Duration,
}

impl Settings {
    /// Those of a reading. What is the same as before stays: connections, and what is kept.
    pub(super) fn of(loaded: &Loaded, before: Option<&Self>) -> Self {
        let config = &loaded.config;
        let via = format!("1.1 {} (portcullis)", config.name);
        let cache = config.cache.as_ref().map(|cache| {
            let known = before.and_then(|before| before.cache.clone());
            EdgeCache::follow(known, cache)
        });
        Self {
            name: config.name.as_str().into(),
            via: HeaderValue::from_str(&via)
                .unwrap_or_else(|_| HeaderValue::from_static("1.1 edge (portcullis)")),
            regions: Regions::of(&loaded.regions, before.map(|before| &before.regions)),
            countries: Countries::of(&config.countries),
            cache,
            timeout: Duration::from_millis(config.response_timeout_ms.into()),
        }
    }
}
