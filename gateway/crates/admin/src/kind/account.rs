//! The account (<https://docs.aws.amazon.com/apigateway/latest/api/API_GetAccount.html>).

use portcullis_store::{Key, Read};
use serde_json::{Map, Value, json};

use super::listing;
use super::rows::{self, text};
use crate::call::{Call, Outcome, members};
use crate::error::ApiError;
use crate::patch::{self, Expected, Op, PatchOperation, REPLACE, Table, Target, rule};

type Document = Map<String, Value>;

/// The kind in the store: there is one.
pub(crate) const KIND: &str = "account";

const PATCHES: Table = Table {
    rules: &[
        rule("/cloudwatchRoleArn", REPLACE, Expected::Text, Target::Own(role)),
        rule(
            "/features",
            &[Op::Add, Op::Remove],
            Expected::Text,
            Target::Own(features),
        ),
    ],
    names_paths: true,
};

/// An empty value takes the role away.
fn role(document: &mut Document, _: &[String], operation: &PatchOperation) -> Result<(), ApiError> {
    let arn = operation.value.clone().unwrap_or_default();
    let is_role = listing::is_arn(&arn) && arn.contains(":role/");
    if !arn.is_empty() && !is_role {
        return Err(ApiError::bad_request(format!("Invalid ARN specified: {arn}")));
    }
    document.insert("cloudwatchRoleArn".to_owned(), Value::String(arn));
    Ok(())
}

/// There is one feature, and it stays.
fn features(_: &mut Document, _: &[String], operation: &PatchOperation) -> Result<(), ApiError> {
    let value = operation.value.as_deref().unwrap_or_default();
    match (operation.op, value) {
        (Op::Add, "UsagePlans") => Ok(()),
        (Op::Remove, "UsagePlans") => Err(ApiError::bad_request(
            "Usage Plans cannot be disabled once enabled",
        )),
        _ => Err(ApiError::bad_request(format!(
            "Invalid feature specified: {value}"
        ))),
    }
}

fn key() -> Key {
    Key::new(KIND, "", "account")
}

async fn of(read: &mut Read) -> Result<(Document, bool), ApiError> {
    if let Some(row) = read.get(&key()).await? {
        return Ok((members(row), true));
    }
    let mut document = Map::new();
    document.insert("features".to_owned(), json!(["UsagePlans"]));
    document.insert("apiKeyVersion".to_owned(), json!("4"));
    Ok((document, false))
}

pub(crate) async fn get(call: Call<'_>) -> Result<Outcome, ApiError> {
    let mut read = call.read().await?;
    Ok(shown(&call, of(&mut read).await?.0).into())
}

/// With the limits that the gateway's own configuration has; an account without any shows none.
fn shown(call: &Call<'_>, mut document: Document) -> Document {
    document.swap_remove("throttleSettings");
    if let Some((rate, burst)) = call.service.plane.account_throttle() {
        let settings = json!({"burstLimit": burst, "rateLimit": rate});
        document.insert("throttleSettings".to_owned(), settings);
    }
    document
}

pub(crate) async fn update(call: Call<'_>) -> Result<Outcome, ApiError> {
    let operations = call.patch_operations()?;
    let mut write = call.write().await?;
    let (mut document, known) = of(&mut write).await?;
    patch::apply(&mut document, &operations, &PATCHES)?;
    if text(&document, "cloudwatchRoleArn").is_empty() {
        rows::drop_empty(&mut document, &["cloudwatchRoleArn"]);
    }
    let changed = Value::Object(document.clone());
    if known {
        write.update(&key(), &changed).await?;
    } else {
        write.insert(&key(), &changed).await?;
    }
    write.commit().await?;
    Ok(shown(&call, document).into())
}
