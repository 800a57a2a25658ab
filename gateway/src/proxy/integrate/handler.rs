//! Standard components: `wasi:http` handlers. Both bodies stream.

use std::time::Duration;

use http::Request;
use portcullis_plugin_host::Handler;

use super::plugin::refused;
use crate::guest;
use crate::proxy::body::Body;
use crate::proxy::call::Reply;
use crate::proxy::exchange::Exchange;
use crate::proxy::refusal::{Blame, Refusal};

/// Has the component answer.
pub async fn answer(
    exchange: &Exchange,
    plugin: &Handler,
    timeout: Duration,
    request: Box<Request<Body>>,
) -> Result<Reply, Refusal> {
    let log = exchange.log();
    log.info(|| format!("Sending request to plugin {}", plugin.name()));
    let is_secure = exchange.is_secure();
    let request = request.map(guest::into);
    let answered = plugin.handle(exchange.id.as_str(), is_secure, request);
    let response = tokio::time::timeout(timeout, answered)
        .await
        .map_err(|_| {
            tracing::warn!(requestId = %exchange.id, plugin = plugin.name(), "the plugin did not answer within the integration's timeout of {timeout:?}");
            Refusal::timed_out(Blame::Plugin)
        })?
        .map_err(|error| refused(&error))?;
    let (parts, body) = response.into_parts();
    if parts.status.is_informational() {
        tracing::warn!(requestId = %exchange.id, plugin = plugin.name(), "the plugin's status is not a final one");
        return Err(Refusal::integration_failure(Blame::Plugin));
    }
    Ok(Reply {
        status: parts.status,
        headers: parts.headers,
        body: guest::out_of(body),
    })
}
