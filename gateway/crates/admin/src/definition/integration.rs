//! Integrations.

use portcullis_model::{
    AwsTarget, CacheRules, Connection, ContentHandling, HttpTarget, Integration, IntegrationResponse,
    PassthroughBehavior, PayloadFormat, Target,
};
use portcullis_openapi::{Object, cache_rules};
use serde_json::{Value, json};

use super::Document;
use super::member::{EXTENSIONS, extensions, flag, some, templates, text_map, texts, whole};
use crate::kind::rows::{entries, text};

/// How a URI names a plugin.
const PLUGIN: &str = portcullis_model::Authorizer::PLUGIN;
const TEMPLATE_ENGINE: &str = "x-portcullis-template-engine";
const CACHE: &str = "x-portcullis-cache";
const TRUST_BUNDLE: &str = "x-portcullis-trust-bundle";
const PAYLOAD_FORMAT: &str = "x-portcullis-payload-format";

/// `resource`: the id of the integration's resource, under which responses are cached where nothing else is said.
pub(super) fn integration(pointer: &str, document: &Document, resource: &str) -> Integration {
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
        template_engine: some(document, TEMPLATE_ENGINE),
        passthrough_behavior: match text(document, "passthroughBehavior") {
            "WHEN_NO_TEMPLATES" => PassthroughBehavior::WhenNoTemplates,
            "NEVER" => PassthroughBehavior::Never,
            _ => PassthroughBehavior::WhenNoMatch,
        },
        content_handling: content_handling(document),
        cache_namespace: some(document, "cacheNamespace").filter(|name| name != resource),
        cache_key_parameters: texts(document, "cacheKeyParameters"),
        cache_rules: rules(document),
        responses: responses.collect(),
        credentials: some(document, "credentials"),
        integration_target: some(document, "integrationTarget"),
        response_transfer_mode: some(document, "responseTransferMode"),
        payload_format: PayloadFormat::parse(text(document, PAYLOAD_FORMAT)).unwrap_or_default(),
        extensions: extensions(document),
    }
}

fn rules(document: &Document) -> CacheRules {
    let Some(rules) = document.get(CACHE).and_then(Value::as_object) else {
        return CacheRules::default();
    };
    CacheRules {
        stale_while_revalidate: whole(rules, "staleWhileRevalidate").unwrap_or_default(),
        stale_if_error: whole(rules, "staleIfError").unwrap_or_default(),
        respect_cache_control: flag(rules, "respectCacheControl"),
    }
}

