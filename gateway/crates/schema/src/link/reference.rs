//! A `$ref` in a model, to the place that it names.

use serde_json::Value;

use super::{place::Place, walk::Walk};
use crate::{
    ModelProblem,
    reference::{Reference, definition},
};

/// Finds what a `$ref` at `pointer` in `model` names.
pub(super) fn resolve(
    walk: &mut Walk<'_>,
    model: &str,
    pointer: &str,
    value: &Value,
) -> Result<Place, ModelProblem> {
    let at = format!("{pointer}/$ref");
    let Some(text) = value.as_str() else {
        let hint = "name a model, or a place in this schema such as `#/definitions/pet`";
        return Err(ModelProblem::new(model, at, "a `$ref` that is no string", hint));
    };
    let original = walk.original(model);
    let id = original
        .as_ref()
        .and_then(|schema| schema.get("id"))
        .and_then(Value::as_str);
    let found = match Reference::read(text, id) {
        Reference::Here(place)
            if original
                .as_ref()
                .is_some_and(|schema| schema.pointer(&place).is_some()) =>
        {
            Some((model.to_owned(), place))
        }
        Reference::Here(place) => definition(&place).and_then(|(name, rest)| elsewhere(walk, name, rest)),
        Reference::Model { name, pointer } => elsewhere(walk, name, &pointer),
        Reference::Unknown => None,
    };
    found.ok_or_else(|| {
        let message = format!("`$ref` {text:?} names nothing");
        let hint = "name a model of this API as `#/definitions/{name}`, `#/components/schemas/{name}` or \
                    `https://apigateway.amazonaws.com/restapis/{id}/models/{name}`, or a place in this schema; \
                    nothing is fetched";
        ModelProblem::new(model, at, message, hint)
    })
}

/// A place in another model, if there is one.
fn elsewhere(walk: &mut Walk<'_>, name: String, pointer: &str) -> Option<Place> {
    if !walk.read(&name) {
        return None;
    }
    // Of a model that cannot be read nothing is known but that it is there, and that is told already.
    let there = walk
        .original(&name)
        .is_none_or(|schema| schema.pointer(pointer).is_some());
    there.then(|| (name, pointer.to_owned()))
}
