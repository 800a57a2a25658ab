//! What holds for the whole API.

use portcullis_model::{ApiKeySource, Cors, EndpointConfiguration, RestApi};
use portcullis_openapi::Object;
use serde_json::Value;

use super::member::{EXTENSIONS, extensions, flag, json_texts, some, text_map, texts, whole};
use super::{Document, id};
use crate::kind::rest_api::{escaped, unescaped};
use crate::kind::rows::text;

const SECURITY_SCHEMES: &str = "x-portcullis-security-schemes";
const CORS: &str = "x-portcullis-cors";

/// An API with its own members and nothing below it.
pub(super) fn rest_api(document: &Document) -> RestApi {
    RestApi {
        id: text(document, "id").to_owned(),
        name: text(document, "name").to_owned(),
        description: some(document, "description"),
        version: some(document, "version"),
        api_key_source: ApiKeySource::parse(text(document, "apiKeySource")),
        endpoint: endpoint(document),
        security_policy: some(document, "securityPolicy"),
        endpoint_access_mode: some(document, "endpointAccessMode"),
        policy: some(document, "policy").map(|inside| unescaped(&inside)),
        tags: text_map(document, "tags"),
        security_schemes: json_texts(document, SECURITY_SCHEMES),
        extensions: extensions(document),
        binary_media_types: texts(document, "binaryMediaTypes"),
        minimum_compression_size: whole(document, "minimumCompressionSize"),
        cors: document.get(CORS).and_then(Value::as_object).map(cors),
        ..RestApi::default()
    }
}

fn endpoint(document: &Document) -> EndpointConfiguration {
    let empty = Document::new();
    let of = document
        .get("endpointConfiguration")
        .and_then(Value::as_object)
        .unwrap_or(&empty);
    EndpointConfiguration {
        types: texts(of, "types"),
        ip_address_type: some(of, "ipAddressType"),
        vpc_endpoint_ids: texts(of, "vpcEndpointIds"),
        disable_execute_api_endpoint: document.get("disableExecuteApiEndpoint").and_then(Value::as_bool),
    }
}

fn cors(document: &Document) -> Cors {
    Cors {
        pointer: format!("/restApi/{CORS}"),
        allow_origins: texts(document, "allowOrigins"),
        allow_methods: texts(document, "allowMethods"),
        allow_headers: texts(document, "allowHeaders"),
        expose_headers: texts(document, "exposeHeaders"),
        allow_credentials: flag(document, "allowCredentials"),
        max_age: whole(document, "maxAge"),
    }
}

/// The document `restApi` of an API.
pub(super) fn document(api: &RestApi) -> Document {
    let endpoint = Object::default()
        .texts("types", &api.endpoint.types)
        .text("ipAddressType", api.endpoint.ip_address_type.as_ref())
        .texts("vpcEndpointIds", &api.endpoint.vpc_endpoint_ids);
    let written = Object::default()
        .with("id", api.id.as_str())
        .with("name", api.name.as_str())
        .text("description", api.description.as_ref())
        .text("version", api.version.as_ref())
        .texts("binaryMediaTypes", &api.binary_media_types)
        .some("minimumCompressionSize", api.minimum_compression_size)
        .some("apiKeySource", api.api_key_source.map(ApiKeySource::name))
        .object("endpointConfiguration", endpoint.finish())
        .some("policy", api.policy.as_deref().map(escaped))
        .map("tags", &api.tags)
        .some(
            "disableExecuteApiEndpoint",
            api.endpoint.disable_execute_api_endpoint,
        )
        .with("rootResourceId", id("resource", "/"))
        .text("securityPolicy", api.security_policy.as_ref())
        .text("endpointAccessMode", api.endpoint_access_mode.as_ref())
        .json_map(SECURITY_SCHEMES, &api.security_schemes)
        .some(CORS, api.cors.as_ref().map(cors_document))
        .json_map(EXTENSIONS, &api.extensions);
    written.finish()
}

fn cors_document(cors: &Cors) -> Document {
    let written = Object::default()
        .texts("allowOrigins", &cors.allow_origins)
        .texts("allowMethods", &cors.allow_methods)
        .texts("allowHeaders", &cors.allow_headers)
        .texts("exposeHeaders", &cors.expose_headers)
        .some("allowCredentials", cors.allow_credentials.then_some(true))
        .some("maxAge", cors.max_age);
    written.finish()
}
