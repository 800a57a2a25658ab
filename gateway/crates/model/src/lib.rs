//! The model of an API: API Gateway's nouns as plain data, as a person or an import says them.
//!
//! It is read from files or written by a control plane and never seen by a request: the compiler turns it into a
//! plan first. Nothing here checks anything; [`RestApi`] is the one type to start with.
//!
//! It holds everything that API Gateway's imports and exports carry, whether a gateway acts on it or not; the compiler
//! closes what the gateway cannot do. Every part that a problem may be about carries `pointer`, a JSON pointer into the
//! document it came from.

#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod authorizer;
mod aws;
mod documentation;
mod domain;
mod function;
#[cfg(feature = "generate")]
mod generate;
mod integration;
mod place;
mod response;
pub mod routing;
mod security_policy;
mod settings;
mod stage;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use authorizer::{Authorization, Authorizer, AuthorizerKind, IdentitySource, PayloadFormat};
pub use aws::{AwsCall, AwsUri};
pub use documentation::{Documentation, DocumentationLocation, DocumentationPart};
pub use domain::is_domain_name;
pub use function::FunctionName;
#[cfg(feature = "generate")]
pub use generate::generated;
pub use integration::{
    AwsTarget, CacheRules, Connection, ContentHandling, HttpTarget, Integration, IntegrationResponse,
    PassthroughBehavior, Target,
};
pub use response::{Cors, GatewayResponse, MethodResponse, ResponseType};
pub use security_policy::{NoPolicy, SecurityPolicy};
pub use settings::{ApiKeySource, EndpointConfiguration};
pub use stage::{AccessLog, Canary, MethodSetting, Stage};

/// Vendor extensions (`x-…`) by name, as JSON text: kept to be written back.
pub type Extensions = BTreeMap<String, String>;

/// A REST API: its resources and what its methods name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RestApi {
    /// The identifier in URLs and ARNs. An API from a file has its configured name as its id.
    pub id: String,
    /// The name for people.
    pub name: String,
    /// For people.
    pub description: Option<String>,
    /// The version that its document says (`info.version`).
    pub version: Option<String>,
    /// Where callers' API keys are.
    pub api_key_source: Option<ApiKeySource>,
    /// How it is reached.
    pub endpoint: EndpointConfiguration,
    /// What TLS its own domain name demands (`TLS_1_0`, `TLS_1_2`, `SecurityPolicy_…`).
    pub security_policy: Option<String>,
    /// How strictly its endpoint is to be reached (`BASIC`, `STRICT`).
    pub endpoint_access_mode: Option<String>,
    /// The resource policy, as JSON text.
    pub policy: Option<String>,
    /// For people and bills.
    pub tags: BTreeMap<String, String>,
    /// What is said of its parts.
    pub documentation: Documentation,
    /// Security schemes of its document that are no authorizers of API Gateway, in the form of OpenAPI 3 as JSON text by
    /// name.
    pub security_schemes: BTreeMap<String, String>,
    /// Vendor extensions of its document that nobody here knows.
    pub extensions: Extensions,
    /// In the document's order; paths are unique.
    pub resources: Vec<Resource>,
    /// By name.
    pub authorizers: BTreeMap<String, Authorizer>,
    /// By name.
    pub models: BTreeMap<String, Model>,
    /// By name.
    pub request_validators: BTreeMap<String, RequestValidator>,
    /// What is customised; the others are answered as API Gateway does.
    pub gateway_responses: BTreeMap<ResponseType, GatewayResponse>,
    /// Media types of bodies that are bytes, not text, such as `image/png`, `image/*` or `*/*`.
    pub binary_media_types: Vec<String>,
    /// Responses of at least so many bytes are compressed for clients that accept it, and compressed requests are
    /// decoded; never where absent.
    pub minimum_compression_size: Option<u32>,
    /// Cross-origin rules that the gateway itself keeps; none where absent.
    pub cors: Option<Cors>,
}

impl RestApi {
    /// Bytes of the largest resource policy
    /// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html>).
    pub const LARGEST_POLICY: usize = 8_192;
}

/// The form of a body (<https://docs.aws.amazon.com/apigateway/latest/api/API_Model.html>).
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Model {
    /// Where it is in its document.
    pub pointer: String,
    /// For people.
    pub description: Option<String>,
    /// Of the bodies that have this form.
    pub content_type: String,
    /// A JSON Schema of draft 4, as JSON text. It may name other models, as
    /// `https://apigateway.amazonaws.com/restapis/{id}/models/{name}`, `#/definitions/{name}` or
    /// `#/components/schemas/{name}`.
    pub schema: String,
}

/// What is checked of a request before its integration is called
/// (<https://docs.aws.amazon.com/apigateway/latest/api/API_RequestValidator.html>).
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RequestValidator {
    /// Where it is in its document.
    pub pointer: String,
    /// The body, by the method's models.
    pub validate_request_body: bool,
    /// That the method's required parameters are there.
    pub validate_request_parameters: bool,
}

/// A path and its methods.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Resource {
    /// Where it is in its document.
    pub pointer: String,
    /// The full path, such as `/pets/{petId}` or `/files/{proxy+}`.
    pub path: String,
    /// By verb in upper case; `ANY` answers every verb that has no method of its own.
    pub methods: BTreeMap<String, Method>,
    /// Vendor extensions of the path that nobody here knows.
    pub extensions: Extensions,
}

/// What one verb of a resource does.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Method {
    /// Where it is in its document.
    pub pointer: String,
    /// Who may call it.
    pub authorization: Authorization,
    /// Of which a caller's token must have one (`authorizationScopes`).
    pub authorization_scopes: Vec<String>,
    /// Whether the caller must show an API key.
    pub api_key_required: bool,
    /// Its name in SDKs (`operationId`).
    pub operation_name: Option<String>,
    /// From `method.request.{path,querystring,header}.NAME` to whether the request must have it.
    pub request_parameters: BTreeMap<String, bool>,
    /// From a content type, or `$default`, to the name of the model of such bodies.
    pub request_models: BTreeMap<String, String>,
    /// The name of the request validator. Without one nothing is checked.
    pub request_validator: Option<String>,
    /// What may be answered, by status.
    pub responses: BTreeMap<String, MethodResponse>,
    /// What answers it. A method without one cannot be deployed.
    pub integration: Option<Integration>,
    /// Vendor extensions of the operation that nobody here knows.
    pub extensions: Extensions,
}
