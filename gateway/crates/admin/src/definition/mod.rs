//! Documents to the model: what a snapshot of an API means to a gateway.
//!
//! [`snapshot`] collects the documents of an API as they are now, [`bytes`] writes them canonically, and [`rest_api`] makes
//! the model of them. Documents were checked where they were written: what they lack here is as absent, never an error.

mod authorizer;
mod integration;
mod method;
mod part;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use portcullis_model::{GatewayResponse, Model, RequestValidator, Resource, ResponseType, RestApi};
use portcullis_store::{Key, Read, StoreError};
use serde_json::{Map, Value};

use crate::call::members;
use crate::kind::rows::{self, text};

pub(crate) use part::{AuthorizerPart, authorizer_part, method_part};

type Document = Map<String, Value>;

/// All documents of an API that a deployment keeps: `restApi`, `resources` (each with its `resourceMethods`),
/// `authorizers`, `requestValidators`, `models` and `gatewayResponses`, in an order that does not depend on how they came
/// to be. Of an API that is not there, `restApi` is empty.
///
/// # Errors
///
/// The store's.
pub async fn snapshot(read: &mut Read, api: &str) -> Result<Document, StoreError> {
    let row = read.get(&Key::new("restapi", "", api)).await?;
    let mut rest_api = row.map(members).unwrap_or_default();
    // Tags say nothing of the definition and change without a deployment.
    rest_api.remove("tags");
    let mut collected = Map::new();
    collected.insert("restApi".to_owned(), Value::Object(rest_api));
    collected.insert("resources".to_owned(), resources(read, api).await?);
    for (name, kind) in [
        ("authorizers", "authorizer"),
        ("requestValidators", "requestvalidator"),
        ("models", "model"),
        ("gatewayResponses", "gatewayresponse"),
    ] {
        let documents = rows::all(read, kind, api).await?;
        let documents = documents.into_iter().map(|(_, document)| Value::Object(document));
        collected.insert(name.to_owned(), documents.collect());
    }
    Ok(collected)
}

/// Resources by path.
async fn resources(read: &mut Read, api: &str) -> Result<Value, StoreError> {
    let mut resources = Vec::new();
    for (id, mut document) in rows::all(read, "resource", api).await? {
        let methods = rows::all(read, "method", &format!("{api}/{id}")).await?;
        let methods = methods
            .into_iter()
            .map(|(verb, method)| (verb, Value::Object(method)));
        document.insert("resourceMethods".to_owned(), Value::Object(methods.collect()));
        resources.push(document);
    }
    resources.sort_by(|one, other| text(one, "path").cmp(text(other, "path")));
    Ok(resources.into_iter().map(Value::Object).collect())
}

/// A snapshot as bytes: the same for the same documents, whatever the order of their members. Templates and responses keep
/// theirs, since the first of them counts where nothing else is said.
pub fn bytes(snapshot: &Document) -> Vec<u8> {
    sorted(&Value::Object(snapshot.clone())).to_string().into_bytes()
}

