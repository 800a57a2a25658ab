//! IAM policy documents and their evaluation. Start with [`Policy::parse`] and [`evaluate`].
//!
//! ```
//! use portcullis_iam::*;
//!
//! let text = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "apigateway:GET",
//!     "Resource": "arn:aws:apigateway:*::/restapis/*"}}"#;
//! let policy = Policy::parse(text, Kind::Identity).unwrap();
//! let request = Request {
//!     action: "apigateway:GET",
//!     resource: "arn:aws:apigateway:eu-west-1::/restapis/a1",
//!     principal: Principal::Anonymous,
//!     context: &Context::new(),
//! };
//! assert_eq!(evaluate(&[&policy], &request).outcome, Outcome::Allow);
//! ```
//!
//! What policies apply to whom is the caller's to know, and so is the context: nothing here knows a key but by its name.
//! Organisations' policies, permissions boundaries and session policies are not here.
//!
//! Nothing here reads or writes, waits or panics. Matching takes at most as many steps as a pattern is long times the text.

#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod combine;
mod condition;
mod context;
mod evaluate;
mod parse;
mod pattern;
mod policy;
mod principal;
mod problem;

#[cfg(test)]
mod tests;

pub use combine::{Account, combine};
pub use condition::Network;
pub use context::Context;
pub use evaluate::{Decision, Outcome, Request, Trace, evaluate};
pub use parse::{Kind, LARGEST_POLICY};
pub use policy::{Effect, Policy};
pub use principal::Principal;
pub use problem::Problem;
