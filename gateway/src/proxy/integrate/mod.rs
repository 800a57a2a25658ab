//! Station 9: what answers a method.

pub mod http_proxy;
pub mod mock;
pub mod plugin;

use super::call::{Call, Reply};
use super::exchange::Exchange;
use super::refusal::Refusal;
use crate::plan::IntegrationPlan;

/// Calls the method's integration.
pub async fn answer(exchange: &Exchange, call: Call) -> Result<Reply, Refusal> {
    let Some(method) = exchange.method() else {
        return Err(Refusal::unknown_method());
    };
    match &method.integration {
        IntegrationPlan::Mock { status } => Ok(mock::answer(*status)),
        IntegrationPlan::Http(plan) => http_proxy::answer(exchange, plan, call).await,
        // Boxed: it is large, and other integrations never poll it.
        IntegrationPlan::Plugin { plugin, timeout } => {
            Box::pin(plugin::answer(exchange, plugin, *timeout, call)).await
        }
    }
}
