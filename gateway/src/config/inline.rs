//! Inline routes as a model.

use std::collections::{BTreeMap, HashMap};

use portcullis_document::pointer;
use portcullis_model::{
    ApiKeySource, Authorization, Authorizer, AuthorizerKind, AwsTarget, CacheRules, Connection, Cors,
    EndpointConfiguration, GatewayResponse, HttpTarget, IdentitySource, Integration, IntegrationResponse,
    Method, PayloadFormat, Resource, ResponseType, RestApi, Target,
};
use serde_json::json;

use super::{
    ApiConfig, ApiKeySourceConfig, AuthorizationConfig, AuthorizerConfig, IntegrationConfig,
    PayloadFormatConfig, RouteCacheConfig, RouteConfig, TrustedIssuerConfig,
};
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
                    ..Resource::default()
                });
                resources.last_mut()
            }
        };
        let Some(resource) = resource else { continue };
        if resource
            .methods
            .insert(route.method.clone(), method(&pointer, config, route))
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
            policy: config
                .policy
                .as_ref()
                .map(|policy| serde_json::Value::from(policy.clone()).to_string()),
            endpoint: EndpointConfiguration {
                types: config
                    .endpoint_type
                    .iter()
                    .map(|kind| kind.name().to_owned())
                    .collect(),
                vpc_endpoint_ids: config.vpc_endpoint_ids.clone(),
                ..EndpointConfiguration::default()
            },
            security_policy: config.security_policy.clone(),
            endpoint_access_mode: config.endpoint_access_mode.said(),
            gateway_responses: gateway_responses(id, config),
            binary_media_types: config.binary_media_types.clone(),
            api_key_source: config.api_key_source.map(|source| match source {
                ApiKeySourceConfig::Header => ApiKeySource::Header,
                ApiKeySourceConfig::Authorizer => ApiKeySource::Authorizer,
            }),
            minimum_compression_size: config.minimum_compression_size,
            ..RestApi::default()
        },
        duplicates,
    )
}

/// The rules that `gateway.toml` has for an API, whatever defines it.
pub fn cors(id: &str, config: &ApiConfig) -> Option<Cors> {
    let cors = config.cors.as_ref()?;
    Some(Cors {
        pointer: pointer(["apis", id, "cors"]),
        allow_origins: cors.allow_origins.clone(),
        allow_methods: cors.allow_methods.clone(),
        allow_headers: cors.allow_headers.clone(),
        expose_headers: cors.expose_headers.clone(),
        allow_credentials: cors.allow_credentials,
        max_age: cors.max_age,
    })
}

/// Those whose type there is; the others are told by the rules.
fn gateway_responses(id: &str, config: &ApiConfig) -> BTreeMap<ResponseType, GatewayResponse> {
    let known = config.gateway_responses.iter();
    let known = known.filter_map(|(name, response)| Some((ResponseType::parse(name)?, name, response)));
    known
        .map(|(kind, name, response)| {
            let headers = response.headers.iter();
            let parameters = headers
                .map(|(name, from)| (format!("gatewayresponse.header.{name}"), from.clone()))
                .collect();
            let templates = response.templates.iter();
            let response = GatewayResponse {
                pointer: pointer(["apis", id, "gateway_responses", name]),
                status_code: response.status.map(|status| status.to_string()),
                response_parameters: parameters,
                response_templates: templates.map(|(of, text)| (of.clone(), text.clone())).collect(),
            };
            (kind, response)
        })
        .collect()
}

fn method(pointer: &str, config: &ApiConfig, route: &RouteConfig) -> Method {
    let named = |name: &String| (name.clone(), config.authorizers.get(name));
    let authorization = match (&route.authorization, route.authorizer.as_ref().map(named)) {
        (Some(AuthorizationConfig::AwsIam), _) => Authorization::Iam,
        (None, Some((authorizer, Some(AuthorizerConfig::CognitoUserPools { .. })))) => {
            Authorization::Cognito { authorizer }
        }
        (None, Some((authorizer, _))) => Authorization::Custom { authorizer },
        (None, None) => Authorization::None,
    };
    Method {
        pointer: pointer.to_owned(),
        authorization,
        authorization_scopes: route.scopes.clone(),
        api_key_required: route.api_key_required,
        integration: Some(cached(
            integration(format!("{pointer}/integration"), &route.integration),
            &route.cache,
        )),
        ..Method::default()
    }
}

fn cached(integration: Integration, config: &RouteCacheConfig) -> Integration {
    Integration {
        cache_namespace: config.namespace.clone(),
        cache_key_parameters: config.key_parameters.clone(),
        cache_rules: CacheRules {
            stale_while_revalidate: config.stale_while_revalidate_seconds,
            stale_if_error: config.stale_if_error_seconds,
            respect_cache_control: config.respect_cache_control,
        },
        ..integration
    }
}

