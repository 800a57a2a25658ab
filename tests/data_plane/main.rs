//! The request path: addresses, routing, MOCK and plugin integrations.
//!
//! Facts about API Gateway: "behaviours" is the project's list of them, recorded from the service; URLs are the
//! developer guide's.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod addresses;
mod listeners;
mod plugins;
mod protocols;
mod requests;
mod routes;

const MOCKS: &str = r#"
    {listener mocks}
    [apis.mocks.stages.dev]
    [[apis.mocks.routes]]
    path = "/any"
    integration = { type = "mock" }
    [[apis.mocks.routes]]
    path = "/gone"
    integration = { type = "mock", status = 410 }
    [[apis.mocks.routes]]
    path = "/empty"
    integration = { type = "mock", status = 204 }
"#;
