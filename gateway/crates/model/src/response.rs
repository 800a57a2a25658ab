//! Responses: what a method declares, and what the gateway itself answers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Extensions;

/// A response that a method declares (<https://docs.aws.amazon.com/apigateway/latest/api/API_MethodResponse.html>).
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MethodResponse {
    /// Where it is in its document.
    pub pointer: String,
    /// From `method.response.header.NAME` to whether it is always there.
    pub response_parameters: BTreeMap<String, bool>,
    /// From a content type to the name of the model of such bodies.
    pub response_models: BTreeMap<String, String>,
    /// Vendor extensions of the response that nobody here knows.
    pub extensions: Extensions,
}

/// What the gateway answers instead of its own words
/// (<https://docs.aws.amazon.com/apigateway/latest/api/API_GatewayResponse.html>).
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct GatewayResponse {
    /// Where it is in its document.
    pub pointer: String,
    /// Another status.
    pub status_code: Option<String>,
    /// From `gatewayresponse.header.NAME` to where its value comes from.
    pub response_parameters: BTreeMap<String, String>,
    /// Bodies by content type, in the document's order, with `$context` variables.
    pub response_templates: Vec<(String, String)>,
}

/// The kinds of responses that the gateway itself gives
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ResponseType {
    /// `ACCESS_DENIED`: An authorizer, or a policy, says no.
    AccessDenied,
    /// `API_CONFIGURATION_ERROR`: The API is configured in a way that cannot work.
    ApiConfigurationError,
    /// `AUTHORIZER_CONFIGURATION_ERROR`: An authorizer answers what cannot be used.
    AuthorizerConfigurationError,
    /// `AUTHORIZER_FAILURE`: An authorizer cannot be asked.
    AuthorizerFailure,
    /// `BAD_REQUEST_BODY`: The body does not have the form of the method's model.
    BadRequestBody,
    /// `BAD_REQUEST_PARAMETERS`: A required parameter is missing.
    BadRequestParameters,
    /// `DEFAULT_4XX`: What a type of a 4XX status has where it is not customised itself.
    Default4xx,
    /// `DEFAULT_5XX`: What a type of a 5XX status has where it is not customised itself.
    Default5xx,
    /// `EXPIRED_TOKEN`: A token has expired.
    ExpiredToken,
    /// `INTEGRATION_FAILURE`: The backend cannot be called.
    IntegrationFailure,
    /// `INTEGRATION_TIMEOUT`: The backend takes too long.
    IntegrationTimeout,
    /// `INVALID_API_KEY`: The API key is missing or unknown.
    InvalidApiKey,
    /// `INVALID_SIGNATURE`: A signature is wrong.
    InvalidSignature,
    /// `MISSING_AUTHENTICATION_TOKEN`: No such resource, or not with that verb.
    MissingAuthenticationToken,
    /// `QUOTA_EXCEEDED`: A usage plan's quota is used up.
    QuotaExceeded,
    /// `REQUEST_TOO_LARGE`: The body is too large.
    RequestTooLarge,
    /// `RESOURCE_NOT_FOUND`: No such resource, where who calls is known.
    ResourceNotFound,
    /// `THROTTLED`: Too many requests.
    Throttled,
    /// `UNAUTHORIZED`: Who calls is not known.
    Unauthorized,
    /// `UNSUPPORTED_MEDIA_TYPE`: No template is for the body's content type.
    UnsupportedMediaType,
    /// `WAF_FILTERED`: A filter blocks the request.
    WafFiltered,
}

impl ResponseType {
    /// Every one, in the order of their names.
    pub const ALL: [Self; 21] = [
        Self::AccessDenied,
        Self::ApiConfigurationError,
        Self::AuthorizerConfigurationError,
        Self::AuthorizerFailure,
        Self::BadRequestBody,
        Self::BadRequestParameters,
        Self::Default4xx,
        Self::Default5xx,
        Self::ExpiredToken,
        Self::IntegrationFailure,
        Self::IntegrationTimeout,
        Self::InvalidApiKey,
        Self::InvalidSignature,
        Self::MissingAuthenticationToken,
        Self::QuotaExceeded,
        Self::RequestTooLarge,
        Self::ResourceNotFound,
        Self::Throttled,
        Self::Unauthorized,
        Self::UnsupportedMediaType,
        Self::WafFiltered,
    ];

    /// AWS's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccessDenied => "ACCESS_DENIED",
            Self::ApiConfigurationError => "API_CONFIGURATION_ERROR",
            Self::AuthorizerConfigurationError => "AUTHORIZER_CONFIGURATION_ERROR",
            Self::AuthorizerFailure => "AUTHORIZER_FAILURE",
            Self::BadRequestBody => "BAD_REQUEST_BODY",
            Self::BadRequestParameters => "BAD_REQUEST_PARAMETERS",
            Self::Default4xx => "DEFAULT_4XX",
            Self::Default5xx => "DEFAULT_5XX",
            Self::ExpiredToken => "EXPIRED_TOKEN",
            Self::IntegrationFailure => "INTEGRATION_FAILURE",
            Self::IntegrationTimeout => "INTEGRATION_TIMEOUT",
            Self::InvalidApiKey => "INVALID_API_KEY",
            Self::InvalidSignature => "INVALID_SIGNATURE",
            Self::MissingAuthenticationToken => "MISSING_AUTHENTICATION_TOKEN",
            Self::QuotaExceeded => "QUOTA_EXCEEDED",
            Self::RequestTooLarge => "REQUEST_TOO_LARGE",
            Self::ResourceNotFound => "RESOURCE_NOT_FOUND",
            Self::Throttled => "THROTTLED",
            Self::Unauthorized => "UNAUTHORIZED",
            Self::UnsupportedMediaType => "UNSUPPORTED_MEDIA_TYPE",
            Self::WafFiltered => "WAF_FILTERED",
        }
    }

    /// The type of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Cross-origin rules in one place, where API Gateway needs an OPTIONS method for each resource and a header in each
/// response.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Cors {
    /// Where they are in their document.
    pub pointer: String,
    /// Origins such as `https://example.com`, or `*`.
    pub allow_origins: Vec<String>,
    /// Verbs; those of the resource where empty.
    pub allow_methods: Vec<String>,
    /// Request headers, or `*`; those that API Gateway's console writes where empty.
    pub allow_headers: Vec<String>,
    /// Response headers that a page may read.
    pub expose_headers: Vec<String>,
    /// Whether cookies and the like may be sent. Not with the origin `*`.
    pub allow_credentials: bool,
    /// For how many seconds a browser may keep the answer to a preflight.
    pub max_age: Option<u32>,
}
