//! The response cache: what is kept, for whom, for how long, and where.
//!
//! Source, where nothing else is named: the developer guide, "Cache settings for REST APIs"
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html>).

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod canary;
mod disk;
mod encryption;
mod flights;
mod kept;
mod keys;
mod reload;
mod renewal;
mod stale;
mod support;
mod told;
