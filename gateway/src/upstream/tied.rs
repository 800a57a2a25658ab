//! A request's body that is sent no longer than somebody waits for the response.

use http::Request;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::watched::{is_coming, watch};
use crate::proxy::body::{Body, BodyError};

/// Ties the body of a request, if it is still coming. Without the guard it ends: in HTTP/2 it would go on where its request was
/// given up; here it ends with an error, which resets the stream.
pub(super) fn tie(request: &mut Request<Body>) -> Option<DropGuard> {
    if !is_coming(request) {
        return None;
    }
    let token = CancellationToken::new();
    let mut cut = Box::pin(token.clone().cancelled_owned());
    watch(request, move |cx| {
        cut.as_mut().poll(cx).map(|()| BodyError::Unwanted)
    });
    Some(token.drop_guard())
}
