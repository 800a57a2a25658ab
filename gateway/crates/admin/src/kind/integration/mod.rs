//! Integrations (<https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html>).

mod check;
mod patch;
pub(crate) mod response;

use serde_json::{Map, Value, json};

use super::method;
use super::rows::{drop_empty, empty_to_null, instead_of_null};
use crate::call::{Call, Outcome};
use crate::error::ApiError;
use crate::patch as patches;
use crate::shape::{self, Form, Member, optional, required};

pub(crate) const ABSENT: &str = "Invalid Integration identifier specified";
/// Where a method has it.
pub(crate) const INTEGRATION: &str = "methodIntegration";

type Document = Map<String, Value>;

const TYPES: &[&str] = &["HTTP", "MOCK", "AWS_PROXY", "HTTP_PROXY", "AWS"];
const CONNECTIONS: &[&str] = &["INTERNET", "VPC_LINK"];
const HANDLINGS: &[&str] = &["CONVERT_TO_BINARY", "CONVERT_TO_TEXT"];
const MODES: &[&str] = &["BUFFERED", "STREAM"];

const MEMBERS: &[Member] = &[
    required("type", Form::One(TYPES)),
    // botocore calls it integrationHttpMethod; on the wire it is this.
    optional("httpMethod", Form::Text),
    optional("uri", Form::Text),
    optional("connectionType", Form::One(CONNECTIONS)),
    optional("connectionId", Form::Text),
    optional("credentials", Form::Text),
    optional("requestParameters", Form::TextMap),
    optional("requestTemplates", Form::TextMap),
    optional("passthroughBehavior", Form::Text),
    optional("cacheNamespace", Form::Text),
    optional("cacheKeyParameters", Form::Texts),
    optional("contentHandling", Form::One(HANDLINGS)),
    optional("timeoutInMillis", Form::Whole),
    optional(
        "tlsConfig",
        Form::Object(&[optional("insecureSkipVerification", Form::Flag)]),
    ),
    optional("responseTransferMode", Form::One(MODES)),
    optional("integrationTarget", Form::Text),
];

/// The integration of a method, or 404 (recorded).
fn of_method(method: &Document) -> Result<Document, ApiError> {
    let integration = method.get(INTEGRATION).and_then(Value::as_object);
    integration.cloned().ok_or_else(|| ApiError::not_found(ABSENT))
}

pub(crate) async fn put(call: Call<'_>) -> Result<Outcome, ApiError> {
    let mut document = call.body()?;
    instead_of_null(&mut document, "requestTemplates", &Value::from(""));
    shape::check_as(&mut document, MEMBERS, &call.input())?;
    let mut write = call.write().await?;
    let mut method = method::of_call(&call, &mut write).await?;
    complete(&mut document, call.parameter("resource_id"));
    check::integration(&method, &document)?;
    // One that was there is gone, with its responses.
    method.insert(INTEGRATION.to_owned(), Value::Object(document.clone()));
    method::write_back(&call, write, method).await?;
    Ok(document.into())
}

/// What the service adds, and what it leaves out (recorded).
fn complete(document: &mut Document, resource: &str) {
    empty_to_null(document, "requestTemplates");
    drop_empty(
        document,
        &[
            "cacheNamespace",
            "connectionId",
            "credentials",
            "httpMethod",
            "integrationTarget",
            "passthroughBehavior",
            "requestParameters",
            "requestTemplates",
            "tlsConfig",
            "uri",
        ],
    );
    for (name, value) in [
        ("passthroughBehavior", json!("WHEN_NO_MATCH")),
        ("timeoutInMillis", json!(29_000)),
        ("cacheNamespace", json!(resource)),
        ("cacheKeyParameters", json!([])),
    ] {
        document.entry(name).or_insert(value);
    }
}

pub(crate) async fn get(call: Call<'_>) -> Result<Outcome, ApiError> {
    let method = method::of_call(&call, &mut call.read().await?).await?;
    Ok(of_method(&method)?.into())
}

pub(crate) async fn update(call: Call<'_>) -> Result<Outcome, ApiError> {
    let operations = call.patch_operations()?;
    let mut write = call.write().await?;
    let mut method = method::of_call(&call, &mut write).await?;
    let mut document = of_method(&method)?;
    patches::apply(&mut document, &operations, &patch::PATCHES)?;
    complete(&mut document, call.parameter("resource_id"));
    check::integration(&method, &document)?;
    method.insert(INTEGRATION.to_owned(), Value::Object(document.clone()));
    method::write_back(&call, write, method).await?;
    Ok(document.into())
}

pub(crate) async fn delete(call: Call<'_>) -> Result<Outcome, ApiError> {
    let mut write = call.write().await?;
    let mut method = method::of_call(&call, &mut write).await?;
    let removed = method.remove(INTEGRATION);
    removed.ok_or_else(|| ApiError::not_found(ABSENT))?;
    method::write_back(&call, write, method).await?;
    Ok(Outcome::Nothing)
}
