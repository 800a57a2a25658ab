//! Models (<https://docs.aws.amazon.com/apigateway/latest/api/API_Model.html>).

mod flat;
mod sample;

use portcullis_store::{Key, Read};
use serde_json::{Map, Value, json};

use super::listing;
use super::rows::{self, entries, text};
use crate::call::{Call, Outcome, found, members};
use crate::error::ApiError;
use crate::id;
use crate::patch::{self, Table, replaced};
use crate::shape::{Form, Member, optional, required};

type Document = Map<String, Value>;

/// The kind in the store.
pub(crate) const KIND: &str = "model";

const MEMBERS: &[Member] = &[
    required("name", Form::Text),
    optional("description", Form::Text),
    optional("schema", Form::Text),
    required("contentType", Form::Text),
];

const PATCHES: Table = Table {
    rules: &[
        replaced("/description", &["description"]),
        replaced("/schema", &["schema"]),
    ],
    names_paths: true,
};

fn key(call: &Call<'_>) -> Key {
    Key::new(KIND, call.api(), call.parameter("model_name"))
}

/// Recorded.
fn absent(call: &Call<'_>) -> String {
    format!("Invalid model name specified: {}", call.parameter("model_name"))
}

pub(crate) async fn create(call: Call<'_>) -> Result<Outcome, ApiError> {
    let mut document = call.checked(MEMBERS)?;
    let name = text(&document, "name").to_owned();
    if name.is_empty() {
        return Err(ApiError::bad_request("Model name must be non-empty"));
    }
    if !name.chars().all(|letter| letter.is_ascii_alphanumeric()) {
        return Err(ApiError::bad_request(format!(
            "Model name must be alphanumeric: {name}"
        )));
    }
    document.insert("id".to_owned(), json!(id::short()));
    rows::drop_empty(&mut document, &["description"]);
    let mut write = call.write().await?;
    call.api_exists(&mut write).await?;
    let key = Key::new(KIND, call.api(), &name);
    if write.get(&key).await?.is_some() {
        return Err(ApiError::conflict("Model name already exists for this REST API"));
    }
    check(&mut write, call.api(), &document).await?;
    write.insert(&key, &Value::Object(document.clone())).await?;
    write.commit().await?;
    Ok(document.into())
}

pub(crate) async fn get(call: Call<'_>) -> Result<Outcome, ApiError> {
    let mut read = call.read().await?;
    let mut document = members(found(&mut read, &key(&call), &absent(&call)).await?);
    if listing::asked(&call, "flatten") {
        let models = schemas(&mut read, call.api()).await?;
        if let Some(schema) = flat::flattened(text(&document, "schema"), &models) {
            document.insert("schema".to_owned(), json!(schema));
        }
    }
    Ok(document.into())
}

pub(crate) async fn template(call: Call<'_>) -> Result<Outcome, ApiError> {
    let mut read = call.read().await?;
    let document = members(found(&mut read, &key(&call), &absent(&call)).await?);
    let models = schemas(&mut read, call.api()).await?;
    let schema = flat::flattened(text(&document, "schema"), &models);
    let schema = schema.and_then(|schema| serde_json::from_str(&schema).ok());
    let schema = schema.ok_or_else(|| ApiError::bad_request("Model schema is no JSON schema"))?;
    let mut body = Map::new();
    body.insert("value".to_owned(), json!(sample::template(&schema)));
    Ok(body.into())
}

pub(crate) async fn list(call: Call<'_>) -> Result<Outcome, ApiError> {
    let paging = call.paging()?;
    let mut read = call.read().await?;
    call.api_exists(&mut read).await?;
    listing::all(&mut read, (KIND, call.api()), &paging).await
}

pub(crate) async fn update(call: Call<'_>) -> Result<Outcome, ApiError> {
    let operations = call.patch_operations()?;
    let key = key(&call);
    let mut write = call.write().await?;
    let mut document = members(found(&mut write, &key, &absent(&call)).await?);
    patch::apply(&mut document, &operations, &PATCHES)?;
    check(&mut write, call.api(), &document).await?;
    write.update(&key, &Value::Object(document.clone())).await?;
    write.commit().await?;
    Ok(document.into())
}

pub(crate) async fn delete(call: Call<'_>) -> Result<Outcome, ApiError> {
    let name = call.parameter("model_name");
    let mut write = call.write().await?;
    found(&mut write, &key(&call), &absent(&call)).await?;
    if let Some(user) = used(&mut write, call.api(), name).await? {
        return Err(ApiError::conflict(format!(
            "Cannot delete model '{name}', is referenced in {user}"
        )));
    }
    write.delete(&key(&call)).await?;
    write.commit().await?;
    Ok(Outcome::Nothing)
}

/// The schemas of an API's models, by name.
async fn schemas(read: &mut Read, api: &str) -> Result<Vec<(String, String)>, ApiError> {
    let models = rows::all(read, KIND, api).await?;
    let pairs = models.into_iter().map(|(name, document)| {
        let schema = text(&document, "schema").to_owned();
        (name, schema)
    });
    Ok(pairs.collect())
}

/// A schema must be one, and what it names must be there: a deployment would fail otherwise.
async fn check(read: &mut Read, api: &str, document: &Document) -> Result<(), ApiError> {
    let (name, schema) = (text(document, "name"), text(document, "schema"));
    if schema.trim().is_empty() {
        return Err(ApiError::bad_request(
            "Model schema must have at least 1 property or array items defined",
        ));
    }
    // Only JSON is validated by models.
    if !text(document, "contentType")
        .to_ascii_lowercase()
        .contains("json")
    {
        return Ok(());
    }
    let mut models = schemas(read, api).await?;
    models.retain(|(known, _)| known != name);
    let others = models
        .iter()
        .map(|(name, schema)| (name.as_str(), schema.as_str()));
    let compiled = portcullis_schema::compile(others.chain([(name, schema)]), [name]);
    if compiled.problems.is_empty() {
        return Ok(());
    }
    let errors = compiled.problems.iter().map(|problem| {
        let place = if problem.pointer.is_empty() {
            String::new()
        } else {
            format!(" at {}", problem.pointer)
        };
        format!("Invalid model schema specified{place}. {}", problem.message)
    });
    Err(ApiError::bad_request(format!(
        "Invalid model specified: Validation Result: warnings : [], errors : [{}]",
        errors.collect::<Vec<_>>().join(", ")
    )))
}

/// Who names a model: another model or a method.
async fn used(read: &mut Read, api: &str, name: &str) -> Result<Option<String>, ApiError> {
    for (other, schema) in schemas(read, api).await? {
        let names = serde_json::from_str(&schema).is_ok_and(|schema| flat::names(&schema, name));
        if other != name && names {
            return Ok(Some(format!("model: {other}")));
        }
    }
    for row in read.below(api).await? {
        if row.kind != "method" {
            continue;
        }
        let verb = row.id.clone();
        let method = members(row);
        let is_name = |(_, model): (&String, &Value)| model.as_str() == Some(name);
        let answers = |(_, response): (&String, &Value)| {
            let models = response.get("responseModels").and_then(Value::as_object);
            models.is_some_and(|models| models.iter().any(is_name))
        };
        if entries(&method, "requestModels").any(is_name) {
            return Ok(Some(format!("method request: {verb}")));
        }
        if entries(&method, "methodResponses").any(answers) {
            return Ok(Some(format!("method response: {verb}")));
        }
    }
    Ok(None)
}
