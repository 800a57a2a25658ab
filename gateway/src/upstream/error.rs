//! Why a backend gave no response.

use std::error::Error;
use std::time::Duration;

use crate::proxy::body::BodyError;

/// Why there is no response.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// No connection: refused, unreachable, no such host, or not up in time.
    #[error("cannot connect to the backend: {}", chain(&**.0))]
    Unreachable(Box<dyn Error + Send + Sync>),
    /// The head of the response did not come in time.
    #[error("the backend's response did not begin within {} ms", .0.as_millis())]
    TimedOut(Duration),
    /// The connection ended before the response's head.
    #[error("the connection to the backend was lost before its response: {}", chain(.0))]
    Lost(hyper::Error),
    /// The client's own body could not be read.
    #[error("the request's body could not be read: {0}")]
    ClientBody(BodyError),
}

impl SendError {
    /// The error of a request that a connection took.
    pub(super) fn of_exchange(error: hyper::Error) -> Self {
        match client_body_error(&error) {
            Some(error) => Self::ClientBody(error),
            None => Self::Lost(error),
        }
    }
}

fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

/// The error of the request's own body, where that is what ended the exchange.
fn client_body_error(error: &hyper::Error) -> Option<BodyError> {
    let mut source = error.source();
    while let Some(error) = source {
        match error.downcast_ref::<BodyError>() {
            Some(BodyError::TooLarge(limit)) => return Some(BodyError::TooLarge(*limit)),
            Some(BodyError::Idle(idle)) => return Some(BodyError::Idle(*idle)),
            Some(BodyError::Transport(_)) => return Some(BodyError::Idle(Duration::ZERO)),
            None => source = error.source(),
        }
    }
    None
}
