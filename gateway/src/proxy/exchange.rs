//! One request: the plan it holds, what the stations found out, and the guard that ends with its last byte.

use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode};
use http_body::{Body as HttpBody, Frame, SizeHint};
use portcullis_plugin_host::{RequestOverride, ResponseOverride};

use super::Gateway;
use super::admit::Admitted;
use super::body::{Body, BodyError};
use super::call::{Connection, Head, Reply};
use super::context::{End, OfHead};
use super::forwarded::Client;
use super::refusal::Refusal;
use super::trace::Trace;
use super::trial::Trial;
use crate::domains::ByDomain;
use crate::plan::{Captures, IntegrationPlan, MethodPlan, StageLive, Verbosity};

/// A request from its first station to the last byte of its response.
#[derive(Debug)]
pub struct Exchange {
    /// What all requests share.
    pub gateway: Arc<Gateway>,
    /// The connection it came by.
    pub connection: Arc<Connection>,
    /// Who it is from, where somebody who is trusted says so: a load balancer, or whatever else stands before this gateway.
    pub client: Option<Box<Client>>,
    /// `$context.requestId`.
    pub id: RequestId,
    /// When it began, by the gateway's clock.
    pub started: Duration,
    /// The stage's plan, pinned by the resolve station: this request runs on it, whatever is swapped meanwhile.
    pub stage: Option<Arc<StageLive>>,
    /// The custom domain name that led to the stage, if one did.
    pub by_domain: Option<ByDomain>,
    /// Whether the stage's canary answers; nothing where it has none.
    pub is_canary: Option<bool>,
    /// Whether it has a place among the requests that this node takes upon itself.
    pub place: Place,
    /// The method, found by the route station.
    pub matched: Option<Matched>,
    /// Who calls, told by the authorizer; of those who are denied, too.
    pub caller: Option<Arc<Caller>>,
    /// Who signed, where the method is of AWS_IAM; of those who are denied, too.
    pub signer: Option<Arc<Signer>>,
    /// The API key that the call is made with, where the method requires one.
    pub admitted: Option<Box<Admitted>>,
    /// What the request's template changed of the request to the backend: the response's template can read it.
    pub request_override: Option<Box<RequestOverride>>,
    /// What the request's template says of the response.
    pub response_override: Option<Box<ResponseOverride>>,
    /// `$context.error.*`: the refusal that became the response.
    pub refused: Option<Box<Refusal>>,
    /// How many of the stage's filters have let the request pass and so see its response.
    pub filters_passed: usize,
    /// What the filters said, where they did not just let it pass or a log tells of it.
    pub filtered: Option<Box<Filtered>>,
    /// `$context.extendedRequestId`.
    pub extended_id: ExtendedId,
    /// The call of the method's authorizer, where a log tells of it.
    pub authorization: Option<Authorization>,
    /// The call of the integration.
    pub integration: IntegrationCall,
    /// What the stage's cache had to say, where the method's responses are kept.
    pub cached: Option<Box<super::cache::Cached>>,
    /// What the execution log has of the method; nothing before there is one.
    pub verbosity: Verbosity,
    /// Who is told instead of the log, where this is a test invocation.
    pub trial: Option<Arc<Trial>>,
    #[cfg(feature = "otel")]
    span: Option<Box<crate::observe::spans::Span>>,
    began: OnceLock<Duration>,
    trace: OnceLock<Trace>,
    kept: Vec<(OfHead, Box<str>)>,
}

/// Whether an exchange counts among those that a node takes upon itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// It has not asked, or needs none: nobody waits for it.
    None,
    /// It has one.
    Taken,
    /// There was none.
    Refused,
}

/// What came of asking a stage's filters.
#[derive(Debug, Default)]
pub struct Filtered {
    /// To the last answer, where the access log tells it.
    pub latency: Option<Duration>,
    /// That of the refusal.
    pub status: Option<StatusCode>,
    /// Why one of them refused the request: for logs, and for gateway responses that ask.
    pub reason: Option<Box<str>>,
}

/// What came of asking an authorizer.
#[derive(Debug, Default)]
pub struct Authorization {
    started: Duration,
    /// To its answer.
    pub latency: Option<Duration>,
    /// 200, or that of the refusal.
    pub status: Option<StatusCode>,
}

/// What came of calling an integration. MOCK is none.
#[derive(Debug, Default)]
pub struct IntegrationCall {
    started: Option<Duration>,
    /// To the head of its response.
    pub latency: Option<Duration>,
    /// The backend's.
    pub status: Option<StatusCode>,
    /// The backend's own id of the request.
    pub request_id: Option<Box<str>>,
    /// There was no response that could be used; the refusal says why.
    pub failed: bool,
}

