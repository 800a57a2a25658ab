//! `cloneFrom`: a new API with everything of another but its deployments and stages.

use std::collections::HashMap;

use portcullis_store::{Key, Row, Write};
use serde_json::{Map, Value, json};

use super::unescaped;
use crate::call::members;
use crate::error::ApiError;
use crate::id;
use crate::kind::rows::text;

type Document = Map<String, Value>;

/// Members that are the new API's own.
const OWN: [&str; 6] = ["id", "name", "createdDate", "rootResourceId", "apiStatus", "tags"];

/// What the call does not say is as in the other API.
pub(super) fn settings(source: &Document, document: &mut Document) {
    for (name, value) in source {
        if OWN.contains(&name.as_str()) || document.contains_key(name) {
            continue;
        }
        let mut value = value.clone();
        if name == "policy" {
            value = json!(unescaped(value.as_str().unwrap_or_default()));
        }
        document.insert(name.clone(), value);
    }
}

/// Copies what is below an API; all identifiers are new. Gives the root's id.
pub(super) async fn contents(write: &mut Write, from: &str, into: &str) -> Result<String, ApiError> {
    let rows = write.below(from).await?;
    let mut ids: HashMap<String, String> = HashMap::new();
    let mut root = String::new();
    for row in &rows {
        let new = match row.kind.as_str() {
            "resource" if row.document.get("parentId").is_none() => {
                root = id::long();
                root.clone()
            }
            "resource" | "authorizer" | "requestvalidator" | "documentationpart" => id::short(),
            _ => continue,
        };
        ids.insert(row.id.clone(), new);
    }
    for row in rows {
        if let Some((key, document)) = copied(row, (from, into), &ids) {
            write.insert(&key, &Value::Object(document)).await?;
        }
    }
    Ok(root)
}

/// A row's copy, if it is one that is copied.
fn copied(row: Row, (from, into): (&str, &str), ids: &HashMap<String, String>) -> Option<(Key, Document)> {
    let kind = kind(&row.kind)?;
    let below = row.parent.strip_prefix(from)?;
    let (old, parent) = (row.id.clone(), below.trim_start_matches('/').to_owned());
    let mut document = members(row);
    let key = match kind {
        "method" => {
            let resource = ids.get(&parent)?;
            renamed(&mut document, "authorizerId", ids);
            renamed(&mut document, "requestValidatorId", ids);
            let integration = document
                .get_mut("methodIntegration")
                .and_then(Value::as_object_mut);
            if let Some(integration) = integration {
                renamed(integration, "cacheNamespace", ids);
            }
            Key::new(kind, format!("{into}/{resource}"), old)
        }
        "model" => {
            document.insert("id".to_owned(), json!(id::short()));
            Key::new(kind, into, old)
        }
        "gatewayresponse" => Key::new(kind, into, old),
        _ => {
            renamed(&mut document, "id", ids);
            renamed(&mut document, "parentId", ids);
            Key::new(kind, into, ids.get(&old)?)
        }
    };
    Some((key, document))
}

fn kind(name: &str) -> Option<&'static str> {
    const COPIED: [&str; 7] = [
        "resource",
        "method",
        "authorizer",
        "requestvalidator",
        "model",
        "gatewayresponse",
        "documentationpart",
    ];
    COPIED.into_iter().find(|known| *known == name)
}

fn renamed(document: &mut Document, name: &str, ids: &HashMap<String, String>) {
    if let Some(new) = ids.get(text(document, name)) {
        document.insert(name.to_owned(), json!(new));
    }
}
