//! Why a backend gave no response.

use std::error::Error;
use std::io;
use std::time::Duration;

use http::HeaderValue;

use crate::proxy::body::BodyError;

/// Why there is no response.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// No connection: refused, unreachable, no such host, or not up in time, the handshake of TLS included. Of a private
    /// upstream: to none of its targets.
    #[error("cannot connect to the backend: {}", chain(&**.0))]
    Unreachable(Box<dyn Error + Send + Sync>),
    /// A connection, but no TLS that is to be trusted: the certificate is refused here (unknown issuer, another host,
    /// expired), the backend refuses ours, or there is no version in common.
    ///
    /// API Gateway's execution log calls it a "configuration error" ("General SSLEngine problem", "Host name … does not
    /// match the certificate subject") and its status is 500
    /// (<https://repost.aws/knowledge-center/api-gateway-ssl-error>,
    /// <https://repost.aws/knowledge-center/api-gateway-500-error-vpc>), so it is an `API_CONFIGURATION_ERROR`: trying
    /// again would not help, as it might where a backend is down (503).
    #[error("no TLS with the backend: {0}")]
    Tls(rustls::Error),
    /// The head of the response did not come in time.
    #[error("the backend's response did not begin within {} ms", .0.as_millis())]
    TimedOut(Duration),
    /// The connection ended before the response's head.
    #[error("the connection to the backend was lost before its response: {}", chain(.0))]
    Lost(hyper::Error),
    /// What stands in `Host` of a request cannot be the authority that HTTP/2 has instead.
    #[error("HTTP/2 cannot be asked for the host {0:?}")]
    BadHost(HeaderValue),
    /// The client's own body could not be read.
    #[error("the request's body could not be read: {0}")]
    ClientBody(BodyError),
}

impl SendError {
    /// The error of a request that a connection took.
    pub(super) fn of_exchange(error: hyper::Error) -> Self {
        // With TLS 1.3 a backend refuses our certificate only after the handshake.
        match (client_body_error(&error), tls_error(&error)) {
            (Some(error), _) => Self::ClientBody(error),
            (None, Some(error)) => Self::Tls(error),
            (None, None) => Self::Lost(error),
        }
    }

    /// The same for another request that waited for the same connection.
    pub(super) fn again(&self) -> Self {
        match self {
            Self::Tls(error) => Self::Tls(error.clone()),
            Self::Unreachable(error) => Self::Unreachable(chain(&**error).into()),
            other => Self::Unreachable(other.to_string().into()),
        }
    }

    /// The error of a handshake.
    pub(super) fn of_handshake(error: io::Error) -> Self {
        match tls_error(&error) {
            Some(error) => Self::Tls(error),
            None => Self::Unreachable(error.into()),
        }
    }
}

/// Whether the backend says that it has done nothing of a request (RFC 9113 sections 6.8 and 8.7): it may be sent again,
/// whatever it is.
pub(crate) fn is_untouched(error: &hyper::Error) -> bool {
    let mut source = error.source();
    while let Some(error) = source {
        if let Some(error) = error.downcast_ref::<h2::Error>() {
            let refused = error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM);
            // Streams that it has begun with are not ended by it.
            return error.is_remote() && (refused || error.is_go_away());
        }
        source = error.source();
    }
    false
}

fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

/// What TLS has against it, where that is what failed.
fn tls_error(error: &(dyn Error + 'static)) -> Option<rustls::Error> {
    let mut error = Some(error);
    while let Some(current) = error {
        // The source of an I/O error is not what it wraps, but the source of that.
        let wrapped = current.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if let Some(error) = wrapped.and_then(|error| error.downcast_ref::<rustls::Error>()) {
            return Some(error.clone());
        }
        error = current.source();
    }
    None
}

/// The error of the request's own body, where that is what ended the exchange.
fn client_body_error(error: &hyper::Error) -> Option<BodyError> {
    let mut source = error.source();
    while let Some(error) = source {
        match error.downcast_ref::<BodyError>() {
            Some(BodyError::TooLarge(limit)) => return Some(BodyError::TooLarge(*limit)),
            Some(BodyError::Overloaded) => return Some(BodyError::Overloaded),
            Some(BodyError::Idle(idle)) => return Some(BodyError::Idle(*idle)),
            Some(BodyError::Transport(_) | BodyError::Function(_) | BodyError::Unwanted) => {
                return Some(BodyError::Idle(Duration::ZERO));
            }
            None => source = error.source(),
        }
    }
    None
}
