//! HTTP on a connection, from its first byte to its end.

use std::convert::Infallible;
use std::future::{poll_fn, ready};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use ::http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::AsyncWriteExt as _;
use tokio::time::{Instant, Interval, interval_at, timeout};
use tokio_util::sync::CancellationToken;

use super::alarm::Alarm;
use super::begun::Begun;
use super::cut::Cut;
use super::http2::together;
use super::io::{ClientStream, Io};
use super::limits::Limits;
use super::metered::Metered;
use super::watch::{Verdict, Watch};
use crate::proxy::Gateway;
use crate::proxy::call::Connection;
use crate::proxy::exchange::ExchangeBody;

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
        let alarm = Alarm::new();
        loop {
            match self
                .watching
                .beside(&mut *serving, |_| {}, &alarm, self.stop)
                .await
            {
                Event::Served(served) => return served.map(|()| None),
                Event::Stop => {
                    self.watching.leave();
                    Pin::new(&mut *serving).graceful_shutdown();
                }
                Event::Look => match self.watching.look() {
                    Step::Go => {}
                    Step::Leave => Pin::new(&mut *serving).graceful_shutdown(),
                    Step::Over | Step::End => return Ok(None),
                    Step::Rest => {
                        let parts = serving.into_parts();
                        let mut io = parts.io.into_inner();
                        if !parts.read_buf.is_empty() {
                            self.watching.watch.has_begun();
                        }
                        io.put_back(&parts.read_buf);
                        self.watching.connection.timers.release();
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
        let (io, mut leaving) = together(io, self.watching.connection.activity.clone());
        let mut serving = pin!(self.http.http2.serve_connection(TokioIo::new(io), service));
        let alarm = Alarm::new();
        // h2 names the last stream when the client has answered a ping, and h2's clients answer before they send what they have
        // begun: they have a second to hear of the end first.
        let mut named: Option<Instant> = None;
        loop {
            match self
                .watching
                .beside(serving.as_mut(), |cx| leaving.poll(cx), &alarm, self.stop)
                .await
            {
                Event::Served(served) => return served,
                Event::Stop => {
                    self.watching.leave();
                    leaving.give_notice();
                }
                Event::Look => match self.watching.look() {
                    Step::Leave => leaving.give_notice(),
                    Step::End => return Ok(()),
                    Step::Over if named.is_some_and(|since| since.elapsed() >= GOODBYE) => return Ok(()),
                    Step::Go | Step::Rest | Step::Over => {
                        if named.is_none() && self.watching.has_left_for(GOODBYE) {
                            named = Some(Instant::now());
                            leaving.withdraw_notice();
                            serving.as_mut().graceful_shutdown();
                        }
                    }
                },
            }
        }
    }
}

/// Boxed: hyper keeps room for it in every connection of HTTP/1, and most of them have no request.
type Answering = Pin<Box<dyn Future<Output = Result<Response<ExchangeBody>, Infallible>> + Send>>;

/// What answers a connection's requests.
fn service(
    watching: &Watching<'_>,
) -> impl Service<Request<Incoming>, Response = Response<ExchangeBody>, Error = Infallible, Future: Send + 'static>
+ use<> {
    let (connection, gateway) = (watching.connection.clone(), watching.gateway.clone());
    let limits = watching.limits.clone();
    service_fn(move |request| -> Answering {
        connection.activity.taken_one();
        match Begun::of(&gateway, &connection, &limits, request) {
            Ok(begun) => Box::pin(begun.answer()),
            Err(response) => Box::pin(ready(Ok(*response))),
        }
    })
}

/// What happens on a connection that is served.
enum Event<T> {
    /// It has ended.
    Served(T),
    /// It is to end.
    Stop,
    /// It is to be looked at.
    Look,
}

/// What follows from a look.
enum Step {
    Go,
    /// It goes on, and nothing is under way on it.
    Rest,
    Leave,
    /// It was to end, and nothing is under way on it.
    Over,
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
    /// Since when it is to end.
    left: Option<Instant>,
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
            left: None,
            is_ending: false,
        }
    }

    /// Serves a connection until something happens; `after` has its turn whenever it was polled.
    async fn beside<S: Future + Unpin>(
        &mut self,
        mut serving: S,
        mut after: impl FnMut(&mut Context<'_>),
        alarm: &Alarm,
        stop: &CancellationToken,
    ) -> Event<S::Output> {
        let is_leaving = self.left.is_some();
        let mut alert = pin!(async {
            tokio::select! {
                biased;
                () = stop.cancelled(), if !is_leaving => Event::Stop,
                _ = self.looks.tick() => Event::Look,
            }
        });
        alarm.reset();
        poll_fn(|cx| {
            let served = Pin::new(&mut serving).poll(cx);
            after(cx);
            match served {
                Poll::Ready(served) => Poll::Ready(Event::Served(served)),
                Poll::Pending => alarm.poll(alert.as_mut(), cx),
            }
        })
        .await
    }

    /// It is looked at so often from now on.
    fn looks_every(&mut self, period: Duration) {
        self.period = period.min(self.limits.look());
        self.looks = interval_at(Instant::now() + self.period, self.period);
    }

    /// It is to end when what it is in has ended. It is looked at more often then.
    fn leave(&mut self) {
        self.left = Some(Instant::now());
        self.looks_every(GOODBYE);
    }

    /// Whether it was to end so long ago.
    fn has_left_for(&self, time: Duration) -> bool {
        self.left.is_some_and(|since| since.elapsed() >= time)
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
            Verdict::Leave(cut) if self.left.is_none() => {
                self.gateway.metrics.cut(cut);
                tracing::debug!(peer = %self.connection.peer, "the connection is to end: {}", cut.name());
                self.is_ending = cut == Cut::Write;
                self.leave();
                Step::Leave
            }
            // It was to end for another reason, and this would keep it.
            Verdict::Leave(Cut::Write) => {
                self.gateway.metrics.cut(Cut::Write);
                Step::End
            }
            // In the middle of a head, or of nothing that this side would wait for.
            _ if self.left.is_some() && self.watch.is_quiet_for(GOODBYE) => Step::Over,
            Verdict::Go if self.left.is_none() && self.watch.may_rest(self.period) => Step::Rest,
            _ => Step::Go,
        }
    }
}
