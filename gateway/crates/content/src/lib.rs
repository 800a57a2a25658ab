//! What bodies are made of: media types, base64 and content codings.
//!
//! - [`media_type`]: which bodies are bytes and which are text, by `Content-Type` and `Accept`.
//! - [`handling`]: API Gateway's two tables of content handling, as functions that say what to do with a body.
//! - [`compression`]: which content coding a client gets, and bodies encoded piece by piece or decoded within bounds.
//!
//! Nothing here reads or writes, waits or panics, whatever a client or a backend sends.

#![deny(missing_docs)]
#![forbid(unsafe_code)]

pub mod compression;
pub mod handling;
pub mod media_type;
