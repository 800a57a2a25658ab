//! The keys that OpenAPI has, and what is said about others.

use portcullis_document::suggest;

use crate::context::Context;
use crate::extension::is_extension;
use crate::version::Version;

/// Keys of the whole document that only document, or that are read elsewhere.
pub(crate) fn of_root(version: Version) -> &'static [&'static str] {
    match version {
        Version::Two => &[
            "swagger",
            "info",
            "host",
            "basePath",
            "schemes",
            "consumes",
            "produces",
            "paths",
            "definitions",
            "parameters",
            "responses",
            "securityDefinitions",
            "security",
            "tags",
            "externalDocs",
        ],
        Version::Three => &[
            "openapi",
            "info",
            "jsonSchemaDialect",
            "servers",
            "paths",
            "webhooks",
            "components",
            "security",
            "tags",
            "externalDocs",
        ],
    }
}

/// Keys of `components` (OpenAPI 3).
pub(crate) const OF_COMPONENTS: [&str; 11] = [
    "schemas",
    "responses",
    "parameters",
    "examples",
    "requestBodies",
    "headers",
    "securitySchemes",
    "links",
    "callbacks",
    "pathItems",
    "x-amazon-apigateway-integrations",
];

/// Keys of a path beside its verbs.
pub(crate) const OF_PATH: [&str; 5] = ["$ref", "summary", "description", "servers", "parameters"];

/// The verbs that API Gateway has, as OpenAPI writes them.
pub(crate) const VERBS: [&str; 7] = ["get", "put", "post", "delete", "options", "head", "patch"];

/// The extension that stands beside the verbs and answers all others.
pub(crate) const ANY_METHOD: &str = "x-amazon-apigateway-any-method";

/// API Gateway's integrations.
pub(crate) const INTEGRATION: &str = "x-amazon-apigateway-integration";
/// Integrations that only this gateway has.
pub(crate) const OUR_INTEGRATION: &str = "x-portcullis-integration";
/// The plugin that renders an integration's templates.
pub(crate) const TEMPLATE_ENGINE: &str = "x-portcullis-template-engine";
/// The certificate authorities that an integration trusts beside the system's.
pub(crate) const TRUST_BUNDLE: &str = "x-portcullis-trust-bundle";
/// How its responses are kept, where they are cached, beyond what API Gateway has.
pub(crate) const CACHE: &str = "x-portcullis-cache";
/// What is checked of requests, by name.
pub(crate) const REQUEST_VALIDATORS: &str = "x-amazon-apigateway-request-validators";
/// One of those names, for the document or one operation.
pub(crate) const REQUEST_VALIDATOR: &str = "x-amazon-apigateway-request-validator";
/// What the gateway answers instead of its own words.
pub(crate) const GATEWAY_RESPONSES: &str = "x-amazon-apigateway-gateway-responses";
/// Bodies that are bytes, not text.
pub(crate) const BINARY_MEDIA_TYPES: &str = "x-amazon-apigateway-binary-media-types";
/// From which size on bodies are compressed.
pub(crate) const MINIMUM_COMPRESSION_SIZE: &str = "x-amazon-apigateway-minimum-compression-size";
/// Where callers' API keys are.
pub(crate) const API_KEY_SOURCE: &str = "x-amazon-apigateway-api-key-source";
/// Who may call an operation, where it is everybody or whoever signs.
pub(crate) const AUTH: &str = "x-amazon-apigateway-auth";
/// What is said of the API's parts.
pub(crate) const DOCUMENTATION: &str = "x-amazon-apigateway-documentation";
/// How the API is reached.
pub(crate) const ENDPOINT_CONFIGURATION: &str = "x-amazon-apigateway-endpoint-configuration";
/// How strictly it is to be reached.
pub(crate) const ENDPOINT_ACCESS_MODE: &str = "x-amazon-apigateway-endpoint-access-mode";
/// The resource policy.
pub(crate) const POLICY: &str = "x-amazon-apigateway-policy";
/// What TLS the API demands.
pub(crate) const SECURITY_POLICY: &str = "x-amazon-apigateway-security-policy";
/// The value of a tag.
pub(crate) const TAG_VALUE: &str = "x-amazon-apigateway-tag-value";
/// What a scheme is for API Gateway.
pub(crate) const AUTHTYPE: &str = "x-amazon-apigateway-authtype";
/// An authorizer in a security scheme.
pub(crate) const AUTHORIZER: &str = "x-amazon-apigateway-authorizer";
/// What a function that authorizes is passed.
pub(crate) const PAYLOAD_FORMAT: &str = "authorizerPayloadFormatVersion";
/// Whether it answers yes or no.
pub(crate) const SIMPLE_RESPONSES: &str = "enableSimpleResponses";
/// In an integration: what its function is passed.
pub(crate) const PAYLOAD_FORMAT_VERSION: &str = "payloadFormatVersion";
/// In an integration: whether the response streams.
pub(crate) const TRANSFER_MODE: &str = "responseTransferMode";
/// The plugin that is an authorizer.
pub(crate) const PLUGIN: &str = "x-portcullis-plugin";
/// What a model has beside its schema.
pub(crate) const OUR_MODEL: &str = "x-portcullis-model";
/// The models of a request by content type, where OpenAPI cannot say it.
pub(crate) const REQUEST_MODELS: &str = "x-portcullis-request-models";
/// The models of a response by content type, where OpenAPI cannot say it.
pub(crate) const RESPONSE_MODELS: &str = "x-portcullis-response-models";
/// Whether a header is always there, where OpenAPI cannot say it.
pub(crate) const REQUIRED: &str = "x-portcullis-required";
/// Cross-origin rules that the gateway keeps.
pub(crate) const CORS: &str = "x-portcullis-cors";

