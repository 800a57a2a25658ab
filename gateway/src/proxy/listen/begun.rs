//! From what hyper has read to what answers it.

use std::convert::Infallible;
use std::sync::Arc;

use ::http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Version, header};
use bytes::Bytes;
use hyper::body::Incoming;

use super::limits::Limits;
use super::request::call;
use crate::proxy::body::Body;
use crate::proxy::call::{Call, Connection, Reply};
use crate::proxy::exchange::{Exchange, ExchangeBody};
use crate::proxy::refusal::Refusal;
use crate::proxy::{Gateway, pipeline, respond, viewer};

/// A request that has begun. What needs no waiting is done by then, so that little is held while it is answered.
pub(super) struct Begun {
    exchange: Box<Exchange>,
    call: Call,
    is_last: bool,
}

impl Begun {
    /// Begins a request of a connection.
    ///
    /// # Errors
    ///
    /// There is nothing to wait for: this is the response.
    pub(super) fn of(
        gateway: &Arc<Gateway>,
        connection: &Arc<Connection>,
        limits: &Limits,
        mut request: Request<Incoming>,
    ) -> Result<Self, Box<Response<ExchangeBody>>> {
        let is_http1 = request.version() != Version::HTTP_2;
        let (behind, call) = match viewer::behind(connection, request.headers_mut()) {
            Ok(behind) => (behind, call(&gateway.metrics, request, limits.body)),
            Err(refusal) => (None, Err(refusal)),
        };
        let exchange = Box::new(Exchange::begin(gateway, behind.as_ref().unwrap_or(connection)));
        // Of HTTP/1, where one request follows another: this one is counted.
        let most = limits.requests.filter(|_| is_http1);
        let is_last = most.is_some_and(|most| connection.activity.counts().requests >= most.get());
        let response = match call {
            Ok(call) => match challenged(&exchange, call.head.target.path()) {
                Some(reply) => respond::send(exchange, reply),
                None => {
                    return Ok(Self {
                        exchange,
                        call,
                        is_last,
                    });
                }
            },
            Err(refusal) => refused(exchange, refusal),
        };
        Err(Box::new(closed_if(is_last, response)))
    }

    /// Answers it.
    #[allow(clippy::manual_async_fn, reason = "an `async fn` would hold the call twice")]
    pub(super) fn answer(
        mut self,
    ) -> impl Future<Output = Result<Response<ExchangeBody>, Infallible>> + Send {
        async move {
            let response = match self.exchange.gateway.presence.get().cloned() {
                None => pipeline::run(self.exchange, &mut self.call).await,
                Some(presence) => presence.answer(self.exchange, self.call).await,
            };
            Ok(closed_if(self.is_last, response))
        }
    }
}

fn refused(mut exchange: Box<Exchange>, refusal: Refusal) -> Response<ExchangeBody> {
    let reply = respond::refuse_early(&mut exchange, refusal);
    respond::send(exchange, reply)
}

/// hyper ends the connection behind such a response.
fn closed_if(is_last: bool, mut response: Response<ExchangeBody>) -> Response<ExchangeBody> {
    if is_last {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    response
}

/// The answer to an authority of ACME that makes sure of a name, by http-01: in clear text, while it is asked for.
fn challenged(exchange: &Exchange, path: &str) -> Option<Reply> {
    if exchange.connection.tls.is_some() {
        return None;
    }
    let authorization = exchange.gateway.acme.challenges.http(path)?;
    Some(Reply {
        status: StatusCode::OK,
        headers: HeaderMap::new(),
        body: Body::from(Bytes::copy_from_slice(authorization.as_bytes())),
    })
}
