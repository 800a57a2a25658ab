//! What `wasi:http` has on the side of the host: bodies, and requests of guests, which go where their grants let them.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use bytes::Bytes;
use http_body_util::{BodyExt as _, combinators::UnsyncBoxBody};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpHooks};

use crate::instance::Shared;

/// A body on its way into a guest or out of one.
pub type HttpBody = UnsyncBoxBody<Bytes, HttpError>;

/// Why a body ended early, or a request has no response.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// It is larger than it may be.
    #[error("it is larger than {0} bytes")]
    TooLarge(u64),
    /// Nobody is there.
    #[error("cannot connect: {0}")]
    Unreachable(String),
    /// It took too long.
    #[error("it took too long")]
    TimedOut,
    /// Anything else.
    #[error("{0}")]
    Failed(String),
}

impl From<HttpError> for Error {
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::TooLarge(_) => Self::HttpRequestBodySize(None),
            HttpError::Unreachable(_) => Self::ConnectionRefused,
            HttpError::TimedOut => Self::ConnectionTimeout,
            HttpError::Failed(_) => Self::ConnectionTerminated,
        }
    }
}

/// The response to a guest's request, when it is there.
pub type Answering = Pin<Box<dyn Future<Output = Result<http::Response<HttpBody>, HttpError>> + Send>>;

/// Sends requests of guests. Their URIs have a scheme and an authority, to which they have been granted access.
pub trait Outgoing: fmt::Debug + Send + Sync {
    /// Sends a request.
    fn send(&self, request: http::Request<HttpBody>) -> Answering;
}

/// Of one instance.
pub(crate) struct State {
    pub(crate) context: WasiHttpCtx,
    pub(crate) hooks: Hooks,
}

impl State {
    pub(crate) fn new(shared: &Arc<Shared>) -> Self {
        Self {
            context: WasiHttpCtx::new(),
            hooks: Hooks {
                shared: shared.clone(),
            },
        }
    }
}

pub(crate) struct Hooks {
    shared: Arc<Shared>,
}

type Sent = (
    http::Response<WasiBody>,
    Box<dyn Future<Output = Result<(), Error>> + Send>,
);

impl WasiHttpHooks for Hooks {
    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Result<Sent, Error>> + Send> {
        let origin = origin_of(request.uri());
        let granted = &self.shared.grants.http;
        let outgoing = self.shared.engine.outgoing.clone();
        let outgoing = outgoing.filter(|_| granted.iter().any(|known| Some(known) == origin.as_ref()));
        let Some(outgoing) = outgoing else {
            let plugin = &*self.shared.name;
            let origin = origin.unwrap_or_default();
            tracing::warn!(
                plugin,
                "it may not send requests to {origin:?}: `grants.http` does not name it"
            );
            return Box::new(std::future::ready(Err(Error::HttpRequestDenied)));
        };
        let failed = |error: Error| HttpError::Failed(format!("{error:?}"));
        let request = request.map(|body| body.map_err(failed).boxed_unsync());
        let limit = options.and_then(|options| options.first_byte_timeout);
        let limit = limit
            .unwrap_or(self.shared.limits.wall)
            .min(self.shared.limits.wall);
        Box::new(async move {
            let sent = tokio::time::timeout(limit, outgoing.send(request)).await;
            let response = sent.map_err(|_| Error::HttpResponseTimeout)??;
            let response = response.map(|body| body.map_err(Error::from).boxed_unsync());
            // Whoever sends it keeps the connection going.
            let done: Box<dyn Future<Output = Result<(), Error>> + Send> =
                Box::new(std::future::ready(Ok(())));
            Ok((response, done))
        })
    }
}

/// `scheme://host`, with a port where it is not the scheme's own; none where there is no scheme or host.
pub fn origin_of(uri: &http::Uri) -> Option<String> {
    let scheme = uri.scheme_str()?;
    let authority = uri.authority()?;
    if authority.as_str().contains('@') {
        return None;
    }
    let default = match scheme {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    let host = authority.host().to_ascii_lowercase();
    Some(match authority.port_u16().filter(|port| *port != default) {
        Some(port) => format!("{scheme}://{host}:{port}"),
        None => format!("{scheme}://{host}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_one_spelling() {
        for (uri, expected) in [
            ("https://API.example.com/x?y", Some("https://api.example.com")),
            ("https://api.example.com:443", Some("https://api.example.com")),
            ("http://api.example.com:443/", Some("http://api.example.com:443")),
            ("http://[::1]:8080/", Some("http://[::1]:8080")),
            ("http://user@api.example.com/", None),
            ("ftp://api.example.com/", None),
            ("/x", None),
        ] {
            let uri: http::Uri = uri.parse().expect(uri);
            assert_eq!(origin_of(&uri).as_deref(), expected, "{uri}");
        }
    }
}
