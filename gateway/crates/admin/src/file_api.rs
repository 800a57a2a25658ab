//! APIs that files define, as the control plane shows them: read-only, each with the deployments that its file has been.
//!
//! A file that changes is a new deployment, and its stages point at it. A stage may be pointed back at an earlier one; that
//! holds until the file changes again. Everything else is changed in the file.

use std::collections::{BTreeMap, BTreeSet};

use portcullis_model::{RestApi, Stage};
use portcullis_store::{Hash, Key, Read, Store, StoreError, Write};
use serde_json::{Map, Value, json};

use crate::call::{Call, members};
use crate::definition;
use crate::error::ApiError;
use crate::kind::rows::{self, text};
use crate::kind::{deployment, rest_api, stage};
use crate::live;
use crate::operation::Operation;
use crate::patch::{Op, PatchOperation};

/// The kind of the rows that say which APIs these are.
const KIND: &str = "fileapi";
/// Who changes what is recorded here, for the history.
const WHO: &str = "gateway.toml";
/// How many deployments of one API are kept, beside those that stages point at.
const DEPLOYMENTS: usize = 100;

/// A document by its id.
type Named = (String, Map<String, Value>);

/// An API as files define it now.
pub struct FileApi<'a> {
    /// Its id.
    pub id: &'a str,
    /// The file, for people.
    pub file: &'a str,
    /// Makes the definition, with all that the file says; asked where it has changed.
    pub api: Box<dyn Fn() -> RestApi + Send + Sync + 'a>,
    /// The id of the deployment that this definition is: the same for the same definition.
    pub deployment: &'a str,
    /// Whether one of its stages serves this definition. One that none can serve is no deployment.
    pub is_served: bool,
    /// Its stages, with their settings; which deployment they point at is for this module to say.
    pub stages: Vec<Stage>,
}

impl std::fmt::Debug for FileApi<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("FileApi")
            .field("id", &self.id)
            .field("file", &self.file)
            .field("deployment", &self.deployment)
            .finish_non_exhaustive()
    }
}

/// A stage that points back at an earlier deployment.
#[derive(Debug)]
pub struct Back {
    /// The API's id.
    pub api: String,
    /// The stage's name.
    pub stage: String,
    /// The earlier deployment's id.
    pub deployment: String,
    /// Its definition.
    pub definition: live::Definition,
}

/// What [`record`] found.
#[derive(Debug, Default)]
pub struct Recorded {
    /// Stages that point back.
    pub back: Vec<Back>,
    /// APIs of files whose ids are those of APIs that the control plane made.
    pub taken: Vec<String>,
}

