//! What may be patched of an API.

use serde_json::{Map, Value, json};

use super::settings::{compression_size, escaped_policy};
use super::{ACCESS_MODES, KEY_SOURCES, SECURITY_POLICIES};
use crate::error::ApiError;
use crate::kind::rows;
use crate::patch::{Expected, Op, PatchOperation, REPLACE, Rule, Table, Target, absent, put, rule};

type Document = Map<String, Value>;

const EVERY: &[Op] = &[Op::Add, Op::Remove, Op::Replace, Op::Move, Op::Copy, Op::Test];

pub(super) const PATCHES: Table = Table {
    rules: &[
        text("/name", REPLACE, Target::Member(&["name"])),
        text(
            "/description",
            &[Op::Add, Op::Replace, Op::Remove],
            Target::Optional("description"),
        ),
        text(
            "/version",
            &[Op::Add, Op::Replace, Op::Remove],
            Target::Optional("version"),
        ),
        rule(
            "/apiKeySource",
            REPLACE,
            Expected::One(KEY_SOURCES),
            Target::Member(&["apiKeySource"]),
        ),
        rule(
            "/disableExecuteApiEndpoint",
            REPLACE,
            Expected::Flag,
            Target::Member(&["disableExecuteApiEndpoint"]),
        ),
        rule(
            "/securityPolicy",
            REPLACE,
            Expected::One(SECURITY_POLICIES),
            Target::Member(&["securityPolicy"]),
        ),
        rule(
            "/endpointAccessMode",
            REPLACE,
            Expected::One(ACCESS_MODES),
            Target::Member(&["endpointAccessMode"]),
        ),
        text("/minimumCompressionSize", REPLACE, Target::Own(compression)),
        text("/policy", REPLACE, Target::Own(policy)),
        text(
            "/binaryMediaTypes/{}",
            &[Op::Add, Op::Replace, Op::Remove],
            Target::Own(media_type),
        ),
        text("/endpointConfiguration/types", EVERY, Target::Own(endpoint_type)),
        text(
            "/endpointConfiguration/types/{}",
            EVERY,
            Target::Own(endpoint_type),
        ),
        text(
            "/endpointConfiguration/ipAddressType",
            REPLACE,
            Target::Own(address_type),
        ),
        text(
            "/endpointConfiguration/vpcEndpointIds",
            &[Op::Add, Op::Remove],
            Target::Own(vpc_endpoint),
        ),
        text(
            "/endpointConfiguration/vpcEndpointIds/{}",
            &[Op::Remove],
            Target::Own(vpc_endpoint),
        ),
    ],
    names_paths: false,
};

const fn text(path: &'static str, ops: &'static [Op], target: Target) -> Rule {
    rule(path, ops, Expected::Text, target)
}

/// An empty size turns compression off (recorded).
fn compression(document: &mut Document, _: &[String], operation: &PatchOperation) -> Result<(), ApiError> {
    match operation.value.as_deref() {
        None | Some("") => drop(document.remove("minimumCompressionSize")),
        Some(size) => {
            let size = compression_size(size.parse().ok())?;
            document.insert("minimumCompressionSize".to_owned(), json!(size));
        }
    }
    Ok(())
}

fn policy(document: &mut Document, _: &[String], operation: &PatchOperation) -> Result<(), ApiError> {
    match escaped_policy(operation.value.as_deref().unwrap_or_default())? {
        Some(policy) => drop(document.insert("policy".to_owned(), json!(policy))),
        None => drop(document.remove("policy")),
    }
    Ok(())
}

/// `add` takes the path's and no value; `replace` takes one out and adds another at the end (both recorded).
fn media_type(
    document: &mut Document,
    captures: &[String],
    operation: &PatchOperation,
) -> Result<(), ApiError> {
    let named = captures.first().cloned().unwrap_or_default();
    let types = document
        .entry("binaryMediaTypes")
        .or_insert_with(|| Value::Array(Vec::new()));
    let Some(types) = types.as_array_mut() else {
        return Err(absent(operation));
    };
    let added = match operation.op {
        Op::Add => Some(named),
        _ => {
            let at = types.iter().position(|known| known.as_str() == Some(&named));
            types.remove(at.ok_or_else(|| absent(operation))?);
            operation.value.clone().filter(|_| operation.op == Op::Replace)
        }
    };
    let added = added.map(Value::String);
    types.extend(added.filter(|added| !types.contains(added)));
    rows::drop_empty(document, &["binaryMediaTypes"]);
    Ok(())
}

fn configuration<'d>(
    document: &'d mut Document,
    operation: &PatchOperation,
) -> Result<&'d mut Document, ApiError> {
    let configuration = document
        .entry("endpointConfiguration")
        .or_insert_with(|| Value::Object(Map::new()));
    configuration.as_object_mut().ok_or_else(|| absent(operation))
}

/// The path names the type that there is, or its place. A private API is reached by both kinds of addresses (all of it
/// recorded).
fn endpoint_type(
    document: &mut Document,
    captures: &[String],
    operation: &PatchOperation,
) -> Result<(), ApiError> {
    if operation.op != Op::Replace {
        return Err(ApiError::bad_request(
            "Invalid patch operation specified. Must be 'add'|'remove'|'replace'",
        ));
    }
    let value = operation.value.as_deref().unwrap_or_default();
    if !["REGIONAL", "EDGE", "PRIVATE"].contains(&value) {
        return Err(ApiError::bad_request(
            "Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE",
        ));
    }
    let configuration = configuration(document, operation)?;
    let current = configuration
        .get("types")
        .and_then(|types| types.get(0))
        .and_then(Value::as_str);
    if let Some(named) = captures.first()
        && named != "0"
        && current != Some(named)
    {
        return Err(absent(operation));
    }
    // <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-api-migration.html>
    if value == "EDGE" && current == Some("PRIVATE") {
        return Err(ApiError::bad_request(
            "A private API cannot be changed into an edge-optimized API: make it REGIONAL first",
        ));
    }
    if value == "PRIVATE" {
        configuration.insert("ipAddressType".to_owned(), json!("dualstack"));
    } else {
        configuration.remove("vpcEndpointIds");
    }
    put(document, &["endpointConfiguration", "types"], json!([value]));
    Ok(())
}

fn address_type(document: &mut Document, _: &[String], operation: &PatchOperation) -> Result<(), ApiError> {
    let value = operation.value.as_deref().unwrap_or_default();
    if !["ipv4", "dualstack"].contains(&value) {
        return Err(ApiError::bad_request(
            "ipAddressType must be either ipv4 or dualstack.",
        ));
    }
    configuration(document, operation)?.insert("ipAddressType".to_owned(), json!(value));
    Ok(())
}

fn vpc_endpoint(
    document: &mut Document,
    captures: &[String],
    operation: &PatchOperation,
) -> Result<(), ApiError> {
    let named = captures.first().cloned().or_else(|| operation.value.clone());
    let named = named.ok_or_else(|| absent(operation))?;
    let configuration = configuration(document, operation)?;
    let ids = configuration
        .entry("vpcEndpointIds")
        .or_insert_with(|| Value::Array(Vec::new()));
    let Some(ids) = ids.as_array_mut() else {
        return Err(absent(operation));
    };
    let at = ids.iter().position(|known| known.as_str() == Some(&named));
    match (operation.op, at) {
        (Op::Add, None) => ids.push(Value::String(named)),
        (Op::Add, Some(_)) => {}
        (_, Some(at)) => drop(ids.remove(at)),
        (_, None) => return Err(absent(operation)),
    }
    rows::drop_empty(configuration, &["vpcEndpointIds"]);
    Ok(())
}
