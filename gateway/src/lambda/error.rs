//! Why a function gave no answer.

use std::time::Duration;

use http::{HeaderMap, StatusCode};
use serde_json::Value;

use crate::proxy::body::BodyError;
use crate::upstream::SendError;

/// Characters of a server's own words that are told.
const TOLD: usize = 512;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum InvokeError {
    /// The request could not be signed.
    #[error("the invocation cannot be signed: {0}")]
    Unsigned(String),
    /// There was no response.
    #[error("{0}")]
    Send(SendError),
    /// The answer did not come in time.
    #[error("the function did not answer within {} ms", .0.as_millis())]
    TimedOut(Duration),
    /// The answer ended early, or is larger than it may be.
    #[error("the function's answer cannot be read: {0}")]
    Body(#[from] BodyError),
    /// A component answered more than that many bytes.
    #[error("the function's answer is larger than {0} bytes")]
    TooLarge(u64),
    /// A component has more work than it can take.
    #[error("the function has more work than it can take")]
    Busy,
    /// The event is no text.
    #[error("the event is not text")]
    NotText,
    /// The server did not invoke the function: there is none of that name (404), the signature is wrong (403), there are too
    /// many invocations (429).
    #[error("the function was not invoked: {status} {kind}: {message}")]
    Refused {
        /// The status.
        status: StatusCode,
        /// The kind of error, such as `ResourceNotFoundException`.
        kind: String,
        /// The server's own words.
        message: String,
    },
}

impl InvokeError {
    pub(super) fn refused(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        let told: Value = serde_json::from_slice(body).unwrap_or_default();
        let word = |names: [&str; 2]| names.iter().find_map(|name| told.get(*name)?.as_str());
        let kind = headers
            .get("x-amzn-errortype")
            .and_then(|kind| kind.to_str().ok());
        // A URI may follow the kind.
        let kind = kind.or_else(|| word(["__type", "Type"])).unwrap_or_default();
        let kind = kind.split(':').next().unwrap_or_default();
        Self::Refused {
            status,
            kind: shortened(kind),
            message: shortened(word(["message", "Message"]).unwrap_or_default()),
        }
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(TOLD).flat_map(char::escape_debug).collect()
}