/// Makes what is recorded equal to what the files define. Nothing is written where nothing has changed. `configured` are the
/// ids of all APIs of files: one that is not among `apis` cannot be read now, and stays as it is.
///
/// # Errors
///
/// The store's.
pub async fn record(
    store: &Store,
    configured: &BTreeSet<&str>,
    apis: &[FileApi<'_>],
    now: u64,
) -> Result<Recorded, StoreError> {
    let mut recorded = Recorded::default();
    forget_others(store, configured).await?;
    for api in apis {
        let mut read = store.read().await?;
        let known = read.get(&key(api.id)).await?.map(members);
        let exists = read.get(&Key::new(rest_api::KIND, "", api.id)).await?.is_some();
        drop(read);
        if exists && known.is_none() {
            recorded.taken.push(api.id.to_owned());
            continue;
        }
        let marker = marker(api);
        let is_known = known
            .as_ref()
            .is_some_and(|known| text(known, "deployment") == api.deployment);
        if known.as_ref() != Some(&marker) && (api.is_served || is_known) {
            let mut write = store.write(WHO, "Record").await?;
            replace(&mut write, api, marker, now).await?;
            write.commit().await?;
        }
        let mut read = store.read().await?;
        for stage in &api.stages {
            recorded.back.extend(back(&mut read, api.id, &stage.name).await?);
        }
    }
    Ok(recorded)
}

/// The earlier deployment that a stage points back at; none where it serves what its file says, and for stages that are of
/// no file.
///
/// # Errors
///
/// The store's, and a deployment that is lost.
pub async fn back(read: &mut Read, api: &str, stage: &str) -> Result<Option<Back>, StoreError> {
    let Some(current) = read.get(&key(api)).await?.map(members) else {
        return Ok(None);
    };
    let Some(document) = read.get(&stage::key_of(api, stage)).await?.map(members) else {
        return Ok(None);
    };
    let deployment = text(&document, "deploymentId");
    if deployment == text(&current, "deployment") {
        return Ok(None);
    }
    let Some(live) = live::stage(read, api, stage).await? else {
        return Ok(None);
    };
    Ok(Some(Back {
        api: api.to_owned(),
        stage: stage.to_owned(),
        deployment: deployment.to_owned(),
        definition: live.base,
    }))
}

/// The ids of the APIs that files define.
pub(crate) async fn all(read: &mut Read) -> Result<BTreeSet<String>, StoreError> {
    let rows = rows::all(read, KIND, "").await?;
    Ok(rows.into_iter().map(|(id, _)| id).collect())
}

fn key(api: &str) -> Key {
    Key::new(KIND, "", api)
}

/// Of all that is recorded of an API.
fn marker(api: &FileApi<'_>) -> Map<String, Value> {
    let stages = api.stages.iter();
    let stages = stages.map(|stage| (stage.name.clone(), Value::Object(stage::shown(stage))));
    let mut marker = Map::new();
    marker.insert("file".to_owned(), json!(api.file));
    marker.insert("deployment".to_owned(), json!(api.deployment));
    marker.insert("stages".to_owned(), Value::Object(stages.collect()));
    marker
}

/// APIs that are in no file any more are gone, with what was recorded of them.
async fn forget_others(store: &Store, configured: &BTreeSet<&str>) -> Result<(), StoreError> {
    let known = all(&mut store.read().await?).await?;
    let gone: Vec<String> = known
        .into_iter()
        .filter(|id| !configured.contains(id.as_str()))
        .collect();
    if gone.is_empty() {
        return Ok(());
    }
    let mut write = store.write(WHO, "Forget").await?;
    for id in gone {
        deployment::forget_all(&mut write, &id).await?;
        write.delete_below(&id).await?;
        write.delete(&Key::new(rest_api::KIND, "", &id)).await?;
        write.delete(&key(&id)).await?;
    }
    write.commit().await?;
    Ok(())
}

/// What was recorded of an API before, as far as it stays.
struct Before {
    created: Option<Value>,
    /// The deployment that its file was.
    current: String,
    deployments: BTreeMap<String, Map<String, Value>>,
    stages: BTreeMap<String, Map<String, Value>>,
}

impl Before {
    async fn read(read: &mut Read, api: &str) -> Result<Self, StoreError> {
        let row = read.get(&Key::new(rest_api::KIND, "", api)).await?.map(members);
        let current = read.get(&key(api)).await?.map(members).unwrap_or_default();
        let deployments = rows::all(read, deployment::KIND, api).await?;
        let stages = rows::all(read, stage::KIND, api).await?;
        Ok(Self {
            created: row.and_then(|row| row.get("createdDate").cloned()),
            current: text(&current, "deployment").to_owned(),
            deployments: deployments.into_iter().collect(),
            stages: stages.into_iter().collect(),
        })
    }
}

async fn replace(
    write: &mut Write,
    api: &FileApi<'_>,
    marker: Map<String, Value>,
    now: u64,
) -> Result<(), StoreError> {
    let mut before = Before::read(write, api.id).await?;
    write.delete_below(api.id).await?;
    write.delete(&Key::new(rest_api::KIND, "", api.id)).await?;
    write.delete(&key(api.id)).await?;

    let definition = definition::documents(&(api.api)());
    let created = before.created.take().unwrap_or_else(|| json!(now));
    let document = rest_api::of_a_file(&definition, api.id, api.file, created);
    write
        .insert(&Key::new(rest_api::KIND, "", api.id), &Value::Object(document))
        .await?;
    definition::insert(write, api.id, &definition).await?;
    write.insert(&key(api.id), &Value::Object(marker)).await?;

    if !before.deployments.contains_key(api.deployment) {
        let hash = write.put_snapshot(&definition::bytes(&definition)).await?;
        let document = deployed(api, &hash, now);
        before.deployments.insert(api.deployment.to_owned(), document);
    }
    let mut stages = Vec::new();
    for settings in &api.stages {
        let old = before.stages.get(&settings.name);
        stages.push(staged(api, settings, old, &before.current, now));
    }
    let (kept, gone) = kept(before.deployments, &stages);
    for snapshot in gone {
        deployment::forget(write, &snapshot).await?;
    }
    for (id, document) in kept {
        write
            .insert(&Key::new(deployment::KIND, api.id, id), &Value::Object(document))
            .await?;
    }
    for document in stages {
        let key = stage::key_of(api.id, text(&document, "stageName"));
        write.insert(&key, &Value::Object(document)).await?;
    }
    Ok(())
}

fn deployed(api: &FileApi<'_>, hash: &Hash, now: u64) -> Map<String, Value> {
    let mut document = Map::new();
    document.insert("id".to_owned(), json!(api.deployment));
    document.insert(
        "description".to_owned(),
        json!(format!("as {} defined it", api.file)),
    );
    document.insert("createdDate".to_owned(), json!(now));
    document.insert(deployment::SNAPSHOT.to_owned(), json!(hash.to_string()));
    document
}

/// A stage's document: it points at what the file is, unless it points back and the file is as it was.
fn staged(
    api: &FileApi<'_>,
    settings: &Stage,
    old: Option<&Map<String, Value>>,
    current: &str,
    now: u64,
) -> Map<String, Value> {
    let mut document = stage::shown(settings);
    let old_date = |name| old.and_then(|old| old.get(name)).cloned();
    let pointed = old
        .map(|old| text(old, "deploymentId"))
        .filter(|_| current == api.deployment);
    document.insert(
        "deploymentId".to_owned(),
        json!(pointed.unwrap_or(api.deployment)),
    );
    document.insert(
        "createdDate".to_owned(),
        old_date("createdDate").unwrap_or_else(|| json!(now)),
    );
    document.insert("lastUpdatedDate".to_owned(), json!(now));
    document
}

/// The newest deployments and those that stages point at, and the snapshots that only the others have.
fn kept(
    deployments: BTreeMap<String, Map<String, Value>>,
    stages: &[Map<String, Value>],
) -> (Vec<Named>, BTreeSet<String>) {
    let pointed: BTreeSet<&str> = stages.iter().map(|stage| text(stage, "deploymentId")).collect();
    let mut all: Vec<_> = deployments.into_iter().collect();
    let date = |document: &Map<String, Value>| document.get("createdDate").and_then(Value::as_u64);
    all.sort_by_key(|(_, document)| std::cmp::Reverse(date(document)));
    let (mut kept, mut gone) = (Vec::new(), BTreeSet::new());
    for (index, (id, document)) in all.into_iter().enumerate() {
        if index < DEPLOYMENTS || pointed.contains(id.as_str()) {
            kept.push((id, document));
        } else {
            gone.insert(text(&document, deployment::SNAPSHOT).to_owned());
        }
    }
    for (_, document) in &kept {
        gone.remove(text(document, deployment::SNAPSHOT));
    }
    (kept, gone)
}

/// Refuses a call that would change an API of a file. A stage of it may be pointed at another of its deployments.
pub(crate) async fn may_change(call: &Call<'_>, write: &mut Write) -> Result<(), ApiError> {
    if call.api().is_empty() {
        return Ok(());
    }
    let refused = of_no_file(write, call, call.api()).await;
    if refused.is_err() && call.operation == Operation::UpdateStage {
        let points =
            |operation: &PatchOperation| operation.path == "/deploymentId" && operation.op == Op::Replace;
        if call.patch_operations()?.iter().all(points) {
            return Ok(());
        }
    }
    refused
}

/// Refuses a call that would change this API if a file defines it.
pub(crate) async fn of_no_file(read: &mut Read, call: &Call<'_>, api: &str) -> Result<(), ApiError> {
    let Some(row) = read.get(&key(api)).await?.map(members) else {
        return Ok(());
    };
    let file = text(&row, "file");
    Err(ApiError::bad_request(match call.operation {
        Operation::UpdateStage => format!(
            "API {api} comes from {file} and its stages from gateway.toml: change them there. Only /deploymentId can be replaced here"
        ),
        Operation::CreateDeployment => {
            format!("API {api} comes from {file}: it is deployed whenever the file changes")
        }
        _ => format!("API {api} comes from {file} and is read-only here: change it there"),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_deployments_go_unless_a_stage_points_at_them() {
        let deployment = |number: usize, snapshot: &str| {
            let document = json!({"createdDate": number, deployment::SNAPSHOT: snapshot});
            (
                format!("d{number}"),
                document.as_object().cloned().unwrap_or_default(),
            )
        };
        let newer = (4..104).map(|number| deployment(number, "shared"));
        let older = [
            deployment(1, "alone"),
            deployment(2, "shared"),
            deployment(3, "pointed"),
        ];
        let stage = json!({"stageName": "prod", "deploymentId": "d3"});
        let stages = [stage.as_object().cloned().unwrap_or_default()];
        let (kept, gone) = kept(older.into_iter().chain(newer).collect(), &stages);
        let ids: BTreeSet<String> = kept.into_iter().map(|(id, _)| id).collect();
        let expected: BTreeSet<String> = (3..104).map(|number| format!("d{number}")).collect();
        assert_eq!(ids, expected);
        assert_eq!(gone, BTreeSet::from(["alone".to_owned()]));
    }
}
