//! The model of an API: API Gateway's nouns as plain data, as a person or an import says them.
//!
//! It is read from files or written by a control plane and never seen by a request: the compiler turns it into a
//! plan first. Nothing here checks anything; [`RestApi`] is the one type to start with.
//!
//! Every part that a problem may be about carries `pointer`, a JSON pointer into the document it came from.

#![deny(missing_docs)]
#![forbid(unsafe_code)]

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A REST API: its resources and the authorizers that its methods name.
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

/// What answers a method (<https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html>).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Integration {
    /// Where it is in its document.
    pub pointer: String,
    /// What kind of backend, with what only that kind has.
    pub target: Target,
    /// How long to wait for the backend's response to begin, in milliseconds; 29,000 where absent.
    pub timeout_in_millis: Option<u32>,
}

/// The backend of an integration.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Target {
    /// `HTTP_PROXY`: the request is passed to an HTTP endpoint as it is.
    HttpProxy {
        /// May hold `{name}` and `${stageVariables.name}`.
        uri: String,
        /// The verb to use towards the backend; `None` or `ANY`: the client's own.
        http_method: Option<String>,
        /// From a placeholder of `uri` to the path parameter of the method that fills it. A placeholder that is
        /// absent here takes the path parameter of its own name.
        path_parameters: BTreeMap<String, String>,
    },
    /// `MOCK`: answered here.
    Mock {
        /// The status of the response.
        status: u16,
    },
    /// Answered by a plugin of world `integration`.
    Plugin {
        /// The plugin's configured name.
        plugin: String,
    },
}
