//! Models that name others, made into one schema.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// How much a schema may grow to by what it names, in models.
const MODELS: usize = 1_000;

/// The model that a `$ref` names: `https://apigateway.amazonaws.com/restapis/{any id}/models/{name}`.
fn named(reference: &str) -> Option<&str> {
    let (beginning, name) = reference.rsplit_once("/models/")?;
    (beginning.contains("/restapis/") && !name.is_empty()).then_some(name)
}

/// Whether a schema names a model, directly.
pub(super) fn names(schema: &Value, model: &str) -> bool {
    match schema {
        Value::Object(object) => object.iter().any(|(key, value)| match value.as_str() {
            Some(text) if key == "$ref" => named(text) == Some(model),
            _ => names(value, model),
        }),
        Value::Array(items) => items.iter().any(|item| names(item, model)),
        _ => false,
    }
}

/// The schema with all models that it names, directly or not, among its own definitions; none where it is no JSON object.
pub(super) fn flattened(schema: &str, models: &[(String, String)]) -> Option<String> {
    let known: BTreeMap<&str, &str> = models
        .iter()
        .map(|(name, schema)| (name.as_str(), schema.as_str()))
        .collect();
    let mut root = parsed(schema)?;
    let mut wanted = Vec::new();
    let mut definitions = taken(&mut root, &mut wanted);
    let mut met = 0;
    while let Some(name) = wanted.pop() {
        met += 1;
        if definitions.contains_key(&name) || met > MODELS {
            continue;
        }
        let Some(mut schema) = known.get(name.as_str()).and_then(|schema| parsed(schema)) else {
            continue;
        };
        let own = taken(&mut schema, &mut wanted);
        definitions.insert(name, Value::Object(schema));
        for (name, definition) in own {
            definitions.entry(name).or_insert(definition);
        }
    }
    if !definitions.is_empty() {
        root.insert("definitions".to_owned(), Value::Object(definitions));
    }
    Some(Value::Object(root).to_string())
}

fn parsed(schema: &str) -> Option<Map<String, Value>> {
    match serde_json::from_str(schema) {
        Ok(Value::Object(object)) => Some(object),
        _ => None,
    }
}

/// Turns references to models into ones to definitions, and takes the schema's own definitions out of it.
fn taken(schema: &mut Map<String, Value>, wanted: &mut Vec<String>) -> Map<String, Value> {
    let definitions = match schema.remove("definitions") {
        Some(Value::Object(definitions)) => definitions,
        _ => Map::new(),
    };
    let mut own = Value::Object(definitions);
    redirect(&mut own, wanted);
    schema.values_mut().for_each(|value| redirect(value, wanted));
    if let Some(reference) = schema.get_mut("$ref") {
        redirected(reference, wanted);
    }
    match own {
        Value::Object(own) => own,
        _ => Map::new(),
    }
}

/// serde_json has bounded the nesting already.
fn redirect(value: &mut Value, wanted: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object.iter_mut() {
                if key == "$ref" {
                    redirected(value, wanted);
                } else {
                    redirect(value, wanted);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| redirect(item, wanted)),
        _ => {}
    }
}

fn redirected(reference: &mut Value, wanted: &mut Vec<String>) {
    let name = reference.as_str().and_then(named).map(str::to_owned);
    if let Some(name) = name {
        *reference = json!(format!("#/definitions/{name}"));
        wanted.push(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_named_models_in() {
        let reference = |name: &str| {
            json!({"$ref": format!("https://apigateway.amazonaws.com/restapis/a1/models/{name}")}).to_string()
        };
        let models = [
            (
                "Pets".to_owned(),
                format!(r#"{{"type":"array","items":{}}}"#, reference("Pet")),
            ),
            (
                "Pet".to_owned(),
                format!(
                    r#"{{"type":"object","properties":{{"parent":{}}}}}"#,
                    reference("Pet")
                ),
            ),
        ];
        let schema = models
            .first()
            .map(|(_, schema)| schema.as_str())
            .unwrap_or_default();
        assert_eq!(
            flattened(schema, &models).as_deref(),
            Some(
                r##"{"type":"array","items":{"$ref":"#/definitions/Pet"},"definitions":{"Pet":{"type":"object","properties":{"parent":{"$ref":"#/definitions/Pet"}}}}}"##
            )
        );
        assert_eq!(flattened("[1]", &models), None);
        assert!(names(
            &json!({"items": {"$ref": "https://x/restapis/a/models/Pet"}}),
            "Pet"
        ));
        assert!(!names(
            &json!({"title": "https://x/restapis/a/models/Pet"}),
            "Pet"
        ));
    }
}
