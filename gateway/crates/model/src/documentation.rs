//! What is said of an API's parts, for people.

use serde::{Deserialize, Serialize};

/// The documentation of an API (<https://docs.aws.amazon.com/apigateway/latest/api/API_DocumentationVersion.html>).
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Documentation {
    /// The version that the parts are of.
    pub version: Option<String>,
    /// In the document's order; locations are unique.
    pub parts: Vec<DocumentationPart>,
}

/// What is said of one part (<https://docs.aws.amazon.com/apigateway/latest/api/API_DocumentationPart.html>).
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DocumentationPart {
    /// Of what.
    pub location: DocumentationLocation,
    /// What, as the JSON text of an object, such as `{"description":"…"}`.
    pub properties: String,
}

/// A part that can be documented
/// (<https://docs.aws.amazon.com/apigateway/latest/api/API_DocumentationPartLocation.html>).
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DocumentationLocation {
    /// `API`, `AUTHORIZER`, `MODEL`, `RESOURCE`, `METHOD`, `PATH_PARAMETER`, `QUERY_PARAMETER`, `REQUEST_HEADER`,
    /// `REQUEST_BODY`, `RESPONSE`, `RESPONSE_HEADER` or `RESPONSE_BODY`.
    pub kind: String,
    /// Of the resource; `/` where absent.
    pub path: Option<String>,
    /// The verb; `*`, which is all, where absent.
    pub method: Option<String>,
    /// `*`, which is all, where absent.
    pub status_code: Option<String>,
    /// Of a parameter, a header, an authorizer or a model.
    pub name: Option<String>,
}
