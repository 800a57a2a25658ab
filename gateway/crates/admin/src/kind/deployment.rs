//! Deployments (<https://docs.aws.amazon.com/apigateway/latest/api/API_Deployment.html>): immutable snapshots of an API.

use portcullis_store::{Hash, Key, Read, StoreError, Write};
use serde_json::{Map, Value, json};

use super::domain_name;
use super::rows::{self, drop_empty, text};
use super::stage::{self, canary, variable};
use crate::call::{Call, Outcome, found, listed, members, patched};
use crate::definition;
use crate::error::ApiError;
use crate::id;
use crate::patch::{Table, replaced};
use crate::shape::{Form, Member, optional};

/// The kind in the store.
pub(crate) const KIND: &str = "deployment";
const ABSENT: &str = "Invalid Deployment identifier specified";
/// The member with the snapshot's hash, in hexadecimal digits. It is not shown.
pub(crate) const SNAPSHOT: &str = "snapshot";
/// How often a definition that others change meanwhile is looked at anew.
const ATTEMPTS: usize = 3;

const MEMBERS: &[Member] = &[
    optional("stageName", Form::Text),
    optional("stageDescription", Form::Text),
    optional("description", Form::Text),
    optional("cacheClusterEnabled", Form::Flag),
    optional("cacheClusterSize", Form::One(stage::CLUSTER_SIZES)),
    optional("variables", Form::TextMap),
    optional("canarySettings", Form::Object(canary::OF_A_DEPLOYMENT)),
    optional("tracingEnabled", Form::Flag),
];

/// Members that are the stage's.
const OF_THE_STAGE: [&str; 5] = [
    "stageDescription",
    "cacheClusterEnabled",
    "cacheClusterSize",
    "variables",
    "tracingEnabled",
];

const PATCHES: Table = Table {
    rules: &[replaced("/description", &["description"])],
    names_paths: true,
};

fn key(call: &Call<'_>) -> Key {
    Key::new(KIND, call.api(), call.parameter("deployment_id"))
}

pub(crate) async fn create(call: Call<'_>) -> Result<Outcome, ApiError> {
    let mut body = call.checked(MEMBERS)?;
    let stage = stage_named(&mut body)?;
    let (mut write, bytes) = good_definition(&call).await?;
    let hash = write.put_snapshot(&bytes).await?;
    let id = id::short();
    let mut document = Map::new();
    document.insert("id".to_owned(), json!(id));
    if let Some(description) = body.shift_remove("description") {
        document.insert("description".to_owned(), description);
    }
    document.insert("createdDate".to_owned(), json!(call.now()));
    document.insert(SNAPSHOT.to_owned(), json!(hash.to_string()));
    let key = Key::new(KIND, call.api(), &id);
    write.insert(&key, &Value::Object(document.clone())).await?;
    if let Some(stage) = &stage {
        deployed(&call, &mut write, stage, body, &id).await?;
    }
    write.commit().await?;
    if let Some(stage) = &stage {
        stage::publish(&call, stage).await;
    }
    Ok(shown(document).into())
}

/// The name of the stage that is deployed to. What is empty is as absent.
fn stage_named(body: &mut Map<String, Value>) -> Result<Option<String>, ApiError> {
    let name = body.shift_remove("stageName");
    let name = name.as_ref().and_then(Value::as_str);
    drop_empty(body, &["description", "stageDescription", "variables"]);
    if let Some(name) = name.filter(|name| !name.is_empty()) {
        stage::valid_name(name)?;
        return Ok(Some(name.to_owned()));
    }
    // Recorded from the service.
    if body.contains_key("canarySettings") {
        let name = name.unwrap_or("null");
        return Err(ApiError::bad_request(format!(
            "Invalid deployment content specified.Non null and non empty stageName must be provided for canary deployment. Provided value is {name}"
        )));
    }
    // The service takes and forgets them; here nothing is dropped in silence.
    match OF_THE_STAGE.iter().find(|member| body.contains_key(**member)) {
        Some(member) => Err(ApiError::bad_request(format!(
            "Invalid deployment content specified.Non null and non empty stageName must be provided for {member}."
        ))),
        None => Ok(None),
    }
}

