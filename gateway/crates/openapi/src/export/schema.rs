//! Models as schemas.

use portcullis_model::Model;
use serde_json::{Map, Value};

use super::object::Object;
use crate::key::OUR_MODEL;
use crate::model::CONTENT_TYPE;
use crate::schema::{local, of_home, references};

/// The schema of a model. `home`: where the document has its schemas; `extensions`: whether what a schema has no word
/// for is written too.
pub(super) fn schema(model: &Model, home: &str, extensions: bool) -> Value {
    let parsed: Option<Map<String, Value>> = serde_json::from_str(&model.schema).ok();
    let text = parsed.is_none().then(|| model.schema.clone());
    let mut schema = Value::Object(parsed.unwrap_or_default());
    references(&mut schema, &mut |reference| of_home(reference, home));
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

/// A reference to the model of that name.
pub(super) fn reference(name: &str, home: &str) -> Value {
    Object::default().with("$ref", local(name, "", home)).into()
}
