//! Station 0: accepts connections and turns HTTP into calls.

mod alarm;
mod begun;
mod cut;
mod goodbye;
mod head;
mod http;
mod http2;
mod io;
mod limits;
mod metered;
mod places;
mod protocol;
mod proxied;
mod proxy_header;
mod refused;
mod request;
mod secured;
mod socket;
mod watch;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

pub use self::cut::{Abuse, Cut};
pub use self::http2::Meter;
pub use self::io::{ClientStream, Io};
pub use self::limits::Limits;
pub use self::socket::{Accepted, Listening, SocketFile};

use self::http::{Http, serve_connection};
use self::places::{Place, Places};
use self::secured::serve_secured;
use super::Gateway;
use super::call::{Connection, Listener};
use crate::lifecycle::Tasks;
use crate::stream::{Socket, Stream};

/// After a failed accept, such as for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Bytes of a response that the kernel holds before any of them is under way. More would hide how slowly a client takes them,
/// and hold memory for it.
#[cfg(target_os = "linux")]
const UNSENT: u32 = 64 * 1024;

/// Serves a socket until `stop`; connections that are open then finish the requests they are in.
pub async fn serve(
    socket: Listening,
    listener: Arc<Listener>,
    max_connections: usize,
    gateway: Arc<Gateway>,
    tasks: Tasks,
    stop: CancellationToken,
) {
    bound_unsent(&socket);
    let mut spoken = Spoken::new(listener.limits());
    let places = Arc::new(Semaphore::new(max_connections));
    let addresses = Arc::new(Places::default());
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            () = listener.left() => return socket.leave(),
            accepted = accept(&socket, &places) => accepted,
        };
        match accepted {
            Ok((accepted, place)) => {
                let http = spoken.by(&listener);
                let connection = connection(&accepted, &listener);
                let Some(of_address) = of_address(&addresses, &connection, &spoken.limits) else {
                    gateway.metrics.cut(Cut::Address);
                    tracing::debug!(peer = %connection.peer, "the connection is closed: its address has too many");
                    continue;
                };
                let (gateway, stop) = (gateway.clone(), stop.child_token());
                let places = (place, of_address);
                tasks.spawn(serve_stream(
                    http,
                    accepted.socket,
                    connection,
                    gateway,
                    stop,
                    places,
                ));
            }
            Err(error) => {
                tracing::warn!("cannot accept a connection: {error}");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// The place of a connection among those of its address; the inner option is `None` for one whose peer speaks for many
/// clients. Whoever waits in the kernel's queue would keep others waiting: what is too much of an address is closed.
fn of_address(addresses: &Arc<Places>, connection: &Connection, limits: &Limits) -> Option<Option<Place>> {
    if connection.is_of_many() {
        return Some(None);
    }
    addresses.take(connection.peer.ip(), limits.of_address).map(Some)
}

/// What a connection has of the listener's room, and of its address's.
type TakenPlaces = (Option<OwnedSemaphorePermit>, Option<Place>);

/// Serves a connection, which has its places as long as that takes. They are an argument, since a future that held this one
/// beside them would be twice as large.
async fn serve_stream(
    http: Arc<Http>,
    mut stream: Socket,
    mut connection: Connection,
    gateway: Arc<Gateway>,
    stop: CancellationToken,
    _places: TakenPlaces,
) {
    if let Some(peers) = connection.listener.proxies() {
        let read = Box::pin(proxied::read(&mut stream, &mut connection, &peers));
        let read = tokio::select! {
            biased;
            () = stop.cancelled() => return,
            read = read => read,
        };
        if let Err(error) = read {
            gateway.metrics.cut(Cut::Proxied);
            tracing::debug!(peer = %connection.peer, "the connection is closed: {error}");
            return;
        }
    }
    match connection.listener.tls() {
        None => {
            let stream = Stream::Plain(stream);
            serve_connection(http, stream, Arc::new(connection), gateway, stop).await;
        }
        // Boxed: what a handshake holds is large, and clear text does without it.
        Some(tls) => {
            Box::pin(serve_secured(http, stream, connection, tls, gateway, stop)).await;
        }
    }
}

/// How HTTP is spoken by the limits that a listener has.
struct Spoken {
    limits: Arc<Limits>,
    http: Arc<Http>,
}

impl Spoken {
    fn new(limits: Arc<Limits>) -> Self {
        let http = Arc::new(Http::new(&limits));
        Self { limits, http }
    }

    /// The same, by those that it has now.
    fn by(&mut self, listener: &Listener) -> Arc<Http> {
        let limits = listener.limits();
        if !Arc::ptr_eq(&limits, &self.limits) {
            *self = Self::new(limits);
        }
        self.http.clone()
    }
}

/// Connections have it of the socket that accepted them.
fn bound_unsent(socket: &Listening) {
    #[cfg(target_os = "linux")]
    if let Listening::Tcp(socket) = socket
        && let Err(error) = socket2::SockRef::from(socket).set_tcp_notsent_lowat(UNSENT)
    {
        tracing::debug!("the kernel's buffers are as large as it likes: {error}");
    }
}

async fn accept(
    socket: &Listening,
    places: &Arc<Semaphore>,
) -> std::io::Result<(Accepted, Option<OwnedSemaphorePermit>)> {
    // The semaphore is never closed. Whoever comes when all places are taken waits in the kernel: soon there is one, since
    // clients that stall are cut.
    let place = places.clone().acquire_owned().await.ok();
    Ok((socket.accept().await?, place))
}

fn connection(accepted: &Accepted, listener: &Arc<Listener>) -> Connection {
    match accepted.peer {
        Some(peer) => Connection::new(peer, accepted.local, listener.clone()),
        None => Connection::of_unix(accepted.local, listener.clone()),
    }
}
