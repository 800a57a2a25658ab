//! One request: the plan it holds, what the stations found out, and the guard that ends with its last byte.

use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http_body::{Body as HttpBody, Frame, SizeHint};
use portcullis_plugin_host::ResponseOverride;

use super::Gateway;
use super::body::{Body, BodyError};
use super::call::{Connection, Head};
use super::refusal::Refusal;
use crate::plan::{MethodPlan, StageLive};

/// A request from its first station to the last byte of its response.
#[derive(Debug)]
pub struct Exchange {
    /// What all requests share.
    pub gateway: Arc<Gateway>,
    /// The connection it came by.
    pub connection: Arc<Connection>,
    /// `$context.requestId`.
    pub id: RequestId,
    /// When it began, by the gateway's clock.
    pub started: Duration,
    /// The stage's plan, pinned by the resolve station: this request runs on it, whatever is swapped meanwhile.
    pub stage: Option<Arc<StageLive>>,
    /// The method, found by the route station.
    pub matched: Option<Matched>,
    /// Who calls, told by the authorizer.
    pub caller: Option<Caller>,
    /// What the request's template says of the response.
    pub response_override: Option<Box<ResponseOverride>>,
    /// The refusal that this request ended with.
    pub refused: Option<Box<Refusal>>,
    /// How many of the stage's filters have let the request pass and so see its response.
    pub filters_passed: usize,
}

/// The index of a method, and where its path parameters' values are.
#[derive(Debug)]
pub struct Matched {
    /// In the deployment's methods.
    pub method: usize,
    /// Places in [`Head::path`], in the order of the method's `path_parameters`.
    pub captures: Vec<Range<usize>>,
}

/// Who calls, as the authorizer says.
#[derive(Debug)]
pub struct Caller {
    /// `$context.authorizer.principalId`.
    pub principal: String,
    /// `$context.authorizer.*`: strings, numbers and booleans.
    pub context: serde_json::Map<String, serde_json::Value>,
}

impl Exchange {
    /// Begins an exchange.
    pub fn begin(gateway: &Arc<Gateway>, connection: &Arc<Connection>) -> Self {
        connection.activity.begun();
        Self {
            started: gateway.clock.monotonic(),
            gateway: gateway.clone(),
            connection: connection.clone(),
            id: RequestId::random(),
            stage: None,
            matched: None,
            caller: None,
            response_override: None,
            refused: None,
            filters_passed: 0,
        }
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

impl Drop for Exchange {
    fn drop(&mut self) {
        self.connection.activity.ended();
    }
}

/// A request's id: a random UUID in text form.
#[derive(Debug, Clone, Copy)]
pub struct RequestId([u8; 36]);

impl RequestId {
    /// A new one (RFC 9562, version 4). Unique, not secret.
    pub fn random() -> Self {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let bits = (fastrand::u128(..) & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
        let mut text = [b'-'; 36];
        let places = text
            .iter_mut()
            .enumerate()
            .filter(|(at, _)| !matches!(at, 8 | 13 | 18 | 23));
        for (nibble, (_, place)) in places.enumerate() {
            let value = (bits >> (124 - 4 * nibble)) & 0xf;
            *place = HEX.get(value as usize).copied().unwrap_or(b'0');
        }
        Self(text)
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
    pub fn new(exchange: Exchange, status: StatusCode, body: Body) -> Self {
        Self {
            body,
            exchange: Box::new(exchange),
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
        let exchange = &self.exchange;
        let took = exchange
            .gateway
            .clock
            .monotonic()
            .saturating_sub(exchange.started);
        let Some(stage) = &exchange.stage else {
            exchange.gateway.metrics.count_unresolved();
            return;
        };
        stage.metrics.record(self.status, took, self.bytes);
        tracing::debug!(
            target: "portcullis::access",
            requestId = %exchange.id,
            api = %stage.settings.api,
            stage = %stage.settings.name,
            resourcePath = exchange.method().map(|method| &*method.resource_path),
            sourceIp = %exchange.connection.peer.ip(),
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
