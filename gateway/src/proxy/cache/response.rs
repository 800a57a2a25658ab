//! Responses as they are kept, and what is made of them again.

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use portcullis_cache::Record;
use portcullis_content::media_type;

use crate::plan::{CachePlan, IntegrationPlan};
use crate::proxy::body::{Body, BodyError, Streaming};
use crate::proxy::call::{Head, Reply};
use crate::proxy::exchange::Exchange;
use crate::proxy::mapping;
use crate::proxy::refusal::Refusal;
use crate::proxy::trace::X_AMZN_TRACE_ID;

/// The largest body that is kept
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html>).
const LARGEST_BODY: u64 = 1_048_576;
/// The largest headers.
const LARGEST_HEADERS: usize = 64 * 1024;

/// Headers that belong to one message, or to one request.
fn is_kept(name: &HeaderName, is_head: bool) -> bool {
    let of_message = [
        header::CONNECTION,
        header::TRANSFER_ENCODING,
        header::UPGRADE,
        header::TRAILER,
        X_AMZN_TRACE_ID,
    ];
    !of_message.contains(name) && (is_head || *name != header::CONTENT_LENGTH)
}

/// Whether a response can be another client's too, before its body is read.
///
/// API Gateway keeps what an integration answered whatever its status
/// (<https://exchangetuts.com/prevent-caching-of-non-200-responses-in-aws-api-gateway-1640428563668979>, a 429). Here a backend's failure is not kept, nor what answers a
/// condition or a range of one client, nor a cookie, nor a content coding that others may not know.
pub(super) fn can_be_kept(plan: &CachePlan, reply: &Reply) -> bool {
    let status = reply.status;
    let of_one_request = matches!(
        status,
        StatusCode::PARTIAL_CONTENT
            | StatusCode::NOT_MODIFIED
            | StatusCode::PRECONDITION_FAILED
            | StatusCode::RANGE_NOT_SATISFIABLE
    );
    let text = |name: HeaderName| reply.headers.get(name).and_then(|value| value.to_str().ok());
    let coded = text(header::CONTENT_ENCODING).is_some_and(|coding| !coding.eq_ignore_ascii_case("identity"));
    let endless = text(header::CONTENT_TYPE).map(media_type::essence) == Some("text/event-stream");
    !status.is_server_error()
        && !status.is_informational()
        && !of_one_request
        && !reply.headers.contains_key(header::SET_COOKIE)
        && (!coded || plan.by_coding)
        && !endless
        && reply.body.size_hint().lower() <= LARGEST_BODY
}

/// A response with its body read, and the same as it is kept; none where it is larger than that.
pub(super) async fn record(
    exchange: &Exchange,
    head: &Head,
    reply: Reply,
) -> Result<(Reply, Option<Record>), Refusal> {
    let Reply {
        status,
        headers,
        body,
    } = reply;
    let of_headers: usize = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    let read = match of_headers <= LARGEST_HEADERS {
        true => read(exchange, body).await,
        false => Ok(Read::More(body)),
    };
    let read = read.map_err(|error| mapping::response::unreadable(exchange, &error))?;
    let (body, record) = match read {
        Read::All(bytes) => {
            let record = written(status, &headers, head.method == Method::HEAD, &bytes);
            (Body::from(bytes), record)
        }
        Read::More(body) => (body, None),
    };
    let reply = Reply {
        status,
        headers,
        body,
    };
    Ok((reply, record))
}

fn written(status: StatusCode, headers: &HeaderMap, is_head: bool, body: &[u8]) -> Option<Record> {
    let kept = headers.iter().filter(|(name, _)| is_kept(name, is_head));
    let kept: Vec<(&[u8], &[u8])> = kept
        .map(|(name, value)| (name.as_str().as_bytes(), value.as_bytes()))
        .collect();
    Record::new(status.as_u16(), &kept, body)
}

/// The reply that a kept response is, for this request; none where it cannot be read.
pub(super) fn reply(exchange: &Exchange, head: &Head, record: &Record) -> Option<Reply> {
    // With room for what every response carries.
    let mut headers = HeaderMap::with_capacity(record.len() + 4);
    let mut right = true;
    let body = record.read(|name, value| {
        let header = HeaderName::from_lowercase(name)
            .ok()
            .zip(HeaderValue::from_maybe_shared(value).ok());
        match header {
            Some((name, value)) => drop(headers.append(name, value)),
            None => right = false,
        }
    })?;
    let is_call = matches!(
        exchange.method()?.integration,
        IntegrationPlan::HttpProxy(_) | IntegrationPlan::Http(_)
    );
    if is_call {
        exchange.trace(&head.headers).put(&mut headers);
    }
    right.then_some(Reply {
        status: StatusCode::from_u16(record.status()).ok()?,
        headers,
        body: Body::from(body),
    })
}

/// A body that was begun to be read.
enum Read {
    All(Bytes),
    /// It is larger than what is kept: what has come, and what is to come.
    More(Body),
}

/// Reads a body as far as one is kept: a client gets it then, as from API Gateway, which never streams what it may keep.
async fn read(exchange: &Exchange, body: Body) -> Result<Read, BodyError> {
    let mut stream = match body {
        Body::Stream(stream) => stream,
        whole => return Ok(Read::All(whole.whole().await?)),
    };
    let mut begun = BytesMut::new();
    // What is kept counts as the cache's from then on.
    let mut holding = exchange.gateway.buffered.hold();
    while let Some(frame) = stream.frame().await {
        // Trailers belong to one message.
        let Ok(data) = frame?.into_data() else { continue };
        holding.grow(data.len())?;
        begun.extend_from_slice(&data);
        if begun.len() as u64 > LARGEST_BODY {
            let begun = Some(begun.freeze());
            return Ok(Read::More(Body::streaming(Begun { begun, rest: stream })));
        }
    }
    Ok(Read::All(begun.freeze()))
}

/// What has come of a body, and then the rest.
struct Begun {
    begun: Option<Bytes>,
    rest: std::pin::Pin<Box<dyn Streaming>>,
}

impl http_body::Body for Begun {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, BodyError>>> {
        match self.begun.take() {
            Some(begun) => std::task::Poll::Ready(Some(Ok(http_body::Frame::data(begun)))),
            None => self.rest.as_mut().poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.begun.is_none() && self.rest.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        let begun = self.begun.as_ref().map_or(0, |bytes| bytes.len() as u64);
        let rest = self.rest.size_hint();
        let mut hint = http_body::SizeHint::new();
        if let Some(upper) = rest.upper() {
            hint.set_upper(upper + begun);
        }
        hint.set_lower(rest.lower() + begun);
        hint
    }
}

impl Streaming for Begun {
    fn limit(self: std::pin::Pin<&mut Self>, limit: u64) {
        self.get_mut().rest.as_mut().limit(limit);
    }
}
