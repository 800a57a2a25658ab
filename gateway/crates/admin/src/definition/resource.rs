//! Resources: a tree on the wire, paths in the model.

use std::collections::{BTreeMap, BTreeSet};

use portcullis_model::{Resource, RestApi};
use portcullis_openapi::Object;
use serde_json::Value;

use super::member::{EXTENSIONS, array, extensions, list};
use super::{Document, id, method};
use crate::kind::rows::{entries, text};

/// The resources of a snapshot. Those that only lead to others are left out: that they are there is plain.
pub(super) fn all(snapshot: &Document, names: &method::Names<'_>) -> Vec<Resource> {
    let parents: BTreeSet<&str> = list(snapshot, "resources")
        .map(|(_, document)| text(document, "parentId"))
        .collect();
    let says = |document: &Document| {
        entries(document, "resourceMethods").next().is_some()
            || !parents.contains(text(document, "id"))
            || !extensions(document).is_empty()
    };
    let resources = list(snapshot, "resources").filter(|(_, document)| says(document));
    resources
        .map(|(pointer, document)| resource(pointer, document, names))
        .collect()
}

fn resource(pointer: String, document: &Document, names: &method::Names<'_>) -> Resource {
    let methods = entries(document, "resourceMethods").filter_map(|(verb, method)| {
        let at = format!("{pointer}/resourceMethods/{verb}");
        let context = method::Context {
            names,
            resource: text(document, "id"),
        };
        Some((verb.clone(), method::method(&at, method.as_object()?, &context)))
    });
    Resource {
        path: text(document, "path").to_owned(),
        methods: methods.collect(),
        extensions: extensions(document),
        pointer,
    }
}

/// All resources of an API, with those that lead to them, by path.
pub(super) fn documents(api: &RestApi) -> Value {
    let mut by_path: BTreeMap<&str, Option<&Resource>> = BTreeMap::from([("/", None)]);
    for resource in &api.resources {
        let mut parent = parent(&resource.path);
        while let Some(path) = parent {
            by_path.entry(path).or_default();
            parent = self::parent(path);
        }
        by_path.insert(&resource.path, Some(resource));
    }
    array(
        by_path
            .into_iter()
            .map(|(path, resource)| document(api, path, resource)),
    )
}

/// The path above a path; `None` for the root.
fn parent(path: &str) -> Option<&str> {
    match path.rsplit_once('/') {
        Some(("", "")) | None => None,
        Some(("", _)) => Some("/"),
        Some((parent, _)) => Some(parent),
    }
}

fn document(api: &RestApi, path: &str, resource: Option<&Resource>) -> Document {
    let resource_id = id("resource", path);
    let mut written = Object::default().with("id", resource_id);
    if let Some(parent) = parent(path) {
        let part = path.rsplit('/').next().unwrap_or_default();
        written = written
            .with("parentId", id("resource", parent))
            .with("pathPart", part);
    }
    written = written.with("path", path);
    if let Some(resource) = resource {
        let methods = resource
            .methods
            .iter()
            .map(|(verb, method)| (verb.clone(), Value::Object(method::document(api, verb, method))));
        written = written
            .object("resourceMethods", methods.collect())
            .json_map(EXTENSIONS, &resource.extensions);
    }
    written.finish()
}
