//! What an API that is kept has beside its paths.

use portcullis_model::{ApiKeySource, EndpointConfiguration, NoPolicy, RestApi, SecurityPolicy};

use crate::context::{At, Context};
use crate::integration::is_empty;
use crate::key::{
    API_KEY_SOURCE, ENDPOINT_ACCESS_MODE, ENDPOINT_CONFIGURATION, POLICY, SECURITY_POLICY, TAG_VALUE,
};
use crate::version::Version;

/// Reads what only a control plane keeps. Of an API that is served these have been refused.
pub(crate) fn settings<'d>(context: &mut Context<'d>, root: &At<'d>, api: &mut RestApi) {
    if let Some(info) = root.member("info") {
        api.description = text(context, &info, "description");
        api.version = text(context, &info, "version");
    }
    tags(context, root, api);
}

/// How the API is reached.
pub(crate) fn reached<'d>(
    context: &mut Context<'d>,
    version: Version,
    root: &At<'d>,
) -> EndpointConfiguration {
    let mut found = EndpointConfiguration::default();
    if let Some(at) = endpoint_configuration(version, root) {
        endpoint(context, &at, &mut found);
    }
    found
}

/// What TLS its own names demand, and how strictly. Of an API that is served that is what can be kept to.
pub(crate) fn tls(context: &mut Context<'_>, root: &At<'_>) -> (Option<String>, Option<String>) {
    const MODES: [&str; 2] = ["BASIC", "STRICT"];
    let policy = text(context, root, SECURITY_POLICY);
    let mode = text(context, root, ENDPOINT_ACCESS_MODE);
    if context.keeps() {
        return (policy, mode);
    }
    if let Some(name) = &policy {
        let at = root.at(SECURITY_POLICY);
        match SecurityPolicy::parse(name) {
            Ok(_) => {}
            Err(NoPolicy::Unknown) => {
                let message = format!("there is no security policy \"{name}\"");
                context.did_you_mean("value", &at, message, name, SecurityPolicy::names());
            }
            Err(NoPolicy::Refused(reason)) => {
                let message = format!("the security policy {name} is not supported: {reason}");
                context.error("value", &at, message);
            }
        }
    }
    if let Some(mode) = mode.as_ref().filter(|mode| !MODES.contains(&mode.as_str())) {
        let message = format!("unknown endpoint access mode \"{mode}\", expected \"BASIC\" or \"STRICT\"");
        context.did_you_mean("value", &root.at(ENDPOINT_ACCESS_MODE), message, mode, MODES);
    }
    (policy, mode)
}

fn text(context: &mut Context<'_>, at: &At<'_>, key: &str) -> Option<String> {
    let text = context.optional_string(at, key)?;
    (!text.is_empty()).then(|| text.to_owned())
}

/// The resource policy: an object, or what the wire has, the JSON text of one.
pub(crate) fn policy(context: &mut Context<'_>, root: &At<'_>) -> Option<String> {
    let member = root.member(POLICY).filter(|member| !is_empty(member))?;
    match member.node.as_str() {
        Some(text) => Some(text.to_owned()),
        None => context.object(&member).map(|_| member.node.to_json().to_string()),
    }
}

/// Where callers' API keys are.
pub(crate) fn key_source(context: &mut Context<'_>, root: &At<'_>) -> Option<ApiKeySource> {
    let said = context.optional_string(root, API_KEY_SOURCE)?;
    let source = ApiKeySource::parse(said);
    if source.is_none() {
        let message = format!("unknown source of API keys \"{said}\", expected \"HEADER\" or \"AUTHORIZER\"");
        context.did_you_mean(
            "value",
            &root.at(API_KEY_SOURCE),
            message,
            said,
            ["HEADER", "AUTHORIZER"],
        );
    }
    source
}

/// In a server of OpenAPI 3, or in the document itself
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-endpoint-configuration.html>).
fn endpoint_configuration<'d>(version: Version, root: &At<'d>) -> Option<At<'d>> {
    let of_root = root.member(ENDPOINT_CONFIGURATION);
    let servers = root.member("servers").filter(|_| version == Version::Three);
    of_root.or_else(|| {
        let servers = servers?;
        let nodes = servers.node.as_array()?;
        nodes.iter().enumerate().find_map(|(index, node)| {
            let pointer = format!("{}/{index}", servers.pointer);
            At { node, pointer }.member(ENDPOINT_CONFIGURATION)
        })
    })
}

fn endpoint<'d>(context: &mut Context<'d>, at: &At<'d>, into: &mut EndpointConfiguration) {
    const READ: [&str; 4] = [
        "types",
        "ipAddressType",
        "vpcEndpointIds",
        "disableExecuteApiEndpoint",
    ];
    const TYPES: [&str; 3] = ["EDGE", "REGIONAL", "PRIVATE"];
    if context.object(at).is_none() {
        return;
    }
    for (name, member) in at.members().filter(|(name, _)| !READ.contains(name)) {
        context.setting(&member.pointer, name, &READ);
    }
    let keeps = context.keeps();
    let is_type = |name: &str| match keeps || TYPES.contains(&name) {
        true => Ok(()),
        false => Err(format!(
            "\"{name}\" is no type of an endpoint, expected one of {}",
            TYPES.join(", ")
        )),
    };
    into.types = context.texts(at, "types", is_type).unwrap_or_default();
    into.vpc_endpoint_ids = context
        .texts(at, "vpcEndpointIds", |_| Ok(()))
        .unwrap_or_default();
    into.ip_address_type = text(context, at, "ipAddressType");
    if at.member("disableExecuteApiEndpoint").is_some() {
        into.disable_execute_api_endpoint = context.flag(at, "disableExecuteApiEndpoint");
    }
}

/// Tags of the document that have a value are the API's
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-openapi-extensions-x-amazon-apigateway-tag-value.html>).
fn tags<'d>(context: &mut Context<'d>, root: &At<'d>, api: &mut RestApi) {
    for tag in context.elements(root, "tags").unwrap_or_default() {
        if tag.member(TAG_VALUE).is_none() {
            continue;
        }
        let name = context.required_string(&tag, "name");
        let value = context.optional_string(&tag, TAG_VALUE);
        if let (Some(name), Some(value)) = (name, value) {
            api.tags.insert(name.to_owned(), value.to_owned());
        }
    }
}

/// The base path that the document says (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-import-api-basePath.html>);
/// of OpenAPI 3 it is the variable `basePath` of its first server that has one.
pub(crate) fn base_path<'d>(version: Version, root: &At<'d>) -> Option<At<'d>> {
    if version == Version::Two {
        return root.member("basePath");
    }
    let servers = root.member("servers")?;
    let nodes = servers.node.as_array()?;
    nodes.iter().enumerate().find_map(|(index, node)| {
        let pointer = format!("{}/{index}", servers.pointer);
        At { node, pointer }
            .member("variables")?
            .member("basePath")?
            .member("default")
    })
}
