//! What tests of a running gateway share: gateways on port 0 in this process, the binary as a process of its own,
//! origins that answer what a test says, and clients.
//!
//! It is for tests: it panics, with a reason, where a test cannot go on. Start with [`Running`].

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests"
)]

mod client;
mod delayed;
mod files;
mod gated;
mod origin;
mod process;
mod running;
mod wire;

pub use client::{Answer, Client, curl};
pub use delayed::Delayed;
pub use files::Files;
pub use gated::{GatedOrigin, Hold};
pub use origin::{Origin, RawOrigin, Recorded};
pub use process::Process;
pub use running::{Metrics, Running};
pub use wire::{RawAnswer, Wire};
