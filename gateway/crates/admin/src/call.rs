//! One call while it is carried out: what it says, and what the kinds need for it.

use std::collections::BTreeMap;

use bytes::Bytes;
use portcullis_store::{Key, Page, Read, Row, Write};
use serde_json::{Map, Value, json};

use crate::error::ApiError;
use crate::file_api;
use crate::operation::Operation;
use crate::page::Paging;
use crate::patch::{self, PatchOperation, Table};
use crate::plane::Change;
use crate::service::{Caller, Inner};

/// A call of one operation.
pub struct Call<'a> {
    pub(crate) service: &'a Inner,
    pub(crate) caller: &'a Caller,
    /// Which one.
    pub operation: Operation,
    /// What the path holds, decoded.
    pub parameters: BTreeMap<&'static str, String>,
    /// The query, decoded.
    pub query: Vec<(String, String)>,
    pub(crate) body: &'a Bytes,
    /// The header `Accept`; empty where there is none.
    pub(crate) accept: &'a str,
}

impl std::fmt::Debug for Call<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Call")
            .field("operation", &self.operation)
            .field("parameters", &self.parameters)
            .finish_non_exhaustive()
    }
}

/// What a call gives.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// No body.
    Nothing,
    /// A JSON document.
    Json(Value),
    /// A file to be kept.
    File(File),
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its name.
    pub name: String,
    /// What is in it.
    pub content: Bytes,
}

impl From<Map<String, Value>> for Outcome {
    fn from(document: Map<String, Value>) -> Self {
        Self::Json(Value::Object(document))
    }
}

impl Call<'_> {
    /// A parameter of the path.
    pub fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }

    /// The API that the path names.
    pub fn api(&self) -> &str {
        self.parameter("restapi_id")
    }

    /// The first value of a query parameter.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// All values of a query parameter, as `embed` has them; also `embed=a,b`.
    pub fn queries(&self, name: &str) -> impl Iterator<Item = &str> {
        let of_name = self.query.iter().filter(move |(known, _)| known == name);
        of_name.flat_map(|(_, value)| value.split(','))
    }

    /// The body as an object; an absent body is an empty one.
    ///
    /// # Errors
    ///
    /// A body that is no JSON object.
    pub fn body(&self) -> Result<Map<String, Value>, ApiError> {
        if self.body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Map::new());
        }
        // serde_json bounds the nesting at 128.
        match serde_json::from_slice(self.body) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(_) | Err(_) => Err(ApiError::of(
                http::StatusCode::BAD_REQUEST,
                "SerializationException",
                "The request body is no JSON object",
            )),
        }
    }

    /// The body as it is, for operations that take a document.
    pub fn bytes(&self) -> &Bytes {
        self.body
    }

    /// What messages call the body, such as `updateStageInput`.
    pub fn input(&self) -> String {
        let name = self.operation.name();
        let mut letters = name.chars();
        let first = letters.next().map(|letter| letter.to_ascii_lowercase());
        first.into_iter().chain(letters).chain("Input".chars()).collect()
    }

    /// The body, with these members and no others.
    ///
    /// # Errors
    ///
    /// As [`crate::shape::check`].
    pub fn checked(&self, members: &[crate::shape::Member]) -> Result<Map<String, Value>, ApiError> {
        let mut body = self.body()?;
        crate::shape::check_as(&mut body, members, &self.input())?;
        Ok(body)
    }

    /// The operations of a patch.
    ///
    /// # Errors
    ///
    /// A body that is no patch.
    pub fn patch_operations(&self) -> Result<Vec<PatchOperation>, ApiError> {
        patch::operations(&self.body()?, &self.input())
    }

    /// Which page is asked for.
    ///
    /// # Errors
    ///
    /// As [`Paging::of`].
    pub fn paging(&self) -> Result<Paging, ApiError> {
        Paging::of(&self.query)
    }

    /// Seconds since 1970.
    pub fn now(&self) -> u64 {
        (self.service.clock)()
    }

    /// Begins to read.
    pub(crate) async fn read(&self) -> Result<Read, ApiError> {
        Ok(self.service.store.read().await?)
    }

    /// Begins to write; dropped without a commit, nothing is written. Refused for an API that a file defines.
    pub(crate) async fn write(&self) -> Result<Write, ApiError> {
        let action = self.operation.name();
        let mut write = self.service.store.write(&self.caller.name, &action).await?;
        file_api::may_change(self, &mut write).await?;
        Ok(write)
    }

    /// Tells the data plane what was committed, and waits until it is live. What is wrong there is logged and does not undo
    /// the write: the last good plan keeps serving.
    pub(crate) async fn publish(&self, change: Change) {
        if let Err(problems) = self.service.plane.publish(change.clone()).await {
            tracing::warn!("{change:?} is not live: {}", problems.join("; "));
        }
    }

    /// An error unless the API of the path is there.
    pub(crate) async fn api_exists(&self, read: &mut Read) -> Result<Row, ApiError> {
        let key = Key::new("restapi", "", self.api());
        read.get(&key).await?.ok_or_else(|| self.unknown_api())
    }

    /// 404 for the API of the path.
    pub fn unknown_api(&self) -> ApiError {
        ApiError::unknown_api(&self.service.settings.account, self.api())
    }
}

/// One document by its key, or a 404 with these words.
pub(crate) async fn found(read: &mut Read, key: &Key, absent: &str) -> Result<Row, ApiError> {
    read.get(key).await?.ok_or_else(|| ApiError::not_found(absent))
}

/// A page of documents of one kind: `{"item": […], "position": …}`.
pub(crate) async fn listed(
    read: &mut Read,
    kind: &'static str,
    parent: &str,
    paging: &Paging,
) -> Result<Outcome, ApiError> {
    // One more than asked for tells whether there is another page.
    let page = Page {
        after: paging.position.as_deref(),
        limit: paging.limit + 1,
    };
    let mut rows = read.list(kind, parent, page).await?;
    let more = rows.len() > paging.limit;
    rows.truncate(paging.limit);
    let mut body = Map::new();
    if let Some(last) = rows.last().filter(|_| more) {
        body.insert("position".to_owned(), json!(Paging::token(&last.id)));
    }
    body.insert(
        "item".to_owned(),
        Value::Array(rows.into_iter().map(|row| row.document).collect()),
    );
    Ok(body.into())
}

/// A document's members.
pub(crate) fn members(row: Row) -> Map<String, Value> {
    match row.document {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

/// Patches one document in a transaction of its own and gives it back; nothing is written where the patch is refused.
pub(crate) async fn patched(
    call: &Call<'_>,
    key: &Key,
    absent: &str,
    table: &Table,
) -> Result<Map<String, Value>, ApiError> {
    let operations = call.patch_operations()?;
    let mut write = call.write().await?;
    let mut document = members(found(&mut write, key, absent).await?);
    patch::apply(&mut document, &operations, table)?;
    write.update(key, &Value::Object(document.clone())).await?;
    write.commit().await?;
    Ok(document)
}
