//! Execution logs: what happened to one request, in API Gateway's words
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html>).
//!
//! Stations tell their steps through [`Exchange::log`]. Where the method's setting is off that is one branch: what would
//! be told is in closures. Lines go to the gateway's log under the target [`TARGET`]. With data trace they have headers
//! and bodies, cut at 1,024 bytes as API Gateway cuts them, and secrets as asterisks with their last characters.

use std::fmt::Write as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use http_body::{Body as HttpBody, Frame, SizeHint};
use portcullis_model::IdentitySource;

use super::access_log::is_break;
use crate::plan::{IdentityPlan, StageLive};
use crate::proxy::body::{Body, BodyError};
use crate::proxy::call::{Call, Reply};
use crate::proxy::exchange::{Exchange, RequestId};
use crate::proxy::percent;
use crate::proxy::refusal::{Refusal, ResponseType};

/// The target of these lines in the gateway's log.
pub const TARGET: &str = "portcullis::execution";
/// Bytes of headers, or of a body, that are told.
const DATA_LIMIT: usize = 1_024;
/// Asterisks that a secret has at the most.
const ASTERISKS: usize = 64;

const SECRET_HEADERS: [&str; 6] = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "set-cookie",
    "x-amz-security-token",
    "x-api-key",
];
const SECRET_PARAMETERS: [&str; 3] = ["x-amz-credential", "x-amz-security-token", "x-amz-signature"];

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

    #[cold]
    fn tell(self, level: tracing::Level, line: &str) {
        if let Some(stage) = &self.exchange.stage {
            tell(level, stage, self.exchange.id, line);
        }
    }

    /// The method is found: its request.
    pub fn start(self, call: &mut Call) {
        if !self.is_info() {
            return;
        }
        let (id, extended) = (self.exchange.id, self.exchange.extended_id);
        self.info(|| format!("Extended Request Id: {}", extended.as_str()));
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
        if self.exchange.refused.lock().is_none() {
            self.info(|| "Successfully completed execution".to_owned());
        }
        self.info(|| format!("Method completed with status: {}", status.as_u16()));
    }

    /// A body whose beginning is told: at once where it is whole, else when it has passed.
    pub fn traced(self, label: &'static str, body: Body) -> Body {
        let Some(stage) = self.exchange.stage.clone().filter(|_| self.is_trace()) else {
            return body;
        };
        let mut traced = Traced {
            body: Body::Empty,
            label,
            seen: Vec::new(),
            stage,
            id: self.exchange.id,
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
        let authorizer = self
            .exchange
            .method()
            .and_then(|method| method.authorizer.as_ref());
        let mut secrets = Secrets::default();
        match authorizer.map(|authorizer| &authorizer.identity) {
            Some(IdentityPlan::Token { header, .. }) => secrets.headers.push(header.as_str()),
            Some(IdentityPlan::Request { required }) => {
                for source in required {
                    match source {
                        IdentitySource::Header(name) => secrets.headers.push(name),
                        IdentitySource::QueryString(name) => secrets.parameters.push(name),
                        IdentitySource::StageVariable(_) | IdentitySource::Context(_) => {}
                    }
                }
            }
            None => {}
        }
        secrets
    }
}

fn tell(level: tracing::Level, stage: &StageLive, id: RequestId, line: &str) {
    let line = clean(line);
    let (api, stage) = (&*stage.settings.api, &*stage.settings.name);
    if level == tracing::Level::ERROR {
        tracing::error!(target: TARGET, api, stage, requestId = %id, "({id}) {line}");
    } else {
        tracing::info!(target: TARGET, api, stage, requestId = %id, "({id}) {line}");
    }
}

/// A client's bytes must not make lines of their own.
fn clean(line: &str) -> String {
    let mut cleaned = String::with_capacity(line.len());
    for c in line.chars() {
        match c {
            '\n' => cleaned.push_str("\\n"),
            '\r' => cleaned.push_str("\\r"),
            '\t' => cleaned.push_str("\\t"),
            c if is_break(c) => {
                // Writing to a string cannot fail.
                let _ = write!(cleaned, "\\u{:04x}", u32::from(c));
            }
            c => cleaned.push(c),
        }
    }
    cleaned
}

/// What is blanked: the known secrets, and where the method's authorizer finds who calls.
#[derive(Debug, Default)]
struct Secrets<'a> {
    headers: Vec<&'a str>,
    parameters: Vec<&'a str>,
}

impl Secrets<'_> {
    fn is_header(&self, name: &str) -> bool {
        SECRET_HEADERS.contains(&name)
            || self
                .headers
                .iter()
                .any(|secret| secret.eq_ignore_ascii_case(name))
    }

    fn is_parameter(&self, name: &str) -> bool {
        SECRET_PARAMETERS
            .iter()
            .any(|secret| secret.eq_ignore_ascii_case(name))
            || self.parameters.contains(&name)
    }

    fn headers(&self, headers: &HeaderMap) -> String {
        let value = |name: &http::HeaderName| {
            let values = headers.get_all(name).iter();
            let values = values.map(|value| {
                let value = String::from_utf8_lossy(value.as_bytes());
                if self.is_header(name.as_str()) {
                    blanked(&value)
                } else {
                    value.into_owned()
                }
            });
            values.collect::<Vec<_>>().join(",")
        };
        listed(headers.keys().map(|name| (name.as_str(), value(name))))
    }

    fn query(&self, query: Option<&str>) -> String {
        let pairs = query.into_iter().flat_map(percent::query_pairs);
        listed(pairs.map(|(name, value)| {
            let value = if self.is_parameter(&name) {
                blanked(&value)
            } else {
                value.into_owned()
            };
            (name, value)
        }))
    }

    /// A URI with what is secret in its query blanked.
    fn uri(&self, uri: &str) -> String {
        let Some((path, query)) = uri.split_once('?') else {
            return uri.to_owned();
        };
        let pair = |pair: &str| match pair.split_once('=') {
            Some((name, value)) if self.is_parameter(&percent::decode(name)) => {
                format!("{name}={}", blanked(value))
            }
            _ => pair.to_owned(),
        };
        let query: Vec<String> = query.split('&').map(pair).collect();
        format!("{path}?{}", query.join("&"))
    }
}

