//! The text of a model, to a value that is a schema of draft 4.

use jsonschema::{ValidationError, error::ValidationErrorKind};
use serde_json::Value;

use crate::{ModelProblem, limit};

/// Reads a model's text.
pub(super) fn read(name: &str, text: &str) -> Result<Value, Vec<ModelProblem>> {
    if text.len() > limit::SCHEMA_BYTES {
        let message = format!("the schema has {} bytes", text.len());
        let hint = format!(
            "a model has at most {} bytes; use `$ref` to split it",
            limit::SCHEMA_BYTES
        );
        return Err(vec![ModelProblem::new(name, "", message, hint)]);
    }
    let value: Value = serde_json::from_str(text).map_err(|error| {
        let hint = "a model's schema is JSON of at most 128 levels";
        vec![ModelProblem::new(
            name,
            "",
            format!("the schema is not JSON: {error}"),
            hint,
        )]
    })?;
    let problems = violations(name, "", &value);
    if problems.is_empty() {
        Ok(value)
    } else {
        Err(problems)
    }
}

/// Where a value, found at `pointer` in a model, is no schema of draft 4.
pub(super) fn violations(name: &str, pointer: &str, value: &Value) -> Vec<ModelProblem> {
    if !value.is_object() {
        let hint = "a schema is an object; `{}` allows everything";
        return vec![ModelProblem::new(name, pointer, "not a schema", hint)];
    }
    let violations = jsonschema::draft4::meta::validator();
    let problems = violations
        .iter_errors(value)
        .take(limit::PROBLEMS_PER_MODEL)
        .map(|error| {
            let error = deepest(&error);
            let place = error.instance_path().as_str();
            ModelProblem::new(name, format!("{pointer}{place}"), error.to_string(), hint(place))
        });
    problems.collect()
}

/// What is wrong inside, where alternatives hide it.
fn deepest<'a>(error: &'a ValidationError<'a>) -> &'a ValidationError<'a> {
    let mut error = error;
    while let ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } =
        error.kind()
    {
        let here = error.instance_path().as_str().len();
        let inner = context
            .iter()
            .flatten()
            .max_by_key(|inner| inner.instance_path().as_str().len());
        match inner {
            Some(inner) if inner.instance_path().as_str().len() > here => error = inner,
            _ => break,
        }
    }
    error
}

fn hint(place: &str) -> String {
    let keyword = place.rsplit('/').next().unwrap_or_default();
    match keyword {
        "exclusiveMinimum" | "exclusiveMaximum" => {
            "in draft 4 it is `true` or `false`, beside `minimum` or `maximum`".into()
        }
        "required" => {
            "in draft 4 it is a list of at least one property name, in the object's own schema".into()
        }
        "items" => "in draft 4 it is a schema or a list of schemas, never `true` or `false`".into(),
        "type" => "one or a list of array, boolean, integer, null, number, object, string".into(),
        _ => "models are JSON Schema of draft 4".into(),
    }
}
