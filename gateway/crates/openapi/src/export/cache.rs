//! How cached responses are kept beyond what API Gateway has.

use portcullis_model::CacheRules;
use serde_json::{Map, Value};

use super::object::Object;

/// What [`crate::cache`] reads; nothing where nothing is said.
pub fn cache_rules(rules: &CacheRules) -> Map<String, Value> {
    let seconds = |seconds: u32| (seconds > 0).then_some(seconds);
    Object::default()
        .some("staleWhileRevalidate", seconds(rules.stale_while_revalidate))
        .some("staleIfError", seconds(rules.stale_if_error))
        .some("respectCacheControl", rules.respect_cache_control.then_some(true))
        .finish()
}
