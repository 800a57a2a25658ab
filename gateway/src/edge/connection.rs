//! A connection to a region: made, kept, looked after, and made again.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Version};
use http_body_util::BodyExt as _;
use hyper::client::conn::http2::{Builder, Connection, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::region::{Region, Target};
use crate::proxy::Body;
use crate::proxy::viewer::PROBE;

/// How long a connection may take to come up.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long is waited before a connection is made again: at first, and at the most.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// How often a region is asked how it is, and how long it may take to answer.
const PROBE_INTERVAL: Duration = Duration::from_secs(2);
const PROBE_TIMEOUT: Duration = Duration::from_secs(4);
/// So many times without an answer, and the connection is given up.
const MOST_MISSED: u32 = 2;
/// Pings tell sooner than TCP that nobody is there any more.
const PING_INTERVAL: Duration = Duration::from_secs(5);
const PING_TIMEOUT: Duration = Duration::from_secs(5);
/// What may be under way to this side of one response, and of all of a connection: at 100 ms and a gigabit it is 12 MiB.
const STREAM_WINDOW: u32 = 1024 * 1024;
const CONNECTION_WINDOW: u32 = 16 * 1024 * 1024;
/// Bytes that the headers of a response may have.
const HEADERS_LIMIT: u32 = 64 * 1024;

type Driven = Connection<TokioIo<TlsStream<TcpStream>>, Body, TokioExecutor>;

/// Keeps one connection until the region is ended.
pub(super) async fn keep(region: Arc<Region>, slot: usize) {
    let mut pause = FIRST_PAUSE;
    while !region.stop.is_cancelled() {
        let connecting = timeout(CONNECT_TIMEOUT, connect(&region.target));
        let connected = tokio::select! {
            () = region.stop.cancelled() => return,
            connected = connecting => connected.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())),
        };
        match connected {
            Ok((sender, connection, took)) => {
                if !region.is_up() {
                    tracing::info!(region = region.name(), "connected to the region");
                }
                pause = FIRST_PAUSE;
                region.measured(took);
                region.set(slot, Some(sender.clone()));
                drive(&region, slot, sender, connection).await;
                region.set(slot, None);
                if !region.is_up() && !region.stop.is_cancelled() {
                    tracing::warn!(region = region.name(), "no connection to the region is left");
                }
            }
            Err(error) => {
                let (name, host, port) = (region.name(), &region.target.host, region.target.port);
                if pause == FIRST_PAUSE {
                    tracing::warn!(region = name, "cannot connect to {host}:{port}: {error}");
                } else {
                    tracing::debug!(region = name, "cannot connect to {host}:{port}: {error}");
                }
            }
        }
        // Not all points of presence at the same moment.
        let jittered = pause.mul_f64(0.5 + fastrand::f64());
        tokio::select! {
            () = region.stop.cancelled() => return,
            () = tokio::time::sleep(jittered) => {}
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// A connection, and how long TCP took for it: a round trip.
async fn connect(target: &Target) -> io::Result<(SendRequest<Body>, Driven, Duration)> {
    let began = Instant::now();
    let stream = TcpStream::connect((&*target.host, target.port)).await?;
    let took = began.elapsed();
    stream.set_nodelay(true)?;
    let connector = TlsConnector::from(target.tls.clone());
    let stream = connector.connect(target.server_name.clone(), stream).await?;
    if stream.get_ref().1.alpn_protocol() != Some(b"h2") {
        return Err(io::Error::other("the region does not speak HTTP/2 there"));
    }
    let mut http = Builder::new(TokioExecutor::new());
    http.timer(TokioTimer::new())
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_header_list_size(HEADERS_LIMIT)
        .keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_TIMEOUT)
        .keep_alive_while_idle(true);
    let (sender, connection) = http
        .handshake(TokioIo::new(stream))
        .await
        .map_err(io::Error::other)?;
    Ok((sender, connection, took))
}

/// Moves its bytes until it ends, or is not answered on any more. Where the region is ended, what is under way ends first.
async fn drive(region: &Region, slot: usize, sender: SendRequest<Body>, connection: Driven) {
    let mut connection = pin!(connection);
    let looking = look(region, sender);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = region.stop.cancelled() => {
            region.set(slot, None);
            connection.await
        }
        // What is under way on it fails: nothing has been heard for long.
        () = looking => {
            tracing::warn!(region = region.name(), "a connection is given up: the region does not answer on it");
            return;
        }
    };
    if let Err(error) = ended {
        tracing::debug!(region = region.name(), "a connection ended: {error}");
    }
}

/// Asks now and then how the region is; ends when it does not say.
async fn look(region: &Region, mut sender: SendRequest<Body>) {
    let mut missed = 0;
    let mut ticks = interval(PROBE_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while missed < MOST_MISSED {
        ticks.tick().await;
        let began = Instant::now();
        match timeout(PROBE_TIMEOUT, probe(&mut sender, &region.target)).await {
            Ok(Ok(())) => {
                region.measured(began.elapsed());
                missed = 0;
            }
            // The connection itself tells why, and ends.
            Ok(Err(error)) => {
                tracing::debug!(region = region.name(), "the region was asked how it is: {error}");
                missed += 1;
            }
            Err(_) => missed += 1,
        }
    }
}

async fn probe(
    sender: &mut SendRequest<Body>,
    target: &Target,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let uri = format!("https://{}{PROBE}", host_of(&target.authority));
    let request = Request::get(uri).version(Version::HTTP_2).body(Body::Empty)?;
    let response = sender.send_request(request).await?;
    // Any answer will do.
    let mut body = response.into_body();
    while let Some(frame) = body.frame().await {
        let _: Option<Bytes> = frame?.into_data().ok();
    }
    Ok(())
}

/// A host as URIs have it.
pub(super) fn host_of(host: &str) -> String {
    match host.contains(':') {
        true => format!("[{host}]"),
        false => host.to_owned(),
    }
}