/// The extensions of the whole document that only an API that is kept may have.
pub(crate) const KEPT_ROOT_EXTENSIONS: [&str; 1] = [DOCUMENTATION];

/// The extensions of the whole document.
pub(crate) const ROOT_EXTENSIONS: [&str; 11] = [
    ENDPOINT_CONFIGURATION,
    ENDPOINT_ACCESS_MODE,
    SECURITY_POLICY,
    API_KEY_SOURCE,
    POLICY,
    REQUEST_VALIDATORS,
    REQUEST_VALIDATOR,
    GATEWAY_RESPONSES,
    BINARY_MEDIA_TYPES,
    MINIMUM_COMPRESSION_SIZE,
    CORS,
];

/// Keys of an operation, of both versions.
pub(crate) const OF_OPERATION: [&str; 14] = [
    "tags",
    "summary",
    "description",
    "externalDocs",
    "operationId",
    "consumes",
    "produces",
    "parameters",
    "requestBody",
    "responses",
    "callbacks",
    "schemes",
    "deprecated",
    "security",
];

/// Keys of a security scheme, of both versions.
pub(crate) const OF_SCHEME: [&str; 12] = [
    "type",
    "description",
    "name",
    "in",
    "flow",
    "flows",
    "authorizationUrl",
    "tokenUrl",
    "scopes",
    "scheme",
    "bearerFormat",
    "openIdConnectUrl",
];

impl Context<'_> {
    /// Reports a key that OpenAPI does not have: an error where it looks like a slip of one of `candidates`,
    /// otherwise a warning.
    pub(crate) fn unknown_key<'k>(
        &mut self,
        pointer: &str,
        key: &str,
        candidates: impl IntoIterator<Item = &'k &'k str>,
    ) {
        let message = format!("unknown key \"{key}\"");
        match suggest(key, candidates) {
            Some(near) => {
                self.doubtful(
                    "unknown-key",
                    pointer,
                    message,
                    Some(format!("did you mean \"{near}\"?")),
                );
            }
            None => self.warning("unknown-key", pointer, format!("{message}; nothing uses it")),
        }
    }

    /// The same where every key counts: always an error for what is served.
    pub(crate) fn unknown_setting(&mut self, pointer: &str, key: &str, candidates: &[&str]) {
        let problem = self
            .document
            .error("unknown-key", pointer, format!("unknown key \"{key}\""));
        self.doubt(problem.did_you_mean(key, candidates));
    }

    /// The same, where there may be vendor extensions.
    pub(crate) fn setting(&mut self, pointer: &str, key: &str, candidates: &[&str]) {
        if is_extension(key) {
            self.extension(pointer, key);
        } else {
            self.unknown_setting(pointer, key, candidates);
        }
    }
}
