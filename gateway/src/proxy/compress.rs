//! Compressing responses for clients that accept it, where the API has a `minimumCompressionSize`
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gzip-compression-decompression.html>).

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use http_body::{Body as HttpBody, Frame, SizeHint};
use portcullis_content::compression::{Coding, Encoder, is_compressible, negotiate};

use super::body::{Body, BodyError, Streaming};
use super::call::{Head, Reply};
use super::exchange::Exchange;

/// Compresses a response, where it is large enough and the client accepts it.
pub fn response(exchange: &Exchange, head: &Head, reply: &mut Reply) {
    let Some(from) = exchange.stage.as_ref().and_then(|stage| stage.base.compress_from) else {
        return;
    };
    let size = reply.body.size_hint();
    let small = size.exact().is_some_and(|exact| exact < from || exact == 0);
    if small || head.method == Method::HEAD || !is_compressible(reply.status, &reply.headers) {
        return;
    }
    let headers = &mut reply.headers;
    headers.append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    let Some(coding) = accepted(head) else {
        return;
    };
    headers.remove(header::CONTENT_LENGTH);
    headers.remove(header::ACCEPT_RANGES);
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
    weaken(headers);
    reply.body = encoded(coding, std::mem::take(&mut reply.body));
}

fn accepted(head: &Head) -> Option<Coding> {
    let values = head.headers.get_all(header::ACCEPT_ENCODING).iter();
    let lines: Vec<&str> = values.filter_map(|value| value.to_str().ok()).collect();
    negotiate((!lines.is_empty()).then(|| lines.join(", ")).as_deref())
}

/// What is encoded is no longer the same to the byte (RFC 9110 section 8.8.1).
fn weaken(headers: &mut HeaderMap) {
    let Some(tag) = headers.get(header::ETAG) else {
        return;
    };
    if !tag.as_bytes().starts_with(b"W/")
        && let Ok(weak) = HeaderValue::from_bytes(&[b"W/", tag.as_bytes()].concat())
    {
        headers.insert(header::ETAG, weak);
    }
}

fn encoded(coding: Coding, body: Body) -> Body {
    let mut encoder = Encoder::new(coding);
    match body {
        Body::Whole(bytes) => {
            let first = encoder.write(&bytes);
            let last = encoder.finish();
            Body::from(Bytes::from([first, last].concat()))
        }
        body => Body::streaming(Compressed {
            body,
            encoder: Some(encoder),
        }),
    }
}

/// A body that is compressed as it comes. Each piece leaves at once: a slow backend's words are not held back.
struct Compressed {
    body: Body,
    /// None: the last bytes have left.
    encoder: Option<Encoder>,
}

impl Streaming for Compressed {
    fn limit(self: Pin<&mut Self>, limit: u64) {
        self.get_mut().body.limit(limit);
    }
}

impl HttpBody for Compressed {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        loop {
            let frame = ready!(Pin::new(&mut this.body).poll_frame(cx)).transpose()?;
            let Some(encoder) = &mut this.encoder else {
                return Poll::Ready(None);
            };
            let out = match frame.map(Frame::into_data) {
                Some(Ok(data)) => {
                    let written = encoder.write(&data);
                    Bytes::from([written, encoder.flush()].concat())
                }
                // Trailers are about the bytes as they were.
                Some(Err(_)) => continue,
                None => match this.encoder.take() {
                    Some(encoder) => encoder.finish(),
                    None => return Poll::Ready(None),
                },
            };
            if !out.is_empty() {
                return Poll::Ready(Some(Ok(Frame::data(out))));
            }
            if this.encoder.is_none() {
                return Poll::Ready(None);
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.encoder.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}