/// The index of a method, and where its path parameters' values are.
#[derive(Debug, Clone)]
pub struct Matched {
    /// In the deployment's methods.
    pub method: usize,
    /// Places in [`Head::path`], in the order of the method's `path_parameters`.
    pub captures: Captures,
}

/// Who calls, as the authorizer says.
#[derive(Debug)]
pub struct Caller {
    /// `$context.authorizer.principalId`.
    pub principal: String,
    /// `$context.authorizer.*`: strings, numbers and booleans.
    pub context: serde_json::Map<String, serde_json::Value>,
    /// The API key of a usage plan that the authorizer says the call is counted for (`usageIdentifierKey`).
    pub usage_key: Option<String>,
}

/// Who signed a request.
#[derive(Debug)]
pub struct Signer {
    /// `$context.identity.accessKey`, which is `caller` and `user` too: a key is all that there is of an identity.
    pub access_key: String,
    /// The key's name.
    pub name: String,
    /// `$context.identity.accountId`.
    pub account: Arc<str>,
    /// `$context.identity.userArn`.
    pub arn: String,
}

impl Exchange {
    /// Begins an exchange.
    pub fn begin(gateway: &Arc<Gateway>, connection: &Arc<Connection>) -> Self {
        connection.activity.begun();
        Self {
            started: gateway.clock.monotonic(),
            gateway: gateway.clone(),
            connection: connection.clone(),
            client: None,
            id: RequestId::random(),
            stage: None,
            by_domain: None,
            is_canary: None,
            place: Place::None,
            matched: None,
            caller: None,
            signer: None,
            admitted: None,
            request_override: None,
            response_override: None,
            refused: None,
            filters_passed: 0,
            filtered: None,
            extended_id: ExtendedId::random(),
            authorization: None,
            integration: IntegrationCall::default(),
            cached: None,
            verbosity: Verbosity::default(),
            trial: None,
            #[cfg(feature = "otel")]
            span: None,
            began: OnceLock::new(),
            trace: OnceLock::new(),
            kept: Vec::new(),
        }
    }

    /// One for the same request, that nobody waits for: it knows who calls what.
    pub fn again(&self) -> Self {
        let mut again = Self::begin(&self.gateway, &self.connection);
        again.client.clone_from(&self.client);
        again.stage.clone_from(&self.stage);
        again.by_domain.clone_from(&self.by_domain);
        again.is_canary = self.is_canary;
        again.matched.clone_from(&self.matched);
        again.caller.clone_from(&self.caller);
        again.signer.clone_from(&self.signer);
        again.admitted.clone_from(&self.admitted);
        again.verbosity = self.verbosity;
        again
    }

