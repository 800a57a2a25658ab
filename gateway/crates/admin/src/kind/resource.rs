//! Resources (<https://docs.aws.amazon.com/apigateway/latest/api/API_Resource.html>).

use portcullis_store::{Key, Read, Write};
use serde_json::{Map, Value, json};

use super::rows::{self, text};
use crate::call::{Call, Outcome, found, listed, members};
use crate::error::ApiError;
use crate::patch::{self, Table, replaced};
use crate::shape::{Form, Member, optional};
use crate::{id, kind::method};

/// The kind in the store.
pub(crate) const KIND: &str = "resource";
/// For resources that are not there, and of APIs that are not there (recorded).
pub(crate) const ABSENT: &str = "Invalid Resource identifier specified";

/// What the service takes, and no longer path than a request line can have.
const LONGEST_PATH: usize = 4_096;

const MEMBERS: &[Member] = &[optional("pathPart", Form::Text)];

const PATCHES: Table = Table {
    rules: &[
        replaced("/parentId", &["parentId"]),
        replaced("/pathPart", &["pathPart"]),
    ],
    names_paths: true,
};

type Document = Map<String, Value>;

fn key(call: &Call<'_>, id: &str) -> Key {
    Key::new(KIND, call.api(), id)
}

/// The resource that a call's path names, or 404.
pub(crate) async fn of_call(call: &Call<'_>, read: &mut Read) -> Result<Document, ApiError> {
    let key = key(call, call.parameter("resource_id"));
    Ok(members(found(read, &key, ABSENT).await?))
}

pub(crate) async fn create(call: Call<'_>) -> Result<Outcome, ApiError> {
    let body = call.checked(MEMBERS)?;
    let mut write = call.write().await?;
    let parent = key(&call, call.parameter("parent_id"));
    let parent = members(found(&mut write, &parent, ABSENT).await?);
    let document = json!({
        "id": id::short(),
        "parentId": text(&parent, "id"),
        "pathPart": text(&body, "pathPart"),
    });
    let Value::Object(mut document) = document else {
        return Err(ApiError::not_found(ABSENT));
    };
    let others = rows::all(&mut write, KIND, call.api()).await?;
    placed(&document, &parent, &others)?;
    let path = joined(&parent, &document)?;
    document.insert("path".to_owned(), json!(path));
    let key = key(&call, text(&document, "id"));
    write.insert(&key, &Value::Object(document.clone())).await?;
    write.commit().await?;
    Ok(document.into())
}

/// Whether a resource may stand below a parent, beside its siblings (words and order recorded).
fn placed(document: &Document, parent: &Document, resources: &[(String, Document)]) -> Result<(), ApiError> {
    let part = text(document, "pathPart");
    if !is_path_part(part) {
        return Err(ApiError::bad_request(
            "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the \
             beginning and the end.",
        ));
    }
    if is_greedy(text(parent, "pathPart")) {
        return Err(greedy_parent(parent));
    }
    let (id, parent) = (text(document, "id"), text(parent, "id"));
    let siblings = resources
        .iter()
        .filter(|(_, other)| text(other, "parentId") == parent && text(other, "id") != id);
    let parts: Vec<&str> = siblings.map(|(_, other)| text(other, "pathPart")).collect();
    if parts.contains(&part) {
        return Err(ApiError::conflict(format!(
            "Another resource with the same parent already has this name: {part}"
        )));
    }
    match parts.iter().find(|other| is_variable(other)) {
        Some(other) if is_variable(part) => Err(ApiError::bad_request(format!(
            "A sibling ({other}) of this resource already has a variable path part -- only one is allowed"
        ))),
        _ => Ok(()),
    }
}

fn greedy_parent(parent: &Document) -> ApiError {
    ApiError::bad_request(format!(
        "Cannot create a child of a resource with a greedy path variable: {}",
        text(parent, "pathPart")
    ))
}

fn is_variable(part: &str) -> bool {
    part.starts_with('{')
}

fn is_greedy(part: &str) -> bool {
    part.ends_with("+}")
}

fn is_path_part(part: &str) -> bool {
    let plain = |text: &str| {
        let allowed = |letter: char| letter.is_ascii_alphanumeric() || "._-:".contains(letter);
        !text.is_empty() && text.chars().all(allowed)
    };
    match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
        Some(name) => plain(name.strip_suffix('+').unwrap_or(name)),
        None => plain(part),
    }
}

fn joined(parent: &Document, document: &Document) -> Result<String, ApiError> {
    let above = text(parent, "path").trim_end_matches('/');
    let path = format!("{above}/{}", text(document, "pathPart"));
    if path.len() > LONGEST_PATH {
        return Err(ApiError::bad_request(format!(
            "Resource path cannot exceed {LONGEST_PATH} characters"
        )));
    }
    Ok(path)
}

/// Puts a resource's methods into what is answered; empty ones unless they are asked for.
async fn with_methods(
    call: &Call<'_>,
    read: &mut Read,
    document: &mut Document,
    whole: bool,
) -> Result<(), ApiError> {
    let parent = format!("{}/{}", call.api(), text(document, "id"));
    let methods = rows::all(read, method::KIND, &parent).await?;
    show_methods(document, methods, whole);
    Ok(())
}

