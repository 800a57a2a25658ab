//! The API keys of a usage plan (<https://docs.aws.amazon.com/apigateway/latest/api/API_UsagePlanKey.html>).

use portcullis_store::{Key, Read};
use serde_json::{Map, Value, json};

use super::super::rows::text;
use super::super::{api_key, listing};
use crate::call::{Call, Outcome, found, members};
use crate::error::ApiError;
use crate::shape::{Form, Member, required};

type Document = Map<String, Value>;

/// The kind in the store. A document says only that there is such a key; what is shown of it stands in the key's own.
pub(crate) const KIND: &str = "usageplankey";

const MEMBERS: &[Member] = &[required("keyId", Form::Text), required("keyType", Form::Text)];

fn plan(call: &Call<'_>) -> Key {
    Key::new(super::KIND, "", call.parameter("usageplanId"))
}

fn key(call: &Call<'_>) -> Key {
    Key::new(KIND, call.parameter("usageplanId"), call.parameter("keyId"))
}

async fn of(read: &mut Read, id: &str) -> Result<Option<Document>, ApiError> {
    let Some(row) = read.get(&Key::new(api_key::KIND, "", id)).await? else {
        return Ok(None);
    };
    let known = members(row);
    let mut document = Map::new();
    document.insert("id".to_owned(), json!(id));
    document.insert("type".to_owned(), json!("API_KEY"));
    for name in ["value", "name"] {
        document.extend(known.get(name).map(|value| (name.to_owned(), value.clone())));
    }
    Ok(Some(document))
}

pub(crate) async fn create(call: Call<'_>) -> Result<Outcome, ApiError> {
    let body = call.checked(MEMBERS)?;
    if text(&body, "keyType") != "API_KEY" {
        return Err(ApiError::bad_request(
            "Invalid key type specified. Must be one of: [API_KEY]",
        ));
    }
    let id = text(&body, "keyId");
    let mut write = call.write().await?;
    let plan = members(found(&mut write, &plan(&call), super::ABSENT).await?);
    let document = of(&mut write, id).await?;
    let document = document.ok_or_else(|| ApiError::not_found(api_key::ABSENT))?;
    let key = Key::new(KIND, call.parameter("usageplanId"), id);
    if write.get(&key).await?.is_some() {
        return Err(ApiError::conflict(format!(
            "Usage Plan {} already has key {id}",
            text(&plan, "id")
        )));
    }
    only_once(&mut write, &plan, id).await?;
    write
        .insert(&key, &json!({ "id": id, "type": "API_KEY" }))
        .await?;
    write.commit().await?;
    api_key::publish(&call, id).await;
    Ok(document.into())
}

/// A key is in one plan only for each stage
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html>).
async fn only_once(read: &mut Read, plan: &Document, key: &str) -> Result<(), ApiError> {
    let wanted = super::stages(plan);
    for (other, document) in super::rows::all(read, super::KIND, "").await? {
        if other == text(plan, "id") || super::stages(&document).is_disjoint(&wanted) {
            continue;
        }
        if read.get(&Key::new(KIND, &other, key)).await?.is_some() {
            return Err(ApiError::conflict(format!(
                "API Key {key} is associated with usage plan {other} for the same API stage"
            )));
        }
    }
    Ok(())
}

pub(crate) async fn get(call: Call<'_>) -> Result<Outcome, ApiError> {
    let mut read = call.read().await?;
    found(&mut read, &plan(&call), super::ABSENT).await?;
    found(&mut read, &key(&call), api_key::ABSENT).await?;
    let document = of(&mut read, call.parameter("keyId")).await?;
    Ok(document
        .ok_or_else(|| ApiError::not_found(api_key::ABSENT))?
        .into())
}

pub(crate) async fn list(call: Call<'_>) -> Result<Outcome, ApiError> {
    let paging = call.paging()?;
    let mut read = call.read().await?;
    found(&mut read, &plan(&call), super::ABSENT).await?;
    let mut known = std::collections::BTreeMap::new();
    for (id, _) in super::rows::all(&mut read, KIND, call.parameter("usageplanId")).await? {
        if let Some(document) = of(&mut read, &id).await? {
            known.insert(id, document);
        }
    }
    let name = call.query("name");
    let keep = |row: Document| {
        let document = known.get(text(&row, "id"))?;
        let wanted = name.is_none_or(|name| text(document, "name").starts_with(name));
        wanted.then(|| document.clone())
    };
    let of = (KIND, call.parameter("usageplanId"));
    Ok(listing::some(&mut read, of, &paging, keep).await?.into())
}

pub(crate) async fn delete(call: Call<'_>) -> Result<Outcome, ApiError> {
    let mut write = call.write().await?;
    found(&mut write, &plan(&call), super::ABSENT).await?;
    if !write.delete(&key(&call)).await? {
        return Err(ApiError::not_found(api_key::ABSENT));
    }
    write.commit().await?;
    api_key::publish(&call, call.parameter("keyId")).await;
    Ok(Outcome::Nothing)
}
