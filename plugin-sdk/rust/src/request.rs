use serde::de::DeserializeOwned;

use crate::field::{all, first, header};
use crate::{Fault, Field};

/// A request, as far as the plugin asked to see it by its [`Interest`](crate::Interest).
///
/// ```
/// use portcullis_plugin::Request;
///
/// let request = Request::builder()
///     .method("POST")
///     .path("/pets/7")
///     .path_parameter("id", "7")
///     .header("Accept", "text/plain")
///     .query("tag", "a")
///     .query("tag", "b")
///     .body(r#"{"name":"Rex"}"#)
///     .build();
/// assert_eq!(request.header("accept"), Some("text/plain"));
/// assert_eq!(request.query_all("tag").collect::<Vec<_>>(), ["a", "b"]);
/// assert_eq!(request.path_parameter("id"), Some("7"));
/// assert_eq!(request.json::<serde_json::Value>().unwrap()["name"], "Rex");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// `$context.requestId`: the id in the gateway's log.
    pub id: String,
    /// The method, such as `GET`.
    pub method: String,
    /// The path below the stage, as sent: still percent-encoded.
    pub path: String,
    /// The query's parameters, percent-decoded, in order, with repeats.
    pub query: Vec<Field>,
    /// The headers, in order, with repeats, their names in lower case.
    pub headers: Vec<Field>,
    /// The parameters in the path: `id` for a route `/pets/{id}`.
    pub path_parameters: Vec<(String, String)>,
    /// The stage's variables.
    pub stage_variables: Vec<(String, String)>,
    /// `$context`, by dotted names such as `identity.sourceIp`.
    pub context: Vec<(String, String)>,
    /// The body, if the plugin asked for it.
    pub body: Option<Vec<u8>>,
}

impl Request {
    /// Builds a request for a test, from `GET /`.
    pub fn builder() -> RequestBuilder {
        RequestBuilder {
            request: Self::default(),
        }
    }

    /// The first header of this name, which must be in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        first(&self.headers, name)
    }

    /// Each header of this name, which must be in lower case.
    pub fn header_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        all(&self.headers, name)
    }

    /// The first parameter of the query of this name.
    pub fn query(&self, name: &str) -> Option<&str> {
        first(&self.query, name)
    }

    /// Each parameter of the query of this name.
    pub fn query_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        all(&self.query, name)
    }

    /// The parameter in the path of this name.
    pub fn path_parameter(&self, name: &str) -> Option<&str> {
        value(&self.path_parameters, name)
    }

    /// The stage's variable of this name.
    pub fn stage_variable(&self, name: &str) -> Option<&str> {
        value(&self.stage_variables, name)
    }

    /// `$context.name`: pass `identity.sourceIp` for `$context.identity.sourceIp`.
    pub fn context(&self, name: &str) -> Option<&str> {
        value(&self.context, name)
    }

    /// The body read as JSON.
    ///
    /// # Errors
    ///
    /// A fault if there is none, or if it is no JSON of this type.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        let body = self
            .body
            .as_deref()
            .ok_or_else(|| Fault::internal("the body was not asked for"))?;
        Ok(serde_json::from_slice(body)?)
    }
}

impl Default for Request {
    fn default() -> Self {
        Self {
            id: "test".into(),
            method: "GET".into(),
            path: "/".into(),
            query: Vec::new(),
            headers: Vec::new(),
            path_parameters: Vec::new(),
            stage_variables: Vec::new(),
            context: Vec::new(),
            body: None,
        }
    }
}

fn value<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs
        .iter()
        .find(|(other, _)| other == name)
        .map(|(_, value)| value.as_str())
}

/// Builds a [`Request`] for a test; see [`Request::builder`].
#[derive(Debug, Clone)]
#[must_use = "it builds nothing until `build` is called"]
pub struct RequestBuilder {
    request: Request,
}

impl RequestBuilder {
    /// Sets `$context.requestId`.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.request.id = id.into();
        self
    }

    /// Sets the method.
    pub fn method(mut self, method: impl Into<String>) -> Self {
        self.request.method = method.into();
        self
    }

    /// Sets the path, percent-encoded, without a query.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.request.path = path.into();
        self
    }

    /// Adds a parameter to the query, decoded.
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.request.query.push(Field::new(name, value));
        self
    }

    /// Adds a header.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.request.headers.push(header(name, value));
        self
    }

    /// Adds a parameter in the path.
    pub fn path_parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.request.path_parameters.push((name.into(), value.into()));
        self
    }

    /// Adds a variable of the stage.
    pub fn stage_variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.request.stage_variables.push((name.into(), value.into()));
        self
    }

    /// Adds to `$context`, by a dotted name.
    pub fn context(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.request.context.push((name.into(), value.into()));
        self
    }

    /// Sets the body.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.request.body = Some(body.into());
        self
    }

    /// The request.
    pub fn build(self) -> Request {
        self.request
    }
}
