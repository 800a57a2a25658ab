//! Stages: what acts at once, and which deployment they point at.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A stage (<https://docs.aws.amazon.com/apigateway/latest/api/API_Stage.html>), as far as a data plane needs it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    /// Its name in URLs.
    pub name: String,
    /// The deployment that it points at.
    pub deployment: String,
    /// Stage variables.
    pub variables: BTreeMap<String, String>,
    /// By resource path and verb (`/pets/{id}/GET`), or `*/*` for all.
    pub method_settings: BTreeMap<String, MethodSetting>,
    /// A line for each request.
    pub access_log: Option<AccessLog>,
    /// The client certificate shown to backends, by its id.
    pub client_certificate: Option<String>,
    /// The ARN of the web access control list whose filters see its requests first.
    pub web_acl: Option<String>,
    /// The size of its cache in gigabytes, such as `0.5`; it has none where absent.
    pub cache: Option<String>,
    /// A part of the requests goes to another deployment.
    pub canary: Option<Canary>,
}

/// Settings of a stage's methods (<https://docs.aws.amazon.com/apigateway/latest/api/API_MethodSetting.html>).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct MethodSetting {
    /// `OFF`, `ERROR` or `INFO`.
    pub logging_level: Option<String>,
    /// Headers and bodies in the execution log.
    pub data_trace: Option<bool>,
    /// Counters of the method alone.
    pub metrics: Option<bool>,
    /// Requests a second; -1 for as many as there are.
    pub throttling_rate: Option<f64>,
    /// Requests at once; -1 for as many as the rate lets pass in a second.
    pub throttling_burst: Option<i64>,
    /// Whether responses are cached.
    pub caching: Option<bool>,
    /// For how many seconds.
    pub cache_ttl: Option<u32>,
    /// Whether they are encrypted.
    pub cache_encrypted: Option<bool>,
    /// Whether a request needs a permission to have its response made anew.
    pub cache_control_authorized: Option<bool>,
    /// `FAIL_WITH_403`, `SUCCEED_WITH_RESPONSE_HEADER` or `SUCCEED_WITHOUT_RESPONSE_HEADER`: what becomes of one without.
    pub cache_control_unauthorized: Option<String>,
}

/// Access logs of a stage.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessLog {
    /// Where lines go: `stdout`, a file, or an ARN that the gateway maps to one.
    pub destination: String,
    /// One line with `$context` variables.
    pub format: String,
}

/// A canary (<https://docs.aws.amazon.com/apigateway/latest/api/API_CanarySettings.html>).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Canary {
    /// The deployment that its requests get.
    pub deployment: String,
    /// 0 to 100.
    pub percent: f64,
    /// Stage variables that have other values, or are there only, for its requests.
    pub variable_overrides: BTreeMap<String, String>,
    /// Whether its requests use the stage's cache.
    pub use_stage_cache: bool,
}
