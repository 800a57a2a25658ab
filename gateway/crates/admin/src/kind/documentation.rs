//! Documentation parts and versions
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-documenting-api-content-representation.html>).

use portcullis_store::{Key, Read};
use serde_json::{Map, Value, json};

use super::listing;
use super::rows::{self, text};
use crate::call::{Call, Outcome, found, members};
use crate::error::ApiError;
use crate::id;
use crate::patch::{Table, replaced};
use crate::shape::{self, Form, Member, optional, required};

type Document = Map<String, Value>;

/// The kinds in the store.
pub(crate) const PART: &str = "documentationpart";
pub(crate) const VERSION: &str = "documentationversion";
/// The member of a version that its parts are in. It is not shown.
pub(crate) const PARTS: &str = "$parts";
const NO_PART: &str = "Invalid Documentation part identifier specified";
const NO_VERSION: &str = "Invalid Documentation version specified";

const TYPES: &[&str] = &[
    "API",
    "AUTHORIZER",
    "MODEL",
    "RESOURCE",
    "METHOD",
    "PATH_PARAMETER",
    "QUERY_PARAMETER",
    "REQUEST_HEADER",
    "REQUEST_BODY",
    "RESPONSE",
    "RESPONSE_HEADER",
    "RESPONSE_BODY",
];

const LOCATION: &[Member] = &[
    required("type", Form::One(TYPES)),
    optional("path", Form::Text),
    optional("method", Form::Text),
    optional("statusCode", Form::Text),
    optional("name", Form::Text),
];

const MEMBERS: &[Member] = &[
    required("location", Form::Object(LOCATION)),
    required("properties", Form::Text),
];

const VERSION_MEMBERS: &[Member] = &[
    required("documentationVersion", Form::Text),
    optional("stageName", Form::Text),
    optional("description", Form::Text),
];

const PATCHES: Table = Table {
    rules: &[replaced("/properties", &["properties"])],
    names_paths: true,
};

const VERSION_PATCHES: Table = Table {
    rules: &[replaced("/description", &["description"])],
    names_paths: true,
};

fn part_key(call: &Call<'_>) -> Key {
    Key::new(PART, call.api(), call.parameter("part_id"))
}

fn version_key(call: &Call<'_>) -> Key {
    Key::new(VERSION, call.api(), call.parameter("doc_version"))
}

/// What a location has beside its type
/// (<https://docs.aws.amazon.com/apigateway/latest/api/API_DocumentationPartLocation.html>).
fn allowed(kind: &str) -> &'static [&'static str] {
    match kind {
        "AUTHORIZER" | "MODEL" => &["name"],
        "RESOURCE" => &["path"],
        "METHOD" | "REQUEST_BODY" => &["path", "method"],
        "PATH_PARAMETER" | "QUERY_PARAMETER" | "REQUEST_HEADER" => &["path", "method", "name"],
        "RESPONSE" | "RESPONSE_BODY" => &["path", "method", "statusCode"],
        "RESPONSE_HEADER" => &["path", "method", "statusCode", "name"],
        _ => &[],
    }
}

fn check_location(location: &Document) -> Result<(), ApiError> {
    let kind = text(location, "type");
    let allowed = allowed(kind);
    let wrong = location
        .keys()
        .find(|name| *name != "type" && !allowed.contains(&name.as_str()));
    if let Some(name) = wrong {
        return Err(ApiError::bad_request(format!(
            "Invalid location: {name} is not allowed for type {kind}"
        )));
    }
    if allowed.contains(&"name") && text(location, "name").is_empty() {
        return Err(ApiError::bad_request(format!(
            "Invalid location: name is required for type {kind}"
        )));
    }
    Ok(())
}

/// Properties are JSON, as a text.
fn check_properties(document: &mut Document) -> Result<(), ApiError> {
    let properties = text(document, "properties");
    if properties.is_empty() {
        return Err(ApiError::bad_request(
            "Documentation part properties must be non-empty",
        ));
    }
    match serde_json::from_str::<Value>(properties) {
        Ok(Value::Object(_)) => Ok(()),
        _ => Err(ApiError::bad_request(
            "Documentation part properties must be a valid JSON object",
        )),
    }
}

fn location(part: &Document) -> &Map<String, Value> {
    static NONE: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    part.get("location").and_then(Value::as_object).unwrap_or(&NONE)
}

/// The values by which two locations are the same one, defaults filled in.
fn place(location: &Document) -> [&str; 5] {
    let or = |name: &str, default| match text(location, name) {
        "" => default,
        value => value,
    };
    [
        text(location, "type"),
        or("path", "/"),
        or("method", "*"),
        or("statusCode", "*"),
        text(location, "name"),
    ]
}

/// What tells the location of a part from others.
pub(crate) fn location_key(part: &Document) -> String {
    place(location(part)).join("\n")
}

/// The parts that a version of the documentation has.
pub(crate) async fn parts_of(read: &mut Read, api: &str, version: &str) -> Result<Value, ApiError> {
    let row = read.get(&Key::new(VERSION, api, version)).await?;
    let parts = row.map(members).and_then(|mut document| document.remove(PARTS));
    Ok(parts.unwrap_or_else(|| json!([])))
}

