//! HTTP on a connection, from its first byte to its end.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use ::http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Version, header};
use bytes::Bytes;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::time::{Instant, Interval, interval};
use tokio_util::sync::CancellationToken;

use super::cut::Cut;
use super::io::{ClientStream, Io};
use super::limits::Limits;
use super::metered::Metered;
use super::request::call;
use super::watch::{Verdict, Watch};
use crate::proxy::body::Body;
use crate::proxy::call::{Connection, Head, Reply};
use crate::proxy::exchange::{Exchange, ExchangeBody};
use crate::proxy::{Gateway, pipeline, respond, viewer};

/// How long a connection without a request may take to end once it is asked to: it may be in the middle of a head.
const GOODBYE: Duration = Duration::from_secs(1);
/// How often the client of an HTTP/2 connection is asked whether it is still there, and how long it may take to answer.
const PING_INTERVAL: Duration = Duration::from_secs(15);
const PING_TIMEOUT: Duration = Duration::from_secs(15);
/// Bytes that hyper keeps for the head of an HTTP/1 request: more than one may have, so that it is not hyper that refuses it.
const HEAD_BUFFER: usize = 68 * 1024;
/// Bytes that the headers of an HTTP/2 request may have.
const H2_HEADERS_LIMIT: u32 = 32 * 1024;
/// Bytes of bodies that an HTTP/2 client may send before they are asked for: of a stream, and of the connection.
const H2_STREAM_WINDOW: u32 = 256 * 1024;
const H2_WINDOW: u32 = 1024 * 1024;
/// Bytes of a response that wait for an HTTP/2 stream's window beside the piece that is sent.
const H2_SEND_BUFFER: usize = 128 * 1024;
/// Streams of an HTTP/2 connection that its client reset before they were looked at.
const H2_PENDING_RESETS: usize = 20;
/// Streams of an HTTP/2 connection that were reset for what its client did; the meter counts them by time, this one in all.
const H2_LOCAL_RESETS: usize = 1024;

/// How HTTP is spoken with clients.
pub(super) fn protocol(limits: &Limits) -> auto::Builder<TokioExecutor> {
    let mut http = auto::Builder::new(TokioExecutor::new());
    http.http1()
        // `Watch` bounds the time for a head: hyper's own timer would be set for each request. Its size is checked before
        // hyper has it.
        .max_buf_size(HEAD_BUFFER);
    http.http2()
        .timer(TokioTimer::new())
        .max_header_list_size(H2_HEADERS_LIMIT)
        .max_concurrent_streams(limits.streams)
        .max_pending_accept_reset_streams(H2_PENDING_RESETS)
        .max_local_error_reset_streams(H2_LOCAL_RESETS)
        .initial_stream_window_size(H2_STREAM_WINDOW)
        .initial_connection_window_size(H2_WINDOW)
        .max_send_buf_size(H2_SEND_BUFFER)
        .keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_TIMEOUT);
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
    let limits = connection.listener.limits();
    let service = service_fn(|request| {
        connection.activity.taken_one();
        let (gateway, connection, limits) = (gateway.clone(), connection.clone(), limits.clone());
        async move { Ok::<_, Infallible>(answer(&gateway, &connection, &limits, request).await) }
    });
    let io = Metered::new(
        Io::new(stream, connection.clone(), gateway.clone()),
        connection.clone(),
        gateway.clone(),
        limits.write,
    );
    let mut serving = pin!(http.serve_connection_with_upgrades(TokioIo::new(io), service));
    let mut watching = Watching::new(&connection, &gateway, &limits);
    let served = loop {
        tokio::select! {
            biased;
            served = serving.as_mut() => break served,
            () = stop.cancelled(), if !watching.is_leaving => {
                watching.leave();
                serving.as_mut().graceful_shutdown();
            }
            _ = watching.looks.tick() => match watching.look() {
                Step::Go => {}
                Step::Leave => serving.as_mut().graceful_shutdown(),
                Step::End => break Ok(()),
            },
        }
    };
    if let Err(error) = served {
        tracing::debug!(peer = %connection.peer, "the connection ended: {error}");
    }
    gateway.metrics.connection_closed();
}

/// What follows from a look.
enum Step {
    Go,
    Leave,
    End,
}

/// A connection that is watched.
struct Watching<'c> {
    connection: &'c Connection,
    gateway: &'c Gateway,
    limits: &'c Limits,
    watch: Watch,
    looks: Interval,
    is_leaving: bool,
    /// Whether it ends at the next look, whatever it is in.
    is_ending: bool,
}

impl<'c> Watching<'c> {
    fn new(connection: &'c Connection, gateway: &'c Gateway, limits: &'c Limits) -> Self {
        Self {
            connection,
            gateway,
            limits,
            watch: Watch::new(limits, Instant::now()),
            looks: interval(limits.look()),
            is_leaving: false,
            is_ending: false,
        }
    }

    /// It is to end when what it is in has ended. It is looked at more often then.
    fn leave(&mut self) {
        self.is_leaving = true;
        self.looks = interval(GOODBYE.min(self.limits.look()));
        self.looks.reset();
    }

    fn look(&mut self) -> Step {
        let verdict = self
            .watch
            .look(&self.connection.activity, self.limits, Instant::now());
        if self.is_ending {
            return Step::End;
        }
        match verdict {
            Verdict::End(cut) => {
                self.gateway.metrics.cut(cut);
                tracing::debug!(peer = %self.connection.peer, "the connection is cut: {}", cut.name());
                Step::End
            }
            Verdict::Leave(cut) if !self.is_leaving => {
                self.gateway.metrics.cut(cut);
                tracing::debug!(peer = %self.connection.peer, "the connection is to end: {}", cut.name());
                self.is_ending = cut == Cut::Write;
                self.leave();
                Step::Leave
            }
            // In the middle of a head, or of nothing that this side would wait for.
            _ if self.is_leaving && self.watch.is_quiet_for(GOODBYE) => Step::End,
            _ => Step::Go,
        }
    }
}

async fn answer(
    gateway: &Arc<Gateway>,
    connection: &Arc<Connection>,
    limits: &Limits,
    mut request: Request<Incoming>,
) -> Response<ExchangeBody> {
    let is_http1 = request.version() != Version::HTTP_2;
    let (behind, call) = match viewer::behind(connection, request.headers_mut()) {
        Ok(behind) => (behind, call(&gateway.metrics, request, limits.body)),
        Err(refusal) => (None, Err(refusal)),
    };
    let connection = behind.as_ref().unwrap_or(connection);
    let mut response = match call {
        Ok(call) => match (
            challenged(gateway, connection, &call.head),
            gateway.presence.get(),
        ) {
            (Some(response), _) => response,
            (None, None) => pipeline::run(gateway, connection, call).await,
            (None, Some(presence)) => presence.answer(Exchange::begin(gateway, connection), call).await,
        },
        Err(refusal) => {
            let mut exchange = Exchange::begin(gateway, connection);
            let reply = respond::refuse_early(&mut exchange, refusal);
            respond::send(exchange, reply)
        }
    };
    let is_last = |most: std::num::NonZeroU32| connection.activity.counts().requests >= most.get();
    if is_http1 && limits.requests.is_some_and(is_last) {
        // hyper ends the connection behind such a response.
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    response
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
