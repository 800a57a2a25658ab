//! Request models: JSON Schema of draft 4, compiled at deploy time, and bodies checked by it within bounds.
//!
//! [`compile`] is where to start. It takes the models of one API, links those that name each other and gives a
//! [`Schema`] for each that is asked for, or says by [`ModelProblem`]s what is wrong. [`Schema::validate`] then checks
//! a body and says what is wrong with it in API Gateway's words. Nothing here is ever fetched, and nothing panics,
//! whatever a schema or a body holds.
//!
//! What is bounded, and how: see [`limit`].

#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod check;
mod compile;
mod divisor;
mod explain;
pub mod limit;
mod link;
mod message;
mod number;
mod pattern;
mod problem;
mod reference;
mod schema;
#[cfg(test)]
mod tests;

pub use compile::{Compiled, compile};
pub use problem::ModelProblem;
pub use schema::Schema;
