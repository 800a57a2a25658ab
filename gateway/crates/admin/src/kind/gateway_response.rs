//! Gateway responses (<https://docs.aws.amazon.com/apigateway/latest/api/API_GatewayResponse.html>).

use portcullis_store::{Key, Read};
use serde_json::{Map, Value, json};

use super::rows::text;
use crate::call::{Call, Outcome, members};
use crate::error::ApiError;
use crate::page::Paging;
use crate::patch::entry::NO_PARAMETER;
use crate::patch::{self, Expected, Op, PatchOperation, Table, Target, rule};
use crate::shape::{self, Form, Member, optional};

type Document = Map<String, Value>;

/// The kind in the store.
pub(crate) const KIND: &str = "gatewayresponse";
/// Recorded.
const ABSENT: &str = "Gateway response type not defined on api";
/// Recorded.
const TEMPLATE: &str = r#"{"message":$context.error.messageString}"#;

/// The types in the order in which the service lists them, with the status of each where it has one of its own (recorded).
const TYPES: &[(&str, &str)] = &[
    ("ACCESS_DENIED", "403"),
    ("API_CONFIGURATION_ERROR", "500"),
    ("AUTHORIZER_CONFIGURATION_ERROR", "500"),
    ("AUTHORIZER_FAILURE", "500"),
    ("BAD_REQUEST_BODY", "400"),
    ("BAD_REQUEST_PARAMETERS", "400"),
    ("DEFAULT_4XX", ""),
    ("DEFAULT_5XX", ""),
    ("EXPIRED_TOKEN", "403"),
    ("INTEGRATION_FAILURE", "504"),
    ("INTEGRATION_TIMEOUT", "504"),
    ("INVALID_API_KEY", "403"),
    ("INVALID_SIGNATURE", "403"),
    ("MISSING_AUTHENTICATION_TOKEN", "403"),
    ("QUOTA_EXCEEDED", "429"),
    ("REQUEST_TOO_LARGE", "413"),
    ("RESOURCE_NOT_FOUND", "404"),
    ("THROTTLED", "429"),
    ("UNAUTHORIZED", "401"),
    ("UNSUPPORTED_MEDIA_TYPE", "415"),
    ("WAF_FILTERED", "403"),
];

/// The types in the order in which the service's message names them (recorded).
const NAMED: &[&str] = &[
    "REQUEST_TOO_LARGE",
    "RESOURCE_NOT_FOUND",
    "AUTHORIZER_CONFIGURATION_ERROR",
    "MISSING_AUTHENTICATION_TOKEN",
    "BAD_REQUEST_BODY",
    "INVALID_SIGNATURE",
    "INVALID_API_KEY",
    "BAD_REQUEST_PARAMETERS",
    "AUTHORIZER_FAILURE",
    "UNAUTHORIZED",
    "INTEGRATION_TIMEOUT",
    "ACCESS_DENIED",
    "DEFAULT_4XX",
    "DEFAULT_5XX",
    "WAF_FILTERED",
    "QUOTA_EXCEEDED",
    "THROTTLED",
    "API_CONFIGURATION_ERROR",
    "UNSUPPORTED_MEDIA_TYPE",
    "INTEGRATION_FAILURE",
    "EXPIRED_TOKEN",
];

const MEMBERS: &[Member] = &[
    optional("statusCode", Form::Text),
    optional("responseParameters", Form::TextMap),
    optional("responseTemplates", Form::TextMap),
];

const ENTRY: &[Op] = &[Op::Add, Op::Replace, Op::Remove];

const PATCHES: Table = Table {
    rules: &[
        rule(
            "/responseParameters/{}",
            ENTRY,
            Expected::Text,
            Target::Own(parameter),
        ),
        rule(
            "/responseTemplates/{}",
            ENTRY,
            Expected::Text,
            Target::Own(template),
        ),
        rule(
            "/statusCode",
            &[Op::Add, Op::Remove, Op::Replace, Op::Move, Op::Copy, Op::Test],
            Expected::Text,
            Target::Own(status),
        ),
    ],
    names_paths: false,
};

