//! Documents with positions: JSON, YAML and TOML as one ordered tree, and the problems found in them.
//!
//! Configuration files and imported API definitions are read into a [`Document`], the type to start with; whoever
//! reads it further reports what is wrong as [`Problem`]s that name the file, the line and the column. It is no
//! serde format and writes nothing: a document is read, asked and dropped.
//!
//! Nothing here panics, whatever the text holds, and nothing costs more than the limits of [`Document::parse`].

#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod document;
mod format;
mod json;
mod node;
mod pointer;
mod position;
mod problem;
mod reader;
pub mod schema;
mod suggest;
#[cfg(test)]
mod tests;
mod toml;
mod yaml;

pub use document::Document;
pub use format::Format;
pub use node::{Iter, Member, Node, Object, Value};
pub use pointer::{escape, pointer, unescape};
pub use position::Position;
pub use problem::{Problem, Severity};
pub use suggest::suggest;
