//! What people see of a running gateway: logs and metrics.

pub mod access_log;
mod authorizer_text;
mod cache_text;
mod certificate_text;
mod cloudwatch;
pub mod execution_log;
pub mod log;
pub mod metrics;
mod redact;
pub mod sink;
#[cfg(feature = "otel")]
pub mod spans;
pub mod text;
pub mod tokens;
