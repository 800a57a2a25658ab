//! Decisions of authorizers: the policies that they answer with, and for how long what they decide is kept.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod flush;
mod kept;
mod keys;
mod policies;
