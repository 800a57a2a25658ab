//! What a method must be, new or patched: what it names must be there.

use portcullis_store::{Key, Read};
use serde_json::{Map, Value};

use crate::call::{Call, members};
use crate::error::ApiError;
use crate::kind::mapping;
use crate::kind::rows::{entries, text};

type Document = Map<String, Value>;

const TYPES: [&str; 5] = ["NONE", "AWS_IAM", "CUSTOM", "COGNITO_USER_POOLS", "JWT"];
/// Of them, those that name an authorizer, with the types that it may have.
const WITH_AUTHORIZER: [(&str, &[&str]); 3] = [
    ("CUSTOM", &["TOKEN", "REQUEST"]),
    ("COGNITO_USER_POOLS", &["COGNITO_USER_POOLS"]),
    ("JWT", &["JWT"]),
];
/// Of them, those whose authorizer verifies tokens, which have scopes.
const WITH_SCOPES: [&str; 2] = ["COGNITO_USER_POOLS", "JWT"];

/// Whether its authorization is an authorizer's.
pub(super) fn has_authorizer(method: &Document) -> bool {
    authorizer_types(method).is_some()
}

fn authorizer_types(method: &Document) -> Option<&'static [&'static str]> {
    let said = text(method, "authorizationType");
    let found = WITH_AUTHORIZER.iter().find(|(known, _)| *known == said);
    found.map(|(_, types)| *types)
}

/// The words are recorded, but for those of the authorization's type.
pub(super) async fn method(call: &Call<'_>, read: &mut Read, method: &Document) -> Result<(), ApiError> {
    if !TYPES.contains(&text(method, "authorizationType")) {
        return Err(ApiError::bad_request(format!(
            "Invalid authorization type specified. Valid options are {}",
            TYPES.join(",")
        )));
    }
    if let Some(types) = authorizer_types(method)
        && !authorizer_fits(call, read, method, types).await?
    {
        return Err(ApiError::bad_request(
            "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires \
             a valid authorizer.",
        ));
    }
    if method.contains_key("authorizationScopes") && !WITH_SCOPES.contains(&text(method, "authorizationType"))
    {
        return Err(ApiError::bad_request(
            "Authorization Scopes are only valid for COGNITO_USER_POOLS and JWT authorization types",
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

async fn authorizer_fits(
    call: &Call<'_>,
    read: &mut Read,
    method: &Document,
    types: &[&str],
) -> Result<bool, ApiError> {
    let id = text(method, "authorizerId");
    let key = Key::new("authorizer", call.api(), id);
    let authorizer = match read.get(&key).await? {
        Some(row) if !id.is_empty() => members(row),
        _ => return Ok(false),
    };
    Ok(types.contains(&text(&authorizer, "type")))
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
