//! Execution logs: what happened to one request, in API Gateway's words
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html>).
//!
//! Stations tell their steps through [`Exchange::log`]. Where the method's setting is off that is one branch: what would
//! be told is in closures. Lines go to the gateway's log under the target [`TARGET`], or to who tries a method ([`Trial`]). With data trace they have headers
//! and bodies, cut at 1,024 bytes as API Gateway cuts them, and secrets as asterisks with their last characters.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use http_body::{Body as HttpBody, Frame, SizeHint};
use portcullis_model::IdentitySource;

use super::redact::{DATA_LIMIT, Secrets, authorizer_answer, blanked, body_text, clean, event_text, listed};
use crate::plan::{Authorize, IdentityPlan, StageLive};
use crate::proxy::body::{Body, BodyError, Streaming};
use crate::proxy::call::{Call, Reply};
use crate::proxy::exchange::{Exchange, RequestId};
use crate::proxy::refusal::{Refusal, ResponseType};
use crate::proxy::trial::Trial;

/// The target of these lines in the gateway's log.
pub const TARGET: &str = "portcullis::execution";
/// The execution log of one request.
#[derive(Debug, Clone, Copy)]
pub struct ExecutionLog<'a> {
    exchange: &'a Exchange,
}

impl Exchange {
    /// The execution log of this request; it tells nothing before its method is known.
    pub fn log(&self) -> ExecutionLog<'_> {
        ExecutionLog { exchange: self }
    }
}

impl<'a> ExecutionLog<'a> {
    /// Whether steps are told.
    pub fn is_info(self) -> bool {
        self.exchange.verbosity.info
    }

    /// Whether headers and bodies are told.
    pub fn is_trace(self) -> bool {
        self.exchange.verbosity.data
    }

    /// Tells a step.
    pub fn info(self, line: impl FnOnce() -> String) {
        if self.is_info() {
            self.tell(tracing::Level::INFO, &line());
        }
    }

    /// Tells a part of the data.
    pub fn trace(self, line: impl FnOnce() -> String) {
        if self.is_trace() {
            self.tell(tracing::Level::INFO, &line());
        }
    }

    /// Tells what failed.
    pub fn error(self, line: impl FnOnce() -> String) {
        if self.exchange.verbosity.error {
            self.tell(tracing::Level::ERROR, &line());
        }
    }

    /// Tells why the API as it is configured cannot answer, beside the gateway's own log.
    #[cold]
    pub fn misconfigured(self, reason: impl std::fmt::Display) {
        let id = self.exchange.id;
        tracing::warn!(requestId = %id, "Execution failed due to configuration error: {reason}");
        self.error(|| format!("Execution failed due to configuration error: {reason}"));
    }

    #[cold]
    fn tell(self, level: tracing::Level, line: &str) {
        if let Some(to) = self.told() {
            to.tell(level, line);
        }
    }

    /// Who is told.
    fn told(self) -> Option<To> {
        let exchange = self.exchange;
        Some(match &exchange.trial {
            Some(trial) => To::Trial(trial.clone()),
            None => To::Log(exchange.stage.clone()?, exchange.id),
        })
    }

    /// The method is found: its request.
    pub fn start(self, call: &mut Call) {
        if !self.is_info() {
            return;
        }
        let (id, extended) = (self.exchange.id, self.exchange.extended_id);
        // A test invocation answers none.
        if self.exchange.trial.is_none() {
            self.info(|| format!("Extended Request Id: {}", extended.as_str()));
        }
        self.info(|| format!("Starting execution for request: {id}"));
        let path = self.exchange.method().map_or("", |method| &method.resource_path);
        self.info(|| format!("HTTP Method: {}, Resource Path: {path}", call.head.method));
        if !self.is_trace() {
            return;
        }
        let secrets = self.secrets();
        let parameters = self.exchange.path_parameters(&call.head);
        let parameters = listed(parameters.map(|(name, value)| (name, value.to_owned())));
        self.trace(|| format!("Method request path: {parameters}"));
        self.trace(|| {
            format!(
                "Method request query string: {}",
                secrets.query(call.head.query())
            )
        });
        self.trace(|| format!("Method request headers: {}", secrets.headers(&call.head.headers)));
        call.body = self.traced(
            "Method request body before transformations",
            std::mem::take(&mut call.body),
        );
    }

