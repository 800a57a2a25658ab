//! Cross-origin rules that the gateway keeps by itself (<https://fetch.spec.whatwg.org/#http-cors-protocol>).

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use super::body::Body;
use super::call::{Head, Reply};
use super::exchange::Exchange;
use crate::plan::{CorsPlan, Verb};

/// Answers a preflight, where the API has rules and the resource no OPTIONS method of its own.
pub fn preflight(exchange: &Exchange, head: &Head) -> Option<Reply> {
    let base = &exchange.stage.as_ref()?.base;
    let plan = base.cors.as_deref()?;
    let asked = head.headers.get(header::ACCESS_CONTROL_REQUEST_METHOD);
    if head.method != Method::OPTIONS || asked.is_none() || !head.headers.contains_key(header::ORIGIN) {
        return None;
    }
    let verbs = base.router.verbs(head.path());
    // An unknown path is refused as every other call of it is.
    if verbs.is_empty() || verbs.contains(&Some(Verb::Options)) {
        return None;
    }
    let mut headers = HeaderMap::with_capacity(8);
    // `response` adds the origin.
    if allowed_origin(plan, head).is_some() {
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods(plan, &verbs));
        let requested = head.headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS);
        if let Some(allowed) = plan.headers.as_ref().or(requested) {
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed.clone());
        }
        if let Some(age) = &plan.max_age {
            headers.insert(header::ACCESS_CONTROL_MAX_AGE, age.clone());
        }
    }
    vary(&mut headers, &header::ACCESS_CONTROL_REQUEST_METHOD);
    vary(&mut headers, &header::ACCESS_CONTROL_REQUEST_HEADERS);
    Some(Reply {
        status: StatusCode::NO_CONTENT,
        headers,
        body: Body::Empty,
    })
}

fn methods(plan: &CorsPlan, verbs: &[Option<Verb>]) -> HeaderValue {
    if let Some(methods) = &plan.methods {
        return methods.clone();
    }
    let any = verbs.contains(&None);
    let names = Verb::ALL
        .into_iter()
        .filter(|verb| any || *verb == Verb::Options || verbs.contains(&Some(*verb)));
    let names: Vec<&str> = names.map(Verb::name).collect();
    HeaderValue::from_str(&names.join(",")).unwrap_or_else(|_| HeaderValue::from_static("OPTIONS"))
}

/// Adds what lets a page read the response, refusals included, in the place of what the integration says, as API Gateway
/// does for HTTP APIs (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html>).
pub fn response(exchange: &Exchange, head: &Head, reply: &mut Reply) {
    let plan = exchange
        .stage
        .as_ref()
        .and_then(|stage| stage.base.cors.as_deref());
    let Some(plan) = plan else {
        return;
    };
    let headers = &mut reply.headers;
    for name in [
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
    ] {
        headers.remove(name);
    }
    if !plan.any_origin {
        vary(headers, &header::ORIGIN);
    }
    let Some(origin) = allowed_origin(plan, head) else {
        return;
    };
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    if plan.credentials {
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
            HeaderValue::from_static("true"),
        );
    }
    if let Some(expose) = &plan.expose {
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, expose.clone());
    }
}

fn allowed_origin(plan: &CorsPlan, head: &Head) -> Option<HeaderValue> {
    let origin = head.headers.get(header::ORIGIN)?;
    if plan.any_origin {
        return Some(HeaderValue::from_static("*"));
    }
    let named = |known: &str| origin.as_bytes().eq_ignore_ascii_case(known.as_bytes());
    plan.origins
        .iter()
        .any(|known| named(known))
        .then(|| origin.clone())
}

fn vary(headers: &mut HeaderMap, name: &HeaderName) {
    if let Ok(name) = HeaderValue::from_str(name.as_str()) {
        headers.append(header::VARY, name);
    }
}
