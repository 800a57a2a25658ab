//! Whether all of a request's body was sent.

use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::Request;
use http_body::{Body as HttpBody, Frame, SizeHint};

use crate::proxy::body::{Body, BodyError, Streaming};

/// What is there as long as something of a body may still be sent.
#[derive(Debug, Default)]
pub(super) struct Unsent(Weak<()>);

impl Unsent {
    /// Follows the body of a request: whoever sends it drops it at its end. One that is at hand is not followed, since nobody
    /// is waited for to send it.
    pub(super) fn of(request: &mut Request<Body>) -> Self {
        let body = match std::mem::take(request.body_mut()) {
            Body::Stream(body) => body,
            at_hand => {
                *request.body_mut() = at_hand;
                return Self::default();
            }
        };
        let followed = Arc::new(());
        let unsent = Self(Arc::downgrade(&followed));
        *request.body_mut() = Body::streaming(Followed {
            body,
            _followed: followed,
        });
        unsent
    }

    /// Whether there may be something.
    pub(super) fn is_something(&self) -> bool {
        self.0.strong_count() > 0
    }
}

struct Followed {
    body: Pin<Box<dyn Streaming>>,
    _followed: Arc<()>,
}

impl Streaming for Followed {
    fn limit(self: Pin<&mut Self>, limit: u64) {
        self.get_mut().body.as_mut().limit(limit);
    }
}

impl HttpBody for Followed {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        self.get_mut().body.as_mut().poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
