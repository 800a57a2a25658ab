//! The patches of stages
//! (<https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html#UpdateStage-Patch>).
//!
//! Stages have words of their own for what they refuse, so they do not go by a [`patch::Table`].

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{CLUSTER_SIZES, Reference, canary, clustered, method_setting, variable};
use crate::error::ApiError;
use crate::patch::{self, Expected, Op, PatchOperation};

/// The paths as the service tells them, with its own slips (recorded).
const PATHS: &str = "/deploymentId, /description, /cacheClusterEnabled, /cacheClusterSize, /clientCertificateId, /accessLogSettings, /accessLogSettings/destinationArn, /accessLogSettings/format, /{resourcePath}/{httpMethod}/metrics/enabled, /{resourcePath}/{httpMethod}/logging/dataTrace, /{resourcePath}/{httpMethod}/logging/loglevel, /{resourcePath}/{httpMethod}/throttling/burstLimit/{resourcePath}/{httpMethod}/throttling/rateLimit/{resourcePath}/{httpMethod}/caching/ttlInSeconds, /{resourcePath}/{httpMethod}/caching/enabled, /{resourcePath}/{httpMethod}/caching/dataEncrypted, /{resourcePath}/{httpMethod}/caching/requireAuthorizationForCacheControl, /{resourcePath}/{httpMethod}/caching/unauthorizedCacheControlHeaderStrategy, /*/*/metrics/enabled, /*/*/logging/dataTrace, /*/*/logging/loglevel, /*/*/throttling/burstLimit /*/*/throttling/rateLimit /*/*/caching/ttlInSeconds, /*/*/caching/enabled, /*/*/caching/dataEncrypted, /*/*/caching/requireAuthorizationForCacheControl, /*/*/caching/unauthorizedCacheControlHeaderStrategy, /variables/{variable_name}, /tracingEnabled";

type Document = Map<String, Value>;

/// The document after a patch, and what must be there for it.
///
/// # Errors
///
/// 400, for the first operation that cannot be.
pub(super) fn apply(
    before: &Document,
    operations: &[PatchOperation],
) -> Result<(Document, BTreeSet<Reference>), ApiError> {
    let mut document = before.clone();
    let mut references = BTreeSet::new();
    for operation in operations {
        match operation.op {
            Op::Copy => canary::promote(&mut document, operation)?,
            Op::Add | Op::Replace => set(&mut document, operation, &mut references)?,
            Op::Remove => remove(&mut document, operation)?,
            Op::Move | Op::Test => return Err(invalid_operation(operation)),
        }
    }
    clustered(&mut document);
    Ok((document, references))
}

fn set(
    document: &mut Document,
    operation: &PatchOperation,
    references: &mut BTreeSet<Reference>,
) -> Result<(), ApiError> {
    let path = stripped(operation)?;
    let parts: Vec<&str> = path.split('/').collect();
    let done = match *parts.as_slice() {
        ["description"] => text_or_nothing(document, "description", operation).map(|_| Some(())),
        ["deploymentId"] => {
            let id = patch::convert(Expected::Text, operation)?;
            references.insert(Reference::Deployment(id.as_str().unwrap_or_default().to_owned()));
            put(document, &["deploymentId"], id)
        }
        ["cacheClusterEnabled"] => {
            let value = patch::convert(Expected::Flag, operation)?;
            put(document, &["cacheClusterEnabled"], value)
        }
        ["cacheClusterSize"] => {
            let value = patch::convert(Expected::One(CLUSTER_SIZES), operation)?;
            put(document, &["cacheClusterSize"], value)
        }
        ["tracingEnabled"] => {
            let value = patch::convert(Expected::Flag, operation)?;
            put(document, &["tracingEnabled"], value)
        }
        ["clientCertificateId"] => {
            let id = text_or_nothing(document, "clientCertificateId", operation)?;
            references.extend(id.map(Reference::Certificate));
            Ok(Some(()))
        }
        ["documentationVersion"] => {
            let version = text_or_nothing(document, "documentationVersion", operation)?;
            references.extend(version.map(Reference::Documentation));
            Ok(Some(()))
        }
        ["accessLogSettings", name @ ("destinationArn" | "format")] => {
            let value = patch::convert(Expected::Text, operation)?;
            if name == "destinationArn" {
                destination(value.as_str().unwrap_or_default())?;
            }
            put(document, &["accessLogSettings", name], value)
        }
        ["variables", name] => {
            let value = patch::convert(Expected::Text, operation)?;
            variable::valid(name, value.as_str().unwrap_or_default())?;
            patch::put(document, &["variables", name], value);
            let variables = document.get("variables").and_then(Value::as_object);
            variables.map_or(Ok(()), variable::few_enough).map(Some)
        }
        ["canarySettings", ref setting @ ..] if operation.op == Op::Add && canary::is_setting(setting) => {
            Err(invalid_operation(operation))
        }
        ["canarySettings", ref setting @ ..] => canary::set(document, setting, operation, references),
        _ => method_setting::set(document, path, operation),
    };
    done?.ok_or_else(|| invalid_path(operation))
}

