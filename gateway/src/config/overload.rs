//! How much a node takes upon itself, as `gateway.toml` says it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How much a node takes upon itself at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OverloadConfig {
    /// Requests at once, each until the last byte of its response has left.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub max_requests: u32,
    /// Requests that may wait for a place among them. More get 503 at once, with `Retry-After`.
    #[schemars(range(min = 0, max = 1_000_000))]
    pub max_queue: u32,
    /// The longest wait for a place, in milliseconds; then 503.
    #[schemars(range(min = 1, max = 60_000))]
    pub queue_timeout_ms: u32,
    /// Bytes of bodies that are read whole, for plugins, templates, models or signatures, all requests together. What would
    /// need more gets 503. Bodies of 16 KiB and less do not count.
    #[schemars(range(min = 1_048_576, max = 1_099_511_627_776_u64))]
    pub max_buffered_bytes: u64,
}

impl Default for OverloadConfig {
    fn default() -> Self {
        Self {
            max_requests: 10_000,
            max_queue: 1_000,
            queue_timeout_ms: 1_000,
            max_buffered_bytes: 256 * 1024 * 1024,
        }
    }
}
