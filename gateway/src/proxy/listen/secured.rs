//! A connection by TLS: the handshake, then HTTP.

use std::sync::Arc;

use hyper_util::rt::TokioExecutor;
use hyper_util::server::conn::auto;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use super::http::serve_connection;
use crate::proxy::Gateway;
use crate::proxy::call::Connection;
use crate::proxy::tls::Tls;
use crate::stream::Stream;

/// The handshake comes before the connection; without it there is none.
pub(super) async fn serve_secured(
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
        accepted = tls.accept(stream, &gateway.tls_names, &gateway.acme.challenges) => accepted,
    };
    match accepted {
        // The authority of ACME has seen what it asked for.
        Ok((stream, secured)) if secured.is_challenge => drop(stream),
        Ok((stream, secured)) => {
            let http = Arc::new(agreed(&http, secured.is_http2));
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

/// HTTP as ALPN has it: a client that agreed on one version and speaks the other is refused, and one that agreed on nothing
/// speaks HTTP/1.1 (RFC 9113, section 3.3).
fn agreed(http: &auto::Builder<TokioExecutor>, is_http2: bool) -> auto::Builder<TokioExecutor> {
    let http = http.clone();
    if is_http2 {
        http.http2_only()
    } else {
        http.http1_only()
    }
}