fn integration(pointer: String, config: &IntegrationConfig) -> Integration {
    match config {
        IntegrationConfig::Mock {
            status,
            headers,
            template,
        } => mock(pointer, *status, headers, template.as_deref()),
        IntegrationConfig::HttpProxy {
            uri,
            http_method,
            parameters,
            vpc_link,
            trust_bundle,
            insecure_skip_verification,
            timeout_ms,
        } => {
            let connection = match vpc_link {
                Some(id) => Connection::VpcLink { id: id.clone() },
                None => Connection::Internet,
            };
            let target = HttpTarget {
                uri: uri.clone(),
                http_method: http_method.clone(),
                connection,
                insecure_skip_verification: *insecure_skip_verification,
                trust_bundle: trust_bundle.clone(),
            };
            Integration {
                timeout_in_millis: Some(*timeout_ms),
                request_parameters: parameters.clone(),
                ..Integration::of(pointer, Target::HttpProxy(target))
            }
        }
        IntegrationConfig::Lambda {
            function,
            payload_format_version,
            stream,
            timeout_ms,
        } => {
            let target = AwsTarget {
                uri: function.clone(),
                ..AwsTarget::default()
            };
            Integration {
                timeout_in_millis: Some(*timeout_ms),
                payload_format: payload_format(*payload_format_version),
                response_transfer_mode: stream.then(|| "STREAM".to_owned()),
                ..Integration::of(pointer, Target::AwsProxy(target))
            }
        }
        IntegrationConfig::Plugin { plugin, timeout_ms } => {
            let plugin = plugin.clone();
            Integration {
                timeout_in_millis: Some(*timeout_ms),
                ..Integration::of(pointer, Target::Plugin { plugin })
            }
        }
    }
}

fn payload_format(version: PayloadFormatConfig) -> PayloadFormat {
    match version {
        PayloadFormatConfig::V1 => PayloadFormat::V1,
        PayloadFormatConfig::V2 => PayloadFormat::V2,
    }
}

/// The default response, with what the route says of it.
fn mock(
    pointer: String,
    status: u16,
    headers: &BTreeMap<String, String>,
    template: Option<&str>,
) -> Integration {
    let response_parameters = headers
        .iter()
        .map(|(name, from)| (format!("method.response.header.{name}"), from.clone()));
    let response = IntegrationResponse {
        pointer: pointer.clone(),
        // Of the statuses that a MOCK is told, all lead here.
        status_code: status.to_string(),
        response_parameters: response_parameters.collect(),
        response_templates: template
            .map(|text| ("application/json".to_owned(), text.to_owned()))
            .into_iter()
            .collect(),
        ..IntegrationResponse::default()
    };
    // A MOCK gets its status from its request template, whatever the request's content type is.
    let says_status = format!("{{\"statusCode\": {status}}}");
    Integration {
        request_templates: vec![("$default".to_owned(), says_status)],
        responses: vec![response],
        ..Integration::of(pointer, Target::Mock)
    }
}

fn authorizer(id: &str, name: &str, config: &AuthorizerConfig) -> Authorizer {
    let pointer = pointer(["apis", id, "authorizers", name]);
    let (plugin, function) = config.decides().unwrap_or_default();
    let (plugin, uri) = (plugin.map(str::to_owned), function.map(str::to_owned));
    match config {
        AuthorizerConfig::Token {
            header,
            pattern,
            ttl_seconds,
            ..
        } => Authorizer {
            pointer,
            kind: AuthorizerKind::Token,
            plugin,
            uri,
            identity_sources: vec![IdentitySource::Header(header.clone())],
            identity_validation_expression: pattern.clone(),
            result_ttl_in_seconds: Some(*ttl_seconds),
            ..Authorizer::default()
        },
        AuthorizerConfig::Request {
            payload_format_version,
            simple_responses,
            identity_sources,
            ttl_seconds,
            ..
        } => Authorizer {
            pointer,
            kind: AuthorizerKind::Request,
            plugin,
            uri,
            payload_format: payload_format(*payload_format_version),
            simple_responses: *simple_responses,
            // Those that are none are told by the rules.
            identity_sources: identity_sources
                .iter()
                .filter_map(|source| IdentitySource::parse(source))
                .collect(),
            result_ttl_in_seconds: Some(*ttl_seconds),
            ..Authorizer::default()
        },
        AuthorizerConfig::CognitoUserPools {
            provider_arns,
            header,
            audience_pattern,
        } => Authorizer {
            pointer,
            kind: AuthorizerKind::Cognito,
            provider_arns: provider_arns.clone(),
            identity_sources: vec![IdentitySource::Header(header.clone())],
            identity_validation_expression: audience_pattern.clone(),
            ..Authorizer::default()
        },
        AuthorizerConfig::Jwt {
            issuers,
            algorithms,
            header,
        } => Authorizer {
            pointer,
            kind: AuthorizerKind::Jwt,
            jwt_configuration: Some(jwt_configuration(issuers, algorithms)),
            identity_sources: vec![IdentitySource::Header(header.clone())],
            ..Authorizer::default()
        },
    }
}

/// As the control plane's protocol has it.
fn jwt_configuration(issuers: &[TrustedIssuerConfig], algorithms: &[String]) -> String {
    let issuers = issuers.iter().map(|trusted| {
        let claims = trusted.claims.iter().map(|(name, values)| {
            json!({"claimName": name, "format": "SINGLE_STRING", "required": true, "expectedValues": values})
        });
        json!({
            "issuer": trusted.issuer,
            "audiences": trusted.audiences,
            "additionalClaims": claims.collect::<Vec<_>>(),
        })
    });
    json!({"issuers": issuers.collect::<Vec<_>>(), "defaultAlgorithms": algorithms}).to_string()
}
