//! What `gateway.toml` must keep to beyond its schema.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use portcullis_document::{Document, Problem, pointer};
use portcullis_model::{IdentitySource, ResponseType};
use portcullis_plugin_host::origin_of;

use super::{
    AccessConfig, AccessModeConfig, ApiConfig, AuthorizerConfig, ControlConfig, GatewayConfig, PluginConfig,
    StageConfig, VpcLinkConfig, WebAclConfig, acme, api_keys, authorizers, aws, backends, domain_tls,
    domains, issuer, lambda, listener, networks, peers, tls,
};
use crate::builtin;
use crate::compile::template::DEFAULT_ENGINE;
use crate::plan::Verb;
use crate::upstream::{Address, MOST_TARGETS};

/// Every breach of a rule.
pub(super) fn check(
    document: &Document,
    config: &GatewayConfig,
    environment: &BTreeMap<String, String>,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    listeners(document, config, &mut problems);
    if let Some(control) = &config.control {
        check_control(document, control, &mut problems);
    }
    if let Some(config) = &config.tracing {
        super::tracing::check(document, config, &mut problems);
    }
    networks::check(document, &config.networks, &config.listeners, &mut problems);
    for (name, plugin) in &config.plugins {
        check_plugin(document, name, plugin, &mut problems);
    }
    for (name, link) in &config.vpc_links {
        check_link(document, name, link, &mut problems);
    }
    backends::check(document, &config.backends, &mut problems);
    issuer::check(document, config, &mut problems);
    domains::check(document, config, &mut problems);
    acme::check(document, config, &mut problems);
    domain_tls::check(document, config, &mut problems);
    api_keys::check(document, config, &mut problems);
    for (id, api) in &config.apis {
        check_api(document, id, api, &mut problems);
        check_client_certificates(document, config, id, api, &mut problems);
        check_web_acls_of(document, config, id, api, &mut problems);
    }
    for (name, acl) in &config.web_acls {
        check_web_acl(document, config, (name, acl), &mut problems);
    }
    lambda::check(document, config, &mut problems);
    aws::check(document, config, environment, &mut problems);
    tls::check(document, config, &mut problems);
    problems
}

fn listeners(document: &Document, config: &GatewayConfig, problems: &mut Vec<Problem>) {
    if config.listeners.is_empty() {
        let problem = document.error("no-listener", "/listeners", "there is no listener");
        problems.push(problem.hint("add [[listeners]] with address = \"127.0.0.1:8080\""));
    }
    for (index, listener) in config.listeners.iter().enumerate() {
        let at = format!("/listeners/{index}");
        let once = listener::check(document, &at, listener, problems);
        peers::check(document, &at, listener, &config.networks, problems);
        let before = config.listeners.iter().take(index);
        if once && before.clone().any(|other| other.address == listener.address) {
            let message = format!("the address {} stands twice", listener.address);
            problems.push(document.error("duplicate-listener", &format!("{at}/address"), message));
        }
        if let Some(api) = listener
            .default_api
            .as_ref()
            .filter(|api| !config.apis.contains_key(*api))
        {
            let problem = document.error(
                "unknown-api",
                &format!("{at}/default_api"),
                format!("there is no API `{api}`"),
            );
            problems.push(problem.did_you_mean(api, config.apis.keys().map(String::as_str)));
        }
    }
}

fn address(document: &Document, at: &str, text: &str, problems: &mut Vec<Problem>) -> Option<SocketAddr> {
    problems.extend(bad_address(document, at, text));
    text.parse().ok()
}

/// What is wrong with an address to listen on.
pub(crate) fn bad_address(document: &Document, at: &str, text: &str) -> Option<Problem> {
    if text.parse::<SocketAddr>().is_ok() {
        return None;
    }
    let message = format!("`{text}` is not an IP address with a port");
    let problem = document.error("bad-address", at, message);
    Some(problem.hint("such as 127.0.0.1:8080, 0.0.0.0:8080 or [::]:8080"))
}

fn check_control(document: &Document, control: &ControlConfig, problems: &mut Vec<Problem>) {
    let bound = address(document, "/control/address", &control.address, problems);
    let open = control.access == AccessConfig::AnonymousOnLoopback;
    if open && bound.is_some_and(|bound| !bound.ip().is_loopback()) {
        let message = format!(
            "{} is not on loopback, so whoever reaches it could change every API",
            control.address
        );
        let problem = document.error("open-control", "/control/access", message);
        problems.push(problem.hint("take 127.0.0.1, or access = \"signed\""));
    }
    if control.account.len() != 12 || !control.account.bytes().all(|byte| byte.is_ascii_digit()) {
        let message = format!("`{}` is no account: 12 digits", control.account);
        problems.push(document.error("bad-account", "/control/account", message));
    }
    let good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if control.region.is_empty() || control.region.len() > 32 || !control.region.bytes().all(good) {
        let message = format!("`{}` is no region, such as us-east-1", control.region);
        problems.push(document.error("bad-region", "/control/region", message));
    }
}

