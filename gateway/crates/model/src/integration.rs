//! Integrations: what answers a method.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Extensions, PayloadFormat};

/// What answers a method (<https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html>).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Integration {
    /// Where it is in its document.
    pub pointer: String,
    /// What kind of backend, with what only that kind has.
    pub target: Target,
    /// How long to wait for the backend's response to begin, in milliseconds; 29,000 where absent.
    pub timeout_in_millis: Option<u32>,
    /// From `integration.request.{path,querystring,header}.NAME` to where its value comes from.
    pub request_parameters: BTreeMap<String, String>,
    /// Mapping templates by the content type of the request, in the document's order.
    pub request_templates: Vec<(String, String)>,
    /// The plugin of world `mapping-template` that renders its templates; `vtl` where absent.
    pub template_engine: Option<String>,
    /// What becomes of a body that no request template is for.
    pub passthrough_behavior: PassthroughBehavior,
    /// How the request's body is turned; as it is where absent.
    pub content_handling: Option<ContentHandling>,
    /// The name under which responses are cached; the resource's where absent.
    pub cache_namespace: Option<String>,
    /// What of the request tells cached responses apart, such as `method.request.querystring.page`.
    pub cache_key_parameters: Vec<String>,
    /// How they are kept beyond what API Gateway has.
    pub cache_rules: CacheRules,
    /// Which responses are made of the backend's, in the document's order.
    pub responses: Vec<IntegrationResponse>,
    /// The role, or `arn:aws:iam::*:user/*` for the caller's own, that calls the backend.
    pub credentials: Option<String>,
    /// The load balancer or listener that a VPC link leads to.
    pub integration_target: Option<String>,
    /// `BUFFERED` or `STREAM`; the first where absent.
    pub response_transfer_mode: Option<String>,
    /// What a Lambda function is passed by `AWS_PROXY`.
    pub payload_format: PayloadFormat,
    /// Vendor extensions of the integration that nobody here knows.
    pub extensions: Extensions,
}

impl Integration {
    /// An integration with a target and nothing else.
    pub fn of(pointer: impl Into<String>, target: Target) -> Self {
        Self {
            pointer: pointer.into(),
            target,
            timeout_in_millis: None,
            request_parameters: BTreeMap::new(),
            request_templates: Vec::new(),
            template_engine: None,
            passthrough_behavior: PassthroughBehavior::default(),
            content_handling: None,
            cache_namespace: None,
            cache_key_parameters: Vec::new(),
            cache_rules: CacheRules::default(),
            responses: Vec::new(),
            credentials: None,
            integration_target: None,
            response_transfer_mode: None,
            payload_format: PayloadFormat::V1,
            extensions: Extensions::new(),
        }
    }
}

/// How responses are kept that are cached, beyond what API Gateway has; as there where nothing is set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CacheRules {
    /// Seconds after its time in which a response still answers, while a new one is fetched.
    pub stale_while_revalidate: u32,
    /// Seconds after its time in which a response still answers where the backend fails.
    pub stale_if_error: u32,
    /// Whether the backend's `Cache-Control` says what is kept, and for how long.
    pub respect_cache_control: bool,
}

impl CacheRules {
    /// The longest that a response may be used after its time, in seconds: a day.
    pub const LONGEST: u32 = 86_400;
}

/// The backend of an integration.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Target {
    /// `HTTP_PROXY`: the request is passed to an HTTP endpoint as it is, and its response comes back as it is.
    HttpProxy(HttpTarget),
    /// `HTTP`: request and response are made by mappings.
    Http(HttpTarget),
    /// `AWS_PROXY`: the request as an event to a Lambda function, whose answer is the response.
    AwsProxy(AwsTarget),
    /// `AWS`: an action of an AWS service, with request and response made by mappings.
    Aws(AwsTarget),
    /// `MOCK`: answered here.
    Mock,
    /// Answered by a plugin of world `integration`.
    Plugin {
        /// The plugin's configured name. May hold `${stageVariables.name}`.
        plugin: String,
    },
    /// What a gateway does not run. Its method answers 500, and the others are served.
    Unsupported {
        /// What it is, for people.
        what: String,
    },
}

/// An HTTP endpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct HttpTarget {
    /// May hold `{name}` and `${stageVariables.name}`.
    pub uri: String,
    /// The verb to use towards the backend; `None` or `ANY`: the client's own.
    pub http_method: Option<String>,
    /// How it is reached.
    pub connection: Connection,
    /// Whether a certificate is accepted that no known authority has signed
    /// (`tlsConfig.insecureSkipVerification`).
    pub insecure_skip_verification: bool,
    /// The name of a bundle of certificate authorities that are trusted beside the system's.
    pub trust_bundle: Option<String>,
}

/// An AWS service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AwsTarget {
    /// `arn:aws:apigateway:{region}:{service}:{action|path}/…`. May hold `{name}` and `${stageVariables.name}`.
    pub uri: String,
    /// The verb of the call; `None` or `ANY`: the client's own.
    pub http_method: Option<String>,
    /// How it is reached.
    pub connection: Connection,
    /// Whether a certificate is accepted that no known authority has signed.
    pub insecure_skip_verification: bool,
}

/// How an endpoint is reached (`connectionType` and `connectionId`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Connection {
    /// By the address in its URI.
    #[default]
    Internet,
    /// Through a named private upstream, whatever host the URI names.
    VpcLink {
        /// The name of the private upstream. May hold `${stageVariables.name}`.
        id: String,
    },
}

/// What becomes of a body that no request template is for
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/integration-passthrough-behaviors.html>).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PassthroughBehavior {
    /// It passes as it is.
    #[default]
    WhenNoMatch,
    /// It passes as it is where there are no templates at all, else 415.
    WhenNoTemplates,
    /// 415.
    Never,
}

/// How a body is turned (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings-workflow.html>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ContentHandling {
    /// Text in base64 to the bytes that it means.
    ConvertToBinary,
    /// Bytes to base64.
    ConvertToText,
}

/// What is made of some of a backend's responses
/// (<https://docs.aws.amazon.com/apigateway/latest/api/API_IntegrationResponse.html>).
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct IntegrationResponse {
    /// Where it is in its document.
    pub pointer: String,
    /// The status that the client gets.
    pub status_code: String,
    /// A regular expression that the backend's status must match whole; the default response where absent.
    pub selection_pattern: Option<String>,
    /// From `method.response.header.NAME` to where its value comes from.
    pub response_parameters: BTreeMap<String, String>,
    /// Mapping templates by the content type of the backend's response, in the document's order.
    pub response_templates: Vec<(String, String)>,
    /// How the response's body is turned; as it is where absent.
    pub content_handling: Option<ContentHandling>,
}
