//! A definition over another: what has the same name or path keeps its identifier.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::kind::documentation;
use crate::kind::rows::text;

type Document = Map<String, Value>;

/// What tells a document from others of its list.
type NameOf = fn(&Document) -> String;

/// The lists of a definition, and what tells their documents apart.
const LISTS: [(&str, NameOf); 6] = [
    ("resources", |document| text(document, "path").to_owned()),
    ("authorizers", |document| text(document, "name").to_owned()),
    ("requestValidators", |document| text(document, "name").to_owned()),
    ("models", |document| text(document, "name").to_owned()),
    ("gatewayResponses", |document| {
        text(document, "responseType").to_owned()
    }),
    ("documentationParts", documentation::location_key),
];
/// Members that hold identifiers of other documents.
const NAMING: [&str; 5] = [
    "id",
    "parentId",
    "authorizerId",
    "requestValidatorId",
    "cacheNamespace",
];

/// The new definition, with the identifiers of what was there before.
pub(super) fn overwritten(before: &Document, mut new: Document) -> Document {
    let mut ids = BTreeMap::new();
    for (list, name) in LISTS {
        let known: BTreeMap<String, String> = objects(before, list)
            .map(|document| (name(document), text(document, "id").to_owned()))
            .collect();
        for document in objects(&new, list) {
            if let Some(id) = known.get(&name(document)).filter(|id| !id.is_empty()) {
                ids.insert(text(document, "id").to_owned(), id.clone());
            }
        }
    }
    for (_, value) in &mut new {
        rename(value, &ids);
    }
    new
}

/// What was there before, with the new definition over it: a method, a model and so on that both have is as the new one says.
pub(super) fn merged(before: &Document, new: Document) -> Document {
    let mut new = overwritten(before, new);
    let mut merged = before.clone();
    if let (Some(into), Some(from)) = (object(&mut merged, "restApi"), object(&mut new, "restApi")) {
        into.append(from);
    }
    for (list, name) in LISTS {
        let mut known: Vec<Document> = objects(before, list).cloned().collect();
        for document in objects(&new, list) {
            let same = known.iter_mut().find(|known| name(known) == name(document));
            match same {
                Some(known) if list == "resources" => add_methods(known, document),
                Some(known) => known.clone_from(document),
                None => known.push(document.clone()),
            }
        }
        merged.insert(list.to_owned(), known.into_iter().map(Value::Object).collect());
    }
    merged
}

fn add_methods(resource: &mut Document, new: &Document) {
    let mut added = new.clone();
    let methods = added.shift_remove("resourceMethods");
    resource.append(&mut added);
    if let Some(Value::Object(mut methods)) = methods {
        let entry = resource
            .entry("resourceMethods")
            .or_insert_with(|| Value::Object(Map::new()));
        if let Some(known) = entry.as_object_mut() {
            known.append(&mut methods);
        }
    }
}

/// Renames identifiers wherever a definition has one.
fn rename(value: &mut Value, ids: &BTreeMap<String, String>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, ids)),
        Value::Object(members) => {
            for (name, value) in members {
                let new = value.as_str().and_then(|id| ids.get(id));
                match new {
                    Some(new) if NAMING.contains(&name.as_str()) => *value = Value::from(new.as_str()),
                    _ if matches!(name.as_str(), "resourceMethods" | "methodIntegration") => {
                        rename(value, ids)
                    }
                    // Methods, by their verbs.
                    _ if value.get("httpMethod").is_some() => rename(value, ids),
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

fn objects<'d>(definition: &'d Document, list: &str) -> impl Iterator<Item = &'d Document> {
    let items = definition.get(list).and_then(Value::as_array);
    items.into_iter().flatten().filter_map(Value::as_object)
}

fn object<'d>(definition: &'d mut Document, name: &str) -> Option<&'d mut Document> {
    definition.get_mut(name).and_then(Value::as_object_mut)
}
