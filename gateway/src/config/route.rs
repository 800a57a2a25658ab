//! Routes of an API without a document.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{PayloadFormatConfig, RouteCacheConfig};

/// A route of an API without a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RouteConfig {
    /// Such as `/pets`, `/pets/{id}` or `/files/{proxy+}`.
    pub path: String,
    /// A verb in upper case, or `ANY`.
    #[serde(default = "any")]
    pub method: String,
    /// One of the API's authorizers. Absent: everybody may call.
    #[serde(default)]
    pub authorizer: Option<String>,
    /// Of which a caller's token must have one, where the authorizer verifies tokens. With `cognito_user_pools` an access
    /// token is wanted then, without any an ID token.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// `AWS_IAM`: whoever signs with an access key whose policy lets it. Absent: as `authorizer` says.
    #[serde(default)]
    pub authorization: Option<AuthorizationConfig>,
    /// Only callers with an API key of a usage plan that has the stage.
    #[serde(default)]
    pub api_key_required: bool,
    /// How its responses are told apart and kept, where the stage caches them.
    #[serde(default)]
    pub cache: RouteCacheConfig,
    /// What answers.
    pub integration: IntegrationConfig,
}

/// Who may call a route, where it is no authorizer that decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum AuthorizationConfig {
    /// Whoever signs (SigV4, service `execute-api`) with a key of `portcullis keys` whose policy lets it.
    #[serde(rename = "AWS_IAM")]
    AwsIam,
}

/// What answers a route.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum IntegrationConfig {
    /// The gateway itself, with a status.
    Mock {
        /// 200 to 599.
        #[serde(default = "ok")]
        #[schemars(range(min = 200, max = 599))]
        status: u16,
        /// Headers of the response, from name to a text in single quotes, `context.…` or `stageVariables.…`.
        #[serde(default)]
        headers: BTreeMap<String, String>,
        /// A mapping template for the body of the response. Absent: no body.
        #[serde(default)]
        template: Option<String>,
    },
    /// An HTTP endpoint, which gets the request as it is.
    HttpProxy {
        /// May hold `{name}` for path parameters and `${stageVariables.name}`.
        uri: String,
        /// The verb towards the endpoint. Absent: the client's.
        #[serde(default)]
        http_method: Option<String>,
        /// From `integration.request.{path,querystring,header}.NAME` to where its value comes from.
        #[serde(default)]
        parameters: BTreeMap<String, String>,
        /// One of `vpc_links`: the private upstream that is asked, whatever host `uri` names.
        #[serde(default)]
        vpc_link: Option<String>,
        /// One of `trust_bundles`, for an `https` endpoint.
        #[serde(default)]
        trust_bundle: Option<String>,
        /// Accept certificates that no known authority has signed.
        #[serde(default)]
        insecure_skip_verification: bool,
        /// Milliseconds until the response must begin.
        #[serde(default = "default_timeout")]
        #[schemars(range(min = 50, max = 300_000))]
        timeout_ms: u32,
    },
    /// A Lambda function, which gets the request as an event, and whose answer is the response (`AWS_PROXY`).
    Lambda {
        /// Its name or its ARN, an alias or a version behind it. May hold `${stageVariables.name}`. A plugin of world `function`
        /// of that name runs it, or what `lambda` says.
        function: String,
        /// What it is passed: `1.0` as functions of REST APIs are, `2.0` as those of HTTP APIs.
        #[serde(default)]
        payload_format_version: PayloadFormatConfig,
        /// Whether its answer is sent on as it comes (`responseTransferMode: STREAM`): the function then writes the metadata of
        /// its response, eight bytes of zero, and the body.
        #[serde(default)]
        stream: bool,
        /// Milliseconds until the answer must be there, or begin where it streams.
        #[serde(default = "default_timeout")]
        #[schemars(range(min = 50, max = 900_000))]
        timeout_ms: u32,
    },
    /// A plugin of world `integration`, or a standard component of `wasi:http`.
    Plugin {
        /// Its name under `plugins`.
        plugin: String,
        /// Milliseconds until the response must be there.
        #[serde(default = "default_timeout")]
        #[schemars(range(min = 50, max = 300_000))]
        timeout_ms: u32,
    },
}

fn any() -> String {
    "ANY".to_owned()
}

fn ok() -> u16 {
    200
}

fn default_timeout() -> u32 {
    29_000
}
