//! OpenAPI documents in and out: `ImportRestApi`, `PutRestApi`, `ImportDocumentationParts`
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-import-api.html>) and `GetExport`.

mod document;
mod documentation;
mod export;
mod merged;
mod rows;

use serde_json::{Value, json};

use super::rest_api;
use crate::call::{Call, Outcome, members};
use crate::error::ApiError;
use crate::{definition, id};
use document::{Imported, Mode};
use portcullis_store::Key;

pub(crate) use documentation::import_parts;
pub(crate) use export::export;

/// A new API.
pub(crate) async fn import(call: Call<'_>) -> Result<Outcome, ApiError> {
    let id = id::long();
    let Imported {
        definition,
        version,
        warnings,
        skipped,
    } = document::read(&call, &id)?;
    let mut document = rest_api::imported(&definition)?;
    rest_api::check_policy(None, &document)?;
    document.insert("id".to_owned(), json!(id));
    document.insert("createdDate".to_owned(), json!(call.now()));
    document.insert("apiStatus".to_owned(), json!("AVAILABLE"));
    let mut write = call.write().await?;
    let key = Key::new(rest_api::KIND, "", &id);
    write.insert(&key, &Value::Object(document.clone())).await?;
    definition::insert(&mut write, &id, &definition).await?;
    rows::documentation_version(&call, &mut write, &id, version.as_deref()).await?;
    write.commit().await?;
    rest_api::publish_tls(&call, &id, &[&document]).await;
    Ok(Imported::answer(document, &warnings, &skipped))
}

/// An API that is there, with another definition or more of it. Its deployments and stages stay.
pub(crate) async fn put(call: Call<'_>) -> Result<Outcome, ApiError> {
    let mode = Mode::of(&call)?;
    let Imported {
        definition,
        version,
        warnings,
        skipped,
    } = document::read(&call, call.api())?;
    let mut write = call.write().await?;
    let before = members(call.api_exists(&mut write).await?);
    let kept = rows::all(&mut write, call.api(), &before).await?;
    let definition = match mode {
        Mode::Overwrite => merged::overwritten(&kept, definition),
        Mode::Merge => merged::merged(&kept, definition),
    };
    let mut document = rest_api::imported(&definition)?;
    rest_api::check_policy(Some(&before), &document)?;
    for own in ["id", "createdDate", "rootResourceId", "apiStatus"] {
        document.insert(own.to_owned(), before.get(own).cloned().unwrap_or_default());
    }
    if let Some(tags) = before.get("tags") {
        // They are no part of the definition.
        document.entry("tags").or_insert_with(|| tags.clone());
    }
    rows::delete(&mut write, call.api()).await?;
    definition::insert(&mut write, call.api(), &definition).await?;
    let key = Key::new(rest_api::KIND, "", call.api());
    write.update(&key, &Value::Object(document.clone())).await?;
    rows::documentation_version(&call, &mut write, call.api(), version.as_deref()).await?;
    write.commit().await?;
    rest_api::publish_tls(&call, call.api(), &[&before, &document]).await;
    Ok(Imported::answer(document, &warnings, &skipped))
}