/// A transaction with the bytes of the definition as it is now, which the data plane can serve. The data plane is asked
/// outside of the transaction: it may take its time.
async fn good_definition(call: &Call<'_>) -> Result<(Write, Vec<u8>), ApiError> {
    for _ in 0..ATTEMPTS {
        let mut read = call.read().await?;
        call.api_exists(&mut read).await?;
        let snapshot = definition::snapshot(&mut read, call.api()).await?;
        drop(read);
        complete(&snapshot)?;
        let checked = call.service.plane.check(definition::rest_api(&snapshot)).await;
        checked.map_err(|problems| ApiError::bad_request(problems.join("; ")))?;
        let bytes = definition::bytes(&snapshot);
        let mut write = call.write().await?;
        call.api_exists(&mut write).await?;
        if definition::bytes(&definition::snapshot(&mut write, call.api()).await?) == bytes {
            return Ok((write, bytes));
        }
    }
    Err(ApiError::conflict(
        "Unable to complete operation due to concurrent modification. Please try again later.",
    ))
}

/// What a deployment serves, and when it was made.
pub(crate) async fn served(
    call: &Call<'_>,
    read: &mut Read,
    id: &str,
) -> Result<(Map<String, Value>, u64), ApiError> {
    let document = members(found(read, &Key::new(KIND, call.api(), id), ABSENT).await?);
    let hash: Option<Hash> = text(&document, SNAPSHOT).parse().ok();
    let bytes = match hash {
        Some(hash) => read.snapshot(&hash).await?,
        None => None,
    };
    let snapshot = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let created = document.get("createdDate").and_then(Value::as_u64);
    Ok((snapshot.unwrap_or_default(), created.unwrap_or_default()))
}

/// The methods of a snapshot: path, verb and method.
fn methods(snapshot: &Map<String, Value>) -> impl Iterator<Item = (&str, &str, &Value)> {
    let resources = snapshot.get("resources").and_then(Value::as_array);
    resources.into_iter().flatten().flat_map(|resource| {
        let path = resource.get("path").and_then(Value::as_str).unwrap_or_default();
        let methods = resource.get("resourceMethods").and_then(Value::as_object);
        let methods = methods.into_iter().flatten();
        methods.map(move |(verb, method)| (path, verb.as_str(), method))
    })
}

/// What the service wants of an API that is deployed (its words as Terraform's and CloudFormation's users report them).
fn complete(snapshot: &Map<String, Value>) -> Result<(), ApiError> {
    if methods(snapshot).next().is_none() {
        return Err(ApiError::bad_request("The REST API doesn't contain any methods"));
    }
    if methods(snapshot).any(|(_, _, method)| !method.get("methodIntegration").is_some_and(Value::is_object))
    {
        return Err(ApiError::bad_request("No integration defined for method"));
    }
    let api = snapshot.get("restApi").and_then(Value::as_object);
    let is_private = api.is_some_and(|api| domain_name::kind(api) == "PRIVATE");
    if is_private && api.is_none_or(|api| !api.contains_key("policy")) {
        return Err(ApiError::bad_request(
            "Private REST API doesn't have a resource policy attached to it",
        ));
    }
    Ok(())
}

/// Points a stage, or its canary, at a new deployment; makes the stage where it is not there.
async fn deployed(
    call: &Call<'_>,
    write: &mut Write,
    name: &str,
    mut settings: Map<String, Value>,
    deployment: &str,
) -> Result<(), ApiError> {
    let key = stage::key_of(call.api(), name);
    let canary = settings.shift_remove("canarySettings");
    if let Some(description) = settings.shift_remove("stageDescription") {
        settings.insert("description".to_owned(), description);
    }
    if let Some(Value::Object(variables)) = settings.get("variables") {
        variable::all_valid(variables)?;
    }
    match (write.get(&key).await?.map(members), canary) {
        (None, Some(_)) => Err(ApiError::bad_request(format!(
            // Recorded from the service.
            "Invalid deployment content specified.Stage {name} must already be created before making a canary release deployment"
        ))),
        (None, None) => {
            let mut body = Map::new();
            body.insert("stageName".to_owned(), json!(name));
            body.insert("deploymentId".to_owned(), json!(deployment));
            body.append(&mut settings);
            let (document, _) = stage::made(body, call.now())?;
            Ok(write.insert(&key, &Value::Object(document)).await?)
        }
        (Some(mut document), canary) => {
            match canary {
                Some(Value::Object(canary)) => {
                    let canary = canary::made(canary, deployment)?;
                    document.insert("canarySettings".to_owned(), Value::Object(canary));
                }
                _ => drop(document.insert("deploymentId".to_owned(), json!(deployment))),
            }
            document.append(&mut settings);
            stage::clustered(&mut document);
            document.insert("lastUpdatedDate".to_owned(), json!(call.now()));
            Ok(write.update(&key, &Value::Object(document)).await?)
        }
    }
}