fn check_plugin(document: &Document, name: &str, plugin: &PluginConfig, problems: &mut Vec<Problem>) {
    let at = pointer(["plugins", name]);
    for (index, origin) in plugin.grants.http.iter().enumerate() {
        let known = origin.parse().ok().and_then(|uri: http::Uri| origin_of(&uri));
        if known.as_ref() != Some(origin) {
            let at = format!("{at}/grants/http/{index}");
            let message = format!("`{origin}` is not the origin of a server");
            let hint = known.unwrap_or_else(|| "https://api.example.com".to_owned());
            problems.push(
                document
                    .error("bad-origin", &at, message)
                    .hint(format!("such as {hint}")),
            );
        }
    }
    match (&plugin.builtin, &plugin.file) {
        (Some(builtin), None) if builtin::component(builtin).is_none() => {
            let message = format!("no component `{builtin}` comes with Portcullis");
            let problem = document.error("unknown-builtin", &format!("{at}/builtin"), message);
            problems.push(problem.hint(format!("there are {}", builtin::NAMES.join(", "))));
        }
        (None, Some(_)) if name == DEFAULT_ENGINE => {
            let message = format!("the name `{name}` is that of the engine which comes with Portcullis");
            let problem = document.error("plugin-component", &format!("{at}/file"), message);
            problems.push(
                problem.hint("name the plugin otherwise, and let integrations ask for it by that name"),
            );
        }
        (Some(_), None) | (None, Some(_)) => {}
        (Some(_), Some(_)) | (None, None) => {
            let message = format!("plugin `{name}` needs exactly one of builtin and file");
            problems.push(document.error("plugin-component", &at, message));
        }
    }
    if plugin.limits.concurrency == 0 || plugin.limits.cpu_ms == 0 {
        problems.push(document.error(
            "plugin-limits",
            &format!("{at}/limits"),
            "a limit of 0 lets nothing run",
        ));
    }
}

fn check_link(document: &Document, name: &str, link: &VpcLinkConfig, problems: &mut Vec<Problem>) {
    let at = pointer(["vpc_links", name, "targets"]);
    let count = link.targets.len();
    if count == 0 || count > MOST_TARGETS {
        let message = format!("the VPC link `{name}` has {count} targets; it needs 1 to {MOST_TARGETS}");
        problems.push(document.error("vpc-link-targets", &at, message));
    }
    for (index, target) in link.targets.iter().enumerate() {
        let at = format!("{at}/{index}");
        if Address::parse(target).is_none() {
            let message = format!("`{target}` is neither a host with a port nor a Unix socket");
            let problem = document.error("bad-target", &at, message);
            problems.push(
                problem.hint("such as 10.0.0.7:8080, app.internal:8080, [::1]:8080 or unix:/run/app.sock"),
            );
        } else if link.targets.iter().take(index).any(|other| other == target) {
            let message = format!("the target {target} stands twice");
            problems.push(document.error("duplicate-target", &at, message));
        }
    }
}

fn check_client_certificates(
    document: &Document,
    config: &GatewayConfig,
    id: &str,
    api: &ApiConfig,
    problems: &mut Vec<Problem>,
) {
    for (stage, settings) in &api.stages {
        let Some(name) = &settings.client_certificate else {
            continue;
        };
        if config.client_certificates.contains_key(name) {
            continue;
        }
        let at = pointer(["apis", id, "stages", stage, "client_certificate"]);
        let message = format!("there is no client certificate `{name}`");
        let problem = document.error("unknown-client-certificate", &at, message);
        problems.push(problem.did_you_mean(name, config.client_certificates.keys()));
    }
}

fn check_web_acls_of(
    document: &Document,
    config: &GatewayConfig,
    id: &str,
    api: &ApiConfig,
    problems: &mut Vec<Problem>,
) {
    for (stage, settings) in &api.stages {
        let unknown = |name: &&String| !config.web_acls.contains_key(*name);
        let Some(name) = settings.web_acl.as_ref().filter(unknown) else {
            continue;
        };
        let at = pointer(["apis", id, "stages", stage, "web_acl"]);
        let problem = document.error("unknown-web-acl", &at, format!("there is no web ACL `{name}`"));
        problems.push(problem.did_you_mean(name, config.web_acls.keys()));
    }
}

