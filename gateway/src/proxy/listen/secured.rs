//! A connection by TLS: the handshake, then HTTP.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::http::{Http, serve_connection};
use crate::proxy::Gateway;
use crate::proxy::call::Connection;
use crate::proxy::tls::Tls;
use crate::stream::{Socket, Stream};

/// The handshake comes before the connection; without it there is none.
pub(super) async fn serve_secured(
    http: Arc<Http>,
    stream: Socket,
    mut connection: Connection,
    tls: Arc<Tls>,
    gateway: Arc<Gateway>,
    stop: CancellationToken,
) {
    let accepted = tokio::select! {
        biased;
        () = stop.cancelled() => return,
        accepted = tls.accept(stream, &gateway.tls_names, &gateway.acme.challenges) => accepted,
    };
    match accepted {
        // The authority of ACME has seen what it asked for.
        Ok((stream, secured)) if secured.is_challenge => drop(stream),
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
