//! Custom integrations: a plugin of world `integration` answers.

use std::time::Duration;

use http::{HeaderMap, StatusCode};
use portcullis_plugin_host::{CallError, Integration, Response};

use crate::plan::{PluginPlan, PluginUse};
use crate::proxy::body::Body;
use crate::proxy::call::{Call, Reply};
use crate::proxy::exchange::Exchange;
use crate::proxy::integrate::http::headers::HOP_BY_HOP;
use crate::proxy::refusal::{Blame, Refusal};
use crate::proxy::view::{self, View};

/// Calls the plugin.
pub async fn answer(
    exchange: &Exchange,
    plugin: &PluginUse<PluginPlan<Integration>>,
    timeout: Duration,
    call: &mut Call,
) -> Result<Reply, Refusal> {
    let PluginUse::Ready(PluginPlan { plugin, interest }) = plugin else {
        return Err(Refusal::integration_failure(Blame::Plugin));
    };
    let log = exchange.log();
    log.info(|| format!("Sending request to plugin {}", plugin.name()));
    let body = view::body_for(exchange, interest, call).await?;
    let view = View::of(exchange, &call.head, interest);
    let fields = view.fields();
    let request = fields.request(body.as_ref());
    let answered = tokio::time::timeout(timeout, plugin.handle(&request)).await;
    let response = answered
        .map_err(|_| {
            tracing::warn!(requestId = %exchange.id, plugin = plugin.name(), "the plugin did not answer within the integration's timeout of {timeout:?}");
            Refusal::timed_out(Blame::Plugin)
        })?
        .map_err(|error| refused(&error))?;
    reply_of(response).map_err(|reason| {
        tracing::warn!(requestId = %exchange.id, plugin = plugin.name(), "the plugin's answer cannot be used: {reason}");
        Refusal::integration_failure(Blame::Plugin)
    })
}

/// The plugin host has logged it.
pub(super) fn refused(error: &CallError) -> Refusal {
    match error {
        CallError::Busy { .. } => Refusal::overloaded(),
        CallError::Wall { .. } => Refusal::timed_out(Blame::Plugin),
        _ => Refusal::integration_failure(Blame::Plugin),
    }
}

/// A plugin's response as a reply; an error says what in it cannot be used.
pub fn reply_of(response: Response) -> Result<Reply, String> {
    let status = StatusCode::from_u16(response.status)
        .ok()
        .filter(|status| !status.is_informational());
    let status = status.ok_or_else(|| format!("{} is not a final status", response.status))?;
    let mut headers = HeaderMap::with_capacity(response.headers.len());
    view::add_headers(&mut headers, &response.headers)?;
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
    // The body's length is known here; what the plugin says of it is not needed.
    headers.remove(http::header::CONTENT_LENGTH);
    Ok(Reply {
        status,
        headers,
        body: Body::from(response.body),
    })
}
