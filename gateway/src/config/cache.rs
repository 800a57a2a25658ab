//! Caching of responses: what a node has for it, what a stage takes of that, and what a route says of its own.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a node has for the caches of its stages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CacheConfig {
    /// MiB of memory for all caches. Stages that ask for more together get their part of it, by their capacities.
    #[schemars(range(min = 1, max = 1_048_576))]
    pub memory_mib: u32,
    /// A directory, relative to this file, for what memory has no room for. Its files have no names, and nothing of them is
    /// left when the gateway ends. Absent: memory alone. A change takes effect at a restart.
    pub directory: Option<PathBuf>,
    /// MiB of that directory for all caches.
    #[schemars(range(min = 0, max = 16_777_216))]
    pub disk_mib: u32,
}

impl Default for CacheConfig {
    fn default() -> Self {
        Self {
            memory_mib: 512,
            directory: None,
            disk_mib: 10_240,
        }
    }
}

/// The largest of API Gateway's sizes: 237 GB.
const LARGEST_MIB: u32 = 237 * 1024;

/// What a stage has to keep responses in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StageCacheConfig {
    /// MiB of responses, in memory and on disk: up to 237 GB.
    #[schemars(range(min = 1, max = LARGEST_MIB))]
    pub capacity_mib: u32,
}

impl Default for StageCacheConfig {
    fn default() -> Self {
        Self { capacity_mib: 512 }
    }
}

impl StageCacheConfig {
    /// One of API Gateway's sizes, in gigabytes; the smallest where it is none.
    pub fn of_cluster(size: &str) -> Self {
        let gigabytes: f64 = size.parse().unwrap_or(0.5);
        let most = f64::from(LARGEST_MIB);
        Self {
            // Within what the clamp leaves.
            capacity_mib: (gigabytes * 1024.0).clamp(1.0, most) as u32,
        }
    }

    /// The same, of API Gateway's sizes and of those between them: to a tenth of a gigabyte.
    pub fn cluster(&self) -> String {
        let tenths = (u64::from(self.capacity_mib) * 10).div_ceil(1024).max(1);
        match tenths % 10 {
            0 => (tenths / 10).to_string(),
            tenth => format!("{}.{tenth}", tenths / 10),
        }
    }
}

/// What becomes of a request that asks for a new response (`Cache-Control: max-age=0`) and may not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnauthorizedCacheControl {
    /// It is refused.
    #[serde(rename = "fail_with_403")]
    FailWith403,
    /// It is answered as if it had not asked, and told so in a header `Warning`.
    #[default]
    SucceedWithResponseHeader,
    /// It is answered as if it had not asked.
    SucceedWithoutResponseHeader,
}

impl UnauthorizedCacheControl {
    /// In API Gateway's words.
    pub fn name(self) -> &'static str {
        match self {
            Self::FailWith403 => "FAIL_WITH_403",
            Self::SucceedWithResponseHeader => "SUCCEED_WITH_RESPONSE_HEADER",
            Self::SucceedWithoutResponseHeader => "SUCCEED_WITHOUT_RESPONSE_HEADER",
        }
    }

    /// What API Gateway's words mean.
    pub fn parse(name: &str) -> Self {
        match name {
            "FAIL_WITH_403" => Self::FailWith403,
            "SUCCEED_WITHOUT_RESPONSE_HEADER" => Self::SucceedWithoutResponseHeader,
            _ => Self::SucceedWithResponseHeader,
        }
    }
}

/// How the responses of a route are told apart and kept, where the stage caches them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RouteCacheConfig {
    /// What of a request tells responses apart: `method.request.{path,querystring,header}.NAME`, or an
    /// `integration.request…` that `parameters` maps. Without any, one response answers all.
    pub key_parameters: Vec<String>,
    /// Routes with the same name share their responses. Absent: the path's own.
    pub namespace: Option<String>,
    /// Seconds after a response's time to live in which it still answers, while a new one is fetched.
    #[schemars(range(min = 0, max = 86_400))]
    pub stale_while_revalidate_seconds: u32,
    /// Seconds after a response's time to live in which it still answers where the backend fails.
    #[schemars(range(min = 0, max = 86_400))]
    pub stale_if_error_seconds: u32,
    /// Whether the backend's `Cache-Control` says what is kept (`no-store`, `private`, `no-cache`) and for how long
    /// (`s-maxage`, `max-age`; an hour at the most).
    pub respect_cache_control: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cluster_sizes_are_gigabytes() {
        for (size, mib) in [
            ("0.5", 512),
            ("1.6", 1_638),
            ("13.5", 13_824),
            ("237", 242_688),
            ("x", 512),
        ] {
            let config = StageCacheConfig::of_cluster(size);
            assert_eq!(config.capacity_mib, mib, "{size}");
            assert_eq!(config.cluster(), if size == "x" { "0.5" } else { size });
        }
        for (mib, size) in [(1, "0.1"), (2_048, "2"), (2_100, "2.1")] {
            assert_eq!(StageCacheConfig { capacity_mib: mib }.cluster(), size);
        }
    }
}
