//! What a method must be, new or patched: what it names must be there.

use portcullis_store::{Key, Read};
use serde_json::{Map, Value};

use crate::call::{Call, members};
use crate::error::ApiError;
use crate::kind::mapping;
use crate::kind::rows::{entries, text};

type Document = Map<String, Value>;

const TYPES: [&str; 4] = ["NONE", "AWS_IAM", "CUSTOM", "COGNITO_USER_POOLS"];

/// Whether its authorization is an authorizer's.
pub(super) fn has_authorizer(method: &Document) -> bool {
    ["CUSTOM", "COGNITO_USER_POOLS"].contains(&text(method, "authorizationType"))
}

/// The words are recorded, but for those of the authorization's type.
pub(super) async fn method(call: &Call<'_>, read: &mut Read, method: &Document) -> Result<(), ApiError> {
    if !TYPES.contains(&text(method, "authorizationType")) {
        return Err(ApiError::bad_request(format!(
            "Invalid authorization type specified. Valid options are {}",
            TYPES.join(",")
        )));
    }
    if has_authorizer(method) && !authorizer_fits(call, read, method).await? {
        return Err(ApiError::bad_request(
            "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires \
             a valid authorizer.",
        ));
    }
    if method.contains_key("authorizationScopes") && text(method, "authorizationType") != "COGNITO_USER_POOLS"
    {
        return Err(ApiError::bad_request(
            "Authorization Scopes are only valid for COGNITO_USER_POOLS authorization type",
        ));
    }
    let validator = text(method, "requestValidatorId");
    if !validator.is_empty() {
        let key = Key::new("requestvalidator", call.api(), validator);
        let there = read.get(&key).await?;
        there.ok_or_else(|| ApiError::bad_request("Invalid Request Validator identifier specified"))?;
    }
    mapping::method_request(method)?;
    models(call, read, method, "requestModels").await
}

async fn authorizer_fits(call: &Call<'_>, read: &mut Read, method: &Document) -> Result<bool, ApiError> {
    let id = text(method, "authorizerId");
    let key = Key::new("authorizer", call.api(), id);
    let authorizer = match read.get(&key).await? {
        Some(row) if !id.is_empty() => members(row),
        _ => return Ok(false),
    };
    let pools = text(&authorizer, "type") == "COGNITO_USER_POOLS";
    Ok(pools == (text(method, "authorizationType") == "COGNITO_USER_POOLS"))
}

/// By content types, models of the API.
pub(super) async fn models(
    call: &Call<'_>,
    read: &mut Read,
    document: &Document,
    name: &str,
) -> Result<(), ApiError> {
    mapping::content_types(document, name)?;
    for (_, model) in entries(document, name) {
        let model = model.as_str().unwrap_or_default();
        let key = Key::new("model", call.api(), model);
        if model.is_empty() || read.get(&key).await?.is_none() {
            return Err(ApiError::bad_request(format!(
                "Invalid model identifier specified: {model}"
            )));
        }
    }
    Ok(())
}
