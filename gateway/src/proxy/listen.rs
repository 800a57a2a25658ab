//! Station 0: accepts connections and turns HTTP into calls.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{HeaderMap, HeaderValue, Request, Response, header};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;

use super::body::{Body, IDLE_TIMEOUT, PAYLOAD_LIMIT};
use super::call::{Activity, Call, Connection, Head, Listener};
use super::exchange::{Exchange, ExchangeBody};
use super::refusal::Refusal;
use super::tls::Tls;
use super::{Gateway, pipeline, respond};
use crate::lifecycle::Tasks;
use crate::stream::Stream;

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
/// After a failed accept, such as for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves a socket until `stop`; connections that are open then finish the requests they are in.
pub async fn serve(
    socket: TcpListener,
    listener: Arc<Listener>,
    max_connections: usize,
    gateway: Arc<Gateway>,
    tasks: Tasks,
    stop: CancellationToken,
) {
    let http = Arc::new(protocol());
    let places = Arc::new(Semaphore::new(max_connections));
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = accept(&socket, &places) => accepted,
        };
        match accepted {
            Ok((stream, peer, place)) => {
                let connection = connection(&stream, peer, &listener);
                let (http, gateway, stop) = (http.clone(), gateway.clone(), stop.child_token());
                let tls = listener.tls();
                let serving = async move {
                    match tls {
                        None => {
                            let stream = Stream::Plain(stream);
                            serve_connection(http, stream, Arc::new(connection), gateway, stop).await;
                        }
                        // Boxed: what a handshake holds is large, and clear text does without it.
                        Some(tls) => {
                            Box::pin(serve_secured(http, stream, connection, tls, gateway, stop)).await;
                        }
                    }
                };
                tasks.spawn(async move {
                    serving.await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!("cannot accept a connection: {error}");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn accept(
    socket: &TcpListener,
    places: &Arc<Semaphore>,
) -> io::Result<(TcpStream, SocketAddr, Option<OwnedSemaphorePermit>)> {
    // The semaphore is never closed.
    let place = places.clone().acquire_owned().await.ok();
    let (stream, peer) = socket.accept().await?;
    stream.set_nodelay(true)?;
    Ok((stream, peer, place))
}

fn connection(stream: &TcpStream, peer: SocketAddr, listener: &Arc<Listener>) -> Connection {
    let local = stream.local_addr().unwrap_or(SocketAddr::from(([0, 0, 0, 0], 0)));
    Connection::new(peer, local, listener.clone())
}

fn protocol() -> auto::Builder<TokioExecutor> {
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

/// The handshake comes before the connection; without it there is none.
async fn serve_secured(
    http: Arc<auto::Builder<TokioExecutor>>,
    stream: TcpStream,
    mut connection: Connection,
    tls: Arc<Tls>,
    gateway: Arc<Gateway>,
    stop: CancellationToken,
) {
    let accepted = tokio::select! {
        biased;
        () = stop.cancelled() => return,
        accepted = tls.accept(stream) => accepted,
    };
    match accepted {
        Ok((stream, secured)) => {
            connection.tls = Some(Box::new(secured));
            serve_connection(http, Stream::Tls(stream), Arc::new(connection), gateway, stop).await;
        }
        Err(failed) => {
            gateway.metrics.handshake_failed();
            let (peer, error) = (connection.peer, &failed.error);
            if failed.is_about_client() {
                tracing::info!(%peer, "a client's certificate is refused: {error}");
            } else {
                tracing::debug!(%peer, "no TLS with a client: {error}");
            }
            failed.goodbye().await;
        }
    }
}

async fn serve_connection(
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
    let mut serving = pin!(http.serve_connection_with_upgrades(io, service));
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
        Ok(call) => pipeline::run(gateway, connection, call).await,
        Err(refusal) => {
            let mut exchange = Exchange::begin(gateway, connection);
            let reply = respond::refuse_early(&mut exchange, refusal);
            respond::send(exchange, reply)
        }
    }
}

fn call(request: Request<Incoming>) -> Result<Call, Refusal> {
    let (mut parts, body) = request.into_parts();
    join_cookies(&mut parts.headers);
    if parts.headers.get_all(header::HOST).iter().nth(1).is_some() {
        // RFC 9112 section 3.2: more than one Host is a 400.
        return Err(Refusal::bad_request(r#"{"message": "Bad Request"}"#));
    }
    let authority = parts.uri.authority().map(|authority| authority.as_str());
    let host = authority.or_else(|| parts.headers.get(header::HOST)?.to_str().ok());
    let host = host.map(str::to_owned);
    if host.is_none() && parts.version == http::Version::HTTP_11 {
        // RFC 9112 section 3.2: so is none at all in HTTP/1.1.
        return Err(Refusal::bad_request(r#"{"message": "Bad Request"}"#));
    }
    // `OPTIONS *` and CONNECT have no path: no stage has them.
    let Some(target) = parts.uri.into_parts().path_and_query else {
        return Err(Refusal::unknown_stage());
    };
    let head = Head {
        method: parts.method,
        target,
        below_stage: 0,
        host,
        version: parts.version,
        headers: parts.headers,
    };
    Ok(Call {
        head,
        body: Body::bounded(body, PAYLOAD_LIMIT, IDLE_TIMEOUT),
    })
}

/// HTTP/2 may send a cookie in pieces; what does not speak it must see them as one (RFC 9113 section 8.2.3).
fn join_cookies(headers: &mut HeaderMap) {
    let pieces: Vec<&[u8]> = headers
        .get_all(header::COOKIE)
        .iter()
        .map(HeaderValue::as_bytes)
        .collect();
    if pieces.len() > 1
        && let Ok(joined) = HeaderValue::from_bytes(&pieces.join(&b"; "[..]))
    {
        headers.insert(header::COOKIE, joined);
    }
}

/// A connection of a client.
pub type ClientStream = Stream<TlsStream<TcpStream>>;

/// The seam between bytes and HTTP: every byte of a client passes here, where checks stricter than hyper's can sit.
#[derive(Debug)]
pub struct Io {
    stream: ClientStream,
    connection: Arc<Connection>,
}

impl Io {
    /// Takes a connection.
    pub fn new(stream: ClientStream, connection: Arc<Connection>) -> Self {
        Self { stream, connection }
    }

    /// A client that takes its response is not idle, however slow it is.
    fn written(&self, polled: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if matches!(polled, Poll::Ready(Ok(_))) {
            self.connection.activity.progressed();
        }
        polled
    }
}

impl AsyncRead for Io {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, into)
    }
}

impl AsyncWrite for Io {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.written(polled)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(cx, bytes);
        self.written(polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
