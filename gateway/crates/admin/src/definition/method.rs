//! Methods.

use std::collections::BTreeMap;

use portcullis_model::{Authorization, Integration, Method, MethodResponse, Target};

use super::authorizer::Authorizers;
use super::{Document, flag_map, integration, some, text_map};
use crate::kind::rows::entries;

/// A method whose authorization cannot be decided here is closed: instead of its integration it has one that answers 500.
pub(super) fn method(pointer: &str, document: &Document, authorizers: &Authorizers) -> Method {
    let at = format!("{pointer}/methodIntegration");
    let own = document
        .get("methodIntegration")
        .and_then(serde_json::Value::as_object)
        .map(|document| integration::integration(&at, document));
    // Closed until keys are looked at: a method that wants one must not be open meanwhile.
    let wants_key = document.get("apiKeyRequired") == Some(&serde_json::Value::Bool(true));
    let authorization = match wants_key {
        true => Err("a method that requires an API key".to_owned()),
        false => authorizers.authorization(document),
    };
    let (authorization, integration) = match authorization {
        Ok(authorization) => (authorization, own),
        Err(what) => {
            let closed = |_| Integration::of(&at, Target::Unsupported { what });
            (Authorization::None, own.map(closed))
        }
    };
    Method {
        pointer: pointer.to_owned(),
        authorization,
        request_parameters: flag_map(document, "requestParameters"),
        request_models: text_map(document, "requestModels"),
        request_validator: some(document, "requestValidatorId"),
        responses: responses(pointer, document),
        integration,
    }
}

fn responses(pointer: &str, document: &Document) -> BTreeMap<String, MethodResponse> {
    let responses = entries(document, "methodResponses").filter_map(|(status, response)| {
        let document = response.as_object()?;
        let response = MethodResponse {
            pointer: format!("{pointer}/methodResponses/{status}"),
            response_parameters: flag_map(document, "responseParameters"),
            response_models: text_map(document, "responseModels"),
        };
        Some((status.clone(), response))
    });
    responses.collect()
}
