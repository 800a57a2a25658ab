//! A response's body, which gives its connection back when it has ended.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::body::Incoming;

use super::lease::Lease;
use crate::proxy::body::Body;

/// The body of a backend's response. With its last byte the connection is free for the next request; dropped before, it
/// is closed.
#[derive(Debug)]
pub struct ResponseBody {
    incoming: Incoming,
    lease: Option<Lease>,
    /// Whether all of it has been read from the connection.
    is_here: bool,
    /// What was taken of it already.
    ahead: Option<Bytes>,
    /// Why it ends early, to be told.
    failed: Option<hyper::Error>,
}

/// Bytes of a body that need not be a stream.
const SHORT: u64 = 16 * 1024;

impl ResponseBody {
    pub(super) fn new(incoming: Incoming, lease: Lease) -> Self {
        let mut body = Self {
            incoming,
            is_here: lease.is_free(),
            lease: lease.answered(),
            ahead: None,
            failed: None,
        };
        body.release_at_end();
        body
    }

    /// As a body of at most so many bytes, none of which is waited for longer than that. Short ones came with the head
    /// mostly: there is nothing to wait for.
    pub fn bounded(mut self, limit: u64, idle: Duration) -> Body {
        match self.whole(limit.min(SHORT)) {
            Some(bytes) => Body::Whole(bytes),
            None => Body::bounded(self, limit, idle),
        }
    }

    /// All of its bytes, where they are here and not more than those.
    fn whole(&mut self, limit: u64) -> Option<Bytes> {
        let length = self.incoming.size_hint().exact()?;
        if !self.is_here || length == 0 || length > limit {
            return None;
        }
        let mut cx = Context::from_waker(Waker::noop());
        let Poll::Ready(Some(Ok(frame))) = Pin::new(&mut self.incoming).poll_frame(&mut cx) else {
            return None;
        };
        let data = frame.into_data().ok()?;
        if data.len() as u64 == length {
            return Some(data);
        }
        self.ahead = Some(data);
        None
    }

    fn release_at_end(&mut self) {
        if self.incoming.is_end_stream()
            && let Some(lease) = self.lease.take()
        {
            lease.give_back();
        }
    }
}

impl HttpBody for ResponseBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let this = &mut *self;
        if let Some(error) = this.failed.take() {
            return Poll::Ready(Some(Err(error)));
        }
        if let Some(data) = this.ahead.take() {
            return Poll::Ready(Some(Ok(Frame::data(data))));
        }
        let polled = match &mut this.lease {
            Some(lease) => lease.poll_frame(cx, &mut this.incoming),
            None => Pin::new(&mut this.incoming).poll_frame(cx),
        };
        match polled {
            Poll::Ready(Some(Err(error))) => {
                this.lease = None;
                // What came before may not have left: an error would take it along, and the head, too.
                this.failed = Some(error);
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Poll::Ready(None) => {
                if let Some(lease) = this.lease.take() {
                    lease.give_back();
                }
            }
            Poll::Ready(Some(Ok(_))) => this.release_at_end(),
            Poll::Pending => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        // A stream of HTTP/2 that was reset counts as ended: the error is still to be told.
        self.ahead.is_none() && self.failed.is_none() && self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        match (&self.ahead, self.incoming.size_hint().exact()) {
            (Some(data), Some(rest)) => SizeHint::with_exact(data.len() as u64 + rest),
            _ => self.incoming.size_hint(),
        }
    }
}
