//! Checking a document against a JSON Schema, so that everything that is wrong with a file is said at once.
//!
//! It knows the keywords that `schemars` writes for serde structs and enums, and no more: it is the first half of
//! reading a typed configuration (serde is the second), not a JSON Schema validator. A keyword that it does not
//! know and that is more than an annotation is reported as an error of its own, since it would be ignored.

mod branch;
mod check;
mod keyword;

pub use check::check;
