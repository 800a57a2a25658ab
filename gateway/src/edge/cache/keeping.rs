//! A response on its way to a client that is kept when all of it has passed.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::{Body as HttpBody, Frame, SizeHint};
use portcullis_cache::LARGEST;

use super::{Asked, EdgeCache, policy};
use crate::proxy::body::{BodyError, Streaming};
use crate::proxy::{Body, Reply};

/// Lets a response pass, and keeps it where it may be kept.
pub(in crate::edge) fn keep(cache: &Arc<EdgeCache>, asked: Asked, reply: Reply, now: Duration) -> Reply {
    if asked.is_unsafe() && (reply.status.is_success() || reply.status.is_redirection()) {
        cache.forget(&asked, now);
        return reply;
    }
    if !asked.is_writable() {
        return reply;
    }
    let Some(kept) = policy::kept(&asked.control, asked.is_private, reply.status, &reply.headers) else {
        return reply;
    };
    let (body, cache) = (reply.body, cache.clone());
    if body.size_hint().lower() > LARGEST as u64 {
        return Reply { body, ..reply };
    }
    let mut keeping = Keeping {
        body,
        held: BytesMut::new(),
        end: Some(End {
            cache,
            asked,
            kept,
            now,
        }),
    };
    if keeping.body.is_end_stream() {
        keeping.ended();
        return Reply {
            body: keeping.body,
            ..reply
        };
    }
    Reply {
        body: Body::streaming(keeping),
        ..reply
    }
}

/// What happens at the end.
struct End {
    cache: Arc<EdgeCache>,
    asked: Asked,
    kept: policy::Kept,
    now: Duration,
}

/// A body that is held, too, as long as it is small enough.
struct Keeping {
    body: Body,
    held: BytesMut,
    end: Option<End>,
}

impl Keeping {
    fn passed(&mut self, frame: &Frame<Bytes>) {
        match frame.data_ref() {
            Some(data) if self.held.len() + data.len() <= LARGEST => self.held.extend_from_slice(data),
            // Too large, or with trailers, which are not kept.
            _ => {
                self.end = None;
                self.held = BytesMut::new();
            }
        }
    }

    fn ended(&mut self) {
        if let Some(end) = self.end.take() {
            end.cache.put(&end.asked, &end.kept, &self.held, end.now);
        }
    }
}

impl HttpBody for Keeping {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.body).poll_frame(cx);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                this.passed(frame);
                // Nobody may ask for the end of a body whose length is known.
                if this.body.is_end_stream() {
                    this.ended();
                }
            }
            Poll::Ready(Some(Err(_))) => this.end = None,
            Poll::Ready(None) => this.ended(),
            Poll::Pending => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Streaming for Keeping {
    fn limit(mut self: Pin<&mut Self>, limit: u64) {
        self.body.limit(limit);
    }
}
