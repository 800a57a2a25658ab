//! Bodies: whole or streaming, always bounded in size and in the time that they are waited for.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt;
use tokio::time::{Instant, Sleep, sleep_until};

use super::buffered::Buffered;
use super::patience::{Pace, Patience};

use super::integrate::http::trailers::clean;

/// API Gateway's payload limit: 10 MB, counted both ways
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>).
pub const PAYLOAD_LIMIT: u64 = 10 * 1024 * 1024;

/// Bytes of a response whose integration streams (`responseTransferMode`). API Gateway names no limit; there must be one.
pub const STREAM_LIMIT: u64 = 1024 * 1024 * 1024;

/// The longest silence in such a response
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html>).
pub const STREAM_IDLE_TIMEOUT: Duration = Duration::from_secs(300);

/// The longest silence between two pieces of a backend's body.
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
    /// No piece came in time, or too little.
    #[error("the body came too slowly, or no part of it for {} s", .0.as_secs())]
    Idle(Duration),
    /// It was to be held whole, and there is no room for it.
    #[error("this node holds as many bytes of bodies as it may (max_buffered_bytes of [overload])")]
    Overloaded,
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
    pub fn bounded<B>(body: B, limit: u64, pace: impl Into<Pace>) -> Self
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
            patience: Patience::new(pace.into()),
            waiting: None,
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

    /// Reads all of it, as far as this node has room.
    ///
    /// # Errors
    ///
    /// It ended early, or there is no room for it.
    pub async fn held(self, buffered: &Arc<Buffered>) -> Result<Bytes, BodyError> {
        let Self::Stream(mut stream) = self else {
            return self.whole().await;
        };
        let mut holding = buffered.hold();
        let (mut first, mut rest) = (Bytes::new(), BytesMut::new());
        while let Some(frame) = stream.frame().await {
            let Ok(data) = frame?.into_data() else { continue };
            holding.grow(data.len())?;
            // One piece is passed on as it is.
            if first.is_empty() && rest.is_empty() {
                first = data;
                continue;
            }
            rest.extend_from_slice(&std::mem::take(&mut first));
            rest.extend_from_slice(&data);
        }
        let whole = if rest.is_empty() { first } else { rest.freeze() };
        Ok(holding.keep(whole))
    }

    /// The same body once more; none of one that is still coming.
    pub fn again(&self) -> Option<Self> {
        match self {
            Self::Empty => Some(Self::Empty),
            Self::Whole(bytes) => Some(Self::Whole(bytes.clone())),
            Self::Stream(_) => None,
        }
    }

    /// Reads all of it, whatever this node has room for: of what is bounded elsewhere.
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

/// A connection's body that ends with an error where it grows too long or is waited for too long.
struct Bounded<B> {
    body: B,
    left: u64,
    limit: u64,
    patience: Patience,
    /// Since when a piece is waited for.
    waiting: Option<Instant>,
    /// Armed at the first wait. It may go off early, since patience is earned back.
    timer: Option<Pin<Box<Sleep>>>,
}

impl<B> Bounded<B> {
    /// Ready when patience with whoever sends it is over.
    fn poll_patience(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let since = *self.waiting.get_or_insert_with(Instant::now);
        let end = since + self.patience.left();
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(end)));
        while timer.deadline() < end {
            ready!(timer.as_mut().poll(cx));
            timer.as_mut().reset(end);
        }
        timer.as_mut().poll(cx)
    }
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
            ready!(this.poll_patience(cx));
            return Poll::Ready(Some(Err(BodyError::Idle(this.patience.most()))));
        };
        if let Some(since) = this.waiting.take() {
            this.patience.waited(since.elapsed());
        }
        let Some(mut frame) = frame.transpose().map_err(BodyError::Transport)? else {
            return Poll::Ready(None);
        };
        if let Some(trailers) = frame.trailers_mut() {
            clean(trailers);
        }
        if let Some(data) = frame.data_ref() {
            this.patience.earned(data.len() as u64);
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
