//! `edge.toml`: what a person writes. Every field's comment here is its documentation in the reference and in the JSON
//! Schema that `portcullis schema edge` prints.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::ListenerTlsConfig;

/// The configuration of a point of presence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EdgeConfig {
    /// Its name: in `Via`, by which a loop is found, too. A-Z, a-z, 0-9, `-`, `_` and `.`, 64 at most.
    pub name: String,
    /// Where clients connect. At least one.
    pub listeners: Vec<EdgeListenerConfig>,
    /// The gateways that requests are forwarded to. At least one; the nearest that is healthy gets them.
    pub regions: Vec<RegionConfig>,
    /// The control listener: health, readiness and metrics. Absent: none.
    #[serde(default)]
    pub control: Option<EdgeControlConfig>,
    /// Responses that say they may be shared are kept (`Cache-Control`). Absent: nothing is.
    #[serde(default)]
    pub cache: Option<EdgeCacheConfig>,
    /// Networks by the country that they are in, for `CloudFront-Viewer-Country`: `DE = ["192.0.2.0/24"]`. The longest
    /// prefix counts. A client of no network has no such header.
    #[serde(default)]
    pub countries: BTreeMap<String, Vec<String>>,
    /// Milliseconds that regions have until the head of a response is there; then the answer is 504.
    #[serde(default = "default_response_timeout")]
    #[schemars(range(min = 100, max = 900_000))]
    pub response_timeout_ms: u32,
}

/// A socket that clients connect to: HTTP/1.1 and HTTP/2, by TLS or in clear text (then HTTP/2 with prior knowledge).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EdgeListenerConfig {
    /// IP address and port, such as `0.0.0.0:443` or `[::]:443`. Port 0 takes a free one.
    pub address: String,
    /// Connections open at once; more wait to be accepted. A change takes effect at a restart.
    #[serde(default = "default_max_connections")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub max_connections: u32,
    /// TLS. Absent: clear text.
    #[serde(default)]
    pub tls: Option<ListenerTlsConfig>,
}

impl EdgeListenerConfig {
    /// What its URLs begin with.
    pub(crate) fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }
}

/// A gateway that has the APIs, reached by HTTP/2 over mutual TLS.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegionConfig {
    /// Its name, in logs and metrics. A-Z, a-z, 0-9, `-`, `_` and `.`, 64 at most.
    pub name: String,
    /// Host and port of a listener of its with `tls.edge_trust`, such as `eu.example.com:8443`.
    pub address: String,
    /// The host that its certificate is for. Absent: that of `address`.
    #[serde(default)]
    pub server_name: Option<String>,
    /// A PEM file with certificate authorities, relative to this file: one of them has issued its certificate. The
    /// system's are not trusted.
    pub trust: PathBuf,
    /// A PEM file with the certificate that this point of presence shows, and its chain behind it, relative to this file.
    pub certificate: PathBuf,
    /// A PEM file with the private key of that, relative to this file.
    pub key: PathBuf,
    /// Connections that are made at the start and kept, each with many requests at once.
    #[serde(default = "default_connections")]
    #[schemars(range(min = 1, max = 64))]
    pub connections: u8,
}

/// The control listener.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EdgeControlConfig {
    /// IP address and port. Keep it on loopback or a private network: nobody is asked who they are. A change takes effect
    /// at a restart.
    pub address: String,
}

/// What is kept of responses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EdgeCacheConfig {
    /// MiB of memory for responses; those that were not used for longest go.
    #[schemars(range(min = 1, max = 1_048_576))]
    pub memory_mib: u32,
    /// Seconds that a response is fresh at the most, whatever it says.
    #[serde(default = "default_max_ttl")]
    #[schemars(range(min = 1, max = 31_536_000))]
    pub max_ttl_s: u32,
}

fn default_response_timeout() -> u32 {
    60_000
}

fn default_max_connections() -> u32 {
    10_000
}

fn default_connections() -> u8 {
    2
}

fn default_max_ttl() -> u32 {
    86_400
}

/// The JSON Schema of `edge.toml`, made from the structs above.
pub fn schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(EdgeConfig).to_value();
    if let Some(object) = schema.as_object_mut() {
        object.insert("title".to_owned(), "edge.toml".into());
    }
    schema
}
