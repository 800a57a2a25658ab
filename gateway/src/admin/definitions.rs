//! Whole definitions over the control listener, for `portcullis diff`: `GET /_portcullis/definitions/{api}` as the API is
//! edited, `GET /_portcullis/definitions/{api}/{stage}` as a stage serves it.

use http::Method;
use http::request::Parts;
use portcullis_admin::{ApiError, definition, live};
use portcullis_store::Store;
use serde_json::{Map, Value};

use crate::proxy::percent::decode;

/// Where they are.
pub(super) const PATH: &str = "/_portcullis/definitions";

/// Answers a call; the caller's policy has been asked already.
pub(super) async fn called(store: &Store, parts: &Parts) -> Result<Value, ApiError> {
    let rest = parts.uri.path().strip_prefix(PATH).unwrap_or_default();
    let mut names = rest.split('/').skip(1).map(decode);
    match (&parts.method, names.next(), names.next(), names.next()) {
        (&Method::GET, Some(api), None, None) => edited(store, &api).await,
        (&Method::GET, Some(api), Some(stage), None) => served(store, &api, &stage).await,
        _ => Err(ApiError::not_found("there is no such resource of definitions")),
    }
}

async fn edited(store: &Store, api: &str) -> Result<Value, ApiError> {
    let mut read = store.read().await?;
    let snapshot = definition::snapshot(&mut read, api).await?;
    let there = snapshot.get("restApi").and_then(Value::as_object);
    if there.is_none_or(Map::is_empty) {
        return Err(ApiError::not_found("Invalid API identifier specified"));
    }
    // In the order of the deployed ones.
    parsed(&definition::bytes(&snapshot))
}

async fn served(store: &Store, api: &str, stage: &str) -> Result<Value, ApiError> {
    let mut read = store.read().await?;
    let refs = live::stage_refs(&mut read, api, stage).await?;
    let refs = refs.ok_or_else(|| ApiError::not_found("Invalid stage identifier specified"))?;
    let bytes = read.snapshot(&refs.base).await?;
    parsed(&bytes.unwrap_or_default())
}

fn parsed(bytes: &[u8]) -> Result<Value, ApiError> {
    serde_json::from_slice(bytes).map_err(|error| {
        tracing::error!("a definition cannot be read: {error}");
        ApiError::of(
            http::StatusCode::SERVICE_UNAVAILABLE,
            "ServiceUnavailableException",
            "The definition cannot be read now",
        )
    })
}
