//! How much may pass: buckets of methods, of all requests and of API keys, and quotas; from `gateway.toml` and through the
//! control plane.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests"
)]

mod buckets;
mod control;
mod kept;
mod plans;
mod rules;

use std::sync::Arc;

use portcullis::clock::ManualClock;
use portcullis::node::Options;
use portcullis_testkit::{Files, Running};

const TOO_MANY: (u16, &str, &str) = (
    429,
    r#"{"message":"Too Many Requests"}"#,
    "TooManyRequestsException",
);
const EXCEEDED: (u16, &str, &str) = (429, r#"{"message":"Limit Exceeded"}"#, "LimitExceededException");

/// A gateway whose time moves only when it is told to.
async fn started(toml: &str, files: Files) -> (Running, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::default());
    let options = Options {
        clock: Some(clock.clone()),
        ..Options::default()
    };
    (Running::start_with(toml, files, options).await, clock)
}

/// How many of so many calls pass, one after another.
async fn pass(gateway: &Running, path: &str, headers: &[(&str, &str)], calls: usize) -> usize {
    let mut passed = 0;
    for _ in 0..calls {
        passed += usize::from(gateway.get(path, headers).await.status == 200);
    }
    passed
}
