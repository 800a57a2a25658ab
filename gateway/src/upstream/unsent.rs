//! Whether all of a request's body was sent.

use std::sync::{Arc, Weak};
use std::task::Poll;

use http::Request;

use super::watched::{is_coming, watch};
use crate::proxy::body::Body;

/// What is there as long as something of a body may still be sent.
#[derive(Debug, Default)]
pub(super) struct Unsent(Weak<()>);

impl Unsent {
    /// Follows the body of a request, if it is still coming: whoever sends it drops it at its end.
    pub(super) fn of(request: &mut Request<Body>) -> Self {
        if !is_coming(request) {
            return Self::default();
        }
        let followed = Arc::new(());
        let unsent = Self(Arc::downgrade(&followed));
        watch(request, move |_| {
            let _held = &followed;
            Poll::Pending
        });
        unsent
    }

    /// Whether there may be something.
    pub(super) fn is_something(&self) -> bool {
        self.0.strong_count() > 0
    }
}
