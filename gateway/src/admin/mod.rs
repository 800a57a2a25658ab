//! The control listener, on a runtime of its own, so that neither waits for the other.
//!
//! It tells of the node, under `/_portcullis/`, and speaks API Gateway's own protocol where the configuration says so.

mod access;
mod api_keys;
mod definitions;
mod domain_tls;
mod domains;
mod files;
mod history;
mod invoke;
mod keys;
mod listener;
mod made;
mod plane;
mod usage;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;

use portcullis_admin::web_acl::{self, WafCall};
use portcullis_admin::{ApiError, BODY_LIMIT, Service};

pub use access::Access;
use access::Asked;
pub use listener::Control;
pub use plane::{NodePlane, PlaneHandedOver, SharedReconciler};

use crate::observe::text::{self, LoadedPlugins};
use crate::proxy::Gateway;

/// What an answer is made from.
#[derive(Debug, Clone)]
struct State {
    gateway: Arc<Gateway>,
    plugins: LoadedPlugins,
    draining: Arc<AtomicBool>,
    protocol: Option<Protocol>,
}

/// API Gateway's protocol, with who may use it.
#[derive(Debug, Clone)]
pub struct Protocol {
    /// The control plane.
    pub service: Service,
    /// Who may.
    pub access: Access,
    /// The node that it is of.
    pub plane: Arc<NodePlane>,
}

async fn answer(state: &State, request: Request<Incoming>) -> Response<Full<Bytes>> {
    match &state.protocol {
        Some(protocol) if is_call(request.uri().path()) => {
            Box::pin(called(protocol, request)).await.map(Full::new)
        }
        _ => of_node(state, &request),
    }
}

fn is_call(path: &str) -> bool {
    const OWN: [&str; 3] = [keys::PATH, history::PATH, definitions::PATH];
    !path.starts_with("/_portcullis/") || OWN.iter().any(|own| is_below(path, own))
}

fn is_below(path: &str, own: &str) -> bool {
    path.strip_prefix(own)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A call of API Gateway's protocol.
async fn called(protocol: &Protocol, request: Request<Incoming>) -> Response<Bytes> {
    let (parts, body) = request.into_parts();
    let body = match Limited::new(body, BODY_LIMIT).collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => {
            let kind = "RequestEntityTooLargeException";
            return ApiError::of(StatusCode::PAYLOAD_TOO_LARGE, kind, "Request entity too large")
                .into_response();
        }
    };
    if let Some(target) = waf_target(&parts) {
        return called_waf(protocol, target, &parts, &body).await;
    }
    let caller = match protocol.access.caller(&parts, &body, &Asked::of_api_gateway()) {
        Ok(caller) => caller,
        Err(error) => return error.into_response(),
    };
    let path = parts.uri.path();
    let store = protocol.service.store();
    if is_below(path, keys::PATH) {
        return keys::answer(&protocol.access, &caller, &parts, &body).await;
    }
    if is_below(path, history::PATH) {
        return answered(history::called(store, &parts).await);
    }
    if is_below(path, definitions::PATH) {
        return answered(definitions::called(store, &parts).await);
    }
    let accept = parts
        .headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok());
    let accept = accept.unwrap_or_default();
    let call = portcullis_admin::Request {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().map(str::to_owned),
        accept: accept.to_owned(),
        body,
    };
    protocol.service.answer(&caller, call).await
}

/// The operation of AWS WAF's protocol that is called, where it is one.
fn waf_target(parts: &Parts) -> Option<&str> {
    let target = parts.headers.get("x-amz-target")?.to_str().ok()?;
    let is_waf =
        parts.method == Method::POST && parts.uri.path() == "/" && target.starts_with(web_acl::TARGET);
    is_waf.then_some(target)
}

async fn called_waf(protocol: &Protocol, target: &str, parts: &Parts, body: &Bytes) -> Response<Bytes> {
    let call = match WafCall::read(target, body) {
        Ok(call) => call,
        Err(error) => return web_acl::refused(&error),
    };
    let asked = Asked::of_waf(call.permissions());
    match protocol.access.caller(parts, body, &asked) {
        Ok(caller) => protocol.service.answer_waf(&caller, &call).await,
        Err(error) => web_acl::refused(&error),
    }
}

/// What a resource of our own answers.
fn answered(called: Result<serde_json::Value, ApiError>) -> Response<Bytes> {
    match called {
        Ok(value) => {
            let mut response = Response::new(Bytes::from(value.to_string()));
            let json = http::HeaderValue::from_static("application/json");
            response.headers_mut().insert(header::CONTENT_TYPE, json);
            response
        }
        Err(error) => error.into_response(),
    }
}

fn of_node(state: &State, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return plain(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD\n");
    }
    match request.uri().path() {
        "/_portcullis/health" => plain(StatusCode::OK, "ok\n"),
        "/_portcullis/ready" if state.draining.load(Ordering::Relaxed) => {
            plain(StatusCode::SERVICE_UNAVAILABLE, "draining\n")
        }
        "/_portcullis/ready"
            if state
                .gateway
                .presence
                .get()
                .is_some_and(|presence| !presence.is_ready()) =>
        {
            plain(StatusCode::SERVICE_UNAVAILABLE, "no region is up\n")
        }
        "/_portcullis/ready" => plain(StatusCode::OK, "ready\n"),
        "/_portcullis/metrics" => match text::write(&state.gateway, &state.plugins) {
            Ok(metrics) => typed(
                StatusCode::OK,
                "application/openmetrics-text; version=1.0.0; charset=utf-8",
                metrics,
            ),
            Err(error) => plain(
                StatusCode::INTERNAL_SERVER_ERROR,
                &format!("the metrics cannot be written: {error}\n"),
            ),
        },
        _ => plain(
            StatusCode::NOT_FOUND,
            "there are /_portcullis/health, /_portcullis/ready and /_portcullis/metrics\n",
        ),
    }
}

fn plain(status: StatusCode, text: &str) -> Response<Full<Bytes>> {
    typed(status, "text/plain; charset=utf-8", text.to_owned())
}

fn typed(status: StatusCode, content_type: &'static str, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, http::HeaderValue::from_static(content_type));
    response
}
