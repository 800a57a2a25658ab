//! The kinds of documents, a module each: what may be created, got, listed, patched and deleted, and in which words it is
//! refused.

pub(crate) mod deployment;
pub(crate) mod request_validator;
pub(crate) mod stage;
