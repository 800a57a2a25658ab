//! Station 6: the method request. Its size, the parameters that it must have, and the form of its body.

use http_body::Body as _;

use super::body::Body;
use super::call::{Call, Head};
use super::exchange::Exchange;
use super::mapping::body;
use super::percent;
use super::refusal::Refusal;
use crate::plan::{BodyForms, RequestChecks};

/// Checks a request before anything is made of it.
pub async fn request(exchange: &Exchange, call: &mut Call) -> Result<(), Refusal> {
    size(exchange, &call.body)?;
    match exchange.method().and_then(|method| method.checks.as_deref()) {
        None => Ok(()),
        Some(checks) => {
            parameters(checks, &call.head)?;
            match &checks.body {
                None => Ok(()),
                // Boxed: it is large, and most methods never poll it.
                Some(forms) => Box::pin(form(exchange, forms, call)).await,
            }
        }
    }
}

/// Refuses a body whose announced length is over the limit; one without a length is counted as it streams.
fn size(exchange: &Exchange, body: &Body) -> Result<(), Refusal> {
    match &exchange.stage {
        Some(stage) if body.size_hint().lower() > stage.settings.max_request_body => {
            Err(Refusal::too_large())
        }
        _ => Ok(()),
    }
}

/// Those that are missing, or blank, are told at once: headers before query parameters. (A path parameter is there, or the
/// path would not have matched.)
fn parameters(checks: &RequestChecks, head: &Head) -> Result<(), Refusal> {
    let lacks_header = |name| {
        head.headers
            .get(name)
            .is_none_or(|value| value.as_bytes().trim_ascii().is_empty())
    };
    let mut missing: Vec<&str> = checks
        .headers
        .iter()
        .filter(|(name, _)| lacks_header(name))
        .map(|(_, declared)| &**declared)
        .collect();
    if !checks.query.is_empty() {
        let sent: Vec<_> = head.query().into_iter().flat_map(percent::query_pairs).collect();
        let is_sent = |wanted: &str| {
            sent.iter()
                .any(|(name, value)| name == wanted && !value.trim().is_empty())
        };
        missing.extend(
            checks
                .query
                .iter()
                .map(|name| &**name)
                .filter(|name| !is_sent(name)),
        );
    }
    match missing.as_slice() {
        [] => Ok(()),
        missing => Err(Refusal::missing_parameters(missing)),
    }
}

async fn form(exchange: &Exchange, forms: &BodyForms, call: &mut Call) -> Result<(), Refusal> {
    let Some(schema) = forms.find(&body::media_type(&call.head.headers)) else {
        return Ok(());
    };
    let body = body::of_request(exchange, call).await?;
    schema
        .validate(&body)
        .map_err(|reasons| Refusal::invalid_body(&reasons))
}
