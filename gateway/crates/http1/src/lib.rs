//! Checks the bytes of an HTTP/1 connection before anything else reads them.
//!
//! [`Checker`] follows the framing of the messages (RFC 9112) byte by byte, and refuses what two readers could understand in
//! two ways: that is how requests are smuggled. It keeps no byte of them and allocates nothing. However the bytes are cut
//! into pieces, the verdict is the same.
//!
//! What is a matter of a whole head, and the same in HTTP/2, are functions: [`target`] of paths and queries, [`authority`]
//! of hosts.

#![deny(missing_docs)]

pub mod authority;
mod byte;
mod checker;
mod chunks;
mod fields;
mod framing;
mod input;
mod limits;
mod reason;
mod request_line;
pub mod target;

#[cfg(test)]
mod tests;

pub use checker::{Breach, Checker};
pub use limits::Limits;
pub use reason::Reason;
