//! A request's body that is watched while it is sent.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::Request;
use http_body::{Body as HttpBody, Frame, SizeHint};

use crate::proxy::body::{Body, BodyError, Streaming};

struct Watched<W> {
    body: Pin<Box<dyn Streaming>>,
    watch: W,
}

/// Whether the body of a request is still coming. What is at hand needs no watching.
pub(super) fn is_coming(request: &Request<Body>) -> bool {
    matches!(request.body(), Body::Stream(_))
}

/// Asks before each piece of a request's body, if it is still coming, whether it is to end with an error. Whatever `watch` holds
/// goes when the body does: at its end, or with its request.
pub(super) fn watch<W>(request: &mut Request<Body>, watch: W)
where
    W: FnMut(&mut Context<'_>) -> Poll<BodyError> + Send + Unpin + 'static,
{
    *request.body_mut() = match std::mem::take(request.body_mut()) {
        Body::Stream(body) => Body::streaming(Watched { body, watch }),
        at_hand => at_hand,
    };
}

impl<W> Streaming for Watched<W>
where
    W: FnMut(&mut Context<'_>) -> Poll<BodyError> + Send + Unpin,
{
    fn limit(self: Pin<&mut Self>, limit: u64) {
        self.get_mut().body.as_mut().limit(limit);
    }
}

impl<W> HttpBody for Watched<W>
where
    W: FnMut(&mut Context<'_>) -> Poll<BodyError> + Unpin,
{
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        if let Poll::Ready(error) = (this.watch)(cx) {
            return Poll::Ready(Some(Err(error)));
        }
        this.body.as_mut().poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