    /// The request that is sent to a backend, as it will be sent.
    pub fn endpoint_request(self, scheme: &str, host: &HeaderValue, request: &mut Request<Body>) {
        if !self.is_info() {
            return;
        }
        let secrets = self.secrets();
        let host = String::from_utf8_lossy(host.as_bytes());
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let uri = secrets.uri(&format!("{scheme}://{host}{path}"));
        if self.is_trace() {
            self.trace(|| format!("Endpoint request URI: {uri}"));
            self.trace(|| format!("Endpoint request headers: {}", secrets.headers(request.headers())));
            let body = std::mem::take(request.body_mut());
            *request.body_mut() = self.traced("Endpoint request body after transformations", body);
        }
        self.info(|| format!("Sending request to {uri}"));
    }

    /// The event that a function is passed. Of one that is made of the request, what may have secrets is left out.
    pub fn endpoint_event(self, event: &[u8]) {
        self.trace(|| {
            let event = event_text(event);
            format!("Endpoint request body after transformations: {event}")
        });
    }

    /// The head of a backend's response is there; [`Exchange::integration_ends`] comes before.
    pub fn endpoint_response(self, outcome: &mut Result<Reply, Refusal>) {
        let (Some(latency), Ok(reply)) = (self.exchange.integration.latency, outcome) else {
            return;
        };
        let (status, latency) = (reply.status.as_u16(), latency.as_millis());
        self.info(|| format!("Received response. Status: {status}, Integration latency: {latency} ms"));
        if self.is_trace() {
            let headers = self.secrets().headers(&reply.headers);
            self.trace(|| format!("Endpoint response headers: {headers}"));
            let body = std::mem::take(&mut reply.body);
            reply.body = self.traced("Endpoint response body before transformations", body);
        }
    }

    /// What an authorizer's function answered.
    pub fn authorizer_result(self, payload: &[u8]) {
        self.trace(|| {
            format!(
                "Authorizer result body before parsing: {}",
                authorizer_answer(payload)
            )
        });
    }

    /// An authorizer's policy is good.
    pub fn authorizer_policy(self, principal: &str) {
        self.info(|| {
            format!(
                "Using valid authorizer policy for principal: {}",
                blanked(principal)
            )
        });
    }

    /// A request that ends early. What is not the client's doing is an error.
    pub fn refused(self, refusal: &Refusal) {
        if !self.exchange.verbosity.error {
            return;
        }
        let id = self.exchange.id;
        match refusal.response_type {
            Some(ResponseType::Unauthorized) => self.info(|| format!("Unauthorized request: {id}")),
            Some(ResponseType::IntegrationTimeout) => {
                self.error(|| "Execution failed due to a timeout error".to_owned());
            }
            Some(ResponseType::IntegrationFailure) if refusal.status == StatusCode::GATEWAY_TIMEOUT => {
                self.error(|| {
                    "Execution failed due to a network error communicating with endpoint".to_owned()
                });
            }
            kind => {
                let kind = kind.map_or("NONE", |kind| kind.name());
                let (status, body) = (refusal.status.as_u16(), &refusal.body);
                if refusal.status.is_server_error() {
                    self.error(|| {
                        format!("Execution failed due to configuration error: {kind} {status} {body}")
                    });
                } else {
                    self.info(|| format!("Request refused: {kind} {status} {body}"));
                }
            }
        }
    }