fn parameter(document: &mut Document, names: &[String], operation: &PatchOperation) -> Result<(), ApiError> {
    entry(document, "responseParameters", names, operation)
}

fn template(document: &mut Document, names: &[String], operation: &PatchOperation) -> Result<(), ApiError> {
    entry(document, "responseTemplates", names, operation)
}

/// Recorded: only `replace` knows the path.
fn status(document: &mut Document, _: &[String], operation: &PatchOperation) -> Result<(), ApiError> {
    let value = operation.value.clone().filter(|_| operation.op == Op::Replace);
    let value = value.ok_or_else(|| patch::absent(operation))?;
    document.insert("statusCode".to_owned(), Value::String(value));
    Ok(())
}

/// Recorded: `remove` and `replace` need an entry that is there, and the others a value.
fn entry(
    document: &mut Document,
    member: &str,
    names: &[String],
    operation: &PatchOperation,
) -> Result<(), ApiError> {
    let name = names.first().cloned().unwrap_or_default();
    let map = document.entry(member).or_insert_with(|| json!({}));
    let Some(map) = map.as_object_mut() else {
        return Err(patch::absent(operation));
    };
    if operation.op != Op::Add && !map.contains_key(&name) {
        return Err(ApiError::not_found(NO_PARAMETER));
    }
    if operation.op == Op::Remove {
        map.remove(&name);
        return Ok(());
    }
    let value = operation.value.clone().filter(|value| !value.is_empty());
    let value =
        value.ok_or_else(|| ApiError::bad_request(format!("Invalid null or empty value in {member}")))?;
    map.insert(name, Value::String(value));
    Ok(())
}

/// The type that the path names.
fn named(call: &Call<'_>) -> Result<(&'static str, &'static str), ApiError> {
    let sent = call.parameter("response_type");
    match TYPES.iter().find(|(name, _)| *name == sent) {
        Some(found) => Ok(*found),
        None => Err(shape::told(&[shape::not_one_of("responseType", sent, NAMED)])
            .err()
            .unwrap_or_else(|| ApiError::not_found(ABSENT))),
    }
}

fn default((name, status): (&str, &str)) -> Document {
    let mut document = Map::new();
    document.insert("responseType".to_owned(), json!(name));
    if !status.is_empty() {
        document.insert("statusCode".to_owned(), json!(status));
    }
    document.insert("responseParameters".to_owned(), json!({}));
    document.insert(
        "responseTemplates".to_owned(),
        json!({"application/json": TEMPLATE}),
    );
    document.insert("defaultResponse".to_owned(), json!(true));
    document
}

async fn of(read: &mut Read, api: &str, kind: (&'static str, &'static str)) -> Result<Document, ApiError> {
    let row = read.get(&Key::new(KIND, api, kind.0)).await?;
    Ok(row.map_or_else(|| default(kind), members))
}

pub(crate) async fn put(call: Call<'_>) -> Result<Outcome, ApiError> {
    let kind = named(&call)?;
    let mut body = call.checked(MEMBERS)?;
    let mut document = default(kind);
    document.append(&mut body);
    if !call.body()?.contains_key("responseTemplates") {
        document.insert(
            "responseTemplates".to_owned(),
            json!({"application/json": TEMPLATE}),
        );
    }
    document.insert("defaultResponse".to_owned(), json!(false));
    check(&document)?;
    let mut write = call.write().await?;
    call.api_exists(&mut write).await?;
    store(&mut write, call.api(), kind.0, &document).await?;
    write.commit().await?;
    Ok(document.into())
}

