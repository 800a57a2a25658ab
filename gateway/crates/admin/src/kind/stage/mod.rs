//! Stages (<https://docs.aws.amazon.com/apigateway/latest/api/API_Stage.html>): settings act at once, definitions only by
//! the deployment that a stage points at. To point it at an earlier one is a rollback.

pub(crate) mod canary;
mod method_setting;
mod patch;
mod shown;
pub(crate) mod variable;

use std::collections::BTreeSet;

use portcullis_store::{Key, Read};
use serde_json::{Map, Value, json};

use super::client_certificate;
use super::rows::{self, drop_empty, text};
use crate::call::{Call, Outcome, found, members};
use crate::error::ApiError;
use crate::plane::Change;
use crate::shape::{Form, Member, optional, required};

pub(crate) use method_setting::method_of;
pub(crate) use shown::shown;

/// The kind in the store.
pub(crate) const KIND: &str = "stage";
/// Recorded from the service.
pub(crate) const ABSENT: &str = "Invalid stage identifier specified";
/// Recorded from the service.
pub(crate) const NO_DEPLOYMENT: &str = "Deployment id does not exist";
/// Sizes of a cache cluster, in gigabytes.
pub(crate) const CLUSTER_SIZES: &[&str] = &["0.5", "1.6", "6.1", "13.5", "28.4", "58.2", "118", "237"];
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-stages.html>)
const NAME_LENGTH: usize = 128;

const MEMBERS: &[Member] = &[
    required("stageName", Form::Text),
    required("deploymentId", Form::Text),
    optional("description", Form::Text),
    optional("cacheClusterEnabled", Form::Flag),
    optional("cacheClusterSize", Form::One(CLUSTER_SIZES)),
    optional("variables", Form::TextMap),
    optional("documentationVersion", Form::Text),
    optional("canarySettings", Form::Object(canary::OF_A_STAGE)),
    optional("tracingEnabled", Form::Flag),
    optional("tags", Form::TextMap),
];

/// Where a stage is kept.
pub(crate) fn key_of(api: &str, name: &str) -> Key {
    Key::new(KIND, api, name)
}

fn key(call: &Call<'_>) -> Key {
    key_of(call.api(), call.parameter("stage_name"))
}

/// What a stage refers to and must be there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reference {
    /// A deployment of the API.
    Deployment(String),
    /// A version of the API's documentation.
    Documentation(String),
    /// A client certificate of the account, or of the gateway's own configuration.
    Certificate(String),
}

/// An error where one of them is not there.
async fn all_there(
    call: &Call<'_>,
    read: &mut Read,
    references: &BTreeSet<Reference>,
) -> Result<(), ApiError> {
    let api = call.api();
    for reference in references {
        let (key, absent) = match reference {
            Reference::Deployment(id) => (
                Key::new(super::deployment::KIND, api, id),
                ApiError::bad_request(NO_DEPLOYMENT),
            ),
            Reference::Documentation(version) => (
                Key::new("documentationversion", api, version),
                ApiError::not_found("Invalid Documentation version specified"),
            ),
            Reference::Certificate(id) if call.service.plane.has_client_certificate(id) => continue,
            Reference::Certificate(id) => (
                Key::new(client_certificate::KIND, "", id),
                ApiError::not_found(client_certificate::ABSENT),
            ),
        };
        read.get(&key).await?.ok_or(absent)?;
    }
    Ok(())
}

pub(crate) async fn create(call: Call<'_>) -> Result<Outcome, ApiError> {
    let body = call.checked(MEMBERS)?;
    let name = text(&body, "stageName").to_owned();
    valid_name(&name)?;
    let (document, references) = made(body, call.now())?;
    let mut write = call.write().await?;
    call.api_exists(&mut write).await?;
    all_there(&call, &mut write, &references).await?;
    let key = key_of(call.api(), &name);
    if write.get(&key).await?.is_some() {
        return Err(ApiError::conflict("Stage already exists"));
    }
    write.insert(&key, &Value::Object(document.clone())).await?;
    write.commit().await?;
    publish(&call, &name).await;
    Ok(document.into())
}

/// The document of a new stage, of a body that is checked. What is empty is as absent.
pub(crate) fn made(
    mut body: Map<String, Value>,
    now: u64,
) -> Result<(Map<String, Value>, BTreeSet<Reference>), ApiError> {
    drop_empty(
        &mut body,
        &["description", "documentationVersion", "variables", "tags"],
    );
    if let Some(Value::Object(variables)) = body.get("variables") {
        variable::all_valid(variables)?;
    }
    let deployment = text(&body, "deploymentId").to_owned();
    let mut references = BTreeSet::from([Reference::Deployment(deployment.clone())]);
    if let Some(Value::Object(settings)) = body.remove("canarySettings") {
        let settings = canary::made(settings, &deployment)?;
        references.insert(Reference::Deployment(text(&settings, "deploymentId").to_owned()));
        body.insert("canarySettings".to_owned(), Value::Object(settings));
    }
    if body.contains_key("documentationVersion") {
        references.insert(Reference::Documentation(
            text(&body, "documentationVersion").to_owned(),
        ));
    }
    for flag in ["cacheClusterEnabled", "tracingEnabled"] {
        body.entry(flag).or_insert(Value::Bool(false));
    }
    clustered(&mut body);
    body.insert("methodSettings".to_owned(), Value::Object(Map::new()));
    body.insert("createdDate".to_owned(), json!(now));
    body.insert("lastUpdatedDate".to_owned(), json!(now));
    Ok((body, references))
}

