//! A custom authorizer, ready to be asked.

use std::sync::Arc;

use http::HeaderName;
use portcullis_model::IdentitySource;
use regex::Regex;

use super::stage::{PluginPlan, PluginUse};

/// One authorizer of an API, shared by the methods that use it.
#[derive(Debug)]
pub struct AuthorizerPlan {
    /// Its name in the API.
    pub name: Arc<str>,
    /// Where the caller's identity is.
    pub identity: IdentityPlan,
    /// Who decides.
    pub plugin: PluginUse<PluginPlan<portcullis_plugin_host::Authorizer>>,
}

/// What must be there before the authorizer is called; else 401 without a call.
#[derive(Debug)]
pub enum IdentityPlan {
    /// A token in one header, which the whole pattern must match where there is one.
    Token {
        /// The header.
        header: HeaderName,
        /// Anchored at both ends.
        pattern: Option<Regex>,
    },
    /// Parameters of the request: those that must be there and not empty. On AWS they are optional with a TTL of 0.
    Request {
        /// Where they are.
        required: Vec<IdentitySource>,
    },
}
