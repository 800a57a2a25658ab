//! Integration responses (<https://docs.aws.amazon.com/apigateway/latest/api/API_IntegrationResponse.html>).

use serde_json::{Map, Value, json};

use super::{INTEGRATION, check, of_method};
use crate::call::{Call, Outcome};
use crate::error::ApiError;
use crate::kind::method::response::{
    ABSENT, RESPONSES as METHOD_RESPONSES, of_status, put_into, status, take_out,
};
use crate::kind::rows::{drop_empty, empty_to_null, instead_of_null};
use crate::kind::{mapping, method, resource};
use crate::patch::{self, ENTRY, Expected, Table, Target, entry, rule};
use crate::shape::{self, Form, Member, optional};

/// Where an integration has them.
const RESPONSES: &str = "integrationResponses";

type Document = Map<String, Value>;

const MEMBERS: &[Member] = &[
    optional("selectionPattern", Form::Text),
    optional("responseParameters", Form::TextMap),
    optional("responseTemplates", Form::TextMap),
    optional("contentHandling", Form::One(super::HANDLINGS)),
];

const PATCHES: Table = Table {
    rules: &[
        rule(
            "/contentHandling",
            ENTRY,
            Expected::Text,
            Target::Own(super::patch::content_handling),
        ),
        entry::entries(
            "/responseParameters/{}",
            "responseParameters",
            entry::NO_PARAMETER,
            entry::text,
        ),
        entry::entries(
            "/responseTemplates/{}",
            "responseTemplates",
            entry::NO_TYPE,
            entry::template,
        ),
        rule(
            "/selectionPattern",
            ENTRY,
            Expected::Text,
            Target::Member(&["selectionPattern"]),
        ),
    ],
    names_paths: false,
};

/// What the service leaves out, and what must hold.
fn settle(method: &Document, status: &str, response: &mut Document) -> Result<(), ApiError> {
    empty_to_null(response, "responseTemplates");
    drop_empty(response, &["responseParameters", "responseTemplates"]);
    check::selection_pattern(response)?;
    check::templates(response, "responseTemplates")?;
    mapping::integration_response(of_status(method, METHOD_RESPONSES, status), response)
}

fn with_response(method: &mut Document, mut integration: Document, status: &str, response: &Document) {
    put_into(&mut integration, RESPONSES, status, response.clone());
    method.insert(INTEGRATION.to_owned(), Value::Object(integration));
}

/// One that is there is overwritten (recorded).
pub(crate) async fn put(call: Call<'_>) -> Result<Outcome, ApiError> {
    let status = status(&call)?;
    let mut response = call.body()?;
    instead_of_null(&mut response, "responseTemplates", &Value::from(""));
    shape::check_as(&mut response, MEMBERS, &call.input())?;
    let mut write = call.write().await?;
    let mut method = method::of_call(&call, &mut write).await?;
    let integration = of_method(&method)?;
    settle(&method, status, &mut response)?;
    response.insert("statusCode".to_owned(), json!(status));
    with_response(&mut method, integration, status, &response);
    method::write_back(&call, write, method).await?;
    Ok(response.into())
}

pub(crate) async fn get(call: Call<'_>) -> Result<Outcome, ApiError> {
    let status = status(&call)?;
    let method = method::of_call(&call, &mut call.read().await?).await?;
    let integration = of_method(&method)?;
    let response = of_status(&integration, RESPONSES, status).cloned();
    Ok(response.ok_or_else(|| ApiError::not_found(ABSENT))?.into())
}

pub(crate) async fn update(call: Call<'_>) -> Result<Outcome, ApiError> {
    let operations = call.patch_operations()?;
    let status = status(&call)?;
    let mut write = call.write().await?;
    let mut method = method::of_call(&call, &mut write).await?;
    let integration = of_method(&method)?;
    let response = of_status(&integration, RESPONSES, status).cloned();
    let mut response = response.ok_or_else(|| ApiError::not_found(ABSENT))?;
    patch::apply(&mut response, &operations, &PATCHES)?;
    settle(&method, status, &mut response)?;
    with_response(&mut method, integration, status, &response);
    method::write_back(&call, write, method).await?;
    Ok(response.into())
}

/// Recorded: a method that is not there is told as an integration that is not there.
pub(crate) async fn delete(call: Call<'_>) -> Result<Outcome, ApiError> {
    let status = status(&call)?;
    let mut write = call.write().await?;
    resource::of_call(&call, &mut write).await?;
    let method = write.get(&method::key(&call)).await?;
    let absent = || ApiError::not_found(super::ABSENT);
    let mut method = method.map(crate::call::members).ok_or_else(absent)?;
    let mut integration = of_method(&method)?;
    take_out(&mut integration, RESPONSES, status)?;
    method.insert(INTEGRATION.to_owned(), Value::Object(integration));
    method::write_back(&call, write, method).await?;
    Ok(Outcome::Nothing)
}
