use portcullis_document::{Document, Format};

use crate::{ImportOptions, Imported, import};

mod api;
mod document;
mod export;
mod integration;
mod keep;
mod mapping;
mod method;
mod model;
mod refusal;
mod robust;
mod round_trip;
mod security;

/// Reads a document for an API that is served. As one that is kept it must come back from its exports.
fn read(text: &str) -> Imported {
    round_trip::comes_back(text);
    let document = Document::parse("api.yaml", text, Format::detect(text)).expect("a right text");
    import(&document, &ImportOptions::serve("shop"))
}

/// The problems, one a line: pointer, place, severity, message, hint.
fn problems(text: &str) -> Vec<String> {
    let shown = |problem: &portcullis_document::Problem| {
        format!(
            "{} {}",
            problem.pointer,
            problem
                .to_string()
                .replacen("api.yaml:", "", 1)
                .replace("\n  hint: ", " | ")
        )
    };
    read(text).problems.iter().map(shown).collect()
}

/// Compares the messages alone, without pointer and place.
fn messages(text: &str) -> Vec<String> {
    let shown = |problem: &portcullis_document::Problem| match &problem.hint {
        Some(hint) => format!("{}: {} | {hint}", problem.severity.as_str(), problem.message),
        None => format!("{}: {}", problem.severity.as_str(), problem.message),
    };
    read(text).problems.iter().map(shown).collect()
}

/// A document around one operation, `get /pets/{id}/{rest+}`, written in YAML's flow style.
fn with_operation(operation: &str) -> String {
    format!("swagger: '2.0'\npaths:\n  /pets/{{id}}/{{rest+}}:\n    get: {operation}\n")
}

/// The same around an operation that has only API Gateway's integration.
fn with_amazon(integration: &str) -> String {
    with_operation(&format!("{{x-amazon-apigateway-integration: {integration}}}"))
}
