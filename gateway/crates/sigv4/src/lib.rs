//! AWS Signature Version 4, as a server verifies it. Start with [`Presented`].
//!
//! ```
//! # use portcullis_sigv4::*;
//! # fn secret_of(_: &str) -> Option<Secret> { None }
//! # fn answer(parts: &RequestParts<'_>, body: &[u8], now: i64) -> Result<Verified, Refused> {
//! let policy = Policy::new("execute-api", now);
//! let presented = Presented::parse(parts, &policy)?;
//! let secret = secret_of(presented.access_key_id()).ok_or(Refused::UnknownKey)?;
//! presented.verify(parts, &secret, Payload::Bytes(body))
//! # }
//! ```
//!
//! Both forms are taken: the header `Authorization: AWS4-HMAC-SHA256 …`, and presigned queries (`X-Amz-Algorithm` and so
//! on). Whether a key exists, is enabled, and owns the session token is the caller's to say. Signing is not here, nor is
//! SigV4A.
//!
//! Nothing here reads or writes, waits or panics, whatever a client sends. What is refused is refused in AWS's words
//! ([`Refused`]).

#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod authorization;
mod canonical;
mod credential;
mod encode;
mod header;
mod key;
mod path;
mod policy;
mod presented;
mod query;
mod refused;
mod request;
mod time;
mod verify;

#[cfg(test)]
mod tests;

pub use key::{Secret, SigningKey};
pub use policy::{PathRule, Policy, Regions};
pub use presented::{Form, Presented};
pub use refused::{Calculated, Lifetime, Refused};
pub use request::{Payload, RequestParts};
pub use time::Timestamp;
pub use verify::Verified;

/// The only algorithm: HMAC with SHA-256.
pub const ALGORITHM: &str = "AWS4-HMAC-SHA256";