/// Names are those of AWS WAF (<https://docs.aws.amazon.com/waf/latest/APIReference/API_WebACL.html>).
fn check_web_acl(
    document: &Document,
    config: &GatewayConfig,
    (name, acl): (&str, &WebAclConfig),
    problems: &mut Vec<Problem>,
) {
    let at = pointer(["web_acls", name]);
    let good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if name.is_empty() || name.len() > 128 || !name.bytes().all(good) {
        let problem = document.error(
            "bad-web-acl-name",
            &at,
            format!("`{name}` cannot be the name of a web ACL"),
        );
        problems.push(problem.hint("A-Z, a-z, 0-9, - and _, 128 at most"));
    }
    if acl.filters.is_empty() {
        let message = format!("the web ACL `{name}` has no filter, so it would let everything pass");
        let problem = document.error("empty-web-acl", &format!("{at}/filters"), message);
        problems.push(problem.hint("name at least one plugin of world `filter`"));
    }
    for (index, plugin) in acl.filters.iter().enumerate() {
        if !config.plugins.contains_key(plugin) {
            let at = format!("{at}/filters/{index}");
            let problem = document.error("unknown-plugin", &at, format!("there is no plugin `{plugin}`"));
            problems.push(problem.did_you_mean(plugin, config.plugins.keys()));
        }
    }
}

fn check_api(document: &Document, id: &str, api: &ApiConfig, problems: &mut Vec<Problem>) {
    let at = pointer(["apis", id]);
    if !is_label(id) {
        let problem = document.error("bad-api-id", &at, format!("`{id}` cannot be the id of an API"));
        problems.push(problem.hint("it is a label of host names: a-z, 0-9 and inner -, 63 at most"));
    }
    if api.openapi.is_some() != api.routes.is_empty() {
        let message = format!("API `{id}` needs exactly one of openapi and routes");
        problems.push(document.error("api-definition", &at, message));
    }
    if api.openapi.is_some() && !api.authorizers.is_empty() {
        let problem = document.error(
            "api-authorizers",
            &format!("{at}/authorizers"),
            "a document has its own authorizers",
        );
        problems
            .push(problem.hint("move them to securityDefinitions (2.0) or components.securitySchemes (3.0)"));
    }
    for (index, route) in api.routes.iter().enumerate() {
        if route.authorization.is_some() && route.authorizer.is_some() {
            let at = format!("{at}/routes/{index}/authorization");
            let problem = document.error("route-authorization", &at, "the route has an authorizer as well");
            problems.push(problem.hint("keep authorization or authorizer: one of them decides"));
        }
    }
    check_settings(document, &at, api, problems);
    check_endpoints(document, &at, api, problems);
    check_identity_sources(document, &at, api, problems);
    check_scopes(document, &at, api, problems);
    authorizers::check(document, &at, api, problems);
    if api.stages.is_empty() {
        let problem = document.error(
            "no-stage",
            &format!("{at}/stages"),
            format!("API `{id}` has no stage, so no address"),
        );
        problems.push(problem.hint(format!("add [apis.{id}.stages.dev]")));
    }
    for (name, stage) in &api.stages {
        check_stage(document, &pointer(["apis", id, "stages", name]), stage, problems);
    }
    for name in api.stages.keys().filter(|name| !is_stage(name)) {
        let at = pointer(["apis", id, "stages", name]);
        let problem = document.error(
            "bad-stage-name",
            &at,
            format!("`{name}` cannot be the name of a stage"),
        );
        problems.push(
            problem.hint("A-Z, a-z, 0-9, - and _, 128 at most; _aws and restapis are taken by addresses"),
        );
    }
}

fn check_identity_sources(document: &Document, at: &str, api: &ApiConfig, problems: &mut Vec<Problem>) {
    for (name, authorizer) in &api.authorizers {
        let AuthorizerConfig::Request { identity_sources, .. } = authorizer else {
            continue;
        };
        for (index, source) in identity_sources.iter().enumerate() {
            if IdentitySource::parse(source).is_none() {
                let at = format!(
                    "{at}{}",
                    pointer(["authorizers", name, "identity_sources", &index.to_string()])
                );
                let problem = document.error(
                    "identity-source",
                    &at,
                    format!("`{source}` is not an identity source"),
                );
                problems.push(problem.hint(
                    "it is method.request.header.NAME, method.request.querystring.NAME, stageVariables.NAME or context.NAME",
                ));
            }
        }
    }
}

