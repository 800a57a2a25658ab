//! Access keys over the control listener, for `portcullis keys`: a resource of our own beside API Gateway's.
//!
//! `GET /_portcullis/keys` lists, `POST` makes one of `{"name", "policy"}`, `PATCH /_portcullis/keys/{id}` takes
//! `{"enabled"}`.

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Response, StatusCode, header};
use portcullis_admin::keys::{ADMINISTRATOR, Keys, KeysError};
use portcullis_admin::{ApiError, Caller};
use serde_json::{Value, json};

use super::Access;

/// Where they are.
pub(super) const PATH: &str = "/_portcullis/keys";

/// Answers a call; the caller's policy has been asked already.
pub(super) async fn answer(access: &Access, caller: &Caller, parts: &Parts, body: &Bytes) -> Response<Bytes> {
    match called(access.keys(), caller, parts, body).await {
        Ok((status, value)) => {
            let mut response = Response::new(Bytes::from(value.to_string()));
            *response.status_mut() = status;
            let json = http::HeaderValue::from_static("application/json");
            response.headers_mut().insert(header::CONTENT_TYPE, json);
            response
        }
        Err(error) => error.into_response(),
    }
}

async fn called(
    keys: &Keys,
    caller: &Caller,
    parts: &Parts,
    body: &Bytes,
) -> Result<(StatusCode, Value), ApiError> {
    let id = parts
        .uri
        .path()
        .strip_prefix(PATH)
        .unwrap_or_default()
        .trim_matches('/');
    match (&parts.method, id) {
        (&Method::GET, "") => {
            let listed = keys.list().await.map_err(|error| told(&error))?;
            Ok((StatusCode::OK, json!({ "item": listed })))
        }
        (&Method::POST, "") => {
            let said = object(body)?;
            let name = text(&said, "name").ok_or_else(|| ApiError::bad_request("missing member: name"))?;
            let policy = text(&said, "policy").unwrap_or(ADMINISTRATOR);
            let new = keys
                .create(&caller.name, name, policy)
                .await
                .map_err(|error| told(&error))?;
            Ok((
                StatusCode::CREATED,
                json!({ "id": new.id, "secret": new.secret, "name": name }),
            ))
        }
        (&Method::PATCH, id) if !id.is_empty() => {
            let said = object(body)?;
            let enabled = said.get("enabled").and_then(Value::as_bool);
            let enabled = enabled.ok_or_else(|| ApiError::bad_request("missing member: enabled"))?;
            keys.enable(&caller.name, id, enabled)
                .await
                .map_err(|error| told(&error))?;
            Ok((StatusCode::OK, json!({ "id": id, "enabled": enabled })))
        }
        _ => Err(ApiError::not_found("there is no such resource of access keys")),
    }
}

fn object(body: &Bytes) -> Result<Value, ApiError> {
    serde_json::from_slice(body)
        .map_err(|error| ApiError::bad_request(format!("the body is no JSON: {error}")))
}

fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name)?.as_str()
}

fn told(error: &KeysError) -> ApiError {
    match error {
        KeysError::Policy(_) => ApiError::bad_request(error.to_string()),
        KeysError::Many => ApiError::limit(error.to_string()),
        KeysError::Unknown(_) => ApiError::not_found(error.to_string()),
        KeysError::Store(_) | KeysError::Vault(_) => {
            tracing::error!("access keys cannot be read or written: {error}");
            let kind = "ServiceUnavailableException";
            ApiError::of(
                StatusCode::SERVICE_UNAVAILABLE,
                kind,
                "The access keys cannot be used now",
            )
        }
    }
}
