//! Authorizers: those that are plugins, and why the others cannot be asked.

use std::collections::BTreeMap;

use portcullis_model::{Authorization, Authorizer, AuthorizerKind, IdentitySource};

use super::{Document, list, some, whole};
use crate::kind::rows::text;

/// How a URI names a plugin of this gateway.
pub(super) const PLUGIN: &str = "portcullis:plugin:";

/// The authorizers of a snapshot, by their ids.
pub(super) struct Authorizers(BTreeMap<String, Found>);

struct Found {
    name: String,
    /// Or why it cannot be asked.
    authorizer: Result<Authorizer, String>,
}

pub(super) fn all(snapshot: &Document) -> Authorizers {
    let mut taken: Vec<String> = Vec::new();
    let found = list(snapshot, "authorizers").map(|(pointer, document)| {
        let id = text(document, "id").to_owned();
        let mut name = text(document, "name").to_owned();
        // The model has them by name; the service keeps names apart, and so does this.
        if name.is_empty() || taken.contains(&name) {
            name.clone_from(&id);
        }
        taken.push(name.clone());
        let authorizer = authorizer(pointer, document);
        (id, Found { name, authorizer })
    });
    Authorizers(found.collect())
}

impl Authorizers {
    /// Those that can be asked, by name.
    pub(super) fn plugins(&self) -> BTreeMap<String, Authorizer> {
        let asked = self.0.values().filter_map(|found| {
            let authorizer = found.authorizer.as_ref().ok()?;
            Some((found.name.clone(), authorizer.clone()))
        });
        asked.collect()
    }

    /// The name of one, and the authorizer or why it cannot be asked.
    pub(super) fn take(mut self, id: &str) -> Option<(String, Result<Authorizer, String>)> {
        let found = self.0.remove(id)?;
        Some((found.name, found.authorizer))
    }

    /// Who may call a method; why nobody may where what decides cannot be asked.
    pub(super) fn authorization(&self, method: &Document) -> Result<Authorization, String> {
        match text(method, "authorizationType") {
            "" | "NONE" => Ok(Authorization::None),
            "CUSTOM" => {
                let id = text(method, "authorizerId");
                let found = self
                    .0
                    .get(id)
                    .ok_or_else(|| format!("the authorizer {id}, which is not there"))?;
                match &found.authorizer {
                    Ok(_) => Ok(Authorization::Custom {
                        authorizer: found.name.clone(),
                    }),
                    Err(reason) => Err(reason.clone()),
                }
            }
            other => Err(format!("authorization of type {other}")),
        }
    }
}

fn authorizer(pointer: String, document: &Document) -> Result<Authorizer, String> {
    let kind = match text(document, "type") {
        "TOKEN" => AuthorizerKind::Token,
        "REQUEST" => AuthorizerKind::Request,
        other => return Err(format!("an authorizer of type {other}")),
    };
    let uri = text(document, "authorizerUri");
    let plugin = plugin(uri).ok_or_else(|| format!("the authorizer at {uri}"))?;
    let mut sources = Vec::new();
    for source in sources_of(document) {
        sources.push(identity_source(source).ok_or_else(|| format!("the identity source {source}"))?);
    }
    if sources.is_empty() && kind == AuthorizerKind::Token {
        sources.push(IdentitySource::Header("Authorization".to_owned()));
    }
    Ok(Authorizer {
        pointer,
        kind,
        plugin: plugin.to_owned(),
        identity_sources: sources,
        identity_validation_expression: some(document, "identityValidationExpression"),
        result_ttl_in_seconds: whole(document, "authorizerResultTtlInSeconds"),
    })
}

/// Where an authorizer of any type finds who calls.
pub(super) fn identity_sources(document: &Document) -> Vec<IdentitySource> {
    sources_of(document).filter_map(identity_source).collect()
}

fn sources_of(document: &Document) -> impl Iterator<Item = &str> {
    let sources = text(document, "identitySource").split(',').map(str::trim);
    sources.filter(|source| !source.is_empty())
}

/// The plugin of `portcullis:plugin:NAME`, or of a Lambda function's ARN, whose name it then has.
fn plugin(uri: &str) -> Option<&str> {
    if let Some(name) = uri.strip_prefix(PLUGIN) {
        return Some(name).filter(|name| !name.is_empty());
    }
    let (_, rest) = uri.split_once(":function:")?;
    let name = rest.strip_suffix("/invocations").unwrap_or(rest);
    // An alias or a version may follow.
    let name = name.split(':').next().unwrap_or_default();
    Some(name).filter(|name| !name.is_empty())
}

fn identity_source(source: &str) -> Option<IdentitySource> {
    let of = |before: &str| {
        let name = source.strip_prefix(before)?;
        Some(name.to_owned()).filter(|name| !name.is_empty())
    };
    of("method.request.header.")
        .map(IdentitySource::Header)
        .or_else(|| of("method.request.querystring.").map(IdentitySource::QueryString))
        .or_else(|| of("stageVariables.").map(IdentitySource::StageVariable))
        .or_else(|| of("context.").map(IdentitySource::Context))
}
