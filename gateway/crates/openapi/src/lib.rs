//! OpenAPI documents to the model.
//!
//! [`import`] reads OpenAPI 2.0, 3.0 and 3.1 with the `x-amazon-apigateway-*` extensions: paths, the
//! four parts of their methods, models, and custom authorizers. It is no validator of OpenAPI: what only documents is passed over. What
//! API Gateway would act on and this gateway cannot is refused by name, never dropped in silence, and a method
//! whose security cannot be kept is never open.

#![deny(missing_docs)]
#![forbid(unsafe_code)]

// What the tests share with the fuzzer names the crate from outside.
#[cfg(test)]
extern crate self as portcullis_openapi;

mod api;
mod authorizer;
mod aws;
mod body;
mod cache;
mod context;
mod cors;
mod documentation;
mod export;
mod extension;
mod gateway_response;
mod http;
mod import;
mod integration;
mod integration_response;
mod key;
mod mapping;
mod mock;
mod model;
mod notes;
mod operation;
mod options;
mod parameter;
mod path;
mod payload;
mod reference;
mod requirement;
mod response;
mod schema;
mod scheme;
mod scope;
mod security;
mod setting;
mod skipped;
mod status;
mod template;
#[cfg(test)]
mod tests;
mod uri;
mod validator;
mod version;

pub use export::{
    ExportExtensions, ExportOptions, ExportServer, ExportVersion, Object, cache_rules, export, yaml,
};
pub use import::{Imported, ImportedDocumentation, import, import_documentation};
pub use options::{BasePath, ImportOptions, Purpose};
pub use skipped::Skipped;
