//! Method responses (<https://docs.aws.amazon.com/apigateway/latest/api/API_MethodResponse.html>).

use serde_json::{Map, Value, json};

use super::{check, of_call, write_back};
use crate::call::{Call, Outcome};
use crate::error::ApiError;
use crate::kind::{mapping, rows};
use crate::patch::{self, Table, entry};
use crate::shape::{self, Form, Member, optional};

/// For responses that are not there (recorded).
pub(crate) const ABSENT: &str = "Invalid Response status code specified";
/// Where a method has them.
pub(crate) const RESPONSES: &str = "methodResponses";

type Document = Map<String, Value>;

const MEMBERS: &[Member] = &[
    optional("responseParameters", Form::FlagMap),
    optional("responseModels", Form::TextMap),
];

const PATCHES: Table = Table {
    rules: &[
        entry::entries(
            "/responseParameters/{}",
            "responseParameters",
            entry::NO_PARAMETER,
            entry::flag,
        ),
        entry::entries(
            "/responseModels/{}",
            "responseModels",
            entry::NO_TYPE,
            entry::text,
        ),
    ],
    names_paths: false,
};

/// The status of a call's path (words recorded).
pub(crate) fn status<'c>(call: &'c Call<'_>) -> Result<&'c str, ApiError> {
    let status = call.parameter("status_code");
    match status.as_bytes() {
        [b'1'..=b'5', second, third] if second.is_ascii_digit() && third.is_ascii_digit() => Ok(status),
        _ => shape::told(&[format!(
            "Value '{status}' at 'statusCode' failed to satisfy constraint: Member must satisfy regular expression \
             pattern: [1-5]\\d\\d"
        )])
        .map(|()| status),
    }
}

/// The response of a status in a map of them.
pub(crate) fn of_status<'d>(document: &'d Document, map: &str, status: &str) -> Option<&'d Document> {
    document.get(map)?.get(status)?.as_object()
}

/// Puts a response into a map of them.
pub(crate) fn put_into(document: &mut Document, map: &str, status: &str, response: Document) {
    patch::put(document, &[map, status], Value::Object(response));
}

/// Takes a response out of a map of them; a map that is empty goes too.
pub(crate) fn take_out(document: &mut Document, map: &str, status: &str) -> Result<(), ApiError> {
    let responses = document.get_mut(map).and_then(Value::as_object_mut);
    let removed = responses.and_then(|responses| responses.remove(status));
    removed.ok_or_else(|| ApiError::not_found(ABSENT))?;
    rows::drop_empty(document, &[map]);
    Ok(())
}

pub(crate) async fn put(call: Call<'_>) -> Result<Outcome, ApiError> {
    let status = status(&call)?;
    let mut response = call.body()?;
    rows::instead_of_null(&mut response, "responseParameters", &Value::Bool(false));
    shape::check_as(&mut response, MEMBERS, &call.input())?;
    let mut write = call.write().await?;
    let mut method = of_call(&call, &mut write).await?;
    if of_status(&method, RESPONSES, status).is_some() {
        return Err(ApiError::conflict("Response already exists for this resource"));
    }
    mapping::method_response(&response)?;
    check::models(&call, &mut write, &response, "responseModels").await?;
    response.insert("statusCode".to_owned(), json!(status));
    put_into(&mut method, RESPONSES, status, response.clone());
    write_back(&call, write, method).await?;
    Ok(response.into())
}

pub(crate) async fn get(call: Call<'_>) -> Result<Outcome, ApiError> {
    let status = status(&call)?;
    let method = of_call(&call, &mut call.read().await?).await?;
    let response = of_status(&method, RESPONSES, status).cloned();
    Ok(response.ok_or_else(|| ApiError::not_found(ABSENT))?.into())
}

pub(crate) async fn update(call: Call<'_>) -> Result<Outcome, ApiError> {
    let operations = call.patch_operations()?;
    let status = status(&call)?;
    let mut write = call.write().await?;
    let mut method = of_call(&call, &mut write).await?;
    let response = of_status(&method, RESPONSES, status).cloned();
    let mut response = response.ok_or_else(|| ApiError::not_found(ABSENT))?;
    patch::apply(&mut response, &operations, &PATCHES)?;
    mapping::method_response(&response)?;
    check::models(&call, &mut write, &response, "responseModels").await?;
    put_into(&mut method, RESPONSES, status, response.clone());
    write_back(&call, write, method).await?;
    Ok(response.into())
}

pub(crate) async fn delete(call: Call<'_>) -> Result<Outcome, ApiError> {
    let status = status(&call)?;
    let mut write = call.write().await?;
    let mut method = of_call(&call, &mut write).await?;
    take_out(&mut method, RESPONSES, status)?;
    write_back(&call, write, method).await?;
    Ok(Outcome::Nothing)
}
