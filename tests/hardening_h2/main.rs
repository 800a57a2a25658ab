//! HTTP/2 at the level of frames: what is malformed is refused as RFC 9113 says, floods are cut, and the next client is
//! answered.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "tests"
)]

mod floods;
mod malformed;
