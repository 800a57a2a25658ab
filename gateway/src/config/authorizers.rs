//! The authorizers of an API without a document.

use portcullis_document::{Document, Problem, pointer};
use portcullis_model::FunctionName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::lambda::HINT;
use super::{ApiConfig, TrustedIssuerConfig};

/// An authorizer. Of `token` and `request` exactly one of `plugin` and `function` says who decides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum AuthorizerConfig {
    /// Decides by a token in one header.
    Token {
        /// A plugin of world `authorizer`, by its name under `plugins`.
        #[serde(default)]
        plugin: Option<String>,
        /// A Lambda function, by its name or its ARN, an alias or a version behind it. `lambda` says where it runs.
        #[serde(default)]
        function: Option<String>,
        /// The header with the token.
        #[serde(default = "authorization")]
        header: String,
        /// A regular expression that the whole token must match; others get 401 without a call.
        #[serde(default)]
        pattern: Option<String>,
        /// For how many seconds a decision about a token is kept. 0: who decides is asked for every request.
        #[serde(default)]
        #[schemars(range(min = 0, max = 3600))]
        ttl_seconds: u32,
    },
    /// Decides by the request.
    Request {
        /// A plugin of world `authorizer`, by its name under `plugins`.
        #[serde(default)]
        plugin: Option<String>,
        /// A Lambda function, by its name or its ARN, an alias or a version behind it. `lambda` says where it runs.
        #[serde(default)]
        function: Option<String>,
        /// What a function is passed: `1.0` as authorizers of REST APIs are, `2.0` as those of HTTP APIs.
        #[serde(default)]
        payload_format_version: PayloadFormatConfig,
        /// Whether a function answers `{"isAuthorized": true}` instead of a policy; with payload format 2.0.
        #[serde(default)]
        simple_responses: bool,
        /// What tells callers apart, such as `method.request.header.X-Key`, `method.request.querystring.key`,
        /// `stageVariables.name` or `context.identity.sourceIp`. One that is absent or empty gets 401 without a call.
        #[serde(default)]
        identity_sources: Vec<String>,
        /// For how many seconds a decision is kept about requests with the same identity sources, of which there must be one
        /// then. 0: who decides is asked for every request, and no identity source must be there.
        #[serde(default)]
        #[schemars(range(min = 0, max = 3600))]
        ttl_seconds: u32,
    },
    /// Verifies tokens of Cognito's user pools.
    CognitoUserPools {
        /// User pools, as `arn:aws:cognito-idp:REGION:ACCOUNT:userpool/ID`. Where their keys are can be said under `issuers`
        /// by the name `https://cognito-idp.REGION.amazonaws.com/ID`.
        provider_arns: Vec<String>,
        /// The header with the token, with or without `Bearer`.
        #[serde(default = "authorization")]
        header: String,
        /// A regular expression that the whole audience of a token must match.
        #[serde(default)]
        audience_pattern: Option<String>,
    },
    /// Verifies tokens of any issuer.
    Jwt {
        /// Whose tokens count.
        issuers: Vec<TrustedIssuerConfig>,
        /// By what they may be signed: RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512 or EdDSA.
        #[serde(default = "rs256")]
        algorithms: Vec<String>,
        /// The header with the token, with or without `Bearer`.
        #[serde(default = "authorization")]
        header: String,
    },
}

impl AuthorizerConfig {
    /// The plugin and the function, one of which decides; nothing of those that verify tokens themselves.
    pub(super) fn decides(&self) -> Option<(Option<&str>, Option<&str>)> {
        match self {
            Self::Token { plugin, function, .. } | Self::Request { plugin, function, .. } => {
                Some((plugin.as_deref(), function.as_deref()))
            }
            Self::CognitoUserPools { .. } | Self::Jwt { .. } => None,
        }
    }
}

/// What a function is passed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum PayloadFormatConfig {
    /// As authorizers of REST APIs are passed.
    #[default]
    #[serde(rename = "1.0")]
    V1,
    /// As authorizers of HTTP APIs are passed.
    #[serde(rename = "2.0")]
    V2,
}

fn rs256() -> Vec<String> {
    vec!["RS256".to_owned()]
}

fn authorization() -> String {
    "Authorization".to_owned()
}

/// Every breach of a rule.
pub(super) fn check(document: &Document, at: &str, api: &ApiConfig, problems: &mut Vec<Problem>) {
    for (name, authorizer) in &api.authorizers {
        let at = format!("{at}{}", pointer(["authorizers", name]));
        let Some((plugin, function)) = authorizer.decides() else {
            continue;
        };
        if plugin.is_some() == function.is_some() {
            let message = format!("the authorizer `{name}` needs exactly one of plugin and function");
            problems.push(document.error("authorizer-decides", &at, message));
        }
        if let Some(function) = function.filter(|function| FunctionName::parse(function).is_none()) {
            let message = format!("`{function}` names no Lambda function");
            let problem = document.error("bad-function", &format!("{at}/function"), message);
            problems.push(problem.hint(HINT));
        }
        payload(document, &at, authorizer, problems);
    }
}

fn payload(document: &Document, at: &str, authorizer: &AuthorizerConfig, problems: &mut Vec<Problem>) {
    let AuthorizerConfig::Request {
        function,
        payload_format_version,
        simple_responses,
        ..
    } = authorizer
    else {
        return;
    };
    let is_v2 = *payload_format_version == PayloadFormatConfig::V2;
    let (key, message) = match (function, is_v2, simple_responses) {
        (None, true, _) => (
            "payload_format_version",
            "plugins have one form of request: a payload format is for functions",
        ),
        (_, false, true) => (
            "simple_responses",
            "simple responses are those of payload_format_version = \"2.0\"",
        ),
        _ => return,
    };
    problems.push(document.error("authorizer-payload", &format!("{at}/{key}"), message));
}
