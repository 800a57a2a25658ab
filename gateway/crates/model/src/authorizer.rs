//! Who may call a method, and what decides it.

use serde::{Deserialize, Serialize};

use crate::{Extensions, FunctionName};

/// Who may call a method (`authorizationType` and `authorizerId`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Authorization {
    /// Everybody.
    #[default]
    None,
    /// `AWS_IAM`: whoever signs with a key that a policy lets in.
    Iam,
    /// Who the named custom authorizer of the API lets in.
    Custom {
        /// The authorizer's name.
        authorizer: String,
    },
    /// `COGNITO_USER_POOLS`: who has a token of the named authorizer's user pools.
    Cognito {
        /// The authorizer's name.
        authorizer: String,
    },
    /// Something that API Gateway does not have, such as a choice of OAuth scopes: nobody is let in.
    Unknown {
        /// What the document says, as the JSON text of a `security`.
        security: String,
    },
}

/// An authorizer (<https://docs.aws.amazon.com/apigateway/latest/api/API_Authorizer.html>).
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Authorizer {
    /// Where it is in its document.
    pub pointer: String,
    /// What it is given.
    pub kind: AuthorizerKind,
    /// The plugin of world `authorizer` that decides; or, where `uri` is a function's ARN, the function's name, which a
    /// plugin may have.
    pub plugin: Option<String>,
    /// What decides, as it was said (`authorizerUri`).
    pub uri: Option<String>,
    /// The role that asks it (`authorizerCredentials`).
    pub credentials: Option<String>,
    /// For people and for imports (`authType`), where it is not the kind's own.
    pub auth_type: Option<String>,
    /// The user pools of a `COGNITO_USER_POOLS` authorizer.
    pub provider_arns: Vec<String>,
    /// What a `JWT` authorizer wants of a token, as JSON text (`jwtConfiguration`).
    pub jwt_configuration: Option<String>,
    /// Where the caller's identity is. A TOKEN authorizer has exactly one, a header.
    pub identity_sources: Vec<IdentitySource>,
    /// A regular expression that the whole token must match (TOKEN only).
    pub identity_validation_expression: Option<String>,
    /// What a function is passed (`authorizerPayloadFormatVersion`, REQUEST only).
    pub payload_format: PayloadFormat,
    /// Whether a function answers yes or no instead of a policy (`enableSimpleResponses`, with format 2.0 only).
    pub simple_responses: bool,
    /// How long a decision may be kept, in seconds; 300 where absent. With 0 the identity sources of a REQUEST
    /// authorizer are optional.
    pub result_ttl_in_seconds: Option<u32>,
    /// Vendor extensions of its security scheme that nobody here knows.
    pub extensions: Extensions,
}

impl Authorizer {
    /// How a URI names a plugin.
    pub const PLUGIN: &'static str = "portcullis:plugin:";

    /// The plugin of `portcullis:plugin:NAME`, or of a Lambda function's ARN, whose name it then has.
    pub fn plugin_of(uri: &str) -> Option<&str> {
        if let Some(name) = uri.strip_prefix(Self::PLUGIN) {
            return Some(name).filter(|name| !name.is_empty());
        }
        let (_, rest) = uri.split_once(":function:")?;
        let name = rest.strip_suffix("/invocations").unwrap_or(rest);
        // An alias or a version may follow.
        let name = name.split(':').next().unwrap_or_default();
        Some(name).filter(|name| !name.is_empty())
    }

    /// How the Lambda function is named that decides, where a function may: a plugin that is named beside it goes first.
    pub fn function(&self) -> Option<&str> {
        let uri = self.uri.as_deref()?;
        let asks = matches!(self.kind, AuthorizerKind::Token | AuthorizerKind::Request);
        let instead = self.plugin.is_some() && self.plugin.as_deref() != Self::plugin_of(uri);
        (asks && !instead && FunctionName::parse(uri).is_some()).then_some(uri)
    }
}

/// What a function is passed of a request
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html>).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PayloadFormat {
    /// `1.0`, as REST APIs have it.
    #[default]
    V1,
    /// `2.0`, as HTTP APIs have it beside.
    V2,
}

impl PayloadFormat {
    /// AWS's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::V1 => "1.0",
            Self::V2 => "2.0",
        }
    }

    /// The format of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::V1, Self::V2]
            .into_iter()
            .find(|format| format.name() == name)
    }
}

/// The types of authorizer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AuthorizerKind {
    /// Decides by a token in one header.
    #[default]
    Token,
    /// Decides by the request's parameters.
    Request,
    /// `COGNITO_USER_POOLS`: a token of a user pool, in one header.
    Cognito,
    /// A token of any issuer.
    Jwt,
}

impl AuthorizerKind {
    /// AWS's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Token => "TOKEN",
            Self::Request => "REQUEST",
            Self::Cognito => "COGNITO_USER_POOLS",
            Self::Jwt => "JWT",
        }
    }

    /// What its `authType` is where nothing else is said.
    pub const fn auth_type(self) -> &'static str {
        match self {
            Self::Token | Self::Request => "custom",
            Self::Cognito => "cognito_user_pools",
            Self::Jwt => "jwt",
        }
    }

    /// The type of that name, in any case.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Token, Self::Request, Self::Cognito, Self::Jwt]
            .into_iter()
            .find(|kind| kind.name().eq_ignore_ascii_case(name))
    }
}

/// A place where a caller's identity is looked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum IdentitySource {
    /// `method.request.header.NAME`
    Header(String),
    /// `method.request.querystring.NAME`
    QueryString(String),
    /// `stageVariables.NAME`
    StageVariable(String),
    /// `context.NAME`
    Context(String),
}

impl IdentitySource {
    /// The place that a text names; `None` where it is none.
    pub fn parse(text: &str) -> Option<Self> {
        type Make = fn(String) -> IdentitySource;
        const KINDS: [(&str, Make); 6] = [
            (HEADER, IdentitySource::Header),
            (QUERY_STRING, IdentitySource::QueryString),
            (STAGE_VARIABLE, IdentitySource::StageVariable),
            (CONTEXT, IdentitySource::Context),
            // As HTTP APIs write them.
            ("$request.header.", IdentitySource::Header),
            ("$request.querystring.", IdentitySource::QueryString),
        ];
        KINDS.into_iter().find_map(|(prefix, make)| {
            let name = text.strip_prefix(prefix)?;
            (!name.is_empty() && !name.contains(char::is_whitespace)).then(|| make(name.to_owned()))
        })
    }
}

const HEADER: &str = "method.request.header.";
const QUERY_STRING: &str = "method.request.querystring.";
const STAGE_VARIABLE: &str = "stageVariables.";
const CONTEXT: &str = "context.";

/// As API Gateway writes it.
impl std::fmt::Display for IdentitySource {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (prefix, name) = match self {
            Self::Header(name) => (HEADER, name),
            Self::QueryString(name) => (QUERY_STRING, name),
            Self::StageVariable(name) => (STAGE_VARIABLE, name),
            Self::Context(name) => (CONTEXT, name),
        };
        write!(out, "{prefix}{name}")
    }
}
