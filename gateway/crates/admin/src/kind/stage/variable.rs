//! Stage variables (<https://docs.aws.amazon.com/apigateway/latest/developerguide/aws-api-gateway-stage-variables-reference.html>).

use serde_json::{Map, Value};

use crate::error::ApiError;

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
    Ok(())
}

/// [`valid`] for each of them.
///
/// # Errors
///
/// 400
pub(crate) fn all_valid(variables: &Map<String, Value>) -> Result<(), ApiError> {
    variables
        .iter()
        .try_for_each(|(name, value)| valid(name, value.as_str().unwrap_or_default()))
}
