//! Station 2: request filters, before every other control, and what they make of responses.
//!
//! A filter that fails refuses: nothing passes a filter that did not say so.

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use portcullis_plugin_host::{CallError, Edit, Field, Filter, ResponseEdit, Verdict};

use super::body::Body;
use super::call::{Call, Head, Reply};
use super::exchange::Exchange;
use super::integrate::plugin::reply_of;
use super::percent;
use super::refusal::Refusal;
use super::respond;
use super::view::{self, View};
use crate::plan::interest::Selected;
use crate::plan::{FilterPlan, PluginPlan, PluginUse, StageSettings};

/// Asks the stage's filters, in order. They may change the request, refuse it, or answer it.
pub async fn request(exchange: &mut Exchange, call: &mut Call) -> Result<Option<Reply>, Refusal> {
    match &exchange.stage {
        // Boxed: it is large, and most stages have none.
        Some(stage) if !stage.settings.filters.is_empty() => {
            let stage = stage.clone();
            Box::pin(timed(exchange, &stage.settings, call)).await
        }
        _ => Ok(None),
    }
}

async fn timed(
    exchange: &mut Exchange,
    settings: &StageSettings,
    call: &mut Call,
) -> Result<Option<Reply>, Refusal> {
    let log = settings.access_log.as_ref();
    let is_told = log.is_some_and(|log| log.has("waf.latency"));
    let began = is_told.then(|| exchange.gateway.clock.monotonic());
    let answer = asked(exchange, &settings.filters, call).await;
    if let Some(began) = began {
        let latency = exchange.gateway.clock.monotonic().saturating_sub(began);
        exchange.filtered.get_or_insert_default().latency = Some(latency);
    }
    if let Err(refusal) = &answer {
        exchange.filtered.get_or_insert_default().status = Some(refusal.status);
    }
    answer
}

async fn asked(
    exchange: &mut Exchange,
    filters: &[FilterPlan],
    call: &mut Call,
) -> Result<Option<Reply>, Refusal> {
    for filter in filters {
        match ask(exchange, filter, call).await? {
            Verdict::Next => {}
            Verdict::Edit(edit) => {
                apply(edit, call).map_err(|reason| failed(exchange, filter, &reason))?;
            }
            Verdict::Block(reason) => {
                tracing::info!(requestId = %exchange.id, filter = %filter.name, "blocked: {reason}");
                exchange.filtered.get_or_insert_default().reason = Some(kept(reason));
                return Err(Refusal::filtered());
            }
            Verdict::Respond(response) => {
                let reply = reply_of(response).map_err(|reason| failed(exchange, filter, &reason))?;
                return Ok(Some(reply));
            }
        }
        exchange.filters_passed += 1;
    }
    Ok(None)
}

async fn ask(exchange: &Exchange, filter: &FilterPlan, call: &mut Call) -> Result<Verdict, Refusal> {
    let PluginPlan { plugin, interest } = ready(filter)?;
    let body = view::body_for(exchange, interest, call).await?;
    let view = View::of(exchange, &call.head, interest);
    let fields = view.fields();
    plugin
        .on_request(&fields.request(body.as_ref()))
        .await
        .map_err(|error| refused(&error))
}

/// A reason as far as it is kept.
fn kept(mut reason: String) -> Box<str> {
    const LONGEST: usize = 4 * 1024;
    reason.truncate(reason.floor_char_boundary(LONGEST));
    reason.into()
}

/// Shows a response to the filters that let its request pass, the last one first.
pub async fn response(exchange: &mut Exchange, head: &Head, reply: &mut Reply) {
    if exchange.filters_passed > 0 {
        Box::pin(shown(exchange, head, reply)).await;
    }
}

async fn shown(exchange: &mut Exchange, head: &Head, reply: &mut Reply) {
    let Some(stage) = exchange.stage.clone() else {
        return;
    };
    for filter in stage.settings.filters.iter().take(exchange.filters_passed).rev() {
        let edit = match see(exchange, filter, reply.status, &reply.headers).await {
            Ok(edit) => edit,
            Err(refusal) => {
                *reply = respond::refuse(exchange, head, refusal);
                return;
            }
        };
        let Some(edit) = edit else { continue };
        if let Err(reason) = apply_to_response(edit, reply) {
            let refusal = failed(exchange, filter, &reason);
            *reply = respond::refuse(exchange, head, refusal);
            return;
        }
    }
}

