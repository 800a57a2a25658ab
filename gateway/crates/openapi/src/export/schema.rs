//! Models as schemas.

use portcullis_document::unescape;
use portcullis_model::Model;
use serde_json::{Map, Value};

use super::object::Object;
use crate::key::OUR_MODEL;
use crate::model::CONTENT_TYPE;
use crate::reference::model_of;
use crate::schema::references;

/// The schema of a model. `home`: where the document has its schemas; `extensions`: whether what a schema has no word
/// for is written too.
pub(super) fn schema(model: &Model, home: &str, extensions: bool) -> Value {
    let parsed: Option<Map<String, Value>> = serde_json::from_str(&model.schema).ok();
    let text = parsed.is_none().then(|| model.schema.clone());
    let mut schema = Value::Object(parsed.unwrap_or_default());
    references(&mut schema, &mut |name| local(name, home));
    let ours = Object::default()
        .text("description", model.description.as_ref())
        .some(
            "contentType",
            (model.content_type != CONTENT_TYPE).then(|| model.content_type.clone()),
        )
        .some("schema", text)
        .finish();
    if let Some(schema) = schema.as_object_mut()
        && extensions
        && !ours.is_empty()
    {
        schema.insert(OUR_MODEL.to_owned(), Value::Object(ours));
    }
    schema
}

/// What leads to a model, wherever its document has its schemas.
fn local(name: &str, home: &str) -> Option<String> {
    let homes = ["#/definitions/", "#/components/schemas/"];
    let model = model_of(name).or_else(|| {
        let model = homes.iter().find_map(|home| name.strip_prefix(home))?;
        (!model.contains('/')).then_some(model)
    })?;
    Some(format!("{home}{model}"))
}

/// A reference to the model of that name.
pub(super) fn reference(name: &str, home: &str) -> Value {
    let segment = portcullis_document::escape(name);
    debug_assert_eq!(unescape(&segment), name);
    let segment: String = segment
        .chars()
        .map(|c| match c {
            // What a fragment cannot have (RFC 3986).
            '%' | ' ' | '#' | '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}' => {
                format!("%{:02X}", u32::from(c))
            }
            c => c.to_string(),
        })
        .collect();
    Object::default().with("$ref", format!("{home}{segment}")).into()
}
