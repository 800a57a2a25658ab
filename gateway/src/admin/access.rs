//! Who may use API Gateway's protocol.

use bytes::Bytes;
use http::request::Parts;
use portcullis_admin::{ApiError, Caller};

/// Who may.
#[derive(Debug, Clone)]
pub enum Access {
    /// Everybody who reaches the listener, which is on loopback.
    Anonymous,
}

impl Access {
    /// Who calls, if he may.
    pub async fn caller(&self, parts: &Parts, body: &Bytes) -> Result<Caller, ApiError> {
        let _ = (parts, body);
        match self {
            Self::Anonymous => Ok(Caller {
                name: "anonymous".to_owned(),
            }),
        }
    }
}
