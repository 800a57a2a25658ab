//! Inline routes as a model.

use std::collections::{BTreeMap, HashMap};

use portcullis_document::pointer;
use portcullis_model::{
    Authorization, Authorizer, AuthorizerKind, IdentitySource, Integration, Method, Resource, RestApi, Target,
};

use super::{ApiConfig, AuthorizerConfig, IntegrationConfig, RouteConfig};
use crate::background;

/// The model of an API that `gateway.toml` spells out, and the routes that stand twice (by their index).
pub fn api_of_routes(id: &str, config: &ApiConfig) -> (RestApi, Vec<usize>) {
    let mut resources: Vec<Resource> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut duplicates = Vec::new();
    for (index, route) in config.routes.iter().enumerate() {
        background::breathe(index);
        let pointer = pointer(["apis", id, "routes", &index.to_string()]);
        let resource = match places.get(&*route.path) {
            Some(at) => resources.get_mut(*at),
            None => {
                places.insert(&route.path, resources.len());
                let path = route.path.clone();
                resources.push(Resource {
                    pointer: format!("{pointer}/path"),
                    path,
                    methods: BTreeMap::new(),
                });
                resources.last_mut()
            }
        };
        let Some(resource) = resource else { continue };
        if resource
            .methods
            .insert(route.method.clone(), method(&pointer, route))
            .is_some()
        {
            duplicates.push(index);
        }
    }
    let named = config.authorizers.iter();
    let authorizers = named
        .map(|(name, config)| (name.clone(), authorizer(id, name, config)))
        .collect();
    (
        RestApi {
            id: id.to_owned(),
            name: id.to_owned(),
            resources,
            authorizers,
        },
        duplicates,
    )
}

fn method(pointer: &str, route: &RouteConfig) -> Method {
    let authorization = match &route.authorizer {
        Some(authorizer) => Authorization::Custom {
            authorizer: authorizer.clone(),
        },
        None => Authorization::None,
    };
    let (target, timeout_in_millis) = match &route.integration {
        IntegrationConfig::Mock { status } => (Target::Mock { status: *status }, None),
        IntegrationConfig::HttpProxy {
            uri,
            http_method,
            timeout_ms,
        } => {
            let (uri, http_method) = (uri.clone(), http_method.clone());
            (
                Target::HttpProxy {
                    uri,
                    http_method,
                    path_parameters: BTreeMap::new(),
                },
                Some(*timeout_ms),
            )
        }
        IntegrationConfig::Plugin { plugin, timeout_ms } => (
            Target::Plugin {
                plugin: plugin.clone(),
            },
            Some(*timeout_ms),
        ),
    };
    let integration = Integration {
        pointer: format!("{pointer}/integration"),
        target,
        timeout_in_millis,
    };
    Method {
        pointer: pointer.to_owned(),
        authorization,
        integration: Some(integration),
    }
}

fn authorizer(id: &str, name: &str, config: &AuthorizerConfig) -> Authorizer {
    let pointer = pointer(["apis", id, "authorizers", name]);
    match config {
        AuthorizerConfig::Token {
            plugin,
            header,
            pattern,
        } => Authorizer {
            pointer,
            kind: AuthorizerKind::Token,
            plugin: plugin.clone(),
            identity_sources: vec![IdentitySource::Header(header.clone())],
            identity_validation_expression: pattern.clone(),
            result_ttl_in_seconds: Some(0),
        },
        AuthorizerConfig::Request { plugin } => Authorizer {
            pointer,
            kind: AuthorizerKind::Request,
            plugin: plugin.clone(),
            identity_sources: Vec::new(),
            identity_validation_expression: None,
            result_ttl_in_seconds: Some(0),
        },
    }
}
