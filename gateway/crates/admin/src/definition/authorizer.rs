//! Authorizers, and which of them are plugins.

use std::collections::BTreeMap;

use portcullis_model::{Authorizer, AuthorizerKind, IdentitySource, PayloadFormat, RestApi};
use portcullis_openapi::Object;
use serde_json::Value;

use super::member::{EXTENSIONS, array, extensions, flag, json_text, list, some, texts, whole};
use super::{Document, Names, id};
use crate::kind::rows::text;

/// A plugin that decides instead of what the URI names.
const NAMED_PLUGIN: &str = "x-portcullis-plugin";
/// What a function is passed and answers: members that authorizers of HTTP APIs have.
const PAYLOAD_FORMAT: &str = "x-portcullis-payload-format";
const SIMPLE_RESPONSES: &str = "x-portcullis-simple-responses";

/// The names of the authorizers of a snapshot, by id.
pub(super) fn names(snapshot: &Document) -> Names {
    super::names(snapshot, "authorizers")
}

/// The authorizers of a snapshot, by name.
pub(super) fn all(snapshot: &Document, names: &Names) -> BTreeMap<String, Authorizer> {
    let authorizers = list(snapshot, "authorizers").filter_map(|(pointer, document)| {
        let name = names.get(text(document, "id"))?;
        Some((name.clone(), authorizer(pointer, document)))
    });
    authorizers.collect()
}

fn authorizer(pointer: String, document: &Document) -> Authorizer {
    let kind = AuthorizerKind::parse(text(document, "type"));
    let sources = sources(text(document, "identitySource"), kind);
    let uri = some(document, "authorizerUri");
    // What cannot be asked as it wants to be is not asked at all.
    let asked = sources.is_some() && matches!(kind, Some(AuthorizerKind::Token | AuthorizerKind::Request));
    let plugin =
        some(document, NAMED_PLUGIN).or_else(|| Authorizer::plugin_of(uri.as_deref()?).map(str::to_owned));
    Authorizer {
        pointer,
        kind: kind.unwrap_or_default(),
        plugin: plugin.filter(|_| asked),
        // That says no more than the plugin.
        uri: uri.filter(|uri| !uri.starts_with(Authorizer::PLUGIN)),
        credentials: some(document, "authorizerCredentials"),
        auth_type: some(document, "authType").filter(|said| said != kind.unwrap_or_default().auth_type()),
        provider_arns: texts(document, "providerARNs"),
        jwt_configuration: json_text(document, "jwtConfiguration"),
        identity_sources: sources.unwrap_or_default(),
        identity_validation_expression: some(document, "identityValidationExpression"),
        payload_format: PayloadFormat::parse(text(document, PAYLOAD_FORMAT)).unwrap_or_default(),
        simple_responses: flag(document, SIMPLE_RESPONSES),
        result_ttl_in_seconds: whole(document, "authorizerResultTtlInSeconds"),
        extensions: extensions(document),
    }
}

/// `None` where one of them is none.
fn sources(said: &str, kind: Option<AuthorizerKind>) -> Option<Vec<IdentitySource>> {
    let parts = said.split(',').map(str::trim).filter(|part| !part.is_empty());
    let mut sources: Vec<IdentitySource> = parts.map(IdentitySource::parse).collect::<Option<_>>()?;
    if sources.is_empty() && kind == Some(AuthorizerKind::Token) {
        sources.push(IdentitySource::Header("Authorization".to_owned()));
    }
    Some(sources)
}

/// Where an authorizer of any type finds who calls, as far as it says so well.
pub(super) fn identity_sources(document: &Document) -> Vec<IdentitySource> {
    let sources = text(document, "identitySource").split(',').map(str::trim);
    sources.filter_map(IdentitySource::parse).collect()
}

/// The documents of an API's authorizers, by name.
pub(super) fn documents(api: &RestApi) -> Value {
    array(
        api.authorizers
            .iter()
            .map(|(name, authorizer)| document(name, authorizer)),
    )
}

fn document(name: &str, authorizer: &Authorizer) -> Document {
    let sources: Vec<String> = authorizer
        .identity_sources
        .iter()
        .map(ToString::to_string)
        .collect();
    // Without a URI the plugin is one.
    let uri = authorizer.uri.clone().or_else(|| {
        let plugin = authorizer.plugin.as_ref()?;
        Some(format!("{}{plugin}", Authorizer::PLUGIN))
    });
    let named = uri.as_deref().and_then(Authorizer::plugin_of);
    let other = authorizer
        .plugin
        .as_ref()
        .filter(|plugin| named != Some(plugin.as_str()));
    let written = Object::default()
        .with("id", id("authorizer", name))
        .with("name", name)
        .with("type", authorizer.kind.name())
        .texts("providerARNs", &authorizer.provider_arns)
        .with(
            "authType",
            authorizer
                .auth_type
                .as_deref()
                .unwrap_or(authorizer.kind.auth_type()),
        )
        .text("authorizerUri", uri.as_ref())
        .text("authorizerCredentials", authorizer.credentials.as_ref())
        .some("identitySource", (!sources.is_empty()).then(|| sources.join(",")))
        .text(
            "identityValidationExpression",
            authorizer.identity_validation_expression.as_ref(),
        )
        .some("authorizerResultTtlInSeconds", authorizer.result_ttl_in_seconds)
        .json("jwtConfiguration", authorizer.jwt_configuration.as_ref())
        .some(
            PAYLOAD_FORMAT,
            (authorizer.payload_format != PayloadFormat::V1).then(|| authorizer.payload_format.name()),
        )
        .some(SIMPLE_RESPONSES, authorizer.simple_responses.then_some(true))
        .text(NAMED_PLUGIN, other)
        .json_map(EXTENSIONS, &authorizer.extensions);
    written.finish()
}
