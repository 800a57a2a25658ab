//! What several kinds do alike: lists of some documents of a kind, members that are never shown, tags of one's own.

use portcullis_store::{Key, Page, Read};
use serde_json::{Map, Value, json};

use crate::call::{Call, Outcome, found, members};
use crate::error::ApiError;
use crate::page::Paging;
use crate::patch::{self, Table};

type Document = Map<String, Value>;

/// How many rows are read at once where some are left out.
const ROWS: usize = 500;

/// A page of those documents that are shown: `show` leaves out the others by giving none.
pub(crate) async fn some(
    read: &mut Read,
    (kind, parent): (&'static str, &str),
    paging: &Paging,
    show: impl Fn(Document) -> Option<Document>,
) -> Result<Document, ApiError> {
    let mut items = Vec::new();
    let mut last = String::new();
    let mut after = paging.position.clone();
    loop {
        let page = Page {
            after: after.as_deref(),
            limit: ROWS,
        };
        let rows = read.list(kind, parent, page).await?;
        let end = rows.len() < ROWS;
        for row in rows {
            let id = row.id.clone();
            let Some(document) = show(members(row)) else {
                after = Some(id);
                continue;
            };
            if items.len() == paging.limit {
                let mut body = Map::new();
                body.insert("position".to_owned(), json!(Paging::token(&last)));
                body.insert("item".to_owned(), Value::Array(items));
                return Ok(body);
            }
            items.push(Value::Object(document));
            last.clone_from(&id);
            after = Some(id);
        }
        if end {
            let mut body = Map::new();
            body.insert("item".to_owned(), Value::Array(items));
            return Ok(body);
        }
    }
}

/// A page of all documents of a kind, without what is never shown.
pub(crate) async fn all(
    read: &mut Read,
    of: (&'static str, &str),
    paging: &Paging,
) -> Result<Outcome, ApiError> {
    Ok(some(read, of, paging, |document| Some(shown(document)))
        .await?
        .into())
}

/// The document without what is kept beside it and never shown: such members begin with `$`.
pub(crate) fn shown(mut document: Document) -> Document {
    document.retain(|name, _| !name.starts_with('$'));
    document
}

/// One document, as it is shown.
pub(crate) async fn one(call: &Call<'_>, key: &Key, absent: &str) -> Result<Document, ApiError> {
    let mut read = call.read().await?;
    Ok(shown(members(found(&mut read, key, absent).await?)))
}

/// Patches one document, checks what came of it, and gives it as it is shown.
pub(crate) async fn patched(
    call: &Call<'_>,
    key: &Key,
    absent: &str,
    table: &Table,
    check: impl Fn(&mut Document) -> Result<(), ApiError>,
) -> Result<Document, ApiError> {
    let operations = call.patch_operations()?;
    let mut write = call.write().await?;
    let mut document = members(found(&mut write, key, absent).await?);
    patch::apply(&mut document, &operations, table)?;
    check(&mut document)?;
    write.update(key, &Value::Object(document.clone())).await?;
    write.commit().await?;
    Ok(shown(document))
}

/// Writes a new document and gives it as it is shown.
pub(crate) async fn created(call: &Call<'_>, key: &Key, document: Document) -> Result<Outcome, ApiError> {
    let mut write = call.write().await?;
    write.insert(key, &Value::Object(document.clone())).await?;
    write.commit().await?;
    Ok(shown(document).into())
}

/// Deletes one document.
pub(crate) async fn deleted(call: &Call<'_>, key: &Key, absent: &str) -> Result<Outcome, ApiError> {
    let mut write = call.write().await?;
    if !write.delete(key).await? {
        return Err(ApiError::not_found(absent));
    }
    write.commit().await?;
    Ok(Outcome::Nothing)
}

/// How many tags a document has at most, and how long their keys and values are
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-tagging-restrictions.html>).
const TAGS: usize = 50;
const TAG_KEY: usize = 128;
const TAG_VALUE: usize = 256;

/// Checks the tags of a document.
///
/// # Errors
///
/// Too many, too long, or with a key that is kept for the service.
pub(crate) fn check_tags(document: &Document) -> Result<(), ApiError> {
    let Some(tags) = document.get("tags").and_then(Value::as_object) else {
        return Ok(());
    };
    if tags.len() > TAGS {
        return Err(ApiError::bad_request(format!(
            "The number of tags exceeds the limit of {TAGS}"
        )));
    }
    for (key, value) in tags {
        let value = value.as_str().unwrap_or_default();
        if key.is_empty() || key.chars().count() > TAG_KEY || value.chars().count() > TAG_VALUE {
            return Err(ApiError::bad_request(format!(
                "Invalid tag '{key}': a key has 1 to {TAG_KEY} characters and a value at most {TAG_VALUE}"
            )));
        }
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(ApiError::bad_request(
                "Invalid tag key: aws: prefixed tag key names are not allowed for external use",
            ));
        }
    }
    Ok(())
}

/// `true` where a query parameter says so.
pub(crate) fn asked(call: &Call<'_>, name: &str) -> bool {
    call.query(name)
        .is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

/// A text is an ARN: `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`.
pub(crate) fn is_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    matches!(parts.as_slice(), ["arn", partition, service, _, _, resource]
        if !partition.is_empty() && !service.is_empty() && !resource.is_empty())
}
