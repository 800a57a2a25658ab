//! Bodies: whole or streaming, always bounded in size and in the time between two pieces.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt;

use super::integrate::http::trailers::clean;

/// API Gateway's payload limit: 10 MB, counted both ways
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>).
pub const PAYLOAD_LIMIT: u64 = 10 * 1024 * 1024;

/// Bytes of a response whose integration streams (`responseTransferMode`). API Gateway names no limit; there must be one.
pub const STREAM_LIMIT: u64 = 1024 * 1024 * 1024;

/// The longest silence in such a response
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html>).
pub const STREAM_IDLE_TIMEOUT: Duration = Duration::from_secs(300);

/// The longest silence between two pieces of a body.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// The body of a request or a response.
#[derive(Default)]
pub enum Body {
    /// No bytes.
    #[default]
    Empty,
    /// All bytes at hand.
    Whole(Bytes),
    /// Bytes that are still coming.
    Stream(Pin<Box<dyn Streaming>>),
}

/// A body that streams, bounded.
pub trait Streaming: HttpBody<Data = Bytes, Error = BodyError> + Send {
    /// Sets how many bytes may still come.
    fn limit(self: Pin<&mut Self>, limit: u64);
}

/// Why a body ended early.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// More than the limit.
    #[error("the body is larger than {0} bytes")]
    TooLarge(u64),
    /// No piece came in time.
    #[error("no part of the body came for {} s", .0.as_secs())]
    Idle(Duration),
    /// The connection failed.
    #[error("the connection failed in the middle of the body: {0}")]
    Transport(#[source] hyper::Error),
    /// Nobody waits for what comes of it any more.
    #[error("nobody waits for the response any more")]
    Unwanted,
    /// The function or the component that makes it failed.
    #[error("what makes the body ended it early: {0}")]
    Function(Box<str>),
}

impl BodyError {
    /// A function's failure, in words that need not be trusted.
    pub fn of_function(reason: &str) -> Self {
        let told = reason.chars().take(128).flat_map(char::escape_debug);
        Self::Function(told.collect::<String>().into())
    }
}

impl std::fmt::Debug for Body {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Empty => formatter.write_str("Empty"),
            Self::Whole(bytes) => write!(formatter, "Whole({} bytes)", bytes.len()),
            Self::Stream(_) => formatter.write_str("Stream"),
        }
    }
}

impl Body {
    /// A body from a connection, bounded; `Empty` where it is known to have no bytes.
    pub fn bounded<B>(body: B, limit: u64, idle: Duration) -> Self
    where
        B: HttpBody<Data = Bytes, Error = hyper::Error> + Unpin + Send + 'static,
    {
        if body.is_end_stream() {
            return Self::Empty;
        }
        Self::Stream(Box::pin(Bounded {
            body,
            left: limit,
            limit,
            idle,
            timer: None,
        }))
    }

    /// A body that streams and needs no bound of its own.
    pub fn streaming(body: impl Streaming + 'static) -> Self {
        Self::Stream(Box::pin(body))
    }

    /// Sets how many bytes may still come.
    pub fn limit(&mut self, limit: u64) {
        if let Self::Stream(stream) = self {
            stream.as_mut().limit(limit);
        }
    }

    /// Whether it can be sent a second time, since none of it is consumed by sending.
    pub fn is_replayable(&self) -> bool {
        matches!(self, Self::Empty)
    }

    /// The same body once more; none of one that is still coming.
    pub fn again(&self) -> Option<Self> {
        match self {
            Self::Empty => Some(Self::Empty),
            Self::Whole(bytes) => Some(Self::Whole(bytes.clone())),
            Self::Stream(_) => None,
        }
    }

    /// Reads all of it.
    pub async fn whole(self) -> Result<Bytes, BodyError> {
        match self {
            Self::Empty => Ok(Bytes::new()),
            Self::Whole(bytes) => Ok(bytes),
            Self::Stream(stream) => Ok(stream.collect().await?.to_bytes()),
        }
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        if bytes.is_empty() {
            Self::Empty
        } else {
            Self::Whole(bytes)
        }
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let body = self.get_mut();
        match body {
            Self::Empty => Poll::Ready(None),
            Self::Whole(bytes) => {
                let bytes = std::mem::take(bytes);
                *body = Self::Empty;
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Self::Stream(stream) => stream.as_mut().poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Whole(_) => false,
            Self::Stream(stream) => stream.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Empty => SizeHint::with_exact(0),
            Self::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Stream(stream) => stream.size_hint(),
        }
    }
}

/// A connection's body that ends with an error where it grows or waits too long.
struct Bounded<B> {
    body: B,
    left: u64,
    limit: u64,
    idle: Duration,
    /// Armed only while a piece is waited for.
    timer: Option<Pin<Box<tokio::time::Sleep>>>,
}

impl<B> Streaming for Bounded<B>
where
    B: HttpBody<Data = Bytes, Error = hyper::Error> + Unpin + Send,
{
    fn limit(self: Pin<&mut Self>, limit: u64) {
        let this = self.get_mut();
        (this.left, this.limit) = (limit, limit);
    }
}

impl<B> HttpBody for Bounded<B>
where
    B: HttpBody<Data = Bytes, Error = hyper::Error> + Unpin,
{
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(cx) else {
            let timer = this
                .timer
                .get_or_insert_with(|| Box::pin(tokio::time::sleep(this.idle)));
            ready!(timer.as_mut().poll(cx));
            return Poll::Ready(Some(Err(BodyError::Idle(this.idle))));
        };
        this.timer = None;
        let Some(mut frame) = frame.transpose().map_err(BodyError::Transport)? else {
            return Poll::Ready(None);
        };
        if let Some(trailers) = frame.trailers_mut() {
            clean(trailers);
        }
        if let Some(data) = frame.data_ref() {
            match this.left.checked_sub(data.len() as u64) {
                Some(left) => this.left = left,
                None => return Poll::Ready(Some(Err(BodyError::TooLarge(this.limit)))),
            }
        }
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
