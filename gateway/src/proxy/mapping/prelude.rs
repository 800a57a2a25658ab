//! What stands before the body of a function's answer that streams: JSON, and eight bytes of zero
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html>).

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt as _;

use crate::proxy::body::{Body, BodyError, Streaming};

/// Between the two.
const DELIMITER: [u8; 8] = [0; 8];
/// The delimiter must have come within so many bytes.
const LIMIT: usize = 16 * 1024;

/// Takes what stands before the body off; none where it does not come.
pub(super) async fn split(mut body: Body) -> Result<Option<(Bytes, Body)>, BodyError> {
    let mut read = BytesMut::new();
    loop {
        let place = read
            .windows(DELIMITER.len())
            .position(|window| window == DELIMITER);
        if let Some(end) = place.filter(|end| end + DELIMITER.len() <= LIMIT) {
            let mut metadata = read.freeze();
            let rest = metadata.split_off(end).slice(DELIMITER.len()..);
            return Ok(Some((metadata, followed(rest, body))));
        }
        if read.len() >= LIMIT {
            return Ok(None);
        }
        match body.frame().await.transpose()? {
            None => return Ok(None),
            Some(frame) => {
                if let Some(data) = frame.data_ref() {
                    read.extend_from_slice(data);
                }
            }
        }
    }
}

fn followed(first: Bytes, rest: Body) -> Body {
    match (first.is_empty(), rest.is_end_stream()) {
        (true, _) => rest,
        (false, true) => Body::from(first),
        (false, false) => Body::streaming(Followed {
            first: Some(first),
            rest,
        }),
    }
}

/// Some bytes, and a body behind them.
struct Followed {
    first: Option<Bytes>,
    rest: Body,
}

impl Streaming for Followed {
    fn limit(self: Pin<&mut Self>, limit: u64) {
        self.get_mut().rest.limit(limit);
    }
}

impl HttpBody for Followed {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        match this.first.take() {
            Some(first) => Poll::Ready(Some(Ok(Frame::data(first)))),
            None => Pin::new(&mut this.rest).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && self.rest.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn parts(body: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
        let split = split(Body::from(Bytes::copy_from_slice(body)))
            .await
            .expect("a body");
        let (metadata, body) = split?;
        Some((metadata.to_vec(), body.whole().await.expect("a body").to_vec()))
    }

    #[tokio::test]
    async fn eight_zeros_part_metadata_from_the_body() {
        let of = |metadata: &str, body: &str| Some((metadata.into(), body.into()));
        assert_eq!(parts(b"{}\0\0\0\0\0\0\0\0body").await, of("{}", "body"));
        assert_eq!(parts(b"{}\0\0\0\0\0\0\0\0").await, of("{}", ""));
        assert_eq!(parts(b"\0\0\0\0\0\0\0\0\0").await, of("", "\0"));
        assert_eq!(parts(b"{}\0\0\0\0\0\0\0").await, None);
        assert_eq!(parts(b"").await, None);
        let mut late = vec![b' '; LIMIT - 7];
        late.extend(DELIMITER);
        assert_eq!(parts(&late).await, None);
        assert!(parts(&late[1..]).await.is_some());
    }
}
