//! What is checked of a request before its integration is called.

use std::sync::Arc;

use http::HeaderName;
use portcullis_schema::Schema;

/// The checks of a method's request validator.
#[derive(Debug, Default)]
pub struct RequestChecks {
    /// Headers that must be there, with the name as it is declared.
    pub headers: Vec<(HeaderName, Box<str>)>,
    /// Query parameters that must be there.
    pub query: Vec<Box<str>>,
    /// Forms of the body, where it is checked.
    pub body: Option<BodyForms>,
}

/// The form that a body must have, by its content type.
#[derive(Debug, Default)]
pub struct BodyForms {
    /// By media type, in lower case.
    pub by_type: Vec<(Box<str>, Arc<Schema>)>,
    /// Of all others (`$default`); none: they are not checked.
    pub default: Option<Arc<Schema>>,
}

impl BodyForms {
    /// The form for a media type in lower case.
    pub fn find(&self, media_type: &str) -> Option<&Arc<Schema>> {
        let of_type = self.by_type.iter().find(|(known, _)| **known == *media_type);
        of_type.map(|(_, schema)| schema).or(self.default.as_ref())
    }
}
