//! What people see of a running gateway: logs and metrics.

pub mod log;
pub mod metrics;
pub mod text;
