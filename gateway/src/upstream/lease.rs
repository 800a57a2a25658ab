//! What a request has of a connection, whichever HTTP is spoken on it, and the request in the form that this wants.

use std::pin::Pin;
use std::task::{Context, Poll};

use http::uri::{Authority, Scheme};
use http::{HeaderValue, Request, Response, Uri, header};
use http_body::{Body as _, Frame};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::TrySendError;
use tokio_util::sync::DropGuard;

use super::error::SendError;
use super::{http1, http2};
use crate::proxy::body::Body;

/// What a request has of a connection.
#[derive(Debug)]
pub(super) enum Lease {
    /// All of it.
    Http1(http1::Lease),
    /// One stream of it.
    Http2(http2::Lease),
}

impl Lease {
    /// Sends a request, and waits for the head of its response. The request's head is kept if it is wanted.
    pub(super) async fn send(
        &mut self,
        request: Box<Request<Body>>,
        wants_head: bool,
    ) -> Result<Response<Incoming>, TrySendError<Request<Body>>> {
        match self {
            Self::Http1(lease) => lease.send(request, wants_head).await,
            Self::Http2(lease) => {
                let sent = lease.sender.try_send_request(*request).await;
                // Dropped before, it was given up.
                lease.answered();
                sent
            }
        }
    }

    /// Gives a request the form that goes over the connection. One that another connection did not take may have that of
    /// the other protocol.
    pub(super) fn prepare(&self, request: &mut Request<Body>, scheme: &Scheme) -> Result<(), SendError> {
        match self {
            Self::Http1(lease) => {
                if lease.may_multiplex() {
                    as_http1(request);
                }
                Ok(())
            }
            Self::Http2(_) => as_http2(request, scheme),
        }
    }

    /// Lets the request's body end with it, where it shares its connection: closing that is no way then.
    pub(super) fn hold(&mut self, body: Option<DropGuard>) {
        match self {
            Self::Http1(_) => drop(body.map(DropGuard::disarm)),
            Self::Http2(lease) => lease.hold(body),
        }
    }

    /// Whether a byte of a response was seen.
    pub(super) fn has_begun(&self) -> bool {
        match self {
            Self::Http1(lease) => lease.has_begun(),
            // Others' responses say nothing: its own had no head.
            Self::Http2(_) => false,
        }
    }

    /// The head of the request as it was sent, if it was wanted and HTTP/1.1 is spoken.
    pub(super) fn sent_head(&self) -> Option<Vec<u8>> {
        match self {
            Self::Http1(lease) => lease.sent_head(),
            Self::Http2(_) => None,
        }
    }

    /// Whether nothing more is sent or read on it.
    pub(super) fn is_free(&self) -> bool {
        match self {
            Self::Http1(lease) => lease.is_free(),
            Self::Http2(_) => false,
        }
    }

    /// What is needed for the body of the response, once its head is there.
    pub(super) fn answered(self) -> Option<Self> {
        match self {
            Self::Http1(lease) => lease.answered().map(Self::Http1),
            Self::Http2(_) => Some(self),
        }
    }

    /// Polls the body of the response.
    pub(super) fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
        incoming: &mut Incoming,
    ) -> Poll<Option<hyper::Result<Frame<Bytes>>>> {
        match self {
            Self::Http1(lease) => lease.poll_frame(cx, incoming),
            Self::Http2(_) => Pin::new(incoming).poll_frame(cx),
        }
    }

    /// Lets another request have it.
    pub(super) fn give_back(self) {
        if let Self::Http1(lease) = self {
            lease.give_back();
        }
    }
}

/// `Host` becomes `:authority`, and the URI has its scheme (RFC 9113 section 8.3.1).
fn as_http2(request: &mut Request<Body>, scheme: &Scheme) -> Result<(), SendError> {
    if request.uri().authority().is_some() {
        return Ok(());
    }
    let host = request.headers_mut().remove(header::HOST);
    let authority = host.as_ref().map(|host| Authority::try_from(host.as_bytes()));
    let authority = match authority {
        Some(Ok(authority)) if !authority.as_str().contains('@') => authority,
        _ => return Err(SendError::BadHost(host.unwrap_or(HeaderValue::from_static("")))),
    };
    let mut parts = std::mem::take(request.uri_mut()).into_parts();
    (parts.scheme, parts.authority) = (Some(scheme.clone()), Some(authority));
    *request.uri_mut() = Uri::from_parts(parts).unwrap_or_default();
    Ok(())
}

/// The other way round. `TE` was for a stream of HTTP/2; here it would be about the connection.
fn as_http1(request: &mut Request<Body>) {
    request.headers_mut().remove(header::TE);
    let mut parts = std::mem::take(request.uri_mut()).into_parts();
    parts.scheme = None;
    if let Some(authority) = parts.authority.take()
        && let Ok(host) = HeaderValue::from_str(authority.as_str())
    {
        request.headers_mut().insert(header::HOST, host);
    }
    *request.uri_mut() = Uri::from_parts(parts).unwrap_or_default();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_takes_either_form() {
        let request = Request::get("/a?b=1")
            .header("host", "h:81")
            .header("te", "trailers");
        let mut request = request.body(Body::Empty).expect("a request");
        for _ in 0..2 {
            as_http2(&mut request, &Scheme::HTTP).expect("a good host");
            assert_eq!(request.uri(), "http://h:81/a?b=1");
            assert_eq!(request.headers().get("host"), None);
        }
        as_http1(&mut request);
        assert_eq!(request.uri(), "/a?b=1");
        assert_eq!(request.headers().get("host").expect("a host"), "h:81");
        assert_eq!(request.headers().get("te"), None);
        for host in ["u@h", "a b", ""] {
            let mut request = Request::get("/")
                .header("host", host)
                .body(Body::Empty)
                .expect("a request");
            let refused = as_http2(&mut request, &Scheme::HTTP);
            assert!(matches!(refused, Err(SendError::BadHost(_))), "{host}");
        }
    }
}
