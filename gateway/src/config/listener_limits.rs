//! Limits of a listener's connections in `gateway.toml`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a listener allows its clients. A change is for the connections to come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ListenerLimitsConfig {
    /// Seconds that the head of a request may take, from its first byte to its last.
    #[schemars(range(min = 1, max = 3_600))]
    pub header_timeout_s: u32,
    /// Seconds that a connection may be open without a request.
    #[schemars(range(min = 1, max = 86_400))]
    pub idle_timeout_s: u32,
    /// Seconds that the body of a request may be waited for. Waiting uses them up, and bytes earn them back at `min_rate`.
    #[schemars(range(min = 1, max = 3_600))]
    pub body_timeout_s: u32,
    /// Seconds that a client may be waited for that does not take its response, counted in the same way.
    #[schemars(range(min = 1, max = 3_600))]
    pub write_timeout_s: u32,
    /// Bytes a second that a body must come with, and a response be taken with, in the long run. 0: any byte ends a silence.
    #[schemars(range(min = 0, max = 1_048_576))]
    pub min_rate: u32,
    /// Connections open at once of one address: of IPv6 a network of 64 bits. More are closed at once.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub max_connections_per_address: u32,
    /// Seconds after which a connection ends: its requests are answered first. 0: never.
    #[schemars(range(min = 0, max = 31_536_000))]
    pub max_connection_age_s: u32,
    /// Requests after which a connection ends. Absent: as many as come.
    #[schemars(range(min = 1, max = 2_147_483_647))]
    pub max_requests_per_connection: Option<u32>,
    /// Requests at once on one connection of HTTP/2.
    #[schemars(range(min = 1, max = 1_000))]
    pub max_streams: u32,
}

impl Default for ListenerLimitsConfig {
    fn default() -> Self {
        Self {
            header_timeout_s: 20,
            idle_timeout_s: 30,
            body_timeout_s: 30,
            write_timeout_s: 20,
            min_rate: 128,
            max_connections_per_address: 1_000,
            max_connection_age_s: 3_600,
            max_requests_per_connection: None,
            max_streams: 128,
        }
    }
}
