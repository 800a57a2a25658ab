//! References between schemas: as a document has them, and as API Gateway does.

use portcullis_document::{escape, unescape};
use serde_json::Value;

use crate::reference::{holds_names, model_of, percent_decoded};

/// Where documents have their schemas.
const HOMES: [&str; 2] = ["#/definitions/", "#/components/schemas/"];

/// The address that API Gateway has for what a reference into a document's schemas leads to
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings-models.html>). A model whose name no
/// address can have is named in one way for all documents.
pub(crate) fn address(reference: &str, api: &str) -> Option<String> {
    let (name, rest) = named(reference)?;
    Some(address_of(&name, rest, api))
}

/// The address of a model, and of what is further into it.
pub(crate) fn address_of(name: &str, rest: &str, api: &str) -> String {
    if name.contains(['/', '#', '%']) {
        return local(name, rest, HOMES[0]);
    }
    let mark = if rest.is_empty() { "" } else { "#" };
    format!("https://apigateway.amazonaws.com/restapis/{api}/models/{name}{mark}{rest}")
}

/// What leads to the same model in a document that has its schemas in `home`.
pub(crate) fn of_home(reference: &str, home: &str) -> Option<String> {
    let (name, rest) = named(reference)?;
    Some(local(&name, rest, home))
}

/// The model that a reference leads to, whichever way it is written and of whichever API, and the way further into it.
fn named(reference: &str) -> Option<(String, &str)> {
    match model_of(reference) {
        Some((name, rest)) => Some((name.to_owned(), rest)),
        None => of_document(reference),
    }
}

/// The name of the schema that a reference leads to, and the way further into it.
fn of_document(reference: &str) -> Option<(String, &str)> {
    let path = HOMES.iter().find_map(|home| reference.strip_prefix(home))?;
    let (name, rest) = path.find('/').map_or((path, ""), |slash| path.split_at(slash));
    Some((unescape(&percent_decoded(name)?).into_owned(), rest))
}

/// The reference to the schema of a name, and further into it.
pub(crate) fn local(name: &str, rest: &str, home: &str) -> String {
    format!("{home}{}{rest}", fragment(&escape(name)))
}

/// A pointer as a fragment has it.
pub(crate) fn fragment(pointer: &str) -> String {
    let mut fragment = String::with_capacity(pointer.len());
    for character in pointer.chars() {
        match character {
            // What a fragment cannot have (RFC 3986).
            '%' | ' ' | '#' | '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}' => {
                fragment.push_str(&format!("%{:02X}", u32::from(character)));
            }
            character => fragment.push(character),
        }
    }
    fragment
}

/// Gives each `$ref` of a schema another value where there is one. A property may be called `$ref` and is none; what is
/// data is not looked at.
pub(crate) fn references(schema: &mut Value, rename: &mut impl FnMut(&str) -> Option<String>) {
    walk(schema, false, rename);
}

fn walk(value: &mut Value, names: bool, rename: &mut impl FnMut(&str) -> Option<String>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                if let (false, "$ref", Value::String(name)) = (names, key.as_str(), &mut *value) {
                    if let Some(other) = rename(name) {
                        *name = other;
                    }
                } else if names || !crate::reference::is_data(key) {
                    walk(value, !names && holds_names(key), rename);
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| walk(value, false, rename)),
        _ => {}
    }
}
