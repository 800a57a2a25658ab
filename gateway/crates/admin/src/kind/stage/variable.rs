//! Stage variables (<https://docs.aws.amazon.com/apigateway/latest/developerguide/aws-api-gateway-stage-variables-reference.html>).

use serde_json::{Map, Value};

use crate::error::ApiError;

/// Quotas of the service (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html>).
const NAME_LENGTH: usize = 64;
const VALUE_LENGTH: usize = 512;
const MOST: usize = 100;

/// A variable's name and value are of the characters that the service takes. Both messages are recorded; the last names fewer
/// characters than the documentation, and those are taken too.
///
/// # Errors
///
/// 400
pub(crate) fn valid(name: &str, value: &str) -> Result<(), ApiError> {
    let in_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if name.is_empty() || !name.bytes().all(in_name) {
        return Err(ApiError::bad_request(format!(
            "Invalid stage variable name: {name}.  Please use names with only word characters."
        )));
    }
    let in_value = |byte: u8| byte.is_ascii_alphanumeric() || b" -._~:/?#&=,".contains(&byte);
    if value.is_empty() || !value.bytes().all(in_value) {
        return Err(ApiError::bad_request(format!(
            "Invalid stage variable value: {value}.  Please use values with alphanumeric characters and the symbols ' ', -', '.', '_', ':', '/', '?', '&', '=', and ','."
        )));
    }
    for (what, text, limit) in [("name", name, NAME_LENGTH), ("value", value, VALUE_LENGTH)] {
        if text.len() > limit {
            return Err(ApiError::bad_request(format!(
                "Invalid stage variable {what}: it has {} characters, at most {limit} are allowed.",
                text.len()
            )));
        }
    }
    Ok(())
}

/// There are not too many of them.
///
/// # Errors
///
/// 429
pub(crate) fn few_enough(variables: &Map<String, Value>) -> Result<(), ApiError> {
    if variables.len() > MOST {
        return Err(ApiError::limit(format!(
            "A stage can have at most {MOST} stage variables"
        )));
    }
    Ok(())
}

/// [`valid`] for each of them, and [`few_enough`].
///
/// # Errors
///
/// 400 or 429
pub(crate) fn all_valid(variables: &Map<String, Value>) -> Result<(), ApiError> {
    few_enough(variables)?;
    variables
        .iter()
        .try_for_each(|(name, value)| valid(name, value.as_str().unwrap_or_default()))
}