/// Asterisks, and of a long secret its last characters, so that two can be told apart.
fn blanked(secret: &str) -> String {
    let length = secret.chars().count();
    let shown = match length {
        0..16 => 0,
        16..32 => 4,
        _ => 6,
    };
    let end: String = secret.chars().skip(length - shown).collect();
    "*".repeat((length - shown).min(ASTERISKS)) + &end
}

/// `{a=1, b=2}`, cut.
fn listed<N: AsRef<str>>(pairs: impl Iterator<Item = (N, String)>) -> String {
    let mut text = "{".to_owned();
    for (name, value) in pairs {
        if text.len() > 1 {
            text.push_str(", ");
        }
        text.push_str(name.as_ref());
        text.push('=');
        text.push_str(&value);
        if text.len() > DATA_LIMIT {
            break;
        }
    }
    text.push('}');
    cut(&text, text.len())
}

/// The beginning of a text of `length` bytes.
fn cut(text: &str, length: usize) -> String {
    if length <= DATA_LIMIT {
        return text.to_owned();
    }
    let beginning = text
        .get(..text.floor_char_boundary(DATA_LIMIT))
        .unwrap_or_default();
    format!("{beginning} [TRUNCATED]")
}

/// A body as text; what is no text is not shown.
fn body_text(seen: &[u8]) -> String {
    match std::str::from_utf8(seen) {
        Ok(text) => cut(text, seen.len()),
        // The cut may be in the middle of a character.
        Err(error) if error.error_len().is_none() && seen.len() > DATA_LIMIT => {
            let text = seen.get(..error.valid_up_to()).unwrap_or_default();
            cut(&String::from_utf8_lossy(text), seen.len())
        }
        Err(_) => "[Binary Data]".to_owned(),
    }
}

/// A body whose beginning is kept while it passes, and told when it is dropped.
struct Traced {
    body: Body,
    label: &'static str,
    /// One byte more than is told, at the most.
    seen: Vec<u8>,
    stage: Arc<StageLive>,
    id: RequestId,
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
        tell(
            tracing::Level::INFO,
            &self.stage,
            self.id,
            &format!("{}: {text}", self.label),
        );
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Source: execution logs of the real service, where `Authorization` is asterisks and its last six characters.
    #[test]
    fn secrets_are_asterisks_and_their_last_characters() {
        for (secret, expected) in [
            ("", ""),
            ("short", "*****"),
            ("0123456789abcdef", "************cdef"),
            (
                "0123456789abcdef0123456789abcdéf",
                "**************************abcdéf",
            ),
        ] {
            assert_eq!(blanked(secret), expected);
        }
        assert_eq!(blanked(&"x".repeat(4_000)).len(), ASTERISKS + 6);
    }

    #[test]
    fn nothing_secret_is_told() {
        let secrets = Secrets {
            headers: vec!["X-Token"],
            parameters: vec!["token"],
        };
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("accept", "a"),
            ("accept", "b"),
            ("authorization", "Bearer 1"),
            ("cookie", "a=1"),
            ("proxy-authorization", "Basic"),
            ("set-cookie", "a=1"),
            ("x-amz-security-token", "st"),
            ("x-api-key", "key"),
            ("x-token", "t"),
        ] {
            headers.append(name, HeaderValue::from_static(value));
        }
        assert_eq!(
            secrets.headers(&headers),
            "{accept=a,b, authorization=********, cookie=***, proxy-authorization=*****, set-cookie=***, \
             x-amz-security-token=**, x-api-key=***, x-token=*}"
        );
        let query = "q=a%20b&X-Amz-Signature=s%3D&x-amz-credential=c&X-Amz-Security-Token=t&token=u&flag";
        assert_eq!(
            secrets.query(Some(query)),
            "{q=a b, X-Amz-Signature=**, x-amz-credential=*, X-Amz-Security-Token=*, token=*, flag=}"
        );
        assert_eq!(
            secrets.uri(&format!("http://h/p?{query}")),
            "http://h/p?q=a%20b&X-Amz-Signature=****&x-amz-credential=*&X-Amz-Security-Token=*&token=*&flag"
        );
        assert_eq!(secrets.query(None), "{}");
    }

    #[test]
    fn data_is_cut_and_makes_no_lines() {
        let long = "é".repeat(600);
        assert_eq!(
            body_text(long.as_bytes()),
            format!("{} [TRUNCATED]", "é".repeat(512))
        );
        let odd = format!("a{long}");
        let odd = &odd.as_bytes()[..DATA_LIMIT + 1];
        assert_eq!(body_text(odd), format!("a{} [TRUNCATED]", "é".repeat(511)));
        assert_eq!(body_text(b"a\xffb"), "[Binary Data]");
        assert_eq!(body_text(b"{\"a\": 1}"), "{\"a\": 1}");
        assert_eq!(
            clean("a\r\n\tb\u{1b}[0m\u{2028}\\"),
            "a\\r\\n\\tb\\u001b[0m\\u2028\\"
        );
        let pairs = (0..500).map(|n| (format!("name-{n}"), "v".to_owned()));
        let text = listed(pairs);
        assert!(text.ends_with(" [TRUNCATED]"), "{text}");
        assert_eq!(text.len(), DATA_LIMIT + " [TRUNCATED]".len());
    }
}
