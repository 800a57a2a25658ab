//! HTTP on a connection, from its first byte to its end.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use ::http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Version, header};
use bytes::Bytes;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::AsyncWriteExt as _;
use tokio::time::{Instant, Interval, interval_at, timeout};
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
/// How often a connection of HTTP/1 is looked at that is not at rest: one that has been quiet for so long rests.
const LOOK: Duration = Duration::from_secs(1);
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
#[derive(Debug)]
pub(super) struct Http {
    http1: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
}

impl Http {
    /// By the limits of a listener.
    pub(super) fn new(limits: &Limits) -> Self {
        let mut http1 = http1::Builder::new();
        // `Watch` bounds the time for a head: hyper's own timer would be set for each request. Its size is checked before hyper
        // has it.
        http1.max_buf_size(HEAD_BUFFER);
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        http2
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
        Self { http1, http2 }
    }
}

/// Serves one connection until it ends.
pub(super) async fn serve_connection(
    http: Arc<Http>,
    stream: ClientStream,
    connection: Arc<Connection>,
    gateway: Arc<Gateway>,
    stop: CancellationToken,
) {
    gateway.metrics.connection_opened();
    let limits = connection.listener.limits();
    let io = Io::new(stream, connection.clone(), gateway.clone());
    let io = Metered::new(io, connection.clone(), gateway.clone(), limits.write);
    let mut served = Served {
        watching: Watching::new(&connection, &gateway, &limits),
        http: &http,
        stop: &stop,
    };
    if let Err(error) = served.serve(io).await {
        tracing::debug!(peer = %connection.peer, "the connection ended: {error}");
    }
    gateway.metrics.connection_closed();
}

type Stream = Metered<Io>;

/// A connection on which nothing is under way has nothing but its socket: what hyper holds for the next request is as much as
/// forty sockets.
struct Served<'c> {
    watching: Watching<'c>,
    http: &'c Http,
    stop: &'c CancellationToken,
}

impl Served<'_> {
    async fn serve(&mut self, mut io: Stream) -> Result<(), hyper::Error> {
        while self.has_bytes(&mut io).await {
            match io.is_http2() {
                None => {}
                Some(true) => return Box::pin(self.http2(io)).await,
                Some(false) => match self.http1(io).await? {
                    Some(idle) => io = idle,
                    None => return Ok(()),
                },
            }
        }
        // Of TLS this says goodbye. Whoever does not take it has had its chance.
        let _ = timeout(GOODBYE, io.shutdown()).await;
        Ok(())
    }

    /// Waits for the first bytes of a request; false where the connection ends before.
    async fn has_bytes(&mut self, io: &mut Stream) -> bool {
        loop {
            tokio::select! {
                biased;
                read = io.fill() => return read.is_ok_and(|read| read),
                () = self.stop.cancelled() => return false,
                _ = self.watching.looks.tick() => if !matches!(self.watching.look(), Step::Go | Step::Rest) {
                    return false;
                },
            }
        }
    }

    /// Serves requests of HTTP/1 until the connection ends, or until it rests: it is given back then.
    async fn http1(&mut self, io: Stream) -> Result<Option<Stream>, hyper::Error> {
        self.watching.looks_every(LOOK);
        let service = service(&self.watching);
        let mut serving = Box::new(self.http.http1.serve_connection(TokioIo::new(io), service));
        loop {
            tokio::select! {
                biased;
                served = &mut *serving => return served.map(|()| None),
                () = self.stop.cancelled(), if !self.watching.is_leaving => {
                    self.watching.leave();
                    Pin::new(&mut *serving).graceful_shutdown();
                }
                _ = self.watching.looks.tick() => match self.watching.look() {
                    Step::Go => {}
                    Step::Leave => Pin::new(&mut *serving).graceful_shutdown(),
                    Step::End => return Ok(None),
                    Step::Rest => {
                        let parts = serving.into_parts();
                        let mut io = parts.io.into_inner();
                        if !parts.read_buf.is_empty() {
                            self.watching.watch.has_begun();
                        }
                        io.put_back(parts.read_buf);
                        self.watching.looks_every(self.watching.limits.look());
                        return Ok(Some(io));
                    }
                },
            }
        }
    }

    /// Serves a connection of HTTP/2 until it ends.
    async fn http2(&mut self, io: Stream) -> Result<(), hyper::Error> {
        let service = service(&self.watching);
        let mut serving = pin!(self.http.http2.serve_connection(TokioIo::new(io), service));
        loop {
            tokio::select! {
                biased;
                served = serving.as_mut() => return served,
                () = self.stop.cancelled(), if !self.watching.is_leaving => {
                    self.watching.leave();
                    serving.as_mut().graceful_shutdown();
                }
                _ = self.watching.looks.tick() => match self.watching.look() {
                    Step::Go | Step::Rest => {}
                    Step::Leave => serving.as_mut().graceful_shutdown(),
                    Step::End => return Ok(()),
                },
            }
        }
    }
}

/// What answers a connection's requests.
fn service(
    watching: &Watching<'_>,
) -> impl Service<Request<Incoming>, Response = Response<ExchangeBody>, Error = Infallible, Future: Send + 'static>
+ use<> {
    let (connection, gateway) = (watching.connection.clone(), watching.gateway.clone());
    let limits = watching.limits.clone();
    service_fn(move |request| {
        connection.activity.taken_one();
        let (gateway, connection, limits) = (gateway.clone(), connection.clone(), limits.clone());
        // Boxed: hyper keeps room for it in every connection of HTTP/1, and most of them have no request.
        Box::pin(async move { Ok(answer(&gateway, &connection, &limits, request).await) })
    })
}

/// What follows from a look.
enum Step {
    Go,
    /// It goes on, and nothing is under way on it.
    Rest,
    Leave,
    End,
}

/// A connection that is watched.
struct Watching<'c> {
    connection: &'c Arc<Connection>,
    gateway: &'c Arc<Gateway>,
    limits: &'c Arc<Limits>,
    watch: Watch,
    looks: Interval,
    period: Duration,
    is_leaving: bool,
    /// Whether it ends at the next look, whatever it is in.
    is_ending: bool,
}

impl<'c> Watching<'c> {
    fn new(connection: &'c Arc<Connection>, gateway: &'c Arc<Gateway>, limits: &'c Arc<Limits>) -> Self {
        Self {
            connection,
            gateway,
            limits,
            watch: Watch::new(limits, Instant::now()),
            looks: interval_at(Instant::now() + limits.look(), limits.look()),
            period: limits.look(),
            is_leaving: false,
            is_ending: false,
        }
    }

    /// It is looked at so often from now on.
    fn looks_every(&mut self, period: Duration) {
        self.period = period.min(self.limits.look());
        self.looks = interval_at(Instant::now() + self.period, self.period);
    }

    /// It is to end when what it is in has ended. It is looked at more often then.
    fn leave(&mut self) {
        self.is_leaving = true;
        self.looks_every(GOODBYE);
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
            Verdict::Go if !self.is_leaving && self.watch.may_rest(self.period) => Step::Rest,
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
