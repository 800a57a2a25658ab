//! The model to OpenAPI documents.

mod body;
mod cache;
mod documented;
mod integration;
mod object;
mod operation;
mod options;
mod root;
mod schema;
mod security;
mod yaml;

use portcullis_model::RestApi;
use serde_json::Value;

pub use cache::cache_rules;
pub use object::Object;
pub use options::{ExportExtensions, ExportOptions, ExportServer, ExportVersion};
pub use yaml::yaml;

use crate::documentation::Said;

/// Writes an API as an OpenAPI document, as API Gateway's exports have it.
///
/// With all extensions nothing is lost: importing the document again, as an API that is kept, gives the same API.
pub fn export(api: &RestApi, options: &ExportOptions) -> Value {
    let said = match options.extensions.documentation {
        true => Said::new(&api.documentation),
        false => Said::new(&portcullis_model::Documentation::default()),
    };
    let writer = Writer {
        api,
        options,
        said,
        names: security::Names::of(api),
    };
    Value::Object(writer.root())
}

/// What all parts of an export are written with.
struct Writer<'a> {
    api: &'a RestApi,
    options: &'a ExportOptions,
    /// The documentation, where it is wanted.
    said: Said,
    names: security::Names,
}

impl Writer<'_> {
    fn is_swagger(&self) -> bool {
        self.options.version == ExportVersion::Swagger
    }

    /// Whether integrations and what else only API Gateway has are written.
    fn integrations(&self) -> bool {
        self.options.extensions.integrations
    }
}