    /// The path as events tell it: below the stage, and of a custom domain name as it was sent, base path and all.
    pub fn event_path<'h>(&self, head: &'h Head) -> &'h str {
        if self.by_domain.is_some() {
            head.target.path()
        } else {
            head.path()
        }
    }

    /// The client's address: that of whoever connected, where nobody who is trusted says another.
    pub fn client_address(&self) -> IpAddr {
        match &self.client {
            Some(client) => client.address,
            None => self.connection.peer.ip().to_canonical(),
        }
    }

    /// Whether the client speaks TLS.
    pub fn is_secure(&self) -> bool {
        let told = self.client.as_ref().and_then(|client| client.is_secure);
        told.unwrap_or(self.connection.tls.is_some())
    }

    /// The port that the client connected to, as a header for backends.
    pub fn client_port(&self) -> &HeaderValue {
        let told = self.client.as_ref().and_then(|client| client.port.as_ref());
        told.unwrap_or(&self.connection.local_port)
    }

    /// When the request began, since 1970.
    pub fn began(&self) -> Duration {
        *self.began.get_or_init(|| {
            let clock = &self.gateway.clock;
            let since = clock.monotonic().saturating_sub(self.started);
            clock.wall().saturating_sub(since)
        })
    }

    /// The trace of this request: the client's, or one that is made once.
    pub fn trace(&self, headers: &HeaderMap) -> &Trace {
        self.trace
            .get_or_init(|| Trace::of(headers, self.gateway.clock.wall().as_secs()))
    }

    /// Keeps of the head what the stage's access log needs of it; nothing where there is none.
    pub fn observe(&mut self, head: &Head) {
        let logged = |stage: &&Arc<StageLive>| stage.settings.access_log.is_some();
        let Some(stage) = self.stage.as_ref().filter(logged).cloned() else {
            return;
        };
        if let Some(log) = &stage.settings.access_log {
            self.keep(head, log.of_head());
        }
    }

    /// Keeps what a station after the head's end needs of it.
    pub fn keep(&mut self, head: &Head, variables: &[OfHead]) {
        for variable in variables {
            if self.kept(*variable).is_none()
                && let Some(value) = variable.value(self, head)
            {
                let limit = value.floor_char_boundary(KEPT_LIMIT);
                let value = value.get(..limit).unwrap_or_default().into();
                self.kept.push((*variable, value));
            }
        }
    }

    /// The value of a variable that was kept.
    pub fn kept(&self, variable: OfHead) -> Option<&str> {
        let kept = self.kept.iter().find(|(known, _)| *known == variable);
        kept.map(|(_, value)| &**value)
    }

    /// The authorizer is asked: the time counts where a log tells of it.
    pub fn authorizer_begins(&mut self) {
        let stage = self.stage.as_ref();
        if stage.is_some_and(|stage| stage.settings.access_log.is_some()) {
            self.authorization = Some(Authorization {
                started: self.gateway.clock.monotonic(),
                ..Authorization::default()
            });
        }
    }

    /// The authorizer has answered, or could not.
    pub fn authorizer_ends<T>(&mut self, outcome: &Result<T, Refusal>) {
        let now = self.gateway.clock.monotonic();
        if let Some(call) = &mut self.authorization {
            call.latency = Some(now.saturating_sub(call.started));
            call.status = Some(match outcome {
                Ok(_) => StatusCode::OK,
                Err(refusal) => refusal.status,
            });
        }
    }

    /// The integration is called. A MOCK is answered here, and has no latency.
    pub fn integration_begins(&mut self) {
        let is_call = |method: &MethodPlan| !matches!(method.integration, IntegrationPlan::Mock { .. });
        if self.method().is_some_and(is_call) {
            self.integration.started = Some(self.gateway.clock.monotonic());
        }
    }

    /// The head of its response is there, or will not come.
    pub fn integration_ends(&mut self, outcome: &Result<Reply, Refusal>) {
        let Some(started) = self.integration.started else {
            return;
        };
        let now = self.gateway.clock.monotonic();
        self.integration.latency = Some(now.saturating_sub(started));
        match outcome {
            Ok(reply) => {
                self.integration.status = Some(reply.status);
                self.integration.request_id = self.endpoint_id(&reply.headers);
            }
            Err(_) => self.integration.failed = true,
        }
    }

    /// The backend's own id of the request, where the access log tells it.
    fn endpoint_id(&self, headers: &HeaderMap) -> Option<Box<str>> {
        let log = self.stage.as_ref()?.settings.access_log.as_ref()?;
        if !log.has("integration.requestId") && !log.has("awsEndpointRequestId") {
            return None;
        }
        let names = [
            "x-amzn-remapped-x-amzn-requestid",
            "x-amzn-requestid",
            "x-amz-request-id",
        ];
        let id = names.iter().find_map(|name| headers.get(*name)?.to_str().ok())?;
        Some(id.get(..id.len().min(KEPT_LIMIT)).unwrap_or_default().into())
    }

    /// The plan of the matched method.
    pub fn method(&self) -> Option<&MethodPlan> {
        self.method_of(self.stage.as_ref()?)
    }

    /// The same, of a stage that is held beside the exchange.
    pub fn method_of<'s>(&self, stage: &'s StageLive) -> Option<&'s MethodPlan> {
        stage.base.methods.get(self.matched.as_ref()?.method)
    }

    /// Names and values of the path parameters, values as sent.
    pub fn path_parameters<'a>(&'a self, head: &'a Head) -> impl Iterator<Item = (&'a str, &'a str)> {
        let names = self
            .method()
            .into_iter()
            .flat_map(|method| &method.path_parameters);
        let captures = self.matched.iter().flat_map(|matched| &matched.captures);
        names
            .zip(captures)
            .filter_map(|(name, range)| Some((&**name, head.path().get(range.clone())?)))
    }
}

#[cfg(feature = "otel")]
impl Exchange {
    /// Begins its span, where spans are made.
    pub(super) fn begin_span(&mut self, head: &mut Head) {
        if let Some(spans) = self.gateway.spans.get() {
            self.span = Some(spans.begin(self, head));
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.connection.activity.ended();
        if self.place == Place::Taken {
            self.gateway.overload.leave();
        }
    }
}

/// Bytes of a header that are kept for a log.
const KEPT_LIMIT: usize = 4 * 1024;

/// A request's extended id, `x-amz-apigw-id`: 11 random bytes in base64, as the service's look.
#[derive(Debug, Clone, Copy)]
pub struct ExtendedId([u8; 16]);

impl ExtendedId {
    /// A new one.
    pub fn random() -> Self {
        const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut bits = fastrand::u128(..);
        let mut text = [b'='; 16];
        for place in text.iter_mut().take(15) {
            *place = ALPHABET.get((bits & 63) as usize).copied().unwrap_or(b'A');
            bits >>= 6;
        }
        Self(text)
    }