async fn see(
    exchange: &Exchange,
    filter: &FilterPlan,
    status: StatusCode,
    headers: &HeaderMap,
) -> Result<Option<ResponseEdit>, Refusal> {
    let PluginPlan { plugin, interest } = ready(filter)?;
    if !interest.responses {
        return Ok(None);
    }
    let headers = view::headers(headers, &Selected::All);
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| Field { name, value })
        .collect();
    let seen = plugin
        .on_response(exchange.id.as_str(), status.as_u16(), &headers)
        .await;
    seen.map_err(|error| refused(&error))
}

fn ready(filter: &FilterPlan) -> Result<&PluginPlan<Filter>, Refusal> {
    match &filter.plugin {
        PluginUse::Ready(plan) => Ok(plan),
        PluginUse::Broken { .. } => Err(Refusal::filter_failure()),
    }
}

/// The plugin host has logged it.
fn refused(error: &CallError) -> Refusal {
    if matches!(error, CallError::Busy { .. }) {
        Refusal::overloaded()
    } else {
        Refusal::filter_failure()
    }
}

fn failed(exchange: &Exchange, filter: &FilterPlan, reason: &str) -> Refusal {
    tracing::warn!(requestId = %exchange.id, filter = %filter.name, "the filter's answer cannot be used: {reason}");
    Refusal::filter_failure()
}

fn apply(edit: Edit, call: &mut Call) -> Result<(), String> {
    let Edit {
        set,
        remove,
        path,
        query,
        body,
    } = edit;
    if path.is_some() || query.is_some() {
        retarget(&mut call.head, path.as_deref(), query.as_deref())?;
    }
    for name in &remove {
        call.head.headers.remove(name);
    }
    view::set_headers(&mut call.head.headers, &set)?;
    if let Some(body) = body {
        replace_body(call, body);
    }
    Ok(())
}

/// Puts another path below the stage, or another query.
fn retarget(head: &mut Head, path: Option<&str>, query: Option<&[(String, String)]>) -> Result<(), String> {
    let path = path.unwrap_or(head.path());
    if !path.starts_with('/') || path.contains(['?', '#']) {
        return Err(format!("`{}` is not a path", path.escape_debug()));
    }
    let mut target = path.to_owned();
    match query {
        Some(pairs) => append_query(&mut target, pairs),
        None => {
            if let Some(query) = head.query() {
                target.push('?');
                target.push_str(query);
            }
        }
    }
    head.target =
        PathAndQuery::try_from(target).map_err(|error| format!("the path cannot be used: {error}"))?;
    head.below_stage = 0;
    Ok(())
}

fn append_query(target: &mut String, pairs: &[(String, String)]) {
    for (index, (name, value)) in pairs.iter().enumerate() {
        target.push(if index == 0 { '?' } else { '&' });
        percent::encode(name, target);
        target.push('=');
        percent::encode(value, target);
    }
}

fn replace_body(call: &mut Call, body: Bytes) {
    let headers = &mut call.head.headers;
    headers.remove(header::TRANSFER_ENCODING);
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    call.body = Body::from(body);
}

fn apply_to_response(edit: ResponseEdit, reply: &mut Reply) -> Result<(), String> {
    if let Some(status) = edit.status {
        let status = StatusCode::from_u16(status)
            .ok()
            .filter(|status| !status.is_informational());
        reply.status = status.ok_or("a response's status is 200 to 999")?;
    }
    for name in &edit.remove {
        reply.headers.remove(name);
    }
    // What frames the body is the gateway's own.
    let framing = |name: &str| {
        name.eq_ignore_ascii_case("content-length") || name.eq_ignore_ascii_case("transfer-encoding")
    };
    let set: Vec<_> = edit.set.into_iter().filter(|(name, _)| !framing(name)).collect();
    view::set_headers(&mut reply.headers, &set)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(target: &'static str, below_stage: usize) -> Head {
        Head {
            method: http::Method::GET,
            target: PathAndQuery::from_static(target),
            below_stage,
            host: None,
            version: http::Version::HTTP_11,
            headers: http::HeaderMap::new(),
        }
    }

    #[test]
    fn retargets_path_and_query_apart() {
        let pairs = [
            ("q".to_owned(), "a b&c".to_owned()),
            ("q".to_owned(), String::new()),
        ];
        for (path, query, expected) in [
            (Some("/y"), None, "/y?k=1"),
            (None, Some(&pairs[..]), "/x?q=a%20b%26c&q="),
            (Some("/y"), Some(&[][..]), "/y"),
        ] {
            let mut head = head("/dev/x?k=1", 4);
            retarget(&mut head, path, query).expect("a good target");
            assert_eq!(head.target, expected);
            assert_eq!(head.below_stage, 0);
        }
        for bad in ["y", "/y?z", "/a b", "/\r\n"] {
            assert!(
                retarget(&mut head("/dev/x", 4), Some(bad), None).is_err(),
                "{bad}"
            );
        }
    }
}
