//! Usage plans (<https://docs.aws.amazon.com/apigateway/latest/api/API_UsagePlan.html>).

pub(crate) mod key;
mod patch;
pub(crate) mod usage;

use std::collections::BTreeSet;

use portcullis_store::{Key, Read};
use serde_json::{Map, Value, json};

use super::listing;
use super::rows::{self, text};
use crate::call::{Call, Outcome, found, members};
use crate::error::ApiError;
use crate::id;
use crate::plane::Change;
use crate::shape::{Form, Member, optional, required};

type Document = Map<String, Value>;

/// The kind in the store.
pub(crate) const KIND: &str = "usageplan";
/// Recorded.
pub(crate) const ABSENT: &str = "Invalid Usage Plan ID specified";

const THROTTLE: &[Member] = &[
    optional("burstLimit", Form::Whole),
    optional("rateLimit", Form::Number),
];

const API_STAGE: &[Member] = &[
    optional("apiId", Form::Text),
    optional("stage", Form::Text),
    optional("throttle", Form::ObjectMap(THROTTLE)),
];

const PERIODS: &[&str] = &["DAY", "WEEK", "MONTH"];

const QUOTA: &[Member] = &[
    optional("limit", Form::Whole),
    optional("offset", Form::Whole),
    optional("period", Form::One(PERIODS)),
];

const MEMBERS: &[Member] = &[
    required("name", Form::Text),
    optional("description", Form::Text),
    optional("apiStages", Form::Objects(API_STAGE)),
    optional("throttle", Form::Object(THROTTLE)),
    optional("quota", Form::Object(QUOTA)),
    optional("tags", Form::TextMap),
];

fn key(call: &Call<'_>) -> Key {
    Key::new(KIND, "", call.parameter("usageplanId"))
}

pub(crate) async fn create(call: Call<'_>) -> Result<Outcome, ApiError> {
    let mut document = call.checked(MEMBERS)?;
    listing::check_tags(&document)?;
    let id = id::short();
    document.insert("id".to_owned(), json!(id));
    document.entry("apiStages").or_insert_with(|| json!([]));
    rows::drop_empty(&mut document, &["description", "throttle", "quota"]);
    check(&mut document)?;
    let mut write = call.write().await?;
    stages_exist(&mut write, &document, &BTreeSet::new()).await?;
    let key = Key::new(KIND, "", &id);
    write.insert(&key, &Value::Object(document.clone())).await?;
    write.commit().await?;
    call.publish(Change::UsagePlan { id }).await;
    Ok(document.into())
}

pub(crate) async fn get(call: Call<'_>) -> Result<Outcome, ApiError> {
    Ok(listing::one(&call, &key(&call), ABSENT).await?.into())
}

/// With `keyId` those plans that have the key.
pub(crate) async fn list(call: Call<'_>) -> Result<Outcome, ApiError> {
    let paging = call.paging()?;
    let mut read = call.read().await?;
    let of_key = match call.query("keyId") {
        None => None,
        Some(key) => Some(with_key(&mut read, key).await?),
    };
    let keep = |document: Document| {
        let wanted = of_key
            .as_ref()
            .is_none_or(|plans| plans.contains(text(&document, "id")));
        wanted.then_some(document)
    };
    Ok(listing::some(&mut read, (KIND, ""), &paging, keep).await?.into())
}

async fn with_key(read: &mut Read, key: &str) -> Result<BTreeSet<String>, ApiError> {
    let mut plans = BTreeSet::new();
    for (plan, _) in rows::all(read, KIND, "").await? {
        if read.get(&Key::new(key::KIND, &plan, key)).await?.is_some() {
            plans.insert(plan);
        }
    }
    Ok(plans)
}

pub(crate) async fn update(call: Call<'_>) -> Result<Outcome, ApiError> {
    let operations = call.patch_operations()?;
    let key = key(&call);
    let mut write = call.write().await?;
    let mut document = members(found(&mut write, &key, ABSENT).await?);
    let before = stages(&document);
    crate::patch::apply(&mut document, &operations, &patch::TABLE)?;
    rows::drop_empty(
        &mut document,
        &["description", "productCode", "throttle", "quota"],
    );
    check(&mut document)?;
    // A stage that is gone meanwhile does not keep a plan from being changed.
    stages_exist(&mut write, &document, &before).await?;
    write.update(&key, &Value::Object(document.clone())).await?;
    write.commit().await?;
    call.publish(Change::UsagePlan { id: key.id }).await;
    Ok(document.into())
}