/// A log group or a stream by its ARN; here also `stdout`. Nothing else: whoever may write a stage must not write files.
fn destination(named: &str) -> Result<(), ApiError> {
    let parts: Vec<&str> = named.splitn(6, ':').collect();
    match *parts.as_slice() {
        [""] | ["stdout"] => Ok(()),
        ["arn", _, "logs" | "firehose", _, _, resource] if !resource.is_empty() => Ok(()),
        _ => Err(ApiError::bad_request(format!(
            "Invalid ARN specified in the request: '{named}'. It must be that of a log group or of a delivery stream, or stdout."
        ))),
    }
}

#[allow(clippy::unnecessary_wraps, reason = "as the others of the table")]
fn put(document: &mut Document, names: &[&str], value: Value) -> Result<Option<()>, ApiError> {
    patch::put(document, names, value);
    Ok(Some(()))
}

/// Sets a text and gives it; an empty one takes the member away.
fn text_or_nothing(
    document: &mut Document,
    name: &str,
    operation: &PatchOperation,
) -> Result<Option<String>, ApiError> {
    let value = patch::convert(Expected::Text, operation)?;
    match value.as_str().filter(|text| !text.is_empty()) {
        Some(text) => {
            let text = text.to_owned();
            document.insert(name.to_owned(), value);
            Ok(Some(text))
        }
        None => {
            document.shift_remove(name);
            Ok(None)
        }
    }
}

fn remove(document: &mut Document, operation: &PatchOperation) -> Result<(), ApiError> {
    let path = stripped(operation)?;
    let parts: Vec<&str> = path.split('/').collect();
    match *parts.as_slice() {
        [
            name @ ("description"
            | "clientCertificateId"
            | "documentationVersion"
            | "accessLogSettings"
            | "canarySettings"),
        ] => {
            document.shift_remove(name);
            Ok(())
        }
        ["variables", name] => entry(document, &["variables"], name, operation),
        ["canarySettings", "stageVariableOverrides", name] => entry(
            document,
            &["canarySettings", "stageVariableOverrides"],
            name,
            operation,
        ),
        [_] => Err(invalid_path(operation)),
        _ => method_setting::remove(document, path),
    }
}

/// Takes an entry out of a map, and the map away where it was the last.
fn entry(
    document: &mut Document,
    names: &[&str],
    name: &str,
    operation: &PatchOperation,
) -> Result<(), ApiError> {
    let Some((last, before)) = names.split_last() else {
        return Err(patch::absent(operation));
    };
    let parent = before
        .iter()
        .try_fold(document, |map, name| map.get_mut(*name)?.as_object_mut());
    let Some(parent) = parent else {
        return Err(patch::absent(operation));
    };
    let map = parent.get_mut(*last).and_then(Value::as_object_mut);
    let Some(map) = map else {
        return Err(patch::absent(operation));
    };
    map.shift_remove(name).ok_or_else(|| patch::absent(operation))?;
    if map.is_empty() {
        parent.shift_remove(*last);
    }
    Ok(())
}

/// The path without its first slash.
fn stripped(operation: &PatchOperation) -> Result<&str, ApiError> {
    let path = operation.path.strip_prefix('/');
    path.ok_or_else(|| invalid_path(operation))
}

/// Recorded from the service.
fn invalid_path(operation: &PatchOperation) -> ApiError {
    ApiError::bad_request(format!(
        "Invalid method setting path: {}. Must be one of: [{PATHS}]",
        operation.path
    ))
}

/// Recorded from the service, of `add` for a canary.
fn invalid_operation(operation: &PatchOperation) -> ApiError {
    ApiError::bad_request(format!(
        "Invalid {} operation with path: {}",
        operation.op.name(),
        operation.path
    ))
}

#[cfg(test)]
mod tests;
