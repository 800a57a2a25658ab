//! Station 0: accepts connections and turns HTTP into calls.

mod http;
mod io;
mod request;
mod secured;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

pub use self::io::{ClientStream, Io};

use self::http::{protocol, serve_connection};
use self::secured::serve_secured;
use super::Gateway;
use super::call::{Connection, Listener};
use crate::lifecycle::Tasks;
use crate::stream::Stream;

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
            () = listener.left() => return,
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
) -> std::io::Result<(TcpStream, SocketAddr, Option<OwnedSemaphorePermit>)> {
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