    /// The response that is sent to the client.
    pub fn response(self, headers: &HeaderMap, body: Body) -> Body {
        if !self.is_trace() {
            return body;
        }
        let body = self.traced("Method response body after transformations", body);
        self.trace(|| format!("Method response headers: {}", self.secrets().headers(headers)));
        body
    }

    /// The last byte has left.
    pub fn completed(self, status: StatusCode) {
        if !self.is_info() {
            return;
        }
        if self.exchange.refused.is_none() {
            self.info(|| "Successfully completed execution".to_owned());
        }
        self.info(|| format!("Method completed with status: {}", status.as_u16()));
    }

    /// A body whose beginning is told: at once where it is whole, else when it has passed.
    pub fn traced(self, label: &'static str, body: Body) -> Body {
        let Some(to) = self.is_trace().then(|| self.told()).flatten() else {
            return body;
        };
        let mut traced = Traced {
            body: Body::Empty,
            label,
            seen: Vec::new(),
            to,
        };
        match body {
            Body::Empty => Body::Empty,
            Body::Whole(bytes) => {
                traced.see(&bytes);
                Body::Whole(bytes)
            }
            stream @ Body::Stream(_) => {
                traced.body = stream;
                Body::Stream(Box::pin(traced))
            }
        }
    }

    fn secrets(self) -> Secrets<'a> {
        let authorize = self.exchange.method().map(|method| &method.authorize);
        let authorizer = authorize.and_then(Authorize::custom);
        let mut secrets = Secrets::default();
        if let Some(Authorize::Jwt { authorizer, .. }) = authorize {
            secrets.headers.push(authorizer.header.as_str());
        }
        let mut required: &[IdentitySource] = &[];
        match authorizer.map(|authorizer| &authorizer.identity) {
            Some(IdentityPlan::Token { header, .. }) => secrets.headers.push(header.as_str()),
            Some(IdentityPlan::Request { required: sources }) => required = sources,
            None => {}
        }
        let of_trial = self.exchange.trial.iter().flat_map(|trial| &trial.secrets);
        for source in required.iter().chain(of_trial) {
            match source {
                IdentitySource::Header(name) => secrets.headers.push(name),
                IdentitySource::QueryString(name) => secrets.parameters.push(name),
                IdentitySource::StageVariable(_) | IdentitySource::Context(_) => {}
            }
        }
        secrets
    }
}

/// Who is told.
enum To {
    /// The gateway's log.
    Log(Arc<StageLive>, RequestId),
    /// Who tries the method.
    Trial(Arc<Trial>),
}

impl To {
    fn tell(&self, level: tracing::Level, line: &str) {
        let line = clean(line);
        let (stage, id) = match self {
            Self::Log(stage, id) => (stage, id),
            Self::Trial(trial) => return trial.tell(&line),
        };
        let (api, stage) = (&*stage.settings.api, &*stage.settings.name);
        if level == tracing::Level::ERROR {
            tracing::error!(target: TARGET, api, stage, requestId = %id, "({id}) {line}");
        } else {
            tracing::info!(target: TARGET, api, stage, requestId = %id, "({id}) {line}");
        }
    }
}

/// A body whose beginning is kept while it passes, and told when it is dropped.
struct Traced {
    body: Body,
    label: &'static str,
    /// One byte more than is told, at the most.
    seen: Vec<u8>,
    to: To,
}

impl Traced {
    fn see(&mut self, bytes: &[u8]) {
        let room = (DATA_LIMIT + 1).saturating_sub(self.seen.len());
        self.seen.extend(bytes.iter().take(room));
    }
}

impl Drop for Traced {
    fn drop(&mut self) {
        let text = body_text(&self.seen);
        let line = format!("{}: {text}", self.label);
        self.to.tell(tracing::Level::INFO, &line);
    }
}

impl Streaming for Traced {
    fn limit(self: Pin<&mut Self>, limit: u64) {
        self.get_mut().body.limit(limit);
    }
}

impl HttpBody for Traced {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let Some(data) = frame.data_ref()
        {
            self.see(data);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
