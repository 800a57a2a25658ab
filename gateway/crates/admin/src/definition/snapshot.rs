//! The documents of an API as they are now, and as bytes.

use portcullis_store::{Key, Read, StoreError};
use serde_json::{Map, Value};

use super::Document;
use crate::call::members;
use crate::kind::method;
use crate::kind::rows::{self, text};

/// All documents of an API that a deployment keeps: `restApi`, `resources` (each with its `resourceMethods`),
/// `authorizers`, `requestValidators`, `models` and `gatewayResponses`, in an order that does not depend on how they came
/// to be. Of an API that is not there, `restApi` is empty.
///
/// # Errors
///
/// The store's.
pub async fn snapshot(read: &mut Read, api: &str) -> Result<Document, StoreError> {
    let row = read.get(&Key::new("restapi", "", api)).await?;
    let mut rest_api = row.map(members).unwrap_or_default();
    // Tags say nothing of the definition and change without a deployment.
    rest_api.remove("tags");
    let mut collected = Map::new();
    collected.insert("restApi".to_owned(), Value::Object(rest_api));
    collected.insert("resources".to_owned(), resources(read, api).await?);
    for (name, kind) in [
        ("authorizers", "authorizer"),
        ("requestValidators", "requestvalidator"),
        ("models", "model"),
        ("gatewayResponses", "gatewayresponse"),
    ] {
        let documents = rows::all(read, kind, api).await?;
        let documents = documents.into_iter().map(|(_, document)| Value::Object(document));
        collected.insert(name.to_owned(), documents.collect());
    }
    Ok(collected)
}

/// Resources by path.
async fn resources(read: &mut Read, api: &str) -> Result<Value, StoreError> {
    let resources = rows::all(read, "resource", api).await?;
    let mut resources: Vec<Document> = resources.into_iter().map(|(_, document)| document).collect();
    let mut methods = method::of_all(read, api, &resources).await?;
    for resource in &mut resources {
        let of_it = methods.remove(text(resource, "id")).unwrap_or_default();
        let of_it = of_it
            .into_iter()
            .map(|(verb, method)| (verb, Value::Object(method)));
        resource.insert("resourceMethods".to_owned(), Value::Object(of_it.collect()));
    }
    resources.sort_by(|one, other| text(one, "path").cmp(text(other, "path")));
    Ok(resources.into_iter().map(Value::Object).collect())
}

/// A snapshot as bytes: the same for the same documents, whatever the order of their members. Templates and responses keep
/// theirs, since the first of them counts where nothing else is said.
pub fn bytes(snapshot: &Document) -> Vec<u8> {
    sorted(&Value::Object(snapshot.clone())).to_string().into_bytes()
}

fn sorted(value: &Value) -> Value {
    const ORDERED: [&str; 3] = ["requestTemplates", "responseTemplates", "integrationResponses"];
    match value {
        Value::Object(map) => {
            let mut names: Vec<&String> = map.keys().collect();
            names.sort();
            let member = |name: &String| {
                let value = map.get(name)?;
                let value = match value.as_object() {
                    Some(inner) if ORDERED.contains(&name.as_str()) => {
                        let inner = inner.iter().map(|(key, value)| (key.clone(), sorted(value)));
                        Value::Object(inner.collect())
                    }
                    _ => sorted(value),
                };
                Some((name.clone(), value))
            };
            Value::Object(names.into_iter().filter_map(member).collect())
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}
