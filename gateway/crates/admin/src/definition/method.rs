//! Methods.

use std::collections::BTreeMap;

use portcullis_model::{Authorization, AuthorizerKind, Method, MethodResponse, RestApi};
use portcullis_openapi::Object;
use serde_json::{Value, json};

use super::member::{EXTENSIONS, extensions, flag, flag_map, json_text, some, text_map, texts};
use super::{Document, id, integration};
use crate::kind::rows::{entries, text};

/// What a document says of security that the wire has no word for.
const SECURITY: &str = "x-portcullis-security";

/// The names of what methods name by id.
pub(super) struct Names<'n> {
    pub(super) authorizers: &'n BTreeMap<String, String>,
    pub(super) validators: &'n BTreeMap<String, String>,
}

/// Where a method is.
pub(super) struct Context<'n> {
    pub(super) names: &'n Names<'n>,
    /// The id of its resource.
    pub(super) resource: &'n str,
}

pub(super) fn method(pointer: &str, document: &Document, context: &Context<'_>) -> Method {
    let at = format!("{pointer}/methodIntegration");
    let integration = document.get("methodIntegration").and_then(Value::as_object);
    let validator = some(document, "requestValidatorId");
    Method {
        pointer: pointer.to_owned(),
        authorization: authorization(document, context.names),
        authorization_scopes: texts(document, "authorizationScopes"),
        api_key_required: flag(document, "apiKeyRequired"),
        operation_name: some(document, "operationName"),
        request_parameters: flag_map(document, "requestParameters"),
        request_models: text_map(document, "requestModels"),
        request_validator: validator.map(|id| context.names.validators.get(&id).cloned().unwrap_or(id)),
        responses: responses(pointer, document),
        integration: integration.map(|document| integration::integration(&at, document, context.resource)),
        extensions: extensions(document),
    }
}

/// Nobody is let in where it is not known what decides.
fn authorization(document: &Document, names: &Names<'_>) -> Authorization {
    if let Some(security) = json_text(document, SECURITY) {
        return Authorization::Unknown { security };
    }
    let kind = text(document, "authorizationType");
    let authorizer = text(document, "authorizerId");
    let named = names.authorizers.get(authorizer).cloned();
    match (kind, named) {
        ("" | "NONE", _) => Authorization::None,
        ("AWS_IAM", _) => Authorization::Iam,
        ("CUSTOM" | "JWT", Some(authorizer)) => Authorization::Custom { authorizer },
        ("COGNITO_USER_POOLS", Some(authorizer)) => Authorization::Cognito { authorizer },
        _ => {
            let name = if authorizer.is_empty() { kind } else { authorizer };
            Authorization::Unknown {
                security: json!([{name: []}]).to_string(),
            }
        }
    }
}

fn responses(pointer: &str, document: &Document) -> BTreeMap<String, MethodResponse> {
    let responses = entries(document, "methodResponses").filter_map(|(status, response)| {
        let document = response.as_object()?;
        let response = MethodResponse {
            pointer: format!("{pointer}/methodResponses/{status}"),
            response_parameters: flag_map(document, "responseParameters"),
            response_models: text_map(document, "responseModels"),
            extensions: extensions(document),
        };
        Some((status.clone(), response))
    });
    responses.collect()
}

/// The document of a method, with its responses and its integration.
pub(super) fn document(api: &RestApi, verb: &str, method: &Method) -> Document {
    let (kind, authorizer, security) = match &method.authorization {
        Authorization::None => ("NONE", None, None),
        Authorization::Iam => ("AWS_IAM", None, None),
        Authorization::Custom { authorizer } => {
            let found = api.authorizers.get(authorizer);
            let is_jwt = found.is_some_and(|found| found.kind == AuthorizerKind::Jwt);
            (if is_jwt { "JWT" } else { "CUSTOM" }, Some(authorizer), None)
        }
        Authorization::Cognito { authorizer } => ("COGNITO_USER_POOLS", Some(authorizer), None),
        // Without an authorizer nobody decides.
        Authorization::Unknown { security } => ("CUSTOM", None, Some(security)),
    };
    let responses = method.responses.iter();
    let responses = responses
        .map(|(status, response)| (status.clone(), Value::Object(response_document(status, response))));
    let integration = method.integration.as_ref();
    let written = Object::default()
        .with("httpMethod", verb)
        .with("authorizationType", kind)
        .some("authorizerId", authorizer.map(|name| id("authorizer", name)))
        .with("apiKeyRequired", method.api_key_required)
        .some("requestValidatorId", validator(api, method))
        .text("operationName", method.operation_name.as_ref())
        .map("requestParameters", &method.request_parameters)
        .map("requestModels", &method.request_models)
        .object("methodResponses", responses.collect())
        .some("methodIntegration", integration.map(integration::document))
        .texts("authorizationScopes", &method.authorization_scopes)
        .json(SECURITY, security)
        .json_map(EXTENSIONS, &method.extensions);
    written.finish()
}

/// One that is not there is said as it is, so that nothing takes it for none.
fn validator(api: &RestApi, method: &Method) -> Option<String> {
    let name = method.request_validator.as_ref()?;
    Some(match api.request_validators.contains_key(name) {
        true => id("requestvalidator", name),
        false => name.clone(),
    })
}

fn response_document(status: &str, response: &MethodResponse) -> Document {
    let written = Object::default()
        .with("statusCode", status)
        .map("responseParameters", &response.response_parameters)
        .map("responseModels", &response.response_models)
        .json_map(EXTENSIONS, &response.extensions);
    written.finish()
}