fn sorted(value: &Value) -> Value {
    const ORDERED: [&str; 3] = ["requestTemplates", "responseTemplates", "integrationResponses"];
    match value {
        Value::Object(map) => {
            let mut names: Vec<&String> = map.keys().collect();
            names.sort();
            let member = |name: &String| {
                let value = map.get(name)?;
                let value = match value.as_object() {
                    Some(inner) if ORDERED.contains(&name.as_str()) => {
                        let inner = inner.iter().map(|(key, value)| (key.clone(), sorted(value)));
                        Value::Object(inner.collect())
                    }
                    _ => sorted(value),
                };
                Some((name.clone(), value))
            };
            Value::Object(names.into_iter().filter_map(member).collect())
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

/// The model of a snapshot. Pointers lead into the snapshot.
pub fn rest_api(snapshot: &Document) -> RestApi {
    let empty = Map::new();
    let of = snapshot
        .get("restApi")
        .and_then(Value::as_object)
        .unwrap_or(&empty);
    let authorizers = authorizer::all(snapshot);
    let resources = list(snapshot, "resources").map(|(pointer, document)| {
        let methods = rows::entries(document, "resourceMethods");
        Resource {
            path: text(document, "path").to_owned(),
            methods: methods
                .filter_map(|(verb, method)| {
                    let at = format!("{pointer}/resourceMethods/{verb}");
                    let method = method::method(&at, method.as_object()?, &authorizers);
                    Some((verb.clone(), method))
                })
                .collect(),
            pointer,
        }
    });
    RestApi {
        id: text(of, "id").to_owned(),
        name: text(of, "name").to_owned(),
        resources: resources.collect(),
        authorizers: authorizers.plugins(),
        models: models(snapshot),
        request_validators: validators(snapshot),
        gateway_responses: gateway_responses(snapshot),
        binary_media_types: texts(of, "binaryMediaTypes"),
        minimum_compression_size: whole(of, "minimumCompressionSize"),
        cors: None,
    }
}

fn models(snapshot: &Document) -> BTreeMap<String, Model> {
    let models = list(snapshot, "models").map(|(pointer, document)| {
        let model = Model {
            pointer,
            content_type: text(document, "contentType").to_owned(),
            schema: text(document, "schema").to_owned(),
        };
        (text(document, "name").to_owned(), model)
    });
    models.collect()
}

/// By their ids, which is how methods name them: two may have the same name.
fn validators(snapshot: &Document) -> BTreeMap<String, RequestValidator> {
    let validators = list(snapshot, "requestValidators").map(|(pointer, document)| {
        let validator = RequestValidator {
            pointer,
            validate_request_body: flag(document, "validateRequestBody"),
            validate_request_parameters: flag(document, "validateRequestParameters"),
        };
        (text(document, "id").to_owned(), validator)
    });
    validators.collect()
}

fn gateway_responses(snapshot: &Document) -> BTreeMap<ResponseType, GatewayResponse> {
    let responses = list(snapshot, "gatewayResponses").filter_map(|(pointer, document)| {
        let kind = ResponseType::parse(text(document, "responseType"))?;
        let response = GatewayResponse {
            pointer,
            status_code: some(document, "statusCode"),
            response_parameters: text_map(document, "responseParameters"),
            response_templates: templates(document, "responseTemplates"),
        };
        Some((kind, response))
    });
    responses.collect()
}

/// The objects of a list, each with its pointer.
fn list<'s>(snapshot: &'s Document, name: &'static str) -> impl Iterator<Item = (String, &'s Document)> {
    let items = snapshot.get(name).and_then(Value::as_array).into_iter().flatten();
    items
        .enumerate()
        .filter_map(move |(index, item)| Some((format!("/{name}/{index}"), item.as_object()?)))
}

fn flag(document: &Document, name: &str) -> bool {
    document.get(name).and_then(Value::as_bool).unwrap_or_default()
}

fn whole(document: &Document, name: &str) -> Option<u32> {
    document.get(name)?.as_u64()?.try_into().ok()
}

fn some(document: &Document, name: &str) -> Option<String> {
    Some(text(document, name).to_owned()).filter(|text| !text.is_empty())
}

fn texts(document: &Document, name: &str) -> Vec<String> {
    let items = document.get(name).and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn text_map(document: &Document, name: &str) -> BTreeMap<String, String> {
    let entries = rows::entries(document, name);
    entries
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect()
}

fn flag_map(document: &Document, name: &str) -> BTreeMap<String, bool> {
    let entries = rows::entries(document, name);
    entries
        .filter_map(|(key, value)| Some((key.clone(), value.as_bool()?)))
        .collect()
}

/// A null template means that the body passes as it is, as where there is no template.
fn templates(document: &Document, name: &str) -> Vec<(String, String)> {
    let entries = rows::entries(document, name);
    entries
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect()
}
