//! Operations of a patch (<https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html>).

use serde_json::{Value, json};

use super::failure::Failure;

/// Sets a value.
pub(super) fn replace(path: impl Into<String>, value: impl Into<String>) -> Value {
    json!({"op": "replace", "path": path.into(), "value": value.into()})
}

/// Takes something away.
pub(super) fn remove(path: impl Into<String>) -> Value {
    json!({"op": "remove", "path": path.into()})
}

/// Copies a value.
pub(super) fn copy(from: &str, path: &str) -> Value {
    json!({"op": "copy", "from": from, "path": path})
}

/// `NAME=VALUE`, for clap.
pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("it has to be NAME=VALUE".to_owned()),
    }
}

/// Variables as a document.
pub(super) fn variables(pairs: &[(String, String)]) -> Result<Value, Failure> {
    let mut document = serde_json::Map::new();
    for (name, value) in pairs {
        if document
            .insert(name.clone(), Value::from(value.as_str()))
            .is_some()
        {
            return Err(
                Failure::usage(format!("the variable `{name}` stands twice")).hint("leave one of them")
            );
        }
    }
    Ok(Value::Object(document))
}
