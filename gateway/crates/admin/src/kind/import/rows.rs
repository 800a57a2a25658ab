//! What is kept of an API, as documents, while it is replaced.

use portcullis_store::{Key, Read, Write};
use serde_json::{Map, Value, json};

use crate::call::Call;
use crate::definition;
use crate::error::ApiError;
use crate::kind::documentation;
use crate::kind::rows;

/// The kinds of rows that a definition is.
const KINDS: [&str; 7] = [
    "resource",
    "method",
    "authorizer",
    "requestvalidator",
    "model",
    "gatewayresponse",
    "documentationpart",
];

/// All documents of an API, its documentation parts among them.
pub(super) async fn all(
    read: &mut Read,
    api: &str,
    rest_api: &Map<String, Value>,
) -> Result<Map<String, Value>, ApiError> {
    let mut kept = definition::snapshot(read, api).await?;
    // A snapshot has no tags.
    kept.insert("restApi".to_owned(), Value::Object(rest_api.clone()));
    let parts = rows::all(read, documentation::PART, api).await?;
    let parts = parts.into_iter().map(|(_, part)| Value::Object(part));
    kept.insert("documentationParts".to_owned(), parts.collect());
    Ok(kept)
}

/// Deletes the definition of an API, and leaves its deployments, stages and versions.
pub(super) async fn delete(write: &mut Write, api: &str) -> Result<(), ApiError> {
    for row in write.below(api).await? {
        if let Some(kind) = KINDS.into_iter().find(|kind| *kind == row.kind) {
            write.delete(&Key::new(kind, row.parent, row.id)).await?;
        }
    }
    Ok(())
}

/// Makes the version that a document says its documentation has: of the parts as they are now. One that is there stays.
pub(super) async fn documentation_version(
    call: &Call<'_>,
    write: &mut Write,
    api: &str,
    version: Option<&str>,
) -> Result<(), ApiError> {
    let Some(version) = version.filter(|version| !version.is_empty()) else {
        return Ok(());
    };
    let key = Key::new(documentation::VERSION, api, version);
    if write.get(&key).await?.is_some() {
        return Ok(());
    }
    let mut document = Map::new();
    document.insert("version".to_owned(), json!(version));
    document.insert("createdDate".to_owned(), json!(call.now()));
    document.insert(
        documentation::PARTS.to_owned(),
        documentation::parts(write, api).await?,
    );
    Ok(write.insert(&key, &Value::Object(document)).await?)
}
