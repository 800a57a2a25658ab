//! The document of an import, and how it is to be read.

use portcullis_document::{Document, Format, Problem};
use portcullis_openapi::{BasePath, ImportOptions, Skipped};
use serde_json::{Map, Value, json};

use crate::call::{Call, Outcome};
use crate::definition;
use crate::error::ApiError;
use crate::shape;

/// What the document is called in problems: it comes without a name.
const NAME: &str = "body";
/// How many problems are told.
const TOLD: usize = 20;
/// A member of ours, which AWS's clients pass over: the keys of a document that the API does not have.
const SKIPPED_MEMBER: &str = "portcullis:skipped";
/// How many of them are told.
const SKIPPED: usize = 1_000;
const TYPES: &[&str] = &["PRIVATE", "EDGE", "REGIONAL"];

/// An API as its document says.
pub(super) struct Imported {
    /// Its documents.
    pub(super) definition: Map<String, Value>,
    /// The version that its documentation says it has.
    pub(super) version: Option<String>,
    /// What is doubtful.
    pub(super) warnings: Vec<String>,
    /// Which keys are not kept.
    pub(super) skipped: Vec<String>,
}

impl Imported {
    /// The answer of an import: the API, and what there is to say of its document.
    pub(super) fn answer(
        mut document: Map<String, Value>,
        warnings: &[String],
        skipped: &[String],
    ) -> Outcome {
        for (name, lines) in [("warnings", warnings), (SKIPPED_MEMBER, skipped)] {
            if !lines.is_empty() {
                document.insert(name.to_owned(), json!(lines));
            }
        }
        document.into()
    }
}

/// What becomes of what is there (`mode`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// It stays where the document says nothing else.
    Merge,
    /// It goes.
    Overwrite,
}

impl Mode {
    pub(super) fn of(call: &Call<'_>) -> Result<Self, ApiError> {
        match call.query("mode") {
            None | Some("" | "merge") => Ok(Self::Merge),
            Some("overwrite") => Ok(Self::Overwrite),
            Some(other) => {
                shape::told(&[shape::not_one_of("mode", other, &["merge", "overwrite"])])?;
                Ok(Self::Merge)
            }
        }
    }
}

/// Reads the document of a call as the API `api`.
///
/// # Errors
///
/// Everything that is wrong with it, with its place.
pub(super) fn read(call: &Call<'_>, api: &str) -> Result<Imported, ApiError> {
    let mut options = ImportOptions::keep(api);
    let (mut endpoint, mut is_documented) = (None, true);
    for (name, value) in &call.query {
        match name.as_str() {
            "mode" => {}
            "failonwarnings" => options.fail_on_warnings = flag(name, value)?,
            "basepath" => options.base_path = base_path(value)?,
            "endpointConfigurationTypes" => {
                shape::told(&not_one_of(name, value, TYPES))?;
                endpoint = Some(value.as_str());
            }
            "ignore" if value == "documentation" => is_documented = false,
            _ => {
                return Err(ApiError::bad_request(format!(
                    "Unknown parameter {name}={value}: an import takes mode, failonwarnings, basepath (ignore, prepend or \
                     split), endpointConfigurationTypes and ignore=documentation"
                )));
            }
        }
    }
    let document = parsed(call)?;
    let mut imported = portcullis_openapi::import(&document, &options);
    if imported.has_errors() {
        let fails = |problem: &&Problem| options.fail_on_warnings || problem.is_error();
        return Err(failed(imported.problems.iter().filter(fails)));
    }
    if let Some(endpoint) = endpoint {
        imported.api.endpoint.types = vec![endpoint.to_owned()];
    }
    if !is_documented {
        imported.api.documentation = Default::default();
    }
    let mut definition = definition::documents(&imported.api);
    definition.shift_remove("documentationVersion");
    Ok(Imported {
        definition,
        version: imported.api.documentation.version.clone(),
        warnings: imported.problems.iter().map(line).collect(),
        skipped: imported.skipped.iter().take(SKIPPED).map(skipped).collect(),
    })
}

/// The document of a call; JSON or YAML.
pub(super) fn parsed(call: &Call<'_>) -> Result<Document, ApiError> {
    let text = std::str::from_utf8(call.bytes())
        .map_err(|error| ApiError::bad_request(format!("The document is no text in UTF-8: {error}")))?;
    if text.trim().is_empty() {
        return Err(ApiError::bad_request(
            "The document is empty: send an OpenAPI document as the body",
        ));
    }
    Document::parse(NAME, text, Format::detect(text)).map_err(|problems| failed(problems.iter()))
}

/// The service begins its message like this (reported by users of Terraform and of CloudFormation).
pub(super) fn failed<'p>(problems: impl Iterator<Item = &'p Problem>) -> ApiError {
    let lines: Vec<String> = problems.map(line).collect();
    let mut message = "Errors found during import:".to_owned();
    for line in lines.iter().take(TOLD) {
        message.push_str("\n\t");
        message.push_str(line);
    }
    if let Some(more) = lines.len().checked_sub(TOLD).filter(|more| *more > 0) {
        message.push_str(&format!("\n\t… and {more} more"));
    }
    ApiError::bad_request(message)
}

/// A problem in one line: where in the document, by pointer, line and column, what, and what to try.
fn line(problem: &Problem) -> String {
    let place = match problem.position {
        Some(position) => format!(
            "{} (line {}, column {})",
            problem.pointer, position.line, position.column
        ),
        None => problem.pointer.clone(),
    };
    let hint = problem.hint.as_ref().map(|hint| format!(" ({hint})"));
    let text = format!("{place}: {}{}", problem.message, hint.unwrap_or_default());
    text.trim_start_matches([' ', ':']).to_owned()
}

fn skipped(key: &Skipped) -> String {
    format!(
        "{} (line {}, column {})",
        key.pointer, key.position.line, key.position.column
    )
}

fn flag(name: &str, value: &str) -> Result<bool, ApiError> {
    match value {
        "true" => Ok(true),
        "false" | "" => Ok(false),
        _ => Err(ApiError::bad_request(format!(
            "Invalid boolean value {value} specified for {name}"
        ))),
    }
}

fn base_path(value: &str) -> Result<BasePath, ApiError> {
    let known = ["ignore", "prepend", "split"];
    shape::told(&not_one_of("basepath", value, &known))?;
    Ok(BasePath::parse(value).unwrap_or_default())
}

fn not_one_of(name: &str, value: &str, known: &[&str]) -> Vec<String> {
    let wrong = (!known.contains(&value)).then(|| shape::not_one_of(name, value, known));
    wrong.into_iter().collect()
}

/// Ids and warnings of an answer.
pub(super) fn answer(ids: &[String], problems: &[Problem]) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("ids".to_owned(), json!(ids));
    let warnings: Vec<String> = problems.iter().map(line).collect();
    if !warnings.is_empty() {
        body.insert("warnings".to_owned(), json!(warnings));
    }
    body
}
