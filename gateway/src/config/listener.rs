//! Listeners of `gateway.toml`: where clients connect.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ListenerLimitsConfig, ListenerTlsConfig};

/// A socket that clients connect to: HTTP/1.1 and HTTP/2, by TLS or in clear text (then HTTP/2 with prior knowledge).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListenerConfig {
    /// IP address and port, such as `127.0.0.1:8080` or `[::]:8080`. Port 0 takes a free one.
    pub address: String,
    /// The API that `http://host/{stage}/{path}` means here. Absent: only addresses that name an API are answered.
    #[serde(default)]
    pub default_api: Option<String>,
    /// The VPC endpoint that resource policies take this listener for (`aws:SourceVpce`), such as `vpce-0a1b2c3d`. Absent:
    /// none.
    #[serde(default)]
    pub vpce: Option<String>,
    /// Connections open at once; more wait to be accepted. A change takes effect at a restart.
    #[serde(default = "default_max_connections")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub max_connections: u32,
    /// Limits of connections and of the time that clients have.
    #[serde(default)]
    pub limits: ListenerLimitsConfig,
    /// TLS. Absent: clear text.
    #[serde(default)]
    pub tls: Option<ListenerTlsConfig>,
}

impl ListenerConfig {
    /// What its URLs begin with.
    pub fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }
}

fn default_max_connections() -> u32 {
    10_000
}