/// Without what is not shown.
fn shown(mut document: Map<String, Value>) -> Map<String, Value> {
    document.shift_remove(SNAPSHOT);
    document
}

pub(crate) async fn get(call: Call<'_>) -> Result<Outcome, ApiError> {
    let wants_summary = call
        .queries("embed")
        .any(|embed| embed.eq_ignore_ascii_case("apisummary"));
    let mut read = call.read().await?;
    call.api_exists(&mut read).await?;
    let mut document = members(found(&mut read, &key(&call), ABSENT).await?);
    if wants_summary {
        let (snapshot, _) = served(&call, &mut read, call.parameter("deployment_id")).await?;
        document.insert("apiSummary".to_owned(), summary(&snapshot));
    }
    Ok(shown(document).into())
}

/// The methods of a deployment, and who may call them.
fn summary(snapshot: &Map<String, Value>) -> Value {
    let mut paths = Map::new();
    for (path, verb, method) in methods(snapshot) {
        let of_path = paths.entry(path).or_insert_with(|| Value::Object(Map::new()));
        let authorization = method.get("authorizationType").and_then(Value::as_str);
        let key_required = method.get("apiKeyRequired").and_then(Value::as_bool);
        let shown = json!({
            "authorizationType": authorization.unwrap_or("NONE"),
            "apiKeyRequired": key_required.unwrap_or(false),
        });
        if let Some(of_path) = of_path.as_object_mut() {
            of_path.insert(verb.to_owned(), shown);
        }
    }
    Value::Object(paths)
}

pub(crate) async fn list(call: Call<'_>) -> Result<Outcome, ApiError> {
    let paging = call.paging()?;
    let mut read = call.read().await?;
    call.api_exists(&mut read).await?;
    let mut outcome = listed(&mut read, KIND, call.api(), &paging).await?;
    if let Outcome::Json(body) = &mut outcome {
        let items = body.get_mut("item").and_then(Value::as_array_mut);
        for item in items.into_iter().flatten().filter_map(Value::as_object_mut) {
            item.shift_remove(SNAPSHOT);
        }
    }
    Ok(outcome)
}

pub(crate) async fn update(call: Call<'_>) -> Result<Outcome, ApiError> {
    let document = patched(&call, &key(&call), ABSENT, &PATCHES).await?;
    Ok(shown(document).into())
}

pub(crate) async fn delete(call: Call<'_>) -> Result<Outcome, ApiError> {
    let key = key(&call);
    let mut write = call.write().await?;
    call.api_exists(&mut write).await?;
    let document = members(found(&mut write, &key, ABSENT).await?);
    let stages = stage::all_of(&mut write, call.api()).await?;
    if stages.iter().any(|stage| stage::points_at(stage, &key.id)) {
        return Err(ApiError::bad_request(
            "Active stages pointing to this deployment must be moved or deleted",
        ));
    }
    write.delete(&key).await?;
    let snapshot = text(&document, SNAPSHOT);
    let others = rows::all(&mut write, KIND, call.api()).await?;
    if !others.iter().any(|(_, other)| text(other, SNAPSHOT) == snapshot) {
        forget(&mut write, snapshot).await?;
    }
    write.commit().await?;
    Ok(Outcome::Nothing)
}

/// Deletes the snapshots of all deployments of an API. A snapshot has its API's id in it, so no other API has the same.
pub(crate) async fn forget_all(write: &mut Write, api: &str) -> Result<(), StoreError> {
    for (_, document) in rows::all(write, KIND, api).await? {
        forget(write, text(&document, SNAPSHOT)).await?;
    }
    Ok(())
}

/// Deletes the snapshot of that hash.
pub(crate) async fn forget(write: &mut Write, snapshot: &str) -> Result<(), StoreError> {
    if let Ok(hash) = snapshot.parse() {
        write.delete_snapshot(&hash).await?;
    }
    Ok(())
}
