//! A request's body that is sent no longer than somebody waits for the response.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::Request;
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio_util::sync::{CancellationToken, DropGuard, WaitForCancellationFutureOwned};

use crate::proxy::body::{Body, BodyError, Streaming};

/// In HTTP/2 a body goes on where its request was given up: here it ends with an error, which resets the stream.
struct Tied {
    body: Pin<Box<dyn Streaming>>,
    cut: Pin<Box<WaitForCancellationFutureOwned>>,
}

/// Ties the body of a request, if it is still coming. Without the guard it ends.
pub(super) fn tie(request: &mut Request<Body>) -> Option<DropGuard> {
    let body = std::mem::take(request.body_mut());
    let Body::Stream(stream) = body else {
        *request.body_mut() = body;
        return None;
    };
    let token = CancellationToken::new();
    *request.body_mut() = Body::streaming(Tied {
        body: stream,
        cut: Box::pin(token.clone().cancelled_owned()),
    });
    Some(token.drop_guard())
}

impl Streaming for Tied {
    fn limit(self: Pin<&mut Self>, limit: u64) {
        self.get_mut().body.as_mut().limit(limit);
    }
}

impl HttpBody for Tied {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        if this.cut.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Some(Err(BodyError::Unwanted)));
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
