//! `Cache-Control` of requests and responses (RFC 9111, section 5.2).

use std::time::Duration;

use http::{HeaderMap, header};

/// What one says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Control {
    pub(super) no_store: bool,
    pub(super) no_cache: bool,
    pub(super) private: bool,
    pub(super) public: bool,
    pub(super) must_revalidate: bool,
    pub(super) only_if_cached: bool,
    pub(super) max_age: Option<Duration>,
    pub(super) s_maxage: Option<Duration>,
}

impl Control {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let mut control = Self::default();
        for value in headers.get_all(header::CACHE_CONTROL) {
            match value.to_str() {
                Ok(text) => text.split(',').for_each(|directive| control.take(directive)),
                // What cannot be read may say anything.
                Err(_) => control.no_store = true,
            }
        }
        control
    }

    fn take(&mut self, directive: &str) {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        match name.trim().to_ascii_lowercase().as_str() {
            "no-store" => self.no_store = true,
            // One that names headers counts as one that names none, as section 5.2.2.4 lets caches do.
            "no-cache" => self.no_cache = true,
            "private" => self.private = true,
            "public" => self.public = true,
            "must-revalidate" | "proxy-revalidate" => self.must_revalidate = true,
            "only-if-cached" => self.only_if_cached = true,
            "max-age" => self.max_age = Some(least(self.max_age, seconds(value))),
            "s-maxage" => self.s_maxage = Some(least(self.s_maxage, seconds(value))),
            _ => {}
        }
    }
}

/// What is no number is stale at once (section 4.2.1).
fn seconds(text: &str) -> Duration {
    let text = text.trim().trim_matches('"');
    Duration::from_secs(text.parse::<u32>().map_or(0, u64::from))
}

/// Of two that disagree the more careful one (section 4.2.1).
fn least(known: Option<Duration>, said: Duration) -> Duration {
    known.map_or(said, |known| known.min(said))
}
