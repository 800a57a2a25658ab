//! Mapping expressions: what may stand in the parameters of integrations and their responses
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html>).

use serde_json::{Map, Value};

use super::rows::entries;
use crate::error::ApiError;

type Document = Map<String, Value>;

/// The places of a request, and the places that a mapping may read or write in another form.
const PLACES: [&str; 3] = ["path", "querystring", "header"];

/// 400 in the service's words (recorded).
pub(crate) fn invalid(errors: &str) -> ApiError {
    ApiError::bad_request(format!(
        "Invalid mapping expression specified: Validation Result: warnings : [], errors : [{errors}]"
    ))
}

/// What a method declares is told without the result of a validation.
fn not_a_parameter(name: &str) -> ApiError {
    ApiError::bad_request(format!("Invalid mapping expression parameter specified: {name}"))
}

fn parameter(name: &str) -> ApiError {
    invalid(&format!("Invalid mapping expression parameter specified: {name}"))
}

fn expression(text: &str) -> ApiError {
    invalid(&format!("Invalid mapping expression specified: {text}"))
}

/// The place and the name of `method.request.PLACE.NAME`, say. `multivalueheader` and `multivaluequerystring` read the
/// same parameters.
fn place<'n>(name: &'n str, before: &str) -> Option<(&'n str, &'n str)> {
    let (place, name) = name.strip_prefix(before)?.split_once('.')?;
    let place = place.strip_prefix("multivalue").unwrap_or(place);
    let whole = !name.is_empty() && !name.contains(char::is_whitespace);
    (whole && PLACES.contains(&place)).then_some((place, name))
}

/// Of a method's `requestParameters`.
///
/// # Errors
///
/// A name that is no place of a request, or that stands in two places (recorded).
pub(crate) fn method_request(method: &Document) -> Result<(), ApiError> {
    let mut names: Vec<&str> = Vec::new();
    for (key, _) in entries(method, "requestParameters") {
        let (_, name) = place(key, "method.request.").ok_or_else(|| not_a_parameter(key))?;
        if names.contains(&name) {
            return Err(ApiError::bad_request(
                "Parameter names must be unique across querystring, header and path",
            ));
        }
        names.push(name);
    }
    Ok(())
}

/// Of a method response's `responseParameters`.
///
/// # Errors
///
/// A name that is no header of a response.
pub(crate) fn method_response(response: &Document) -> Result<(), ApiError> {
    for (key, _) in entries(response, "responseParameters") {
        if !is_response_header(key) {
            return Err(not_a_parameter(key));
        }
    }
    Ok(())
}

fn is_response_header(key: &str) -> bool {
    let name = key.strip_prefix("method.response.header.");
    name.is_some_and(|name| !name.is_empty() && !name.contains(char::is_whitespace))
}

/// Of an integration's `requestParameters`.
///
/// # Errors
///
/// A place that cannot be mapped to, an expression that cannot be read, or a parameter that the method does not declare.
pub(crate) fn integration_request(method: &Document, integration: &Document) -> Result<(), ApiError> {
    for (key, value) in entries(integration, "requestParameters") {
        place(key, "integration.request.").ok_or_else(|| parameter(key))?;
        let from = value.as_str().unwrap_or_default();
        if common(from) || body(from, "method.request.body") {
            continue;
        }
        if !from.starts_with("method.request.") {
            return Err(expression(from));
        }
        if !declared(method, from) {
            return Err(parameter(from));
        }
    }
    Ok(())
}

/// Whether a method declares a parameter. Names of headers have no case.
fn declared(method: &Document, from: &str) -> bool {
    let Some((place_of, name)) = place(from, "method.request.") else {
        return false;
    };
    entries(method, "requestParameters").any(|(key, _)| {
        place(key, "method.request.").is_some_and(|(known_place, known)| {
            let same = known == name || (place_of == "header" && known.eq_ignore_ascii_case(name));
            known_place == place_of && same
        })
    })
}

/// Of an integration's `cacheKeyParameters`: what the method declares, or what the integration maps.
///
/// # Errors
///
/// Anything else.
pub(crate) fn cache_keys(method: &Document, integration: &Document) -> Result<(), ApiError> {
    let keys = integration.get("cacheKeyParameters").and_then(Value::as_array);
    for key in keys.into_iter().flatten().filter_map(Value::as_str) {
        let mapped = entries(integration, "requestParameters").any(|(known, _)| known == key);
        if !mapped && !declared(method, key) {
            return Err(ApiError::bad_request("Invalid cache key parameter specified"));
        }
    }
    Ok(())
}

/// Of an integration response's `responseParameters`.
///
/// # Errors
///
/// As [`integration_request`]; also where the method declares no such response.
pub(crate) fn integration_response(
    method_response: Option<&Document>,
    response: &Document,
) -> Result<(), ApiError> {
    for (key, value) in entries(response, "responseParameters") {
        let Some(method_response) = method_response else {
            return Err(invalid("No method response exists for method."));
        };
        let known = |(known, _): (&String, &Value)| known.eq_ignore_ascii_case(key);
        if !entries(method_response, "responseParameters").any(known) {
            return Err(parameter(key));
        }
        let from = value.as_str().unwrap_or_default();
        if !common(from) && !of_response(from) {
            return Err(expression(from));
        }
    }
    Ok(())
}

fn of_response(from: &str) -> bool {
    let header = [
        "integration.response.header.",
        "integration.response.multivalueheader.",
    ]
    .iter()
    .find_map(|before| from.strip_prefix(before));
    header.is_some_and(|name| !name.is_empty()) || body(from, "integration.response.body")
}

fn body(from: &str, of: &str) -> bool {
    match from.strip_prefix(of) {
        Some(rest) => rest.is_empty() || rest.starts_with(['.', '[']),
        None => false,
    }
}

/// A literal in quotes, a stage variable, or a value of the context.
fn common(from: &str) -> bool {
    let named = ["stageVariables.", "context."]
        .iter()
        .find_map(|before| from.strip_prefix(before));
    let quoted = from.len() >= 2 && from.starts_with('\'') && from.ends_with('\'');
    quoted || named.is_some_and(|name| !name.is_empty())
}

/// Of templates and models: by content types.
///
/// # Errors
///
/// A key that is none (recorded for integration responses).
pub(crate) fn content_types(document: &Document, name: &str) -> Result<(), ApiError> {
    for (key, _) in entries(document, name) {
        let (kind, of) = key.split_once('/').unwrap_or_default();
        if (kind.is_empty() || of.is_empty()) && key != "$default" {
            return Err(ApiError::bad_request(format!(
                "Validation Result: warnings : [], errors : [Invalid content type specified: {key}]"
            )));
        }
    }
    Ok(())
}
