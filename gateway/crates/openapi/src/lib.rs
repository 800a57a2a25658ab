//! OpenAPI documents to the model.
//!
//! [`import`] reads OpenAPI 2.0, 3.0 and 3.1 with the `x-amazon-apigateway-*` extensions: for now paths,
//! integrations and custom authorizers. It is no validator of OpenAPI: what only documents is passed over. What
//! API Gateway would act on and this gateway cannot is refused by name, never dropped in silence, and a method
//! whose security cannot be kept is never open.

#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod authorizer;
mod context;
mod extension;
mod http;
mod import;
mod integration;
mod key;
mod mock;
mod operation;
mod path;
mod reference;
mod security;
#[cfg(test)]
mod tests;
mod uri;
mod version;

pub use import::{Imported, import};
