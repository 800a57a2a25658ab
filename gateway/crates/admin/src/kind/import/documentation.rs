//! `ImportDocumentationParts`: what an OpenAPI document says of an API's parts.

use std::collections::BTreeMap;

use portcullis_document::Problem;
use portcullis_model::RestApi;
use portcullis_store::{Key, Write};
use serde_json::{Map, Value};

use super::document::{self, Mode};
use crate::call::{Call, Outcome};
use crate::definition;
use crate::error::ApiError;
use crate::kind::documentation::{self, PART};
use crate::kind::rows::{self, text};

/// Merging, a part of the same location gets the document's members beside its own; overwriting, its properties are the
/// document's alone. Parts of other locations stay in both
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-documenting-api-quick-start-import-export.html>).
pub(crate) async fn import_parts(call: Call<'_>) -> Result<Outcome, ApiError> {
    let mode = Mode::of(&call)?;
    let fails_on_warnings = call.query("failonwarnings") == Some("true");
    let imported = portcullis_openapi::import_documentation(&document::parsed(&call)?);
    let fails = |problem: &&Problem| fails_on_warnings || problem.is_error();
    if imported.problems.iter().any(|problem| fails(&problem)) {
        return Err(document::failed(imported.problems.iter().filter(fails)));
    }
    let definition = definition::documents(&RestApi {
        documentation: imported.documentation,
        ..RestApi::default()
    });
    let parts = definition.get("documentationParts").and_then(Value::as_array);
    let mut write = call.write().await?;
    call.api_exists(&mut write).await?;
    let known = rows::all(&mut write, PART, call.api()).await?;
    let known: BTreeMap<String, (String, Map<String, Value>)> = known
        .into_iter()
        .map(|(id, part)| (documentation::location_key(&part), (id, part)))
        .collect();
    let mut ids = Vec::new();
    for part in parts.into_iter().flatten().filter_map(Value::as_object) {
        let known = known.get(&documentation::location_key(part));
        ids.push(put(&call, &mut write, mode, part, known).await?);
    }
    write.commit().await?;
    Ok(document::answer(&ids, &imported.problems).into())
}

async fn put(
    call: &Call<'_>,
    write: &mut Write,
    mode: Mode,
    part: &Map<String, Value>,
    known: Option<&(String, Map<String, Value>)>,
) -> Result<String, ApiError> {
    let Some((id, known)) = known else {
        let id = text(part, "id").to_owned();
        let key = Key::new(PART, call.api(), &id);
        write.insert(&key, &Value::Object(part.clone())).await?;
        return Ok(id);
    };
    let mut document = known.clone();
    let properties = match mode {
        Mode::Overwrite => text(part, "properties").to_owned(),
        Mode::Merge => merged(text(known, "properties"), text(part, "properties")),
    };
    document.insert("properties".to_owned(), Value::from(properties));
    write
        .update(&Key::new(PART, call.api(), id), &Value::Object(document))
        .await?;
    Ok(id.clone())
}

/// The members of both, those of the new one where both have one.
fn merged(known: &str, new: &str) -> String {
    let object = |text| serde_json::from_str::<Map<String, Value>>(text).unwrap_or_default();
    let mut merged = object(known);
    merged.extend(object(new));
    Value::Object(merged).to_string()
}
