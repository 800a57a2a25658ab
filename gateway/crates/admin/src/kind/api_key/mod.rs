//! API keys (<https://docs.aws.amazon.com/apigateway/latest/api/API_ApiKey.html>).

pub(crate) mod csv;
mod import;

pub(crate) use import::import;
use portcullis_store::{Key, Read, Write};
use serde_json::{Map, Value, json};

use super::listing;
use super::rows::{self, text};
use crate::call::{Call, Outcome, found, members};
use crate::error::ApiError;
use crate::id;
use crate::patch::{self, Expected, Op, PatchOperation, REPLACE, Table, Target, replaced, rule};
use crate::plane::Change;
use crate::shape::{Form, Member, optional};

type Document = Map<String, Value>;

/// The kind in the store.
pub(crate) const KIND: &str = "apikey";
pub(crate) const ABSENT: &str = "Invalid API Key identifier specified";
/// By value to the key's id, so that two keys never have the same one and a request's key is found at once.
pub(crate) const VALUE: &str = "apikeyvalue";

/// How long a value is (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-key-file-format.html>), and how
/// long those are that are made here.
const SHORTEST: usize = 20;
const LONGEST: usize = 128;
const MADE: usize = 40;

const STAGE_KEY: &[Member] = &[
    optional("restApiId", Form::Text),
    optional("stageName", Form::Text),
];

const MEMBERS: &[Member] = &[
    optional("name", Form::Text),
    optional("description", Form::Text),
    optional("enabled", Form::Flag),
    optional("generateDistinctId", Form::Flag),
    optional("value", Form::Text),
    optional("stageKeys", Form::Objects(STAGE_KEY)),
    optional("customerId", Form::Text),
    optional("tags", Form::TextMap),
];

const PATCHES: Table = Table {
    rules: &[
        replaced("/customerId", &["customerId"]),
        replaced("/description", &["description"]),
        rule("/enabled", REPLACE, Expected::Flag, Target::Member(&["enabled"])),
        rule(
            "/labels",
            &[Op::Add, Op::Remove],
            Expected::Text,
            Target::Own(labels),
        ),
        replaced("/name", &["name"]),
        rule(
            "/stages",
            &[Op::Add, Op::Remove],
            Expected::Text,
            Target::Own(stages),
        ),
    ],
    names_paths: true,
};

/// Labels are on the patch page and nowhere else in the service: no document shows them.
fn labels(_: &mut Document, _: &[String], _: &PatchOperation) -> Result<(), ApiError> {
    Err(ApiError::unsupported("/labels of an API key"))
}

/// Stages are patched as `api/stage`.
fn stages(document: &mut Document, _: &[String], operation: &PatchOperation) -> Result<(), ApiError> {
    let value = operation.value.clone().unwrap_or_default();
    if value.split('/').filter(|part| !part.is_empty()).count() != 2 {
        return Err(ApiError::bad_request(format!(
            "Invalid stage key specified: {value}"
        )));
    }
    let list = document.entry("stageKeys").or_insert_with(|| json!([]));
    let Some(list) = list.as_array_mut() else {
        return Err(patch::absent(operation));
    };
    let at = list.iter().position(|known| known.as_str() == Some(&value));
    match (operation.op, at) {
        (Op::Remove, Some(at)) => drop(list.remove(at)),
        (Op::Remove, None) => return Err(patch::absent(operation)),
        (_, None) => list.push(Value::String(value)),
        (_, Some(_)) => {}
    }
    Ok(())
}

fn key(call: &Call<'_>) -> Key {
    Key::new(KIND, "", call.parameter("api_Key"))
}

pub(crate) async fn create(call: Call<'_>) -> Result<Outcome, ApiError> {
    let body = call.checked(MEMBERS)?;
    listing::check_tags(&body)?;
    let mut write = call.write().await?;
    let mut stage_keys = Vec::new();
    for stage in body
        .get("stageKeys")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let of = |name: &str| stage.get(name).and_then(Value::as_str).unwrap_or_default();
        let (api, name) = (of("restApiId"), of("stageName"));
        if write.get(&Key::new("stage", api, name)).await?.is_none() {
            return Err(ApiError::bad_request(format!(
                "Invalid stage identifier specified: {api}/{name}"
            )));
        }
        stage_keys.push(json!(format!("{api}/{name}")));
    }
    let document = document(&body, stage_keys, call.now());
    insert(&mut write, &document).await?;
    write.commit().await?;
    publish(&call, text(&document, "id")).await;
    Ok(document.into())
}