fn target(document: &Document) -> Target {
    let uri = text(document, "uri");
    match text(document, "type") {
        "MOCK" => Target::Mock,
        "AWS" => Target::Aws(aws(document)),
        "AWS_PROXY" => Target::AwsProxy(aws(document)),
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
    HttpTarget {
        uri: text(document, "uri").to_owned(),
        http_method: some(document, "httpMethod"),
        connection: connection(document),
        insecure_skip_verification: insecure(document),
        trust_bundle: some(document, TRUST_BUNDLE),
    }
}

fn aws(document: &Document) -> AwsTarget {
    AwsTarget {
        uri: text(document, "uri").to_owned(),
        http_method: some(document, "httpMethod"),
        connection: connection(document),
        insecure_skip_verification: insecure(document),
    }
}

fn connection(document: &Document) -> Connection {
    match text(document, "connectionType") {
        "VPC_LINK" => Connection::VpcLink {
            id: text(document, "connectionId").to_owned(),
        },
        _ => Connection::Internet,
    }
}

fn insecure(document: &Document) -> bool {
    let tls = document.get("tlsConfig").and_then(Value::as_object);
    tls.is_some_and(|tls| flag(tls, "insecureSkipVerification"))
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

/// The document of an integration, with its responses by status: of two with the same the first counts, as the wire can
/// have no more.
pub(super) fn document(integration: &Integration) -> Document {
    let mut responses = Document::new();
    for response in &integration.responses {
        responses
            .entry(response.status_code.clone())
            .or_insert_with(|| Value::Object(response_document(response)));
    }
    let written = target_document(&integration.target)
        .text("credentials", integration.credentials.as_ref())
        .map("requestParameters", &integration.request_parameters)
        .pairs("requestTemplates", &integration.request_templates)
        .with(
            "passthroughBehavior",
            match integration.passthrough_behavior {
                PassthroughBehavior::WhenNoMatch => "WHEN_NO_MATCH",
                PassthroughBehavior::WhenNoTemplates => "WHEN_NO_TEMPLATES",
                PassthroughBehavior::Never => "NEVER",
            },
        )
        .some("contentHandling", integration.content_handling.map(handling))
        .some("timeoutInMillis", integration.timeout_in_millis)
        .text("cacheNamespace", integration.cache_namespace.as_ref())
        .texts("cacheKeyParameters", &integration.cache_key_parameters)
        .object(CACHE, cache_rules(&integration.cache_rules))
        .object("integrationResponses", responses)
        .text("integrationTarget", integration.integration_target.as_ref())
        .text(
            "responseTransferMode",
            integration.response_transfer_mode.as_ref(),
        )
        .some(
            PAYLOAD_FORMAT,
            (integration.payload_format != PayloadFormat::V1).then(|| integration.payload_format.name()),
        )
        .text(TEMPLATE_ENGINE, integration.template_engine.as_ref())
        .json_map(EXTENSIONS, &integration.extensions);
    written.finish()
}

fn target_document(target: &Target) -> Object {
    let kind = |kind: &str| Object::default().with("type", kind);
    match target {
        Target::Mock => kind("MOCK"),
        Target::Http(target) => http_document(kind("HTTP"), target),
        Target::HttpProxy(target) => http_document(kind("HTTP_PROXY"), target),
        Target::Aws(target) => aws_document(kind("AWS"), target),
        Target::AwsProxy(target) => aws_document(kind("AWS_PROXY"), target),
        Target::Plugin { plugin } => kind("HTTP_PROXY")
            .with("httpMethod", "ANY")
            .with("uri", format!("{PLUGIN}{plugin}")),
        // Of a type that nothing runs either.
        Target::Unsupported { what } => kind("AWS").with("uri", what.as_str()),
    }
}

fn http_document(written: Object, target: &HttpTarget) -> Object {
    let written = written
        .text("httpMethod", target.http_method.as_ref())
        .with("uri", target.uri.as_str())
        .text(TRUST_BUNDLE, target.trust_bundle.as_ref());
    reached(written, &target.connection, target.insecure_skip_verification)
}

fn aws_document(written: Object, target: &AwsTarget) -> Object {
    let written = written
        .text("httpMethod", target.http_method.as_ref())
        .with("uri", target.uri.as_str());
    reached(written, &target.connection, target.insecure_skip_verification)
}

fn reached(written: Object, connection: &Connection, insecure: bool) -> Object {
    let written = match connection {
        Connection::Internet => written,
        Connection::VpcLink { id } => written
            .with("connectionType", "VPC_LINK")
            .with("connectionId", id.as_str()),
    };
    written.some(
        "tlsConfig",
        insecure.then(|| json!({"insecureSkipVerification": true})),
    )
}

fn response_document(response: &IntegrationResponse) -> Document {
    let written = Object::default()
        .with("statusCode", response.status_code.as_str())
        .text("selectionPattern", response.selection_pattern.as_ref())
        .map("responseParameters", &response.response_parameters)
        .pairs("responseTemplates", &response.response_templates)
        .some("contentHandling", response.content_handling.map(handling));
    written.finish()
}

fn handling(handling: ContentHandling) -> &'static str {
    match handling {
        ContentHandling::ConvertToBinary => "CONVERT_TO_BINARY",
        ContentHandling::ConvertToText => "CONVERT_TO_TEXT",
    }
}
