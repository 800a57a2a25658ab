//! Parts of an API as it is edited now, for test invocations: one method or one authorizer, whatever is wrong with the rest.

use portcullis_model::{
    Authorization, Authorizer, AuthorizerKind, IdentitySource, Integration, Method, Resource, RestApi, Target,
};
use serde_json::{Map, Value, json};

use super::member::list;
use super::{Document, authorizer, rest_api};
use crate::kind::rows::{entries, text};

/// The part of an API that one call of a method needs.
pub(crate) struct MethodPart {
    /// The API with that method alone.
    pub(crate) api: RestApi,
    /// The path of its resource.
    pub(crate) path: String,
    /// Whether it is the resource's `ANY`.
    pub(crate) is_any: bool,
    /// Where its authorizer finds who calls.
    pub(crate) secrets: Vec<IdentitySource>,
}

/// The part of an API that a question to an authorizer needs.
pub(crate) enum AuthorizerPart {
    /// The API with a method that the authorizer guards.
    Asked(Box<RestApi>),
    /// It cannot be asked, and why.
    NotAsked(String),
}

/// The method of a verb, else the resource's `ANY`, as nobody guards it: a test invocation asks neither authorizers nor for
/// API keys (<https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-test-method.html>). None where neither
/// is there.
pub(crate) fn method_part(snapshot: &Document, resource: &str, verb: &str) -> Option<MethodPart> {
    let (_, found) = list(snapshot, "resources").find(|(_, found)| text(found, "id") == resource)?;
    let of = |name: &str| entries(found, "resourceMethods").find(|(known, _)| *known == name);
    let (name, method) = of(verb).or_else(|| of("ANY"))?;
    let method = method.as_object()?;
    let guard = text(method, "authorizerId");
    let guard = list(snapshot, "authorizers").find(|(_, known)| text(known, "id") == guard);
    let secrets = guard.map(|(_, guard)| authorizer::identity_sources(guard));
    let mut open = method.clone();
    open.insert("authorizationType".to_owned(), json!("NONE"));
    open.insert("apiKeyRequired".to_owned(), json!(false));
    let mut alone = Map::new();
    alone.insert("path".to_owned(), json!(text(found, "path")));
    alone.insert("resourceMethods".to_owned(), json!({ name: open }));
    let mut part = snapshot.clone();
    part.insert("resources".to_owned(), Value::Array(vec![Value::Object(alone)]));
    part.remove("authorizers");
    Some(MethodPart {
        api: rest_api(&part),
        path: text(found, "path").to_owned(),
        is_any: name == "ANY",
        secrets: secrets.unwrap_or_default(),
    })
}

/// An authorizer by its id, guarding `GET /`. None where it is not there.
pub(crate) fn authorizer_part(snapshot: &Document, id: &str) -> Option<AuthorizerPart> {
    let names = authorizer::names(snapshot);
    let name = names.get(id)?.clone();
    let asked = authorizer::all(snapshot, &names).remove(&name)?;
    let Some(authorization) = guarding(&name, &asked) else {
        return Some(AuthorizerPart::NotAsked(what(&asked)));
    };
    let method = Method {
        authorization,
        integration: Some(Integration::of("", Target::Mock)),
        ..Method::default()
    };
    let root = Resource {
        path: "/".to_owned(),
        methods: [("GET".to_owned(), method)].into(),
        ..Resource::default()
    };
    let mut only = Map::new();
    if let Some(api) = snapshot.get("restApi") {
        only.insert("restApi".to_owned(), api.clone());
    }
    let mut api = rest_api(&only);
    api.resources.push(root);
    api.authorizers.insert(name, asked);
    Some(AuthorizerPart::Asked(Box::new(api)))
}

/// How it guards a method; none where it cannot be asked.
fn guarding(name: &str, asked: &Authorizer) -> Option<Authorization> {
    let authorizer = name.to_owned();
    match asked.kind {
        AuthorizerKind::Token | AuthorizerKind::Request if asked.plugin.is_none() => None,
        AuthorizerKind::Cognito if asked.provider_arns.is_empty() => None,
        AuthorizerKind::Jwt if asked.jwt_configuration.is_none() => None,
        AuthorizerKind::Cognito => Some(Authorization::Cognito { authorizer }),
        _ => Some(Authorization::Custom { authorizer }),
    }
}

/// Of an authorizer that is no plugin, for people.
fn what(authorizer: &Authorizer) -> String {
    match (authorizer.kind, &authorizer.uri) {
        (AuthorizerKind::Token | AuthorizerKind::Request, Some(uri)) => format!("the authorizer at {uri}"),
        (AuthorizerKind::Token | AuthorizerKind::Request, None) => {
            "an authorizer without a plugin".to_owned()
        }
        (kind, _) => format!("an authorizer of type {}", kind.name()),
    }
}