fn show_methods(resource: &mut Document, methods: Vec<(String, Document)>, whole: bool) {
    if methods.is_empty() {
        return;
    }
    let methods = methods.into_iter().map(|(verb, method)| {
        let shown = if whole { method } else { Map::new() };
        (verb, Value::Object(shown))
    });
    resource.insert("resourceMethods".to_owned(), Value::Object(methods.collect()));
}

pub(crate) async fn get(call: Call<'_>) -> Result<Outcome, ApiError> {
    let whole = call.queries("embed").any(|embed| embed == "methods");
    let mut read = call.read().await?;
    let mut document = of_call(&call, &mut read).await?;
    with_methods(&call, &mut read, &mut document, whole).await?;
    Ok(document.into())
}

pub(crate) async fn list(call: Call<'_>) -> Result<Outcome, ApiError> {
    let paging = call.paging()?;
    let whole = call.queries("embed").any(|embed| embed == "methods");
    let mut read = call.read().await?;
    call.api_exists(&mut read).await?;
    let mut page = listed(&mut read, KIND, call.api(), &paging).await?;
    if let Outcome::Json(page) = &mut page
        && let Some(items) = page.get_mut("item").and_then(Value::as_array_mut)
    {
        let mut resources: Vec<&mut Document> = items.iter_mut().filter_map(Value::as_object_mut).collect();
        let mut methods = method::of_all(&mut read, call.api(), &resources).await?;
        for resource in &mut resources {
            let of_it = methods.remove(text(resource, "id")).unwrap_or_default();
            show_methods(resource, of_it, whole);
        }
    }
    Ok(page)
}

pub(crate) async fn update(call: Call<'_>) -> Result<Outcome, ApiError> {
    let operations = call.patch_operations()?;
    let mut write = call.write().await?;
    let before = of_call(&call, &mut write).await?;
    let mut document = before.clone();
    patch::apply(&mut document, &operations, &PATCHES)?;
    if !before.contains_key("parentId") {
        for name in ["pathPart", "parentId"] {
            if document.contains_key(name) {
                return Err(ApiError::bad_request(format!(
                    "Root resource cannot update its {name}."
                )));
            }
        }
        return shown(&call, &mut write, document).await;
    }
    let resources = rows::all(&mut write, KIND, call.api()).await?;
    moved(&mut document, &resources)?;
    write_below(&call, &mut write, &document, &resources).await?;
    let outcome = shown(&call, &mut write, document).await?;
    write.commit().await?;
    Ok(outcome)
}

async fn shown(call: &Call<'_>, write: &mut Write, mut document: Document) -> Result<Outcome, ApiError> {
    with_methods(call, write, &mut document, false).await?;
    Ok(document.into())
}

/// Checks a resource's new place, and gives it its path.
fn moved(document: &mut Document, resources: &[(String, Document)]) -> Result<(), ApiError> {
    let of = |id: &str| {
        resources
            .iter()
            .find(|(known, _)| known == id)
            .map(|(_, found)| found)
    };
    let parent = of(text(document, "parentId")).ok_or_else(|| ApiError::not_found(ABSENT))?;
    placed(document, parent, resources)?;
    // There are no more steps up than resources.
    let mut above = Some(parent);
    for _ in 0..=resources.len() {
        let Some(current) = above else { break };
        if text(current, "id") == text(document, "id") {
            return Err(ApiError::bad_request("Resources cannot be cyclical."));
        }
        above = of(text(current, "parentId"));
    }
    let id = text(document, "id");
    let childless = !resources.iter().any(|(_, other)| text(other, "parentId") == id);
    if is_greedy(text(document, "pathPart")) && !childless {
        return Err(greedy_parent(document));
    }
    let path = joined(parent, document)?;
    document.insert("path".to_owned(), json!(path));
    Ok(())
}

/// Writes a resource that has moved, and the new paths of all that are below it.
async fn write_below(
    call: &Call<'_>,
    write: &mut Write,
    document: &Document,
    resources: &[(String, Document)],
) -> Result<(), ApiError> {
    let mut waiting = vec![document.clone()];
    while let Some(parent) = waiting.pop() {
        let id = text(&parent, "id");
        write
            .update(&key(call, id), &Value::Object(parent.clone()))
            .await?;
        for (_, child) in resources
            .iter()
            .filter(|(_, child)| text(child, "parentId") == id)
        {
            let mut child = child.clone();
            let path = joined(&parent, &child)?;
            child.insert("path".to_owned(), json!(path));
            waiting.push(child);
        }
    }
    Ok(())
}

pub(crate) async fn delete(call: Call<'_>) -> Result<Outcome, ApiError> {
    let mut write = call.write().await?;
    let document = of_call(&call, &mut write).await?;
    if !document.contains_key("parentId") {
        return Err(ApiError::bad_request("Root resource cannot be deleted"));
    }
    let resources = rows::all(&mut write, KIND, call.api()).await?;
    let mut waiting = vec![text(&document, "id").to_owned()];
    while let Some(id) = waiting.pop() {
        write.delete(&key(&call, &id)).await?;
        write.delete_below(&format!("{}/{id}", call.api())).await?;
        let children = resources
            .iter()
            .filter(|(_, child)| text(child, "parentId") == id);
        waiting.extend(children.map(|(child, _)| child.clone()));
    }
    write.commit().await?;
    Ok(Outcome::Nothing)
}
