//! Integrations, with their members in the order of API Gateway's exports.

use portcullis_model::{
    AwsTarget, Connection, ContentHandling, HttpTarget, Integration, IntegrationResponse,
    PassthroughBehavior, PayloadFormat, Target,
};
use serde_json::{Map, Value, json};

use super::cache::cache_rules;
use super::object::Object;
use crate::key::{CACHE, PAYLOAD_FORMAT_VERSION, TEMPLATE_ENGINE, TRUST_BUNDLE};

/// What answers an operation.
pub(super) fn integration(integration: &Integration) -> Object {
    if let Target::Plugin { plugin } = &integration.target {
        return Object::default()
            .with("plugin", plugin.as_str())
            .some("timeoutInMillis", integration.timeout_in_millis);
    }
    let templates = integration.request_templates.iter();
    target(&integration.target)
        .text("credentials", integration.credentials.as_ref())
        .object("responses", responses(&integration.responses))
        .map("requestParameters", &integration.request_parameters)
        .map("requestTemplates", templates.map(|(of, text)| (of, text)))
        .with(
            "passthroughBehavior",
            match integration.passthrough_behavior {
                PassthroughBehavior::WhenNoMatch => "when_no_match",
                PassthroughBehavior::WhenNoTemplates => "when_no_templates",
                PassthroughBehavior::Never => "never",
            },
        )
        .some("timeoutInMillis", integration.timeout_in_millis)
        .text("cacheNamespace", integration.cache_namespace.as_ref())
        .texts("cacheKeyParameters", &integration.cache_key_parameters)
        .some("contentHandling", integration.content_handling.map(handling))
        .text("integrationTarget", integration.integration_target.as_ref())
        .text(
            "responseTransferMode",
            integration.response_transfer_mode.as_ref(),
        )
        .object(CACHE, cache_rules(&integration.cache_rules))
        .some(
            PAYLOAD_FORMAT_VERSION,
            (integration.payload_format != PayloadFormat::V1).then(|| integration.payload_format.name()),
        )
        .text(TEMPLATE_ENGINE, integration.template_engine.as_ref())
        .with("type", kind(&integration.target))
        .json_texts(&integration.extensions)
}

fn kind(target: &Target) -> &'static str {
    match target {
        Target::Mock => "mock",
        Target::Http(_) => "http",
        Target::HttpProxy(_) | Target::Plugin { .. } => "http_proxy",
        // What is not known is of a type that is not run either.
        Target::Aws(_) | Target::Unsupported { .. } => "aws",
        Target::AwsProxy(_) => "aws_proxy",
    }
}

fn target(target: &Target) -> Object {
    match target {
        Target::Mock | Target::Plugin { .. } => Object::default(),
        Target::Http(target) | Target::HttpProxy(target) => http(target),
        Target::Aws(target) | Target::AwsProxy(target) => aws(target),
        Target::Unsupported { what } => Object::default().with("uri", what.as_str()),
    }
}

fn http(target: &HttpTarget) -> Object {
    let object = Object::default()
        .with("uri", target.uri.as_str())
        .text("httpMethod", target.http_method.as_ref())
        .text(TRUST_BUNDLE, target.trust_bundle.as_ref());
    reached(object, &target.connection, target.insecure_skip_verification)
}

fn aws(target: &AwsTarget) -> Object {
    let object = Object::default()
        .with("uri", target.uri.as_str())
        .text("httpMethod", target.http_method.as_ref());
    reached(object, &target.connection, target.insecure_skip_verification)
}

fn reached(object: Object, connection: &Connection, insecure: bool) -> Object {
    let object = match connection {
        Connection::Internet => object,
        Connection::VpcLink { id } => object
            .with("connectionType", "VPC_LINK")
            .with("connectionId", id.as_str()),
    };
    object.some(
        "tlsConfig",
        insecure.then(|| json!({"insecureSkipVerification": true})),
    )
}

/// By their patterns. Of two with the same the first is ever chosen, so that the other says nothing.
fn responses(responses: &[IntegrationResponse]) -> Map<String, Value> {
    let mut found = Map::new();
    for response in responses {
        let pattern = response.selection_pattern.as_deref().unwrap_or("default");
        found
            .entry(pattern)
            .or_insert_with(|| self::response(response).into());
    }
    found
}

fn response(response: &IntegrationResponse) -> Object {
    let templates = response.response_templates.iter();
    Object::default()
        .with("statusCode", response.status_code.as_str())
        .map("responseParameters", &response.response_parameters)
        .map("responseTemplates", templates.map(|(of, text)| (of, text)))
        .some("contentHandling", response.content_handling.map(handling))
}

fn handling(handling: ContentHandling) -> &'static str {
    match handling {
        ContentHandling::ConvertToBinary => "CONVERT_TO_BINARY",
        ContentHandling::ConvertToText => "CONVERT_TO_TEXT",
    }
}
