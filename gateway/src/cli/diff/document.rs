//! OpenAPI documents as definitions.

use std::path::Path;

use portcullis_admin::definition;
use portcullis_document::{Document, Format, Problem};
use portcullis_openapi::ImportOptions;
use serde_json::{Map, Value};

use crate::cli::failure::Failure;

/// The definition that an import of a file would make of an API.
pub(super) fn definition(file: &Path, api: &str) -> Result<Value, Failure> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::problem(format!("cannot read {name}: {error}")))?;
    let document =
        Document::parse(&name, &text, Format::detect(&text)).map_err(|problems| failure(&problems))?;
    let imported = portcullis_openapi::import(&document, &ImportOptions::keep(api));
    if imported.has_errors() {
        return Err(failure(&imported.problems));
    }
    Ok(Value::Object(definition::documents(&imported.api)))
}

/// What a stage serves, in the form of such a definition: with the same identifiers, and without what no document says, dates
/// and defaults among it.
pub(super) fn comparable(served: &Value, said: &Value) -> Value {
    let empty = Map::new();
    let model = definition::rest_api(served.as_object().unwrap_or(&empty));
    let mut served = definition::documents(&model);
    let said_of_api = said.get("restApi").and_then(Value::as_object);
    if let Some(api) = served.get_mut("restApi").and_then(Value::as_object_mut) {
        // The service fills in these.
        for name in [
            "apiKeySource",
            "disableExecuteApiEndpoint",
            "endpointConfiguration",
        ] {
            if said_of_api.is_none_or(|said| !said.contains_key(name)) {
                api.remove(name);
            }
        }
    }
    // A deployment has no documentation; what is said of parts changes nothing that is served.
    for name in ["documentationParts", "documentationVersion"] {
        if let Some(value) = said.get(name) {
            served.insert(name.to_owned(), value.clone());
        }
    }
    Value::Object(served)
}

fn failure(problems: &[Problem]) -> Failure {
    let errors = problems.iter().filter(|problem| problem.is_error());
    let lines: Vec<String> = errors.map(ToString::to_string).collect();
    Failure::problem(lines.join("\n"))
}
