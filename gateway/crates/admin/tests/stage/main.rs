//! Deployments and stages through the protocol, on a real store.

#![allow(clippy::expect_used, clippy::indexing_slicing)]

mod canary;
mod deployment;
mod lifecycle;
mod refusal;
mod support;
