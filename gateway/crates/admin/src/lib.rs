//! API Gateway's control plane (service `apigateway`, 2015-07-09): its protocol, its patches, and what it keeps.
//!
//! Names and shapes of AWS's wire live here and nowhere else. Documents are kept in the form of the wire, as JSON objects;
//! [`definition`] makes the model of them that a gateway compiles. Nothing here listens, and nothing knows of a data plane
//! but through [`Plane`]. Start with [`Service`].

#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod call;
pub mod definition;
mod dispatch;
mod error;
pub mod file_api;
mod id;
pub mod invoke;
pub mod keys;
mod kind;
pub mod live;
pub mod live_api_tls;
pub mod live_domain_tls;
pub mod live_domains;
pub mod live_keys;
mod operation;
mod page;
pub mod patch;
mod plane;
mod refused;
mod route;
mod secret;
mod service;
pub mod shape;
pub mod standing;
pub mod web_acl;

pub use call::{Call, File, Outcome};
pub use error::ApiError;
pub use operation::Operation;
pub use plane::{Change, Invoking, Plane, Published};
pub use refused::REFUSED;
pub use secret::Secrets;
pub use service::{BODY_LIMIT, Caller, Request, Seal, Service, Settings};
