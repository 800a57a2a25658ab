//! The model of an API: API Gateway's nouns as plain data, as a person or an import says them.
//!
//! It is read from files or written by a control plane and never seen by a request: the compiler turns it into a
//! plan first. Nothing here checks anything; [`RestApi`] is the one type to start with.
//!
//! Every part that a problem may be about carries `pointer`, a JSON pointer into the document it came from.

#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod integration;
mod response;
mod stage;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use integration::{
    Connection, ContentHandling, HttpTarget, Integration, IntegrationResponse, PassthroughBehavior, Target,
};
pub use response::{Cors, GatewayResponse, MethodResponse, ResponseType};
pub use stage::{AccessLog, Canary, MethodSetting, Stage};

/// A REST API: its resources and what its methods name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RestApi {
    /// The identifier in URLs and ARNs. An API from a file has its configured name as its id.
    pub id: String,
    /// The name for people.
    pub name: String,
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

/// The form of a body (<https://docs.aws.amazon.com/apigateway/latest/api/API_Model.html>).
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Model {
    /// Where it is in its document.
    pub pointer: String,
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
}

/// What one verb of a resource does.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Method {
    /// Where it is in its document.
    pub pointer: String,
    /// Who may call it.
    pub authorization: Authorization,
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
}

/// Who may call a method (`authorizationType` and `authorizerId`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Authorization {
    /// Everybody.
    #[default]
    None,
    /// Who the named custom authorizer of the API lets in.
    Custom {
        /// The authorizer's name.
        authorizer: String,
    },
}

/// A custom authorizer (<https://docs.aws.amazon.com/apigateway/latest/api/API_Authorizer.html>).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Authorizer {
    /// Where it is in its document.
    pub pointer: String,
    /// What it is given.
    pub kind: AuthorizerKind,
    /// The plugin of world `authorizer` that decides.
    pub plugin: String,
    /// Where the caller's identity is. A TOKEN authorizer has exactly one, a header.
    pub identity_sources: Vec<IdentitySource>,
    /// A regular expression that the whole token must match (TOKEN only).
    pub identity_validation_expression: Option<String>,
    /// How long a decision may be kept, in seconds; 300 where absent. With 0 the identity sources of a REQUEST
    /// authorizer are optional.
    pub result_ttl_in_seconds: Option<u32>,
}

/// The two types of custom authorizer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AuthorizerKind {
    /// Decides by a token in one header.
    Token,
    /// Decides by the request's parameters.
    Request,
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