/// Scopes are those of a token.
fn check_scopes(document: &Document, at: &str, api: &ApiConfig, problems: &mut Vec<Problem>) {
    for (index, route) in api
        .routes
        .iter()
        .enumerate()
        .filter(|(_, route)| !route.scopes.is_empty())
    {
        let authorizer = route
            .authorizer
            .as_ref()
            .and_then(|name| api.authorizers.get(name));
        let verifies = matches!(
            authorizer,
            Some(AuthorizerConfig::CognitoUserPools { .. } | AuthorizerConfig::Jwt { .. })
        );
        if !verifies {
            let at = format!("{at}/routes/{index}/scopes");
            let message = "scopes are looked for in a token, and the route's authorizer verifies none";
            let problem = document.error("scopes", &at, message);
            problems.push(problem.hint("let it have an authorizer of type jwt or cognito_user_pools"));
        }
    }
}

/// Endpoints are those of private APIs.
fn check_endpoints(document: &Document, at: &str, api: &ApiConfig, problems: &mut Vec<Problem>) {
    for (index, vpce) in api.vpc_endpoint_ids.iter().enumerate() {
        networks::id(
            document,
            &format!("{at}/vpc_endpoint_ids/{index}"),
            vpce,
            "vpce-",
            problems,
        );
    }
    if !api.vpc_endpoint_ids.is_empty() && api.endpoint_type != Some(super::EndpointType::Private) {
        let at = format!("{at}/vpc_endpoint_ids");
        let problem = document.error("endpoint", &at, "only a private API has endpoints of its own");
        problems.push(problem.hint("add endpoint_type = \"private\", or leave them out"));
    }
}

/// What a document says of itself is not said here too, and a gateway response is of a type that there is.
fn check_settings(document: &Document, at: &str, api: &ApiConfig, problems: &mut Vec<Problem>) {
    let settings = [
        ("policy", "x-amazon-apigateway-policy", api.policy.is_some()),
        (
            "endpoint_type",
            "x-amazon-apigateway-endpoint-configuration",
            api.endpoint_type.is_some(),
        ),
        (
            "security_policy",
            "x-amazon-apigateway-security-policy",
            api.security_policy.is_some(),
        ),
        (
            "endpoint_access_mode",
            "x-amazon-apigateway-endpoint-access-mode",
            api.endpoint_access_mode != AccessModeConfig::Basic,
        ),
        (
            "binary_media_types",
            "x-amazon-apigateway-binary-media-types",
            !api.binary_media_types.is_empty(),
        ),
        (
            "minimum_compression_size",
            "x-amazon-apigateway-minimum-compression-size",
            api.minimum_compression_size.is_some(),
        ),
        (
            "api_key_source",
            "x-amazon-apigateway-api-key-source",
            api.api_key_source.is_some(),
        ),
        (
            "gateway_responses",
            "x-amazon-apigateway-gateway-responses",
            !api.gateway_responses.is_empty(),
        ),
    ];
    for (key, extension, _) in settings
        .iter()
        .filter(|(.., said)| api.openapi.is_some() && *said)
    {
        let message = format!("a document has its own {key}");
        let problem = document.error("api-settings", &format!("{at}/{key}"), message);
        problems.push(problem.hint(format!("use {extension} in the document")));
    }
    for name in api
        .gateway_responses
        .keys()
        .filter(|name| ResponseType::parse(name).is_none())
    {
        let at = format!("{at}/gateway_responses{}", pointer([name]));
        let message = format!("there is no gateway response type `{name}`");
        let problem = document.error("unknown-response-type", &at, message);
        problems.push(problem.did_you_mean(name, ResponseType::ALL.map(ResponseType::name)));
    }
}

fn check_stage(document: &Document, at: &str, stage: &StageConfig, problems: &mut Vec<Problem>) {
    if stage
        .access_log
        .as_ref()
        .is_some_and(|log| log.destination.is_empty())
    {
        let at = format!("{at}/access_log/destination");
        let problem = document.error("access-log", &at, "the access log has no destination");
        problems.push(problem.hint("\"stdout\", or a file relative to this file"));
    }
    for key in stage.methods.keys().filter(|key| !is_method_key(key)) {
        let at = format!("{at}{}", pointer(["methods", key]));
        let problem = document.error("bad-method-key", &at, format!("`{key}` names no method"));
        problems.push(problem.hint("a path and a verb, such as /pets/{id}/GET, or */* for all"));
    }
}

/// `*/*`, or a path, a slash and a verb.
fn is_method_key(key: &str) -> bool {
    let verb = |(path, verb): (&str, &str)| {
        (path.is_empty() || path.starts_with('/')) && (verb == "ANY" || Verb::parse(verb).is_some())
    };
    key == "*/*" || key.rsplit_once('/').is_some_and(verb)
}

fn is_label(id: &str) -> bool {
    let good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !id.is_empty() && id.len() <= 63 && id.bytes().all(good) && !id.starts_with('-') && !id.ends_with('-')
}

fn is_stage(name: &str) -> bool {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    !name.is_empty() && name.len() <= 128 && name.bytes().all(good) && !matches!(name, "_aws" | "restapis")
}
