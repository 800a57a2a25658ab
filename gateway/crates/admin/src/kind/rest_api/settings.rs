//! What an API's own members must be, and what they are where nothing is said.

use portcullis_iam::{Kind, Policy};
use portcullis_model::RestApi;
use serde_json::{Map, Value, json};

use crate::error::ApiError;
use crate::kind::rows::{drop_empty, text};

type Document = Map<String, Value>;

const LARGEST_COMPRESSION_SIZE: i64 = 10_485_760;

/// The defaults of a new API (recorded), after the checks.
pub(super) fn complete(document: &mut Document) -> Result<(), ApiError> {
    if document.get("description").and_then(Value::as_str) == Some("") {
        return Err(ApiError::bad_request("Description cannot be an empty string"));
    }
    endpoint(document)?;
    if let Some(policy) = document.get("policy").and_then(Value::as_str) {
        match escaped_policy(policy)? {
            Some(escaped) => drop(document.insert("policy".to_owned(), json!(escaped))),
            None => drop(document.remove("policy")),
        }
    }
    drop_empty(document, &["binaryMediaTypes", "version"]);
    document.entry("apiKeySource").or_insert_with(|| json!("HEADER"));
    document
        .entry("disableExecuteApiEndpoint")
        .or_insert(Value::Bool(false));
    check(document)
}

/// The type and the address type of the endpoint, one of each (recorded).
fn endpoint(document: &mut Document) -> Result<(), ApiError> {
    let mut configuration = match document.remove("endpointConfiguration") {
        Some(Value::Object(configuration)) => configuration,
        _ => Map::new(),
    };
    if configuration
        .get("types")
        .and_then(Value::as_array)
        .is_some_and(Vec::is_empty)
    {
        return Err(ApiError::bad_request(
            "REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.",
        ));
    }
    let types = configuration.entry("types").or_insert_with(|| json!(["EDGE"]));
    let private = types
        .as_array()
        .is_some_and(|types| types.contains(&json!("PRIVATE")));
    configuration
        .entry("ipAddressType")
        .or_insert_with(|| json!(if private { "dualstack" } else { "ipv4" }));
    drop_empty(&mut configuration, &["vpcEndpointIds"]);
    document.insert("endpointConfiguration".to_owned(), Value::Object(configuration));
    Ok(())
}

/// What must hold of every API, new or patched.
pub(super) fn check(document: &Document) -> Result<(), ApiError> {
    if text(document, "name").trim().is_empty() {
        return Err(ApiError::bad_request("API name cannot be blank"));
    }
    if let Some(size) = document.get("minimumCompressionSize") {
        compression_size(size.as_i64())?;
    }
    let Some(configuration) = document.get("endpointConfiguration").and_then(Value::as_object) else {
        return Ok(());
    };
    let types = configuration.get("types").and_then(Value::as_array);
    if types.is_some_and(|types| types.len() > 1) {
        return Err(ApiError::bad_request(
            "Cannot create an api with multiple Endpoint Types.",
        ));
    }
    let private = types.is_some_and(|types| types.contains(&json!("PRIVATE")));
    if private && text(configuration, "ipAddressType") == "ipv4" {
        return Err(ApiError::bad_request(
            "Only dualstack ipAddressType is supported for Private APIs.",
        ));
    }
    if !private && configuration.contains_key("vpcEndpointIds") {
        return Err(ApiError::bad_request(
            "VPCEndpoints can only be specified with PRIVATE apis.",
        ));
    }
    Ok(())
}

pub(super) fn compression_size(size: Option<i64>) -> Result<i64, ApiError> {
    size.filter(|size| (0..=LARGEST_COMPRESSION_SIZE).contains(size))
        .ok_or_else(|| {
            ApiError::bad_request(format!(
                "Invalid minimum compression size, must be between 0 and {LARGEST_COMPRESSION_SIZE}"
            ))
        })
}

/// The service answers a policy as the inside of a JSON text, with its slashes escaped too; Terraform's provider reads it
/// so. An empty one is none.
pub(super) fn escaped_policy(policy: &str) -> Result<Option<String>, ApiError> {
    if policy.trim().is_empty() {
        return Ok(None);
    }
    let invalid = |why: &str| {
        ApiError::bad_request(format!(
            "Invalid policy document. Please check the policy syntax and ensure that Principals are valid.{why}"
        ))
    };
    let Ok(policy @ Value::Object(_)) = serde_json::from_str(policy) else {
        return Err(invalid(""));
    };
    let policy_text = policy.to_string();
    if policy_text.len() > RestApi::LARGEST_POLICY {
        return Err(invalid(&format!(
            " It has {} bytes, and {} are the most.",
            policy_text.len(),
            RestApi::LARGEST_POLICY
        )));
    }
    // What could not be evaluated could not be deployed.
    if let Err(problems) = Policy::from_value(&policy, Kind::Resource) {
        let first = problems
            .first()
            .map(|first| format!(" {}: {}", first.pointer, first.what));
        return Err(invalid(&first.unwrap_or_default()));
    }
    Ok(Some(escaped(&policy_text)))
}

/// A text as the inside of a JSON text.
pub(crate) fn escaped(text: &str) -> String {
    let text = Value::from(text).to_string();
    let inside = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    inside.unwrap_or_default().replace('/', "\\/")
}

/// The inverse of [`escaped`]; what is no such inside is as it is.
pub(crate) fn unescaped(inside: &str) -> String {
    serde_json::from_str(&format!("\"{inside}\"")).unwrap_or_else(|_| inside.to_owned())
}
