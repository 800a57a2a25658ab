//! Request validators (<https://docs.aws.amazon.com/apigateway/latest/api/API_RequestValidator.html>).

use portcullis_store::Key;
use serde_json::{Value, json};

use crate::call::{Call, Outcome, found, listed, members, patched};
use crate::error::ApiError;
use crate::id;
use crate::patch::{Expected, REPLACE, Table, Target, replaced, rule};
use crate::shape::{self, Form, Member, optional};

/// The kind in the store.
pub(crate) const KIND: &str = "requestvalidator";
const ABSENT: &str = "Invalid Request Validator identifier specified";

const MEMBERS: &[Member] = &[
    optional("name", Form::Text),
    optional("validateRequestBody", Form::Flag),
    optional("validateRequestParameters", Form::Flag),
];

const PATCHES: Table = Table {
    rules: &[
        replaced("/name", &["name"]),
        rule(
            "/validateRequestBody",
            REPLACE,
            Expected::Flag,
            Target::Member(&["validateRequestBody"]),
        ),
        rule(
            "/validateRequestParameters",
            REPLACE,
            Expected::Flag,
            Target::Member(&["validateRequestParameters"]),
        ),
    ],
    names_paths: true,
};

fn key(call: &Call<'_>) -> Key {
    Key::new(KIND, call.api(), call.parameter("requestvalidator_id"))
}

pub(crate) async fn create(call: Call<'_>) -> Result<Outcome, ApiError> {
    let mut document = call.body()?;
    shape::check(&mut document, MEMBERS)?;
    for flag in ["validateRequestBody", "validateRequestParameters"] {
        document.entry(flag).or_insert(Value::Bool(false));
    }
    let id = id::short();
    document.insert("id".to_owned(), json!(id));
    let mut write = call.write().await?;
    // Recorded: an unknown API has other words here than elsewhere.
    let api = write.get(&Key::new("restapi", "", call.api())).await?;
    api.ok_or_else(|| ApiError::bad_request("Invalid REST API identifier specified"))?;
    write
        .insert(&Key::new(KIND, call.api(), &id), &Value::Object(document.clone()))
        .await?;
    write.commit().await?;
    Ok(document.into())
}

pub(crate) async fn get(call: Call<'_>) -> Result<Outcome, ApiError> {
    let mut read = call.read().await?;
    call.api_exists(&mut read).await?;
    Ok(members(found(&mut read, &key(&call), ABSENT).await?).into())
}

pub(crate) async fn list(call: Call<'_>) -> Result<Outcome, ApiError> {
    let paging = call.paging()?;
    let mut read = call.read().await?;
    call.api_exists(&mut read).await?;
    listed(&mut read, KIND, call.api(), &paging).await
}

pub(crate) async fn update(call: Call<'_>) -> Result<Outcome, ApiError> {
    Ok(patched(&call, &key(&call), ABSENT, &PATCHES).await?.into())
}

pub(crate) async fn delete(call: Call<'_>) -> Result<Outcome, ApiError> {
    let mut write = call.write().await?;
    if !write.delete(&key(&call)).await? {
        return Err(ApiError::not_found(ABSENT));
    }
    write.commit().await?;
    Ok(Outcome::Nothing)
}
