#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests"
)]

mod differential;
mod properties;
mod target;
mod verdicts;

use crate::{Breach, Checker, Limits};

/// What comes of bytes in one piece: the verdict, and how many heads passed.
fn verdict(bytes: &[u8]) -> (Result<(), Breach>, u32) {
    let mut checker = Checker::new(Limits::default());
    (checker.feed(bytes), checker.heads())
}
