//! Settings of the whole API.

use serde::{Deserialize, Serialize};

/// Where callers' API keys are (`apiKeySource`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ApiKeySource {
    /// In `X-API-Key`.
    Header,
    /// In what the method's custom authorizer answers.
    Authorizer,
}

impl ApiKeySource {
    /// AWS's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Header => "HEADER",
            Self::Authorizer => "AUTHORIZER",
        }
    }

    /// The source of that name, in any case.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Header, Self::Authorizer]
            .into_iter()
            .find(|source| source.name().eq_ignore_ascii_case(name))
    }
}

/// How an API is reached (<https://docs.aws.amazon.com/apigateway/latest/api/API_EndpointConfiguration.html>).
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct EndpointConfiguration {
    /// `EDGE`, `REGIONAL` or `PRIVATE`; one at the most.
    pub types: Vec<String>,
    /// `ipv4` or `dualstack`.
    pub ip_address_type: Option<String>,
    /// Through which a private API is reached.
    pub vpc_endpoint_ids: Vec<String>,
    /// Whether it is reached by custom domain names only; not where absent.
    pub disable_execute_api_endpoint: Option<bool>,
}
