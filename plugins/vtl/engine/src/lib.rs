//! Mapping templates: the language of Apache Velocity 1.7, as API Gateway runs it.
//!
//! A [`Template`] is compiled once and rendered for each request. Nothing here does input or output,
//! and nothing knows of a gateway; every run is bounded in steps, sizes and nesting by [`Limits`](bounds::Limits).

pub mod aws;
pub mod bounds;
mod interpret;
pub mod java;
pub mod json;
pub mod jsonpath;
mod syntax;
mod template;
pub mod value;

pub use syntax::SyntaxError;
pub use template::{Options, Profile, Reads, RenderError, RenderErrorKind, Rendered, Selection, Template};
