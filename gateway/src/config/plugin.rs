//! Plugins: which component, what it may reach, and what it may use up.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A plugin: exactly one of `builtin` and `file` says which component.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PluginConfig {
    /// A component that comes with Portcullis: `bearer-token`, `hello`, `hello-function`, `ip-filter`, `vtl` or
    /// `waf`.
    #[serde(default)]
    pub builtin: Option<String>,
    /// A `.wasm` file, relative to this file.
    #[serde(default)]
    pub file: Option<PathBuf>,
    /// The plugin's own configuration; it is checked by the plugin when it is loaded.
    #[serde(default)]
    pub config: serde_json::Map<String, serde_json::Value>,
    /// What the plugin may reach. Nothing is ambient.
    #[serde(default)]
    pub grants: GrantsConfig,
    /// What the plugin may use up.
    #[serde(default)]
    pub limits: LimitsConfig,
    /// `reused` keeps instances for many calls; `fresh` makes one for each call, so that no call sees what another left. Absent:
    /// `reused`, but `fresh` for components of `wasi:http`.
    #[serde(default)]
    pub isolation: Option<IsolationConfig>,
}

/// What a plugin may reach.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GrantsConfig {
    /// Lines in the gateway's log, by `portcullis:plugin/log`.
    pub log: bool,
    /// Counts that all instances of the plugin share, by `portcullis:plugin/counter`.
    pub counter: bool,
    /// Servers that a component of `wasi:http` may send requests to, as origins such as `https://api.example.com` or
    /// `http://10.0.0.7:8080`.
    pub http: Vec<String>,
    /// Environment variables that the plugin sees; none of the gateway's own are passed.
    pub environment: BTreeMap<String, String>,
}

/// What a plugin may use up. A breach costs the one request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsConfig {
    /// Milliseconds of CPU for one call.
    #[schemars(range(min = 1, max = 60_000))]
    pub cpu_ms: u32,
    /// Milliseconds from the call to its answer, waiting included.
    #[schemars(range(min = 1, max = 900_000))]
    pub wall_ms: u32,
    /// MiB of memory for one instance.
    #[schemars(range(min = 1, max = 4096))]
    pub memory_mib: u32,
    /// KiB of one answer.
    #[schemars(range(min = 1, max = 1_048_576))]
    pub output_kib: u32,
    /// Calls that run at once.
    #[schemars(range(min = 1, max = 10_000))]
    pub concurrency: u32,
    /// Calls that wait for one to end; more are refused with 503.
    #[schemars(range(min = 0, max = 1_000_000))]
    pub queue: u32,
    /// Calls that one instance serves before another takes its place.
    #[schemars(range(min = 1))]
    pub calls_per_instance: u32,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            cpu_ms: 50,
            wall_ms: 10_000,
            memory_mib: 64,
            output_kib: 10 * 1024,
            concurrency: 64,
            queue: 1024,
            calls_per_instance: 10_000,
        }
    }
}

/// Whether instances are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IsolationConfig {
    /// An instance serves many calls.
    Reused,
    /// An instance serves one call.
    Fresh,
}
