//! Stages of an API, and settings of their methods.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{StageCacheConfig, ThrottleConfig, UnauthorizedCacheControl};

/// A stage of an API.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StageConfig {
    /// How much all its requests together may be; more get 429. (`methods` are held one by one.)
    pub throttle: Option<ThrottleConfig>,
    /// Stage variables.
    pub variables: BTreeMap<String, String>,
    /// Plugins of world `filter`, in the order in which they see a request.
    pub filters: Vec<String>,
    /// One of `web_acls`, whose filters see a request before those of the stage.
    pub web_acl: Option<String>,
    /// One of `client_certificates`, shown to `https` backends that ask for one.
    pub client_certificate: Option<String>,
    /// A line for each request. Absent: none.
    pub access_log: Option<AccessLogConfig>,
    /// What it has to keep responses in, of methods whose settings have `caching`. Absent: none is kept.
    pub cache: Option<StageCacheConfig>,
    /// Settings of methods, by `*/*` for all or by path and verb such as `/pets/{id}/GET`; what a method says of its own
    /// wins.
    pub methods: BTreeMap<String, MethodSettingsConfig>,
}

/// Access logs of a stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccessLogConfig {
    /// `stdout`, or a file relative to this file. A file is opened anew at SIGHUP, so that it can be rotated.
    pub destination: String,
    /// One line with `$context` variables; `$context.requestId` or `$context.extendedRequestId` must be among them.
    /// `json`, `clf`, `xml` and `csv` stand for the formats that API Gateway's console offers.
    #[serde(default = "json")]
    pub format: String,
}

/// Settings of methods.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MethodSettingsConfig {
    /// What is told of each request in the execution log.
    pub logging: Option<LoggingLevel>,
    /// Whether headers and bodies are among it, with secrets blanked.
    pub data_trace: Option<bool>,
    /// Whether requests are counted by method too.
    pub metrics: Option<bool>,
    /// How often a method may be called; more get 429. `*/*` gives each method a bucket of its own. An empty table: as often
    /// as anybody likes.
    pub throttle: Option<ThrottleConfig>,
    /// Whether responses are kept in the stage's `cache`. Of `*/*` it is about `GET` alone; other verbs have it of their own.
    pub caching: Option<bool>,
    /// Seconds that a response is kept: 300 where nothing is said, 0 for not at all.
    #[schemars(range(min = 0, max = 3_600))]
    pub cache_ttl_seconds: Option<u32>,
    /// Whether what is kept is encrypted, in memory and on disk.
    pub cache_encrypted: Option<bool>,
    /// Whether a request must have `execute-api:InvalidateCache` to have its response made anew by
    /// `Cache-Control: max-age=0`; so where nothing is said.
    pub require_authorization_for_cache_control: Option<bool>,
    /// What becomes of one that does not.
    pub unauthorized_cache_control: Option<UnauthorizedCacheControl>,
}

/// What is told of each request in the execution log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum LoggingLevel {
    /// Nothing.
    #[default]
    Off,
    /// What failed.
    Error,
    /// Each step.
    Info,
}

fn json() -> String {
    "json".to_owned()
}