    /// Its 16 characters, as bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Its 16 characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// A byte in lower-case hexadecimal digits.
pub(super) fn hex_digits(byte: u8) -> [u8; 2] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or(b'0');
    [digit(byte >> 4), digit(byte & 15)]
}

/// A request's id: a random UUID in text form.
#[derive(Debug, Clone, Copy)]
pub struct RequestId([u8; 36]);

impl RequestId {
    /// A new one (RFC 9562, version 4). Unique, not secret.
    pub fn random() -> Self {
        // Where the two digits of each byte begin.
        const PLACES: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
        let bits = (fastrand::u128(..) & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
        let mut text = [b'-'; 36];
        for (byte, at) in bits.to_be_bytes().into_iter().zip(PLACES) {
            if let Some(place) = text.get_mut(at..at + 2) {
                place.copy_from_slice(&hex_digits(byte));
            }
        }
        Self(text)
    }

    /// Its 36 characters, as bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Its 36 characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl std::fmt::Display for RequestId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A response's body with its exchange: counted and logged when the last byte has left, or the client has.
#[derive(Debug)]
pub struct ExchangeBody {
    body: Body,
    exchange: Box<Exchange>,
    status: StatusCode,
    bytes: u64,
}

impl ExchangeBody {
    /// Ties an exchange to its response's body.
    pub fn new(exchange: Box<Exchange>, status: StatusCode, headers: &HeaderMap, body: Body) -> Self {
        Self {
            body: exchange.log().response(headers, body),
            exchange,
            status,
            bytes: 0,
        }
    }
}

impl HttpBody for ExchangeBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                self.bytes += frame.data_ref().map_or(0, |data| data.len() as u64)
            }
            Poll::Ready(Some(Err(error))) => {
                tracing::warn!(requestId = %self.exchange.id, "the response was cut off: {error}");
            }
            _ => {}
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

impl Drop for ExchangeBody {
    fn drop(&mut self) {
        #[cfg(feature = "otel")]
        let span = self.exchange.span.take();
        let exchange = &self.exchange;
        exchange.connection.activity.answered_one();
        if exchange.log().is_info() {
            // It tells what has passed when it is dropped: before the end is told.
            self.body = Body::Empty;
            exchange.log().completed(self.status);
        }
        let took = exchange
            .gateway
            .clock
            .monotonic()
            .saturating_sub(exchange.started);
        #[cfg(feature = "otel")]
        if let Some(span) = span {
            span.end(exchange, self.status, self.bytes, took);
        }
        let Some(stage) = &exchange.stage else {
            // A point of presence has no stages, and counts itself.
            let has_stages = exchange.gateway.presence.get().is_none();
            if has_stages && exchange.place != Place::Refused {
                exchange.gateway.metrics.count_unresolved();
            }
            return;
        };
        let integration = exchange.integration.latency;
        stage.metrics.record(self.status, took, self.bytes, integration);
        if let Some(method) = exchange
            .method()
            .and_then(|method| method.observed.metrics.as_ref())
        {
            method.record(self.status, took, integration);
        }
        if let Some(log) = &stage.settings.access_log {
            let end = End {
                status: self.status,
                bytes: self.bytes,
                took,
            };
            log.write(exchange, &end);
        }
        tracing::debug!(
            target: "portcullis::access",
            requestId = %exchange.id,
            api = %stage.settings.api,
            stage = %stage.settings.name,
            resourcePath = exchange.method().map(|method| &*method.resource_path),
            sourceIp = %exchange.client_address(),
            status = self.status.as_u16(),
            responseLength = self.bytes,
            responseLatency = took.as_millis() as u64,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_two_digits() {
        for byte in 0..=255 {
            assert_eq!(hex_digits(byte), *format!("{byte:02x}").as_bytes(), "{byte}");
        }
    }

    #[test]
    fn request_ids_are_version_4_uuids() {
        let id = RequestId::random();
        let parts: Vec<_> = id.as_str().split('-').collect();
        assert_eq!(
            parts.iter().map(|part| part.len()).collect::<Vec<_>>(),
            [8, 4, 4, 4, 12]
        );
        assert!(parts[2].starts_with('4'), "{id}");
        assert!(parts[3].starts_with(['8', '9', 'a', 'b']), "{id}");
        assert_ne!(id.as_str(), RequestId::random().as_str());
    }
}
