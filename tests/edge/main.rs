//! Points of presence in front of regions: real ones of both, in one process, over mutual TLS.
//!
//! "headers" is <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/adding-cloudfront-headers.html>.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests"
)]

mod cache;
mod choice;
mod mutual;
mod process;
mod reload;
mod streams;
mod support;
mod viewer;