pub(crate) async fn create_part(call: Call<'_>) -> Result<Outcome, ApiError> {
    let mut document = call.checked(MEMBERS)?;
    if let Some(location) = document.get_mut("location").and_then(Value::as_object_mut) {
        location.retain(|_, value| !value.is_null());
    }
    check_location(location(&document))?;
    check_properties(&mut document)?;
    let id = id::short();
    document.insert("id".to_owned(), json!(id));
    let mut write = call.write().await?;
    call.api_exists(&mut write).await?;
    for (_, known) in rows::all(&mut write, PART, call.api()).await? {
        if place(location(&known)) == place(location(&document)) {
            return Err(ApiError::conflict(format!(
                "Documentation part already exists for the specified location: {}.",
                told(location(&document))
            )));
        }
    }
    let key = Key::new(PART, call.api(), &id);
    write.insert(&key, &Value::Object(document.clone())).await?;
    write.commit().await?;
    Ok(document.into())
}

fn told(location: &Document) -> String {
    let words = location
        .iter()
        .map(|(name, value)| format!("{name} '{}'", value.as_str().unwrap_or_default()));
    words.collect::<Vec<_>>().join(", ")
}

pub(crate) async fn get_part(call: Call<'_>) -> Result<Outcome, ApiError> {
    Ok(listing::one(&call, &part_key(&call), NO_PART).await?.into())
}

pub(crate) async fn list_parts(call: Call<'_>) -> Result<Outcome, ApiError> {
    let paging = call.paging()?;
    let (kind, status) = (call.query("type"), call.query("locationStatus"));
    let mut failed = Vec::new();
    for (name, value, known) in [
        ("type", kind, TYPES),
        ("locationStatus", status, &["DOCUMENTED", "UNDOCUMENTED"]),
    ] {
        failed.extend(
            value
                .filter(|value| !known.contains(value))
                .map(|value| shape::not_one_of(name, value, known)),
        );
    }
    shape::told(&failed)?;
    let (name, path) = (call.query("name"), call.query("path"));
    let mut read = call.read().await?;
    call.api_exists(&mut read).await?;
    // What is kept is documented; what an API has without documentation is never listed.
    let keep = |part: Document| {
        let at = location(&part);
        let wanted = status != Some("UNDOCUMENTED")
            && kind.is_none_or(|kind| text(at, "type") == kind)
            && name.is_none_or(|name| text(at, "name").contains(name))
            && path.is_none_or(|path| place(at).get(1).is_some_and(|known| *known == path));
        wanted.then_some(part)
    };
    Ok(listing::some(&mut read, (PART, call.api()), &paging, keep)
        .await?
        .into())
}

pub(crate) async fn update_part(call: Call<'_>) -> Result<Outcome, ApiError> {
    let key = part_key(&call);
    Ok(listing::patched(&call, &key, NO_PART, &PATCHES, check_properties)
        .await?
        .into())
}

pub(crate) async fn delete_part(call: Call<'_>) -> Result<Outcome, ApiError> {
    listing::deleted(&call, &part_key(&call), NO_PART).await
}

/// A version is a snapshot of the parts; a stage that is named takes it at once.
pub(crate) async fn create_version(call: Call<'_>) -> Result<Outcome, ApiError> {
    let mut body = call.checked(VERSION_MEMBERS)?;
    let version = text(&body, "documentationVersion").to_owned();
    if version.is_empty() {
        return Err(ApiError::bad_request("Documentation version must be non-empty"));
    }
    let mut document = Map::new();
    document.insert("version".to_owned(), json!(version));
    document.insert("createdDate".to_owned(), json!(call.now()));
    document.extend(body.remove_entry("description"));
    let mut write = call.write().await?;
    call.api_exists(&mut write).await?;
    let key = Key::new(VERSION, call.api(), &version);
    if write.get(&key).await?.is_some() {
        return Err(ApiError::conflict(format!(
            "Documentation version already exists: {version}"
        )));
    }
    document.insert(PARTS.to_owned(), parts(&mut write, call.api()).await?);
    write.insert(&key, &Value::Object(document.clone())).await?;
    let stage = text(&body, "stageName");
    if !stage.is_empty() {
        let key = Key::new("stage", call.api(), stage);
        let mut stage = members(found(&mut write, &key, "Invalid stage identifier specified").await?);
        stage.insert("documentationVersion".to_owned(), json!(version));
        write.update(&key, &Value::Object(stage)).await?;
    }
    write.commit().await?;
    Ok(listing::shown(document).into())
}

/// All parts of an API as they are now.
pub(crate) async fn parts(read: &mut Read, api: &str) -> Result<Value, ApiError> {
    let parts = rows::all(read, PART, api).await?;
    Ok(parts.into_iter().map(|(_, part)| Value::Object(part)).collect())
}

pub(crate) async fn get_version(call: Call<'_>) -> Result<Outcome, ApiError> {
    Ok(listing::one(&call, &version_key(&call), NO_VERSION).await?.into())
}

pub(crate) async fn list_versions(call: Call<'_>) -> Result<Outcome, ApiError> {
    let paging = call.paging()?;
    let mut read = call.read().await?;
    call.api_exists(&mut read).await?;
    listing::all(&mut read, (VERSION, call.api()), &paging).await
}

pub(crate) async fn update_version(call: Call<'_>) -> Result<Outcome, ApiError> {
    let key = version_key(&call);
    Ok(
        listing::patched(&call, &key, NO_VERSION, &VERSION_PATCHES, |_| Ok(()))
            .await?
            .into(),
    )
}

pub(crate) async fn delete_version(call: Call<'_>) -> Result<Outcome, ApiError> {
    listing::deleted(&call, &version_key(&call), NO_VERSION).await
}
