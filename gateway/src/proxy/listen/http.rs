//! HTTP on a connection, from its first byte to its end.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use ::http::{HeaderMap, Request, Response, StatusCode};
use bytes::Bytes;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::io::{ClientStream, Io};
use super::request::call;
use crate::proxy::body::Body;
use crate::proxy::call::{Activity, Connection, Head, Reply};
use crate::proxy::exchange::{Exchange, ExchangeBody};
use crate::proxy::{Gateway, pipeline, respond};

/// How long a client may take for the head of a request, and a kept connection may be idle: this long at least, and one
/// [`LOOK`] longer at most.
const IDLE_LIMIT: Duration = Duration::from_secs(30);
/// How often a connection is looked at.
const LOOK: Duration = Duration::from_secs(10);
/// How long a connection without a request may take to end once it is asked to: it may be in the middle of a head.
const GOODBYE: Duration = Duration::from_secs(1);
/// How often the client of an HTTP/2 connection is asked whether it is still there.
const PING_INTERVAL: Duration = Duration::from_secs(30);
/// Bytes that the head of an HTTP/1 request may have.
const HEAD_LIMIT: usize = 64 * 1024;
/// Bytes that the headers of an HTTP/2 request may have.
const H2_HEADERS_LIMIT: u32 = 32 * 1024;
/// Requests at once on one HTTP/2 connection.
const H2_STREAMS: u32 = 128;

/// How HTTP is spoken with clients.
pub(super) fn protocol() -> auto::Builder<TokioExecutor> {
    let mut http = auto::Builder::new(TokioExecutor::new());
    http.http1()
        // `Ended` bounds the time for a head: hyper's own timer would be set for each request.
        .max_buf_size(HEAD_LIMIT);
    http.http2()
        .timer(TokioTimer::new())
        .max_header_list_size(H2_HEADERS_LIMIT)
        .max_concurrent_streams(H2_STREAMS)
        .keep_alive_interval(PING_INTERVAL);
    http
}

/// Serves one connection until it ends.
pub(super) async fn serve_connection(
    http: Arc<auto::Builder<TokioExecutor>>,
    stream: ClientStream,
    connection: Arc<Connection>,
    gateway: Arc<Gateway>,
    stop: CancellationToken,
) {
    gateway.metrics.connection_opened();
    let service = service_fn(|request| {
        let (gateway, connection) = (gateway.clone(), connection.clone());
        async move { Ok::<_, Infallible>(answer(&gateway, &connection, request).await) }
    });
    let io = TokioIo::new(Io::new(stream, connection.clone()));
    let mut serving = pin!(http.serve_connection(io, service));
    let served = tokio::select! {
        biased;
        served = serving.as_mut() => served,
        () = ended(&connection.activity, &stop) => {
            serving.as_mut().graceful_shutdown();
            tokio::select! {
                served = serving => served,
                // In the middle of a head, or of nothing that this side would wait for.
                () = abandoned(&connection.activity) => Ok(()),
            }
        }
    };
    if let Err(error) = served {
        tracing::debug!(peer = %connection.peer, "the connection ended: {error}");
    }
    gateway.metrics.connection_closed();
}

/// When a connection is to end: the node stops, or nothing has happened on it for too long.
async fn ended(activity: &Activity, stop: &CancellationToken) {
    tokio::select! {
        biased;
        () = stop.cancelled() => {}
        () = idle_for(activity, IDLE_LIMIT, LOOK) => {}
    }
}

/// When a connection that was asked to end does not, and has no request in flight.
async fn abandoned(activity: &Activity) {
    idle_for(activity, GOODBYE, GOODBYE).await;
}

/// Ends when nothing has happened for `limit`; it looks every `look`, so it may take one of those longer.
async fn idle_for(activity: &Activity, limit: Duration, look: Duration) {
    let (mut seen, mut since) = (activity.idle_mark(), Instant::now());
    let mut looks = tokio::time::interval(look);
    // The first tick comes at once.
    looks.tick().await;
    while seen.is_none() || since.elapsed() < limit {
        looks.tick().await;
        let mark = activity.idle_mark();
        if mark.is_none() || mark != seen {
            (seen, since) = (mark, Instant::now());
        }
    }
}

async fn answer(
    gateway: &Arc<Gateway>,
    connection: &Arc<Connection>,
    request: Request<Incoming>,
) -> Response<ExchangeBody> {
    match call(request) {
        Ok(call) => match challenged(gateway, connection, &call.head) {
            Some(response) => response,
            None => pipeline::run(gateway, connection, call).await,
        },
        Err(refusal) => {
            let mut exchange = Exchange::begin(gateway, connection);
            let reply = respond::refuse_early(&mut exchange, refusal);
            respond::send(exchange, reply)
        }
    }
}

/// The answer to an authority of ACME that makes sure of a name, by http-01: in clear text, while it is asked for.
fn challenged(
    gateway: &Arc<Gateway>,
    connection: &Arc<Connection>,
    head: &Head,
) -> Option<Response<ExchangeBody>> {
    if connection.tls.is_some() {
        return None;
    }
    let authorization = gateway.acme.challenges.http(head.target.path())?;
    let reply = Reply {
        status: StatusCode::OK,
        headers: HeaderMap::new(),
        body: Body::from(Bytes::copy_from_slice(authorization.as_bytes())),
    };
    Some(respond::send(Exchange::begin(gateway, connection), reply))
}
