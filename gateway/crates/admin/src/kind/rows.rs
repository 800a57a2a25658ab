//! Rows of a kind, all of them, where a page is not enough.

use portcullis_store::{Page, Read, StoreError};
use serde_json::{Map, Value};

/// How many are read at once.
const PAGE: usize = 500;

/// Every document of a kind directly below a parent, by id.
pub(crate) async fn all(
    read: &mut Read,
    kind: &'static str,
    parent: &str,
) -> Result<Vec<(String, Map<String, Value>)>, StoreError> {
    let mut documents = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = Page {
            after: after.as_deref(),
            limit: PAGE,
        };
        let rows = read.list(kind, parent, page).await?;
        let more = rows.len() == PAGE;
        after = rows.last().map(|row| row.id.clone());
        for row in rows {
            if let Value::Object(document) = row.document {
                documents.push((row.id, document));
            }
        }
        if !more {
            return Ok(documents);
        }
    }
}

/// A member that is a text; empty where it is absent.
pub(crate) fn text<'d>(document: &'d Map<String, Value>, name: &str) -> &'d str {
    document.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A member that is an object; nothing where it is absent or empty.
pub(crate) fn entries<'d>(
    document: &'d Map<String, Value>,
    name: &str,
) -> impl Iterator<Item = (&'d String, &'d Value)> {
    document
        .get(name)
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
}

/// Takes out members that are empty texts, lists or objects: the service does not answer them.
pub(crate) fn drop_empty(document: &mut Map<String, Value>, names: &[&str]) {
    for name in names {
        let empty = match document.get(*name) {
            Some(Value::String(text)) => text.is_empty(),
            Some(Value::Array(items)) => items.is_empty(),
            Some(Value::Object(map)) => map.is_empty(),
            _ => false,
        };
        if empty {
            document.remove(*name);
        }
    }
}

/// Turns the nulls in a member that is a map into a value: SDKs send them.
pub(crate) fn instead_of_null(body: &mut Map<String, Value>, name: &str, value: &Value) {
    let map = body.get_mut(name).and_then(Value::as_object_mut);
    for entry in map.into_iter().flat_map(|map| map.values_mut()) {
        if entry.is_null() {
            *entry = value.clone();
        }
    }
}

/// Recorded: a template that is empty is answered as null.
pub(crate) fn empty_to_null(document: &mut Map<String, Value>, name: &str) {
    let map = document.get_mut(name).and_then(Value::as_object_mut);
    for entry in map.into_iter().flat_map(|map| map.values_mut()) {
        if entry.as_str() == Some("") {
            *entry = Value::Null;
        }
    }
}
