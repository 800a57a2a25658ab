//! The kinds of documents, a module each: what may be created, got, listed, patched and deleted, and in which words it is
//! refused.

pub(crate) mod deployment;
mod entry;
pub(crate) mod integration;
mod mapping;
pub(crate) mod method;
pub(crate) mod request_validator;
pub(crate) mod resource;
pub(crate) mod rest_api;
pub(crate) mod rows;
pub(crate) mod stage;