/// Says what the cache cluster is now: there is none to wait for, so it is available at once.
pub(crate) fn clustered(document: &mut Map<String, Value>) {
    let enabled = document.get("cacheClusterEnabled") == Some(&Value::Bool(true));
    let status = if enabled { "AVAILABLE" } else { "NOT_AVAILABLE" };
    document.insert("cacheClusterStatus".to_owned(), json!(status));
    if enabled {
        document.entry("cacheClusterSize").or_insert(json!("0.5"));
    }
}

/// The rule for names (<https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-stages.html>).
///
/// # Errors
///
/// A name of other characters, one that is too long, and one that the gateway keeps for itself.
pub(crate) fn valid_name(name: &str) -> Result<(), ApiError> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if name.is_empty() || name.len() > NAME_LENGTH || !name.bytes().all(good) {
        // Recorded; it is older than the hyphen.
        return Err(ApiError::bad_request("Stage name only allows a-zA-Z0-9_"));
    }
    // Both are paths of their own beside the stages of an API.
    if matches!(name, "_aws" | "restapis") {
        return Err(ApiError::bad_request(format!("Stage name {name} is reserved")));
    }
    Ok(())
}

pub(crate) async fn get(call: Call<'_>) -> Result<Outcome, ApiError> {
    let mut read = call.read().await?;
    call.api_exists(&mut read).await?;
    Ok(members(found(&mut read, &key(&call), ABSENT).await?).into())
}

/// All of them: the service does not page stages.
pub(crate) async fn list(call: Call<'_>) -> Result<Outcome, ApiError> {
    let mut read = call.read().await?;
    call.api_exists(&mut read).await?;
    let mut items = all_of(&mut read, call.api()).await?;
    if let Some(deployment) = call.query("deploymentId").filter(|id| !id.is_empty()) {
        items.retain(|stage| points_at(stage, deployment));
    }
    let items = items.into_iter().map(Value::Object).collect();
    let mut body = Map::new();
    body.insert("item".to_owned(), Value::Array(items));
    Ok(body.into())
}

/// Every stage of an API.
pub(crate) async fn all_of(read: &mut Read, api: &str) -> Result<Vec<Map<String, Value>>, ApiError> {
    let stages = rows::all(read, KIND, api).await?;
    Ok(stages.into_iter().map(|(_, stage)| stage).collect())
}

/// Whether a stage or its canary points at a deployment.
pub(crate) fn points_at(stage: &Map<String, Value>, deployment: &str) -> bool {
    let canary = stage.get("canarySettings").and_then(Value::as_object);
    text(stage, "deploymentId") == deployment
        || canary.is_some_and(|canary| text(canary, "deploymentId") == deployment)
}

pub(crate) async fn update(call: Call<'_>) -> Result<Outcome, ApiError> {
    let operations = call.patch_operations()?;
    let key = key(&call);
    let mut write = call.write().await?;
    call.api_exists(&mut write).await?;
    let before = members(found(&mut write, &key, ABSENT).await?);
    let (mut document, references) = patch::apply(&before, &operations)?;
    all_there(&call, &mut write, &references).await?;
    document.insert("lastUpdatedDate".to_owned(), json!(call.now()));
    write.update(&key, &Value::Object(document.clone())).await?;
    write.commit().await?;
    publish(&call, &key.id).await;
    Ok(document.into())
}

pub(crate) async fn delete(call: Call<'_>) -> Result<Outcome, ApiError> {
    let key = key(&call);
    let mut write = call.write().await?;
    call.api_exists(&mut write).await?;
    if !write.delete(&key).await? {
        return Err(ApiError::not_found(ABSENT));
    }
    write.commit().await?;
    publish(&call, &key.id).await;
    Ok(Outcome::Nothing)
}

pub(crate) async fn flush_cache(call: Call<'_>) -> Result<Outcome, ApiError> {
    let (api, stage) = present(&call).await?;
    call.publish(Change::FlushCache { api, stage }).await;
    Ok(Outcome::Nothing)
}

pub(crate) async fn flush_authorizers(call: Call<'_>) -> Result<Outcome, ApiError> {
    let (api, stage) = present(&call).await?;
    call.publish(Change::FlushAuthorizers { api, stage }).await;
    Ok(Outcome::Nothing)
}

/// The stage of the path, which is there.
async fn present(call: &Call<'_>) -> Result<(String, String), ApiError> {
    let mut read = call.read().await?;
    call.api_exists(&mut read).await?;
    let key = key(call);
    found(&mut read, &key, ABSENT).await?;
    Ok((key.parent, key.id))
}

/// Makes a stage's change live.
pub(crate) async fn publish(call: &Call<'_>, stage: &str) {
    let change = Change::Stage {
        api: call.api().to_owned(),
        stage: stage.to_owned(),
    };
    call.publish(change).await;
}