/// A new key, with all that its caller did not say.
fn document(body: &Document, stage_keys: Vec<Value>, now: u64) -> Document {
    let id = id::long();
    let mut document = Map::new();
    let value = match text(body, "value") {
        "" => id::random(MADE),
        value => value.to_owned(),
    };
    // Without an id of its own a key's id is its value.
    let distinct = body
        .get("generateDistinctId")
        .and_then(Value::as_bool)
        .unwrap_or(true);
    document.insert("id".to_owned(), json!(if distinct { &id } else { &value }));
    document.insert("value".to_owned(), json!(value));
    for name in ["name", "customerId", "description"] {
        if !text(body, name).is_empty() {
            document.insert(name.to_owned(), json!(text(body, name)));
        }
    }
    let enabled = body.get("enabled").and_then(Value::as_bool).unwrap_or_default();
    document.insert("enabled".to_owned(), json!(enabled));
    document.insert("createdDate".to_owned(), json!(now));
    document.insert("lastUpdatedDate".to_owned(), json!(now));
    document.insert("stageKeys".to_owned(), Value::Array(stage_keys));
    document.extend(body.get("tags").map(|tags| ("tags".to_owned(), tags.clone())));
    document
}

/// Writes a key and what finds it by its value.
async fn insert(write: &mut Write, document: &Document) -> Result<(), ApiError> {
    let (id, value) = (text(document, "id"), text(document, "value"));
    let length = value.chars().count();
    if length < SHORTEST {
        return Err(ApiError::bad_request(format!(
            "API Key value should be at least {SHORTEST} characters"
        )));
    }
    if length > LONGEST {
        return Err(ApiError::bad_request(format!(
            "API Key value should be at most {LONGEST} characters"
        )));
    }
    let by_value = Key::new(VALUE, "", value);
    let key = Key::new(KIND, "", id);
    if write.get(&by_value).await?.is_some() || write.get(&key).await?.is_some() {
        return Err(ApiError::conflict("API Key already exists"));
    }
    write.insert(&by_value, &json!({ "id": id })).await?;
    write.insert(&key, &Value::Object(document.clone())).await?;
    Ok(())
}

/// The value is a secret: it is shown where it is asked for.
fn hidden(mut document: Document, values: bool) -> Document {
    if !values {
        document.remove("value");
    }
    document
}

pub(crate) async fn get(call: Call<'_>) -> Result<Outcome, ApiError> {
    let document = listing::one(&call, &key(&call), ABSENT).await?;
    Ok(hidden(document, listing::asked(&call, "includeValue")).into())
}

pub(crate) async fn list(call: Call<'_>) -> Result<Outcome, ApiError> {
    let paging = call.paging()?;
    let values = listing::asked(&call, "includeValues");
    let (name, customer) = (call.query("name"), call.query("customerId"));
    let keep = |document: Document| {
        let wanted = name.is_none_or(|name| text(&document, "name").starts_with(name))
            && customer.is_none_or(|customer| text(&document, "customerId") == customer);
        wanted.then(|| hidden(document, values))
    };
    let mut read = call.read().await?;
    Ok(listing::some(&mut read, (KIND, ""), &paging, keep).await?.into())
}

pub(crate) async fn update(call: Call<'_>) -> Result<Outcome, ApiError> {
    let key = key(&call);
    let now = call.now();
    let touch = |document: &mut Document| {
        rows::drop_empty(document, &["name", "description", "customerId"]);
        document.insert("lastUpdatedDate".to_owned(), json!(now));
        Ok(())
    };
    let document = listing::patched(&call, &key, ABSENT, &PATCHES, touch).await?;
    publish(&call, &key.id).await;
    Ok(hidden(document, false).into())
}

/// A key that goes, goes out of its usage plans.
pub(crate) async fn delete(call: Call<'_>) -> Result<Outcome, ApiError> {
    let key = key(&call);
    let mut write = call.write().await?;
    let document = members(found(&mut write, &key, ABSENT).await?);
    write.delete(&key).await?;
    write
        .delete(&Key::new(VALUE, "", text(&document, "value")))
        .await?;
    for plan in plans(&mut write).await? {
        write.delete(&Key::new("usageplankey", &plan, &key.id)).await?;
        write.delete(&Key::new("usage", &plan, &key.id)).await?;
    }
    write.commit().await?;
    publish(&call, &key.id).await;
    Ok(Outcome::Nothing)
}

/// Makes a change of a key live.
pub(crate) async fn publish(call: &Call<'_>, id: &str) {
    let ids = vec![id.to_owned()];
    call.publish(Change::ApiKeys { ids }).await;
}

async fn plans(read: &mut Read) -> Result<Vec<String>, ApiError> {
    let plans = rows::all(read, "usageplan", "").await?;
    Ok(plans.into_iter().map(|(id, _)| id).collect())
}
