//! The kinds of documents, a module each: what may be created, got, listed, patched and deleted, and in which words it is
//! refused.

pub(crate) mod account;
pub(crate) mod api_key;
pub(crate) mod authorizer;
pub(crate) mod client_certificate;
pub(crate) mod deployment;
pub(crate) mod documentation;
pub(crate) mod domain_name;
pub(crate) mod gateway_response;
pub(crate) mod import;
pub(crate) mod integration;
mod listing;
mod mapping;
pub(crate) mod method;
pub(crate) mod model;
pub(crate) mod request_validator;
pub(crate) mod resource;
pub(crate) mod rest_api;
pub(crate) mod rows;
pub(crate) mod stage;
pub(crate) mod tag;
pub(crate) mod test_invoke;
pub(crate) mod usage_plan;
pub(crate) mod vpc_link;
