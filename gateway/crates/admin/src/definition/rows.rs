//! A definition as rows of the store.

use portcullis_store::{Key, StoreError, Write};
use serde_json::{Map, Value};

use super::Document;
use crate::kind::rows::text;

/// The lists of a definition that are rows of one kind each, and the member that is their key.
const LISTS: [(&str, &str, &str); 5] = [
    ("authorizers", "authorizer", "id"),
    ("requestValidators", "requestvalidator", "id"),
    ("models", "model", "name"),
    ("gatewayResponses", "gatewayresponse", "responseType"),
    ("documentationParts", "documentationpart", "id"),
];

/// Adds what a definition has below its `restApi`, as rows of the API `api`; such rows must not be there.
///
/// # Errors
///
/// The store's.
pub(crate) async fn insert(write: &mut Write, api: &str, definition: &Document) -> Result<(), StoreError> {
    for mut resource in objects(definition, "resources") {
        let methods = resource.shift_remove("resourceMethods");
        let id = text(&resource, "id").to_owned();
        write
            .insert(&Key::new("resource", api, &id), &Value::Object(resource))
            .await?;
        let Some(Value::Object(methods)) = methods else {
            continue;
        };
        let parent = format!("{api}/{id}");
        for (verb, method) in methods {
            write.insert(&Key::new("method", &parent, verb), &method).await?;
        }
    }
    for (list, kind, key) in LISTS {
        for document in objects(definition, list) {
            let key = Key::new(kind, api, text(&document, key));
            write.insert(&key, &Value::Object(document)).await?;
        }
    }
    Ok(())
}

fn objects(definition: &Document, list: &str) -> Vec<Map<String, Value>> {
    let items = definition.get(list).and_then(Value::as_array);
    let objects = items.into_iter().flatten().filter_map(Value::as_object);
    objects.cloned().collect()
}
