//! AWS's services as integrations: what is known of each, and who signs.

mod chain;
mod service;

pub use chain::{Chain, Chains, NoCredentials};
pub use service::{Protocol, Service};