pub(crate) async fn delete(call: Call<'_>) -> Result<Outcome, ApiError> {
    let key = key(&call);
    let mut write = call.write().await?;
    let document = members(found(&mut write, &key, ABSENT).await?);
    if let Some((api, stage)) = stages(&document).into_iter().next() {
        return Err(ApiError::bad_request(format!(
            "Cannot delete usage plan {} because it is associated with API stages: [{api}:{stage}]",
            key.id
        )));
    }
    write.delete(&key).await?;
    write.delete_below(&key.id).await?;
    write.commit().await?;
    call.publish(Change::UsagePlan { id: key.id }).await;
    Ok(Outcome::Nothing)
}

/// The APIs and stages of a plan.
pub(crate) fn stages(document: &Document) -> BTreeSet<(String, String)> {
    let stages = document.get("apiStages").and_then(Value::as_array);
    let pair = |stage: &Value| {
        let of = |name: &str| {
            stage
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        (of("apiId"), of("stage"))
    };
    stages.into_iter().flatten().map(pair).collect()
}

async fn stages_exist(
    read: &mut Read,
    document: &Document,
    known: &BTreeSet<(String, String)>,
) -> Result<(), ApiError> {
    for (api, stage) in stages(document) {
        let is_known = known.contains(&(api.clone(), stage.clone()));
        if !is_known && read.get(&Key::new("stage", &api, &stage)).await?.is_none() {
            return Err(ApiError::not_found(format!("API Stage not found: {api}:{stage}")));
        }
    }
    Ok(())
}

/// Numbers within bounds, and a quota whole
/// (<https://docs.aws.amazon.com/apigateway/latest/api/API_QuotaSettings.html>).
fn check(document: &mut Document) -> Result<(), ApiError> {
    if text(document, "name").is_empty() {
        return Err(ApiError::bad_request("Usage Plan name cannot be blank"));
    }
    let listed = document
        .get("apiStages")
        .and_then(Value::as_array)
        .map_or(0, Vec::len);
    if listed != stages(document).len() {
        return Err(ApiError::bad_request("API stages must be unique in a usage plan"));
    }
    let mut throttles: Vec<&Value> = document.get("throttle").into_iter().collect();
    for stage in document
        .get("apiStages")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let methods = stage.get("throttle").and_then(Value::as_object);
        for (method, throttle) in methods.into_iter().flatten() {
            let (path, verb) = method.rsplit_once('/').unwrap_or_default();
            if path.is_empty() || verb.is_empty() {
                return Err(ApiError::bad_request(format!(
                    "Invalid method specified: {method}. Must be of the form /path/VERB"
                )));
            }
            throttles.push(throttle);
        }
    }
    for throttle in throttles {
        let of = |name: &str| throttle.get(name).and_then(Value::as_f64);
        if of("burstLimit").is_some_and(|burst| burst < 0.0) {
            return Err(ApiError::bad_request(
                "Usage Plan throttle burst limit must not be negative",
            ));
        }
        if of("rateLimit").is_some_and(|rate| rate < 0.0) {
            return Err(ApiError::bad_request(
                "Usage Plan throttle rate limit must not be negative",
            ));
        }
    }
    quota(document)
}

fn quota(document: &mut Document) -> Result<(), ApiError> {
    let Some(quota) = document.get_mut("quota").and_then(Value::as_object_mut) else {
        return Ok(());
    };
    quota.entry("offset").or_insert_with(|| json!(0));
    let of = |name: &str| quota.get(name).and_then(Value::as_i64);
    if of("limit").is_none_or(|limit| limit < 1) {
        return Err(ApiError::bad_request(
            "Usage Plan quota must have a positive limit",
        ));
    }
    let longest = match text(quota, "period") {
        "DAY" => 0,
        "WEEK" => 6,
        "MONTH" => 27,
        _ => return Err(ApiError::bad_request("Usage Plan quota must have a period")),
    };
    if of("offset").is_none_or(|offset| !(0..=longest).contains(&offset)) {
        let period = text(quota, "period");
        return Err(ApiError::bad_request(format!(
            "Usage Plan quota offset must be between 0 and {longest} for period {period}"
        )));
    }
    Ok(())
}
