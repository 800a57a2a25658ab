//! Methods (<https://docs.aws.amazon.com/apigateway/latest/api/API_Method.html>). A method's document holds its responses
//! and its integration.

mod check;
pub(crate) mod response;

use std::borrow::Borrow;
use std::collections::BTreeMap;

use portcullis_store::{Key, Read, StoreError, Write};
use serde_json::{Map, Value, json};

use super::resource;
use super::rows::{drop_empty, instead_of_null, text};
use crate::call::{Call, Outcome, found, members};
use crate::error::ApiError;
use crate::patch::{self, Expected, Op, REPLACE, Rule, Table, Target, entry, replaced, rule};
use crate::shape::{self, Form, Member, optional, required};

/// The kind in the store.
pub(crate) const KIND: &str = "method";
pub(crate) const ABSENT: &str = "Invalid Method identifier specified";

/// In the order of the service's message.
pub(crate) const VERBS: &[&str] = &["GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD", "ANY"];

type Document = Map<String, Value>;

const MEMBERS: &[Member] = &[
    required("authorizationType", Form::Text),
    optional("authorizerId", Form::Text),
    optional("apiKeyRequired", Form::Flag),
    optional("operationName", Form::Text),
    optional("requestParameters", Form::FlagMap),
    optional("requestModels", Form::TextMap),
    optional("requestValidatorId", Form::Text),
    optional("authorizationScopes", Form::Texts),
];

const PATCHES: Table = Table {
    rules: &[
        member("/apiKeyRequired", |document, _, operation| {
            let required = entry::truth(operation);
            document.insert("apiKeyRequired".to_owned(), Value::Bool(required));
            Ok(())
        }),
        rule(
            "/authorizationScopes",
            &[Op::Add, Op::Remove],
            Expected::Text,
            Target::Item(&["authorizationScopes"]),
        ),
        replaced("/authorizationType", &["authorizationType"]),
        entry::optional("/authorizerId", "authorizerId"),
        entry::optional("/operationName", "operationName"),
        entry::optional("/requestValidatorId", "requestValidatorId"),
        entry::entries(
            "/requestParameters/{}",
            "requestParameters",
            entry::NO_PARAMETER,
            entry::flag,
        ),
        entry::entries("/requestModels/{}", "requestModels", entry::NO_TYPE, entry::text),
    ],
    names_paths: false,
};

const fn member(path: &'static str, act: patch::Own) -> Rule {
    rule(path, REPLACE, Expected::Text, Target::Own(act))
}

/// Where the method of a call's path is kept.
pub(crate) fn key(call: &Call<'_>) -> Key {
    let parent = format!("{}/{}", call.api(), call.parameter("resource_id"));
    Key::new(KIND, parent, call.parameter("http_method"))
}

/// The method of a call's path. 404 where there is none, or not its resource (both recorded).
/// The methods of resources of an API, which are ordered by id, by their resource: read in one go.
pub(crate) async fn of_all<D: Borrow<Document>>(
    read: &mut Read,
    api: &str,
    resources: &[D],
) -> Result<BTreeMap<String, Vec<(String, Document)>>, StoreError> {
    let parent = |resource: &D| format!("{api}/{}", text(resource.borrow(), "id"));
    let (Some(first), Some(last)) = (resources.first().map(parent), resources.last().map(parent)) else {
        return Ok(BTreeMap::new());
    };
    let mut methods: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for row in read.between(KIND, &first, &last).await? {
        let resource = row.parent.rsplit('/').next().unwrap_or_default().to_owned();
        let verb = row.id.clone();
        methods.entry(resource).or_default().push((verb, members(row)));
    }
    Ok(methods)
}

pub(crate) async fn of_call(call: &Call<'_>, read: &mut Read) -> Result<Document, ApiError> {
    resource::of_call(call, read).await?;
    Ok(members(found(read, &key(call), ABSENT).await?))
}

/// Writes a method that was changed, and ends the transaction.
pub(crate) async fn write_back(call: &Call<'_>, mut write: Write, method: Document) -> Result<(), ApiError> {
    write.update(&key(call), &Value::Object(method)).await?;
    write.commit().await?;
    Ok(())
}

pub(crate) async fn put(call: Call<'_>) -> Result<Outcome, ApiError> {
    let mut document = call.body()?;
    instead_of_null(&mut document, "requestParameters", &Value::Bool(false));
    shape::check_as(&mut document, MEMBERS, &call.input())?;
    let verb = call.parameter("http_method");
    let mut write = call.write().await?;
    resource::of_call(&call, &mut write).await?;
    if !VERBS.contains(&verb) {
        return Err(wrong_verb());
    }
    settle(&mut document);
    check::method(&call, &mut write, &document).await?;
    if write.get(&key(&call)).await?.is_some() {
        return Err(ApiError::conflict("Method already exists for this resource"));
    }
    document.entry("apiKeyRequired").or_insert(Value::Bool(false));
    document.insert("httpMethod".to_owned(), json!(verb));
    write
        .insert(&key(&call), &Value::Object(document.clone()))
        .await?;
    write.commit().await?;
    Ok(document.into())
}

/// 400 for what is no verb (recorded for methods).
pub(crate) fn wrong_verb() -> ApiError {
    ApiError::bad_request(format!(
        "Invalid HttpMethod specified. Valid options are {}",
        VERBS.join(",")
    ))
}

/// An authorizer counts with the types that have one, else it is ignored (recorded). Empty members are as absent.
fn settle(document: &mut Document) {
    if !check::has_authorizer(document) {
        document.remove("authorizerId");
    }
    drop_empty(
        document,
        &[
            "authorizerId",
            "authorizationScopes",
            "operationName",
            "requestModels",
            "requestParameters",
            "requestValidatorId",
        ],
    );
}

pub(crate) async fn get(call: Call<'_>) -> Result<Outcome, ApiError> {
    Ok(of_call(&call, &mut call.read().await?).await?.into())
}

pub(crate) async fn update(call: Call<'_>) -> Result<Outcome, ApiError> {
    let operations = call.patch_operations()?;
    let mut write = call.write().await?;
    let mut document = of_call(&call, &mut write).await?;
    patch::apply(&mut document, &operations, &PATCHES)?;
    settle(&mut document);
    check::method(&call, &mut write, &document).await?;
    write_back(&call, write, document.clone()).await?;
    Ok(document.into())
}

pub(crate) async fn delete(call: Call<'_>) -> Result<Outcome, ApiError> {
    let mut write = call.write().await?;
    of_call(&call, &mut write).await?;
    write.delete(&key(&call)).await?;
    write.commit().await?;
    Ok(Outcome::Nothing)
}