async fn store(
    write: &mut portcullis_store::Write,
    api: &str,
    name: &str,
    document: &Document,
) -> Result<(), ApiError> {
    let key = Key::new(KIND, api, name);
    let document = Value::Object(document.clone());
    if write.get(&key).await?.is_some() {
        write.update(&key, &document).await?;
    } else {
        write.insert(&key, &document).await?;
    }
    Ok(())
}

pub(crate) async fn get(call: Call<'_>) -> Result<Outcome, ApiError> {
    let kind = named(&call)?;
    let mut read = call.read().await?;
    call.api_exists(&mut read).await?;
    Ok(of(&mut read, call.api(), kind).await?.into())
}

/// Recorded: all types are listed, those that are not customised with their defaults.
pub(crate) async fn list(call: Call<'_>) -> Result<Outcome, ApiError> {
    let paging = call.paging()?;
    let mut read = call.read().await?;
    call.api_exists(&mut read).await?;
    let after = paging.position.as_deref().unwrap_or_default();
    // A page's types are known before anything is waited for.
    let rest: Vec<_> = TYPES.iter().filter(|(name, _)| *name > after).copied().collect();
    let (page, behind) = rest.split_at(rest.len().min(paging.limit));
    let mut items = Vec::new();
    for kind in page {
        items.push(Value::Object(of(&mut read, call.api(), *kind).await?));
    }
    let mut body = Map::new();
    if let Some((last, _)) = page.last().filter(|_| !behind.is_empty()) {
        body.insert("position".to_owned(), json!(Paging::token(last)));
    }
    body.insert("item".to_owned(), Value::Array(items));
    Ok(body.into())
}

/// Recorded: a type that is not customised is so by its first patch.
pub(crate) async fn update(call: Call<'_>) -> Result<Outcome, ApiError> {
    let kind = named(&call)?;
    let operations = call.patch_operations()?;
    let mut write = call.write().await?;
    call.api_exists(&mut write).await?;
    let mut document = of(&mut write, call.api(), kind).await?;
    patch::apply(&mut document, &operations, &PATCHES)?;
    document.insert("defaultResponse".to_owned(), json!(false));
    check(&document)?;
    store(&mut write, call.api(), kind.0, &document).await?;
    write.commit().await?;
    Ok(document.into())
}

pub(crate) async fn delete(call: Call<'_>) -> Result<Outcome, ApiError> {
    let kind = named(&call)?;
    let mut write = call.write().await?;
    call.api_exists(&mut write).await?;
    if !write.delete(&Key::new(KIND, call.api(), kind.0)).await? {
        return Err(ApiError::not_found(ABSENT));
    }
    write.commit().await?;
    Ok(Outcome::Nothing)
}

/// What a gateway could not carry out is refused at once
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html>).
fn check(document: &Document) -> Result<(), ApiError> {
    let status = text(document, "statusCode");
    let is_status = status.len() == 3 && matches!(status.parse::<u16>(), Ok(100..=599));
    if document.contains_key("statusCode") && !is_status {
        return Err(ApiError::bad_request(format!("Invalid status code: {status}")));
    }
    for (name, value) in super::rows::entries(document, "responseParameters") {
        let header = name.strip_prefix("gatewayresponse.header.");
        if header.is_none_or(|header| http::HeaderName::from_bytes(header.as_bytes()).is_err()) {
            return Err(super::mapping::invalid(&format!(
                "Invalid mapping expression parameter specified: {name}"
            )));
        }
        let value = value.as_str().unwrap_or_default();
        const READS: [&str; 6] = [
            "method.request.header.",
            "method.request.querystring.",
            "method.request.path.",
            "method.request.multivalue",
            "context.",
            "stageVariables.",
        ];
        let constant = value.len() >= 2 && value.starts_with('\'') && value.ends_with('\'');
        if !constant && !READS.iter().any(|beginning| value.starts_with(beginning)) {
            return Err(super::mapping::invalid(&format!(
                "Invalid mapping expression specified: {value}"
            )));
        }
    }
    Ok(())
}
