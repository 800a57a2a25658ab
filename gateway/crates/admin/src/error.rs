//! What a caller is told when a call fails, in the service's words.

use http::StatusCode;
use portcullis_store::StoreError;

/// The longest message, in bytes: what is wrong may be huge, and is repeated as far as this.
const LONGEST_MESSAGE: usize = 2_048;

/// An error of the service: a status, a type and a message
/// (<https://docs.aws.amazon.com/apigateway/latest/api/CommonErrors.html>).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind}: {message}")]
pub struct ApiError {
    /// The status.
    pub status: StatusCode,
    /// The value of `x-amzn-ErrorType`.
    pub kind: &'static str,
    /// For people.
    pub message: String,
}

impl ApiError {
    /// 400 `BadRequestException`
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::of(StatusCode::BAD_REQUEST, "BadRequestException", message)
    }

    /// 400 `ValidationException`, for what the service's model of its inputs forbids
    pub fn validation(message: impl Into<String>) -> Self {
        Self::of(StatusCode::BAD_REQUEST, "ValidationException", message)
    }

    /// 404 `NotFoundException`
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::of(StatusCode::NOT_FOUND, "NotFoundException", message)
    }

    /// 409 `ConflictException`
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::of(StatusCode::CONFLICT, "ConflictException", message)
    }

    /// 429 `LimitExceededException`
    pub fn limit(message: impl Into<String>) -> Self {
        Self::of(StatusCode::TOO_MANY_REQUESTS, "LimitExceededException", message)
    }

    /// Something that this service does not offer, by name.
    pub fn unsupported(what: &str) -> Self {
        Self::bad_request(format!("{what} is not supported by Portcullis"))
    }

    /// 404 for an API that is not there (recorded from the service).
    pub fn unknown_api(account: &str, id: &str) -> Self {
        Self::not_found(format!("Invalid API identifier specified {account}:{id}"))
    }

    /// Any error.
    pub fn of(status: StatusCode, kind: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            kind,
            message: shortened(message.into()),
        }
    }
}

/// Without the middle of what is too long: the reason stands at its end.
fn shortened(message: String) -> String {
    if message.len() <= LONGEST_MESSAGE {
        return message;
    }
    let half = LONGEST_MESSAGE / 2;
    let (first, last) = (
        message.floor_char_boundary(half),
        message.ceil_char_boundary(message.len() - half),
    );
    let (first, last) = (message.get(..first), message.get(last..));
    format!("{} … {}", first.unwrap_or_default(), last.unwrap_or_default())
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        tracing::error!("the store failed: {error}");
        match error {
            StoreError::Exists(_) => Self::conflict(
                "Unable to complete operation due to concurrent modification. Please try again later.",
            ),
            // Too long for an identifier, or with characters that none has.
            StoreError::InvalidKey { .. } => Self::bad_request("Invalid identifier specified"),
            StoreError::TooLarge { .. } => Self::bad_request("The request is too large"),
            _ => Self::of(
                StatusCode::SERVICE_UNAVAILABLE,
                "ServiceUnavailableException",
                "The store of the control plane cannot be used now",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_what_is_huge_in_part() {
        let short = "é".repeat(LONGEST_MESSAGE / 2);
        assert_eq!(ApiError::bad_request(short.as_str()).message, short);
        let long = format!("x{}y", "é".repeat(9_000));
        let told = ApiError::bad_request(long).message;
        assert!(told.len() <= LONGEST_MESSAGE + 8, "{}", told.len());
        assert!(told.starts_with("xé") && told.ends_with("éy") && told.contains(" … "));
    }
}
