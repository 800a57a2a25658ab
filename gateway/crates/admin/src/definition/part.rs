//! Models, request validators, gateway responses and documentation parts.

use std::collections::BTreeMap;

use portcullis_model::{
    Documentation, DocumentationLocation, DocumentationPart, GatewayResponse, Model, RequestValidator,
    ResponseType, RestApi,
};
use portcullis_openapi::Object;
use serde_json::Value;

use super::member::{array, flag, list, some, templates, text_map};
use super::{Document, Names, id};
use crate::kind::rows::text;

/// By name.
pub(super) fn models(snapshot: &Document) -> BTreeMap<String, Model> {
    let models = list(snapshot, "models").map(|(pointer, document)| {
        let model = Model {
            pointer,
            description: some(document, "description"),
            content_type: text(document, "contentType").to_owned(),
            schema: text(document, "schema").to_owned(),
        };
        (text(document, "name").to_owned(), model)
    });
    models.collect()
}

pub(super) fn model_documents(api: &RestApi) -> Value {
    array(api.models.iter().map(|(name, model)| {
        let written = Object::default()
            .with("id", id("model", name))
            .with("name", name.as_str())
            .text("description", model.description.as_ref())
            .with("schema", model.schema.as_str())
            .with("contentType", model.content_type.as_str());
        written.finish()
    }))
}

/// The names of the request validators of a snapshot, by id.
pub(super) fn validator_names(snapshot: &Document) -> Names {
    super::names(snapshot, "requestValidators")
}

/// By name.
pub(super) fn validators(snapshot: &Document, names: &Names) -> BTreeMap<String, RequestValidator> {
    let validators = list(snapshot, "requestValidators").filter_map(|(pointer, document)| {
        let validator = RequestValidator {
            pointer,
            validate_request_body: flag(document, "validateRequestBody"),
            validate_request_parameters: flag(document, "validateRequestParameters"),
        };
        Some((names.get(text(document, "id"))?.clone(), validator))
    });
    validators.collect()
}

pub(super) fn validator_documents(api: &RestApi) -> Value {
    array(api.request_validators.iter().map(|(name, validator)| {
        let written = Object::default()
            .with("id", id("requestvalidator", name))
            .with("name", name.as_str())
            .with("validateRequestBody", validator.validate_request_body)
            .with("validateRequestParameters", validator.validate_request_parameters);
        written.finish()
    }))
}

/// By type.
pub(super) fn gateway_responses(snapshot: &Document) -> BTreeMap<ResponseType, GatewayResponse> {
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

pub(super) fn gateway_response_documents(api: &RestApi) -> Value {
    array(api.gateway_responses.iter().map(|(kind, response)| {
        let written = Object::default()
            .with("responseType", kind.name())
            .text("statusCode", response.status_code.as_ref())
            .map("responseParameters", &response.response_parameters)
            .pairs("responseTemplates", &response.response_templates)
            .with("defaultResponse", false);
        written.finish()
    }))
}

/// The documentation parts of a snapshot that has them.
pub(super) fn documentation(snapshot: &Document) -> Documentation {
    let parts = list(snapshot, "documentationParts").map(|(_, document)| {
        let empty = Document::new();
        let location = document
            .get("location")
            .and_then(Value::as_object)
            .unwrap_or(&empty);
        DocumentationPart {
            location: DocumentationLocation {
                kind: text(location, "type").to_owned(),
                path: some(location, "path"),
                method: some(location, "method"),
                status_code: some(location, "statusCode"),
                name: some(location, "name"),
            },
            properties: text(document, "properties").to_owned(),
        }
    });
    Documentation {
        version: some(snapshot, "documentationVersion"),
        parts: parts.collect(),
    }
}

pub(super) fn documentation_documents(api: &RestApi) -> Value {
    array(api.documentation.parts.iter().map(|part| {
        let location = Object::default()
            .with("type", part.location.kind.as_str())
            .text("path", part.location.path.as_ref())
            .text("method", part.location.method.as_ref())
            .text("statusCode", part.location.status_code.as_ref())
            .text("name", part.location.name.as_ref())
            .finish();
        let written = Object::default()
            .with(
                "id",
                id("documentationpart", &Value::Object(location.clone()).to_string()),
            )
            .with("location", location)
            .with("properties", part.properties.as_str());
        written.finish()
    }))
}
