//! Base path mappings (<https://docs.aws.amazon.com/apigateway/latest/api/API_BasePathMapping.html>).

use portcullis_store::{Key, Read};
use serde_json::{Map, Value, json};

use super::super::listing;
use super::super::rows::{self, text};
use crate::call::{Call, Outcome, found, members};
use crate::error::ApiError;
use crate::patch::{self, Table, replaced};
use crate::shape::{Form, Member, optional, required};

type Document = Map<String, Value>;

/// The kind in the store, below its domain name.
pub(crate) const KIND: &str = "basepathmapping";
const ABSENT: &str = "Invalid base path mapping identifier specified";
/// What the service calls the mapping of no path.
pub(crate) const NONE: &str = "(none)";

const MEMBERS: &[Member] = &[
    optional("basePath", Form::Text),
    required("restApiId", Form::Text),
    optional("stage", Form::Text),
];

const PATCHES: Table = Table {
    rules: &[
        replaced("/basePath", &["basePath"]),
        replaced("/restapiId", &["restApiId"]),
        replaced("/stage", &["stage"]),
    ],
    names_paths: true,
};

fn key(call: &Call<'_>) -> Key {
    Key::new(KIND, super::stored(call), call.parameter("base_path"))
}

/// Fills in the path, and makes sure of what the mapping leads to.
async fn check(read: &mut Read, domain: &Document, document: &mut Document) -> Result<(), ApiError> {
    let path = text(document, "basePath");
    if path.is_empty() {
        document.insert("basePath".to_owned(), json!(NONE));
    } else if path.contains('/') {
        return Err(ApiError::bad_request(
            "API Gateway V1 doesn't support the slash character (/) in base path mappings. To create a multi-level base path mapping, use API Gateway V2.",
        ));
    } else if path != NONE
        && !path
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"$-_.+!*'()".contains(&byte))
    {
        return Err(ApiError::bad_request(format!(
            "Invalid base path specified: {path}"
        )));
    }
    let (api, stage) = (text(document, "restApiId"), text(document, "stage"));
    super::leads_to(read, domain, api, stage).await?;
    rows::drop_empty(document, &["stage"]);
    Ok(())
}

fn exists() -> ApiError {
    ApiError::conflict("Base path already exists for this domain name")
}

pub(crate) async fn create(call: Call<'_>) -> Result<Outcome, ApiError> {
    let mut document = call.checked(MEMBERS)?;
    let mut write = call.write().await?;
    let domain = members(found(&mut write, &super::key(&call), super::ABSENT).await?);
    check(&mut write, &domain, &mut document).await?;
    let key = Key::new(KIND, super::stored(&call), text(&document, "basePath"));
    if write.get(&key).await?.is_some() {
        return Err(exists());
    }
    write.insert(&key, &Value::Object(document.clone())).await?;
    write.commit().await?;
    super::publish(&call).await;
    Ok(document.into())
}

pub(crate) async fn get(call: Call<'_>) -> Result<Outcome, ApiError> {
    let mut read = call.read().await?;
    found(&mut read, &super::key(&call), super::ABSENT).await?;
    Ok(members(found(&mut read, &key(&call), ABSENT).await?).into())
}

pub(crate) async fn list(call: Call<'_>) -> Result<Outcome, ApiError> {
    let paging = call.paging()?;
    let mut read = call.read().await?;
    found(&mut read, &super::key(&call), super::ABSENT).await?;
    listing::all(&mut read, (KIND, &super::stored(&call)), &paging).await
}

pub(crate) async fn update(call: Call<'_>) -> Result<Outcome, ApiError> {
    let operations = call.patch_operations()?;
    let before = key(&call);
    let mut write = call.write().await?;
    let domain = members(found(&mut write, &super::key(&call), super::ABSENT).await?);
    let mut document = members(found(&mut write, &before, ABSENT).await?);
    patch::apply(&mut document, &operations, &PATCHES)?;
    check(&mut write, &domain, &mut document).await?;
    let after = Key::new(KIND, super::stored(&call), text(&document, "basePath"));
    let changed = Value::Object(document.clone());
    if after == before {
        write.update(&before, &changed).await?;
    } else {
        if write.get(&after).await?.is_some() {
            return Err(exists());
        }
        write.delete(&before).await?;
        write.insert(&after, &changed).await?;
    }
    write.commit().await?;
    super::publish(&call).await;
    Ok(document.into())
}

pub(crate) async fn delete(call: Call<'_>) -> Result<Outcome, ApiError> {
    let mut write = call.write().await?;
    found(&mut write, &super::key(&call), super::ABSENT).await?;
    if !write.delete(&key(&call)).await? {
        return Err(ApiError::not_found(ABSENT));
    }
    write.commit().await?;
    super::publish(&call).await;
    Ok(Outcome::Nothing)
}
