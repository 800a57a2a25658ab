//! What a point of presence answers itself.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::proxy::{Body, Reply};

/// Why there is no answer of a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// The request asks for another protocol.
    Upgrade,
    /// It has been here before.
    Loop,
    /// The host that it names is none.
    BadHost,
    /// No region is up.
    NoRegion,
    /// The region failed in the middle of it.
    Failed,
    /// The region did not answer in time.
    TimedOut,
    /// What is kept was asked for alone, and nothing is.
    NotKept,
}

impl Refused {
    fn status(self) -> StatusCode {
        match self {
            Self::Upgrade => StatusCode::NOT_IMPLEMENTED,
            Self::Loop => StatusCode::LOOP_DETECTED,
            Self::BadHost => StatusCode::BAD_REQUEST,
            Self::NoRegion => StatusCode::SERVICE_UNAVAILABLE,
            Self::Failed => StatusCode::BAD_GATEWAY,
            Self::TimedOut | Self::NotKept => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    fn message(self) -> &'static str {
        match self {
            Self::Upgrade => r#"{"message": "Upgrades such as WebSocket do not pass a point of presence"}"#,
            Self::BadHost => r#"{"message": "Bad Request"}"#,
            Self::Loop => r#"{"message": "Loop Detected"}"#,
            Self::NoRegion => r#"{"message": "Service Unavailable"}"#,
            Self::Failed => r#"{"message": "Bad Gateway"}"#,
            Self::TimedOut => r#"{"message": "Gateway Timeout"}"#,
            Self::NotKept => r#"{"message": "Not in the cache"}"#,
        }
    }

    /// The answer.
    pub(super) fn reply(self) -> Reply {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if self == Self::NoRegion {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        Reply {
            status: self.status(),
            headers,
            body: Body::Whole(Bytes::from_static(self.message().as_bytes())),
        }
    }
}
