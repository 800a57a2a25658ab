//! The answer of `InvokeWithResponseStream`: messages of `application/vnd.amazon.eventstream`, whose payloads are the function's
//! own bytes (<https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html>).

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use aws_smithy_eventstream::frame::{DecodedFrame, MessageFrameDecoder};
use aws_smithy_types::event_stream::Message;
use bytes::{Bytes, BytesMut};
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::Sleep;

use crate::proxy::body::{Body, BodyError, STREAM_IDLE_TIMEOUT, Streaming};
use crate::upstream::ResponseBody;

/// The longest stream
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html>).
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// Bytes of all of it: what Lambda streams at the most
/// (<https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html>).
const LIMIT: u64 = 200 * 1024 * 1024;
/// Bytes of one message, by its protocol 16 MiB and some.
const MESSAGE_LIMIT: usize = 17 * 1024 * 1024;

/// What the function says, without its messages.
pub(super) fn decoded(body: ResponseBody) -> Body {
    Body::streaming(Decoded {
        body: Body::bounded(body, LIMIT, STREAM_IDLE_TIMEOUT),
        decoder: MessageFrameDecoder::new(),
        buffer: BytesMut::new(),
        completed: false,
        deadline: Box::pin(tokio::time::sleep(LONGEST)),
    })
}

struct Decoded {
    body: Body,
    decoder: MessageFrameDecoder,
    buffer: BytesMut,
    completed: bool,
    deadline: Pin<Box<Sleep>>,
}

/// What one message is.
enum Event {
    Chunk(Bytes),
    Complete,
}

impl Decoded {
    /// The next message that is there whole.
    fn next(&mut self) -> Result<Option<Event>, BodyError> {
        let decoded = self.decoder.decode_frame(&mut self.buffer);
        match decoded.map_err(|error| BodyError::of_function(&error.to_string()))? {
            DecodedFrame::Complete(message) => event(&message).map(Some),
            DecodedFrame::Incomplete if self.buffer.len() > MESSAGE_LIMIT => Err(BodyError::of_function(
                "a message is larger than its protocol lets it be",
            )),
            DecodedFrame::Incomplete => Ok(None),
        }
    }
}

fn event(message: &Message) -> Result<Event, BodyError> {
    let header = |name: &str| {
        let mut headers = message.headers().iter();
        let found = headers.find(|header| header.name().as_str() == name)?;
        found
            .value()
            .as_string()
            .ok()
            .map(|text| text.as_str().to_owned())
    };
    match header(":event-type").as_deref() {
        Some("PayloadChunk") => Ok(Event::Chunk(message.payload().clone())),
        Some("InvokeComplete") => {
            let told: serde_json::Value = serde_json::from_slice(message.payload()).unwrap_or_default();
            match told.get("ErrorCode").and_then(|code| code.as_str()) {
                None => Ok(Event::Complete),
                Some(code) => Err(BodyError::of_function(code)),
            }
        }
        kind => {
            let exception = header(":exception-type").or_else(|| header(":error-code"));
            let kind = exception.as_deref().or(kind).unwrap_or("a message of no type");
            Err(BodyError::of_function(kind))
        }
    }
}

impl Streaming for Decoded {
    fn limit(self: Pin<&mut Self>, limit: u64) {
        self.get_mut().body.limit(limit);
    }
}

impl HttpBody for Decoded {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        if this.completed {
            return Poll::Ready(None);
        }
        if this.deadline.as_mut().poll(cx).is_ready() {
            this.completed = true;
            return Poll::Ready(Some(Err(BodyError::Idle(LONGEST))));
        }
        loop {
            match this.next() {
                Ok(Some(Event::Chunk(bytes))) if bytes.is_empty() => continue,
                Ok(Some(Event::Chunk(bytes))) => return Poll::Ready(Some(Ok(Frame::data(bytes)))),
                Ok(Some(Event::Complete)) => {
                    this.completed = true;
                    return Poll::Ready(None);
                }
                Ok(None) => {}
                Err(error) => {
                    this.completed = true;
                    return Poll::Ready(Some(Err(error)));
                }
            }
            let frame = ready!(Pin::new(&mut this.body).poll_frame(cx)).transpose()?;
            match frame {
                Some(frame) => {
                    if let Some(data) = frame.data_ref() {
                        this.buffer.extend_from_slice(data);
                    }
                }
                // Without InvokeComplete nobody knows whether that was all.
                None => {
                    this.completed = true;
                    return Poll::Ready(Some(Err(BodyError::of_function("the stream broke off"))));
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.completed
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}
