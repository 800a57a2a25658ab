//! Station 0: accepts connections and turns HTTP into calls.

mod http;
mod io;
mod proxied;
mod proxy_header;
mod request;
mod secured;
mod socket;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

pub use self::io::{ClientStream, Io};
pub use self::socket::{Accepted, Listening, SocketFile};

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
    socket: Listening,
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
            Ok((accepted, place)) => {
                let mut connection = connection(&accepted, &listener);
                let mut stream = accepted.socket;
                let proxies = listener.proxies();
                let (http, gateway, stop) = (http.clone(), gateway.clone(), stop.child_token());
                let tls = listener.tls();
                let serving = async move {
                    if let Some(peers) = proxies {
                        let read = Box::pin(proxied::read(&mut stream, &mut connection, &peers));
                        let read = tokio::select! {
                            biased;
                            () = stop.cancelled() => return,
                            read = read => read,
                        };
                        if let Err(error) = read {
                            let peer = connection.peer;
                            tracing::info!(%peer, "a connection is closed: {error}");
                            return;
                        }
                    }
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
    socket: &Listening,
    places: &Arc<Semaphore>,
) -> std::io::Result<(Accepted, Option<OwnedSemaphorePermit>)> {
    // The semaphore is never closed.
    let place = places.clone().acquire_owned().await.ok();
    Ok((socket.accept().await?, place))
}

fn connection(accepted: &Accepted, listener: &Arc<Listener>) -> Connection {
    match accepted.peer {
        Some(peer) => Connection::new(peer, accepted.local, listener.clone()),
        None => Connection::of_unix(accepted.local, listener.clone()),
    }
}
