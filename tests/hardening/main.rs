//! What a hostile client may send, and that nothing of it reaches a backend.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod http1;
mod http2_heads;
