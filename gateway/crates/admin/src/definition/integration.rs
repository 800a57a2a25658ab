//! Integrations.

use portcullis_model::{
    Connection, ContentHandling, HttpTarget, Integration, IntegrationResponse, PassthroughBehavior, Target,
};
use serde_json::Value;

use super::authorizer::PLUGIN;
use super::{Document, flag, some, templates, text_map, texts, whole};
use crate::kind::rows::{entries, text};

pub(super) fn integration(pointer: &str, document: &Document) -> Integration {
    let responses = entries(document, "integrationResponses").filter_map(|(status, response)| {
        let at = format!("{pointer}/integrationResponses/{status}");
        Some(integration_response(at, response.as_object()?))
    });
    Integration {
        pointer: pointer.to_owned(),
        target: target(document),
        timeout_in_millis: whole(document, "timeoutInMillis"),
        request_parameters: text_map(document, "requestParameters"),
        request_templates: templates(document, "requestTemplates"),
        template_engine: None,
        passthrough_behavior: match text(document, "passthroughBehavior") {
            "WHEN_NO_TEMPLATES" => PassthroughBehavior::WhenNoTemplates,
            "NEVER" => PassthroughBehavior::Never,
            _ => PassthroughBehavior::WhenNoMatch,
        },
        content_handling: content_handling(document),
        cache_namespace: some(document, "cacheNamespace"),
        cache_key_parameters: texts(document, "cacheKeyParameters"),
        responses: responses.collect(),
    }
}

fn target(document: &Document) -> Target {
    let uri = text(document, "uri");
    match text(document, "type") {
        "MOCK" => Target::Mock,
        "HTTP" => Target::Http(http(document)),
        "HTTP_PROXY" => match uri.strip_prefix(PLUGIN) {
            Some(plugin) => Target::Plugin {
                plugin: plugin.to_owned(),
            },
            None => Target::HttpProxy(http(document)),
        },
        other => Target::Unsupported {
            what: format!("an integration of type {other} with {uri}"),
        },
    }
}

fn http(document: &Document) -> HttpTarget {
    let tls = document.get("tlsConfig").and_then(Value::as_object);
    HttpTarget {
        uri: text(document, "uri").to_owned(),
        http_method: some(document, "httpMethod"),
        connection: match text(document, "connectionType") {
            "VPC_LINK" => Connection::VpcLink {
                id: text(document, "connectionId").to_owned(),
            },
            _ => Connection::Internet,
        },
        insecure_skip_verification: tls.is_some_and(|tls| flag(tls, "insecureSkipVerification")),
        trust_bundle: None,
    }
}

fn integration_response(pointer: String, document: &Document) -> IntegrationResponse {
    IntegrationResponse {
        pointer,
        status_code: text(document, "statusCode").to_owned(),
        selection_pattern: some(document, "selectionPattern"),
        response_parameters: text_map(document, "responseParameters"),
        response_templates: templates(document, "responseTemplates"),
        content_handling: content_handling(document),
    }
}

fn content_handling(document: &Document) -> Option<ContentHandling> {
    match text(document, "contentHandling") {
        "CONVERT_TO_BINARY" => Some(ContentHandling::ConvertToBinary),
        "CONVERT_TO_TEXT" => Some(ContentHandling::ConvertToText),
        _ => None,
    }
}
