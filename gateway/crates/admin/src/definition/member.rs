//! Members of documents: reading those that may be absent, and writing those that say something.

use std::collections::BTreeMap;

use portcullis_model::Extensions;
use serde_json::{Map, Value};

use super::Document;
use crate::kind::rows::{self, text};

/// Vendor extensions of what a document was imported as.
pub(super) const EXTENSIONS: &str = "x-portcullis-extensions";

/// The objects of a list, each with its pointer.
pub(super) fn list<'s>(
    snapshot: &'s Document,
    name: &'static str,
) -> impl Iterator<Item = (String, &'s Document)> {
    let items = snapshot.get(name).and_then(Value::as_array).into_iter().flatten();
    items
        .enumerate()
        .filter_map(move |(index, item)| Some((format!("/{name}/{index}"), item.as_object()?)))
}

pub(super) fn flag(document: &Document, name: &str) -> bool {
    document.get(name).and_then(Value::as_bool).unwrap_or_default()
}

pub(super) fn whole(document: &Document, name: &str) -> Option<u32> {
    document.get(name)?.as_u64()?.try_into().ok()
}

pub(super) fn some(document: &Document, name: &str) -> Option<String> {
    Some(text(document, name).to_owned()).filter(|text| !text.is_empty())
}

pub(super) fn texts(document: &Document, name: &str) -> Vec<String> {
    let items = document.get(name).and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

pub(super) fn text_map(document: &Document, name: &str) -> BTreeMap<String, String> {
    let entries = rows::entries(document, name);
    entries
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect()
}

pub(super) fn flag_map(document: &Document, name: &str) -> BTreeMap<String, bool> {
    let entries = rows::entries(document, name);
    entries
        .filter_map(|(key, value)| Some((key.clone(), value.as_bool()?)))
        .collect()
}

/// A null template means that the body passes as it is, as where there is no template.
pub(super) fn templates(document: &Document, name: &str) -> Vec<(String, String)> {
    let entries = rows::entries(document, name);
    entries
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect()
}

/// A member that is kept as JSON text.
pub(super) fn json_text(document: &Document, name: &str) -> Option<String> {
    document.get(name).map(Value::to_string)
}

/// The members of an object, each as JSON text.
pub(super) fn json_texts(document: &Document, name: &str) -> BTreeMap<String, String> {
    let entries = rows::entries(document, name);
    entries
        .map(|(key, value)| (key.clone(), value.to_string()))
        .collect()
}

pub(super) fn extensions(document: &Document) -> Extensions {
    json_texts(document, EXTENSIONS)
}

/// A list of documents.
pub(super) fn array(documents: impl IntoIterator<Item = Map<String, Value>>) -> Value {
    documents.into_iter().map(Value::Object).collect()
}
