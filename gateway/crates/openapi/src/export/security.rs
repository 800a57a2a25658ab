//! Who may call.

use std::collections::BTreeSet;

use portcullis_model::{
    Authorization, Authorizer, AuthorizerKind, DocumentationLocation, IdentitySource, Method, PayloadFormat,
    RestApi,
};
use serde_json::{Map, Value, json};

use super::Writer;
use super::object::{Object, parsed};
use crate::key::{AUTHORIZER, AUTHTYPE, PAYLOAD_FORMAT, PLUGIN, SIMPLE_RESPONSES};
use crate::notes::{OF_OTHERS, part};
use crate::scheme::as_two;

/// The names of the schemes that stand for no authorizer.
#[derive(Debug)]
pub(super) struct Names {
    api_key: String,
    signature: String,
}

impl Names {
    /// API Gateway's names, or others where the API has them already. A name that leads nowhere must not lead anywhere.
    pub(super) fn of(api: &RestApi) -> Self {
        let unknown = unknown(api);
        let free = |name: &str| {
            let taken = |name: &String| {
                api.authorizers.contains_key(name)
                    || api.security_schemes.contains_key(name)
                    || unknown.contains(name)
            };
            let mut free = name.to_owned();
            while taken(&free) {
                free.push('_');
            }
            free
        };
        Self {
            api_key: free("api_key"),
            signature: free("sigv4"),
        }
    }
}

/// The names in what documents say of security that API Gateway does not have.
fn unknown(api: &RestApi) -> BTreeSet<String> {
    let methods = api
        .resources
        .iter()
        .flat_map(|resource| resource.methods.values());
    let said = methods.filter_map(|method| match &method.authorization {
        Authorization::Unknown { security } => serde_json::from_str(security).ok(),
        _ => None,
    });
    let requirements = said.flat_map(|requirements: Vec<Map<String, Value>>| requirements);
    requirements
        .flat_map(|requirement| requirement.into_iter().map(|(name, _)| name))
        .collect()
}

impl Writer<'_> {
    /// The `security` of an operation; none where everybody may call it.
    pub(super) fn security(&self, method: &Method) -> Option<Value> {
        let scopes = &method.authorization_scopes;
        let authorization = match &method.authorization {
            Authorization::Unknown { security } => return Some(parsed(security)),
            Authorization::None => None,
            Authorization::Iam => Some(json!({&self.names.signature: scopes})),
            Authorization::Custom { authorizer } | Authorization::Cognito { authorizer } => {
                Some(json!({authorizer: scopes}))
            }
        };
        let key = method.api_key_required.then(|| json!({&self.names.api_key: []}));
        let requirements: Vec<Value> = authorization.into_iter().chain(key).collect();
        (!requirements.is_empty()).then(|| Value::Array(requirements))
    }

    pub(super) fn security_schemes(&self) -> Map<String, Value> {
        let methods = || {
            self.api
                .resources
                .iter()
                .flat_map(|resource| resource.methods.values())
        };
        let mut object = Object::default();
        if methods().any(|method| method.api_key_required) {
            object = object.with(&self.names.api_key, api_key("x-api-key"));
        }
        if methods().any(|method| method.authorization == Authorization::Iam) {
            object = object.with(
                &self.names.signature,
                api_key("Authorization").with(AUTHTYPE, "awsSigv4"),
            );
        }
        for (name, authorizer) in &self.api.authorizers {
            object = object.with(name, self.scheme(name, authorizer));
        }
        for (name, text) in &self.api.security_schemes {
            let scheme = parsed(text);
            object = object.with(
                name,
                match self.is_swagger() {
                    true => as_two(scheme),
                    false => scheme,
                },
            );
        }
        object.finish()
    }

    fn scheme(&self, name: &str, authorizer: &Authorizer) -> Object {
        let location = DocumentationLocation {
            name: Some(name.to_owned()),
            ..part("AUTHORIZER")
        };
        let header = match (authorizer.kind, authorizer.identity_sources.as_slice()) {
            (_, [IdentitySource::Header(header)]) => header,
            _ => "Unused",
        };
        let authtype = authorizer.auth_type.as_deref();
        let mut object = api_key(header)
            .members(&self.noted(&location, &OF_OTHERS).finish())
            .with(AUTHTYPE, authtype.unwrap_or(authorizer.kind.auth_type()));
        if self.options.extensions.authorizers {
            object = object.with(AUTHORIZER, settings(authorizer));
        }
        object.json_texts(&authorizer.extensions)
    }
}

fn api_key(header: &str) -> Object {
    Object::default()
        .with("type", "apiKey")
        .with("name", header)
        .with("in", "header")
}

fn settings(authorizer: &Authorizer) -> Object {
    let sources: Vec<String> = authorizer
        .identity_sources
        .iter()
        .map(ToString::to_string)
        .collect();
    let resolved = authorizer.uri.as_deref().and_then(Authorizer::plugin_of);
    let asked = matches!(authorizer.kind, AuthorizerKind::Token | AuthorizerKind::Request);
    let plugin = authorizer.plugin.as_deref();
    Object::default()
        .texts("providerARNs", &authorizer.provider_arns)
        .text("authorizerUri", authorizer.uri.as_ref())
        .text("authorizerCredentials", authorizer.credentials.as_ref())
        .some("authorizerResultTtlInSeconds", authorizer.result_ttl_in_seconds)
        .text(
            "identityValidationExpression",
            authorizer.identity_validation_expression.as_ref(),
        )
        .some("identitySource", (!sources.is_empty()).then(|| sources.join(",")))
        .some(
            "jwtConfiguration",
            authorizer.jwt_configuration.as_ref().map(|text| parsed(text)),
        )
        .some(
            PAYLOAD_FORMAT,
            (authorizer.payload_format != PayloadFormat::V1).then(|| authorizer.payload_format.name()),
        )
        .some(SIMPLE_RESPONSES, authorizer.simple_responses.then_some(true))
        .some(PLUGIN, plugin.filter(|_| asked && plugin != resolved))
        .with("type", authorizer.kind.name().to_ascii_lowercase())
}
