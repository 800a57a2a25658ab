use serde::Serialize;

use crate::Field;
use crate::field::{first, header};

/// A whole response.
///
/// ```
/// use portcullis_plugin::Response;
///
/// let response = Response::json(201, &serde_json::json!({ "id": 7 })).with_header("Location", "/pets/7");
/// assert_eq!(response.header("content-type"), Some("application/json"));
/// assert_eq!(response.header("location"), Some("/pets/7"));
/// assert_eq!(response.body, br#"{"id":7}"#);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status, from 200 to 599.
    pub status: u16,
    /// The headers, in order, their names in lower case. The gateway adds the length.
    pub headers: Vec<Field>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// A response without headers or body.
    pub fn new(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// A response in plain text.
    pub fn text(status: u16, text: impl Into<String>) -> Self {
        Self::new(status)
            .with_header("content-type", "text/plain; charset=utf-8")
            .with_body(text.into())
    }

    /// A response in JSON. A value that JSON cannot hold, such as a map without text keys, becomes `null`.
    pub fn json(status: u16, value: &impl Serialize) -> Self {
        let body = serde_json::to_vec(value).unwrap_or_else(|_| b"null".to_vec());
        Self::new(status)
            .with_header("content-type", "application/json")
            .with_body(body)
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push(header(name, value));
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// The first header of this name, which must be in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        first(&self.headers, name)
    }
}
