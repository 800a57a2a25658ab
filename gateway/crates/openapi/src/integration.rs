//! What answers an operation.

use portcullis_document::Value;
use portcullis_model::{ContentHandling, Integration, PassthroughBehavior, Target};

use crate::context::{At, Context};
use crate::extension::extensions;
use crate::integration_response::responses;
use crate::key::{
    CACHE, INTEGRATION as AMAZON, OUR_INTEGRATION as PORTCULLIS, PAYLOAD_FORMAT_VERSION, TEMPLATE_ENGINE,
    TRANSFER_MODE, TRUST_BUNDLE,
};
use crate::mapping::cache_keys;
use crate::path::Path;
use crate::template::templates;
use crate::uri::check_stage_variables;
use crate::{aws, cache, http, mock};

/// What one may ask API Gateway for, without a stream and with one
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html>).
const TIMEOUT: std::ops::RangeInclusive<u64> = 50..=300_000;
const TIMEOUT_OF_STREAM: std::ops::RangeInclusive<u64> = 50..=900_000;

/// Keys of [`AMAZON`] that API Gateway has and that have an effect which this gateway does not have.
const NOT_YET: [&str; 4] = [
    "credentials",
    "integrationTarget",
    PAYLOAD_FORMAT_VERSION,
    TRANSFER_MODE,
];

/// Of those, what says what is so anyway.
const AS_IT_IS: [(&str, &str); 2] = [(PAYLOAD_FORMAT_VERSION, "1.0"), (TRANSFER_MODE, "BUFFERED")];

/// Keys of [`AMAZON`] that are read.
const READ: [&str; 17] = [
    "type",
    "uri",
    "httpMethod",
    "timeoutInMillis",
    "passthroughBehavior",
    "contentHandling",
    "connectionType",
    "connectionId",
    "tlsConfig",
    "requestParameters",
    "requestTemplates",
    "responses",
    "cacheNamespace",
    "cacheKeyParameters",
    CACHE,
    TEMPLATE_ENGINE,
    TRUST_BUNDLE,
];

/// Reads the integration of an operation; `None` after a problem. Only an API that is kept may have none.
pub(crate) fn integration<'d>(
    context: &mut Context<'d>,
    path: &Path,
    operation: &At<'d>,
) -> Option<Option<Integration>> {
    match (operation.member(AMAZON), operation.member(PORTCULLIS)) {
        (Some(amazon), None) => {
            let at = context.resolve_object(&amazon)?;
            of_amazon(context, path, &at).map(Some)
        }
        (None, Some(plugin)) => {
            context.object(&plugin)?;
            of_portcullis(context, &plugin).map(Some)
        }
        (Some(_), Some(plugin)) => {
            let message = format!("the operation has both \"{AMAZON}\" and \"{PORTCULLIS}\"");
            context.error_with_hint("integration", &plugin.pointer, message, "remove one of them");
            None
        }
        (None, None) if context.keeps() => Some(None),
        (None, None) => {
            let hint = format!("give it an \"{AMAZON}\" or an \"{PORTCULLIS}\"");
            context.error_with_hint(
                "integration",
                &operation.pointer,
                "the operation has no integration",
                hint,
            );
            None
        }
    }
}

fn of_portcullis<'d>(context: &mut Context<'d>, at: &At<'d>) -> Option<Integration> {
    for (name, member) in at
        .members()
        .filter(|(name, _)| !matches!(*name, "plugin" | "timeoutInMillis"))
    {
        context.unknown_setting(&member.pointer, name, &["plugin", "timeoutInMillis"]);
    }
    let timeout = timeout(context, at);
    context.required_string(at, "plugin")?;
    let plugin = plugin(context, at, "plugin")??;
    Some(Integration {
        timeout_in_millis: timeout?,
        ..Integration::of(&at.pointer, Target::Plugin { plugin })
    })
}

/// The name of a plugin in the member `key`; the outer option is `None` after a problem.
fn plugin(context: &mut Context<'_>, at: &At<'_>, key: &str) -> Option<Option<String>> {
    if at.member(key).is_none() {
        return Some(None);
    }
    let name = context.required_string(at, key)?;
    if let Err(message) = check_stage_variables("the plugin name", name) {
        context.error("value", &at.at(key), message);
        return None;
    }
    Some(Some(name.to_owned()))
}

fn of_amazon<'d>(context: &mut Context<'d>, path: &Path, at: &At<'d>) -> Option<Integration> {
    const KINDS: [&str; 4] = ["http", "http_proxy", "mock", "aws"];
    const ALL: [&str; 5] = ["http", "http_proxy", "mock", "aws", "aws_proxy"];
    keys(context, at);
    let timeout = timeout(context, at);
    let handling = content_handling(context, at);
    let namespace = namespace(context, at);
    let cache_keys = cache_keys(context, at, path);
    let cache_rules = cache::rules(context, at);
    let kind = context.required_string(at, "type")?;
    let integration = match kind.to_ascii_lowercase().as_str() {
        "http" => http::custom(context, path, at),
        "http_proxy" => http::proxy(context, path, at),
        "mock" => mock::integration(context, path, at),
        lower @ ("aws" | "aws_proxy") => aws::integration(context, path, at, lower == "aws_proxy"),
        _ if context.keeps() => {
            let message = format!(
                "unknown integration type \"{kind}\", expected one of {}",
                ALL.join(", ")
            );
            context.did_you_mean("value", &at.at("type"), message, kind, ALL);
            None
        }
        _ => {
            let message = format!(
                "unknown integration type \"{kind}\", expected \"http\", \"http_proxy\", \"mock\" or \"aws\""
            );
            context.did_you_mean("value", &at.at("type"), message, kind, KINDS);
            None
        }
    };
    Some(Integration {
        timeout_in_millis: timeout?,
        content_handling: handling?,
        cache_namespace: namespace?,
        cache_key_parameters: cache_keys?,
        cache_rules: cache_rules?,
        credentials: match is_service(at) {
            true => text(context, at, "credentials"),
            false => kept(context, at, "credentials"),
        },
        integration_target: kept(context, at, "integrationTarget"),
        response_transfer_mode: transfer_mode(context, at)?,
        extensions: extensions(at, &READ),
        ..integration?
    })
}

/// The `responseTransferMode` in upper case, as it is kept, or as a function has it; the outer option is `None` after a
/// problem.
fn transfer_mode(context: &mut Context<'_>, at: &At<'_>) -> Option<Option<String>> {
    if !context.keeps() && !may_have(at, TRANSFER_MODE) {
        return Some(None);
    }
    let Some(member) = at.member(TRANSFER_MODE).filter(|member| !is_empty(member)) else {
        return Some(None);
    };
    let said = context.string(&member)?;
    let mode = said.to_ascii_uppercase();
    if context.keeps() || matches!(&*mode, "BUFFERED" | "STREAM") {
        return Some(Some(mode));
    }
    let message = format!("unknown {TRANSFER_MODE} \"{said}\", expected \"BUFFERED\" or \"STREAM\"");
    context.did_you_mean("value", &member.pointer, message, said, ["BUFFERED", "STREAM"]);
    None
}

/// Whether an integration of that type has a key that others have not.
fn may_have(at: &At<'_>, key: &str) -> bool {
    let kind = at.member("type").and_then(|kind| kind.node.as_str());
    let is = |known: &str| kind.is_some_and(|kind| kind.eq_ignore_ascii_case(known));
    match key {
        PAYLOAD_FORMAT_VERSION => is("aws_proxy"),
        TRANSFER_MODE => is("aws_proxy") || is("http_proxy"),
        _ => false,
    }
}

/// A text that only an API that is kept has; of another one it has been refused.
fn kept(context: &mut Context<'_>, at: &At<'_>, key: &str) -> Option<String> {
    context.keeps().then(|| text(context, at, key))?
}

fn text(context: &mut Context<'_>, at: &At<'_>, key: &str) -> Option<String> {
    let member = at.member(key).filter(|member| !is_empty(member))?;
    context.string(&member).map(str::to_owned)
}

/// The `cacheNamespace`; the outer option is `None` after a problem.
fn namespace(context: &mut Context<'_>, at: &At<'_>) -> Option<Option<String>> {
    match at.member("cacheNamespace").filter(|member| !is_empty(member)) {
        Some(_) => context
            .required_string(at, "cacheNamespace")
            .map(|name| Some(name.to_owned())),
        None => Some(None),
    }
}

/// What integrations have in common that make both the request and the response; `None` after a problem.
pub(crate) fn of_templates<'d>(
    context: &mut Context<'d>,
    at: &At<'d>,
    target: Target,
) -> Option<Integration> {
    let passthrough = passthrough_behavior(context, at);
    let templates = templates(context, at, "requestTemplates");
    let engine = plugin(context, at, TEMPLATE_ENGINE);
    let responses = responses(context, at);
    Some(Integration {
        request_templates: templates?,
        template_engine: engine?,
        passthrough_behavior: passthrough?,
        responses: responses?,
        ..Integration::of(&at.pointer, target)
    })
}

fn keys(context: &mut Context<'_>, at: &At<'_>) {
    for (name, member) in at.members().filter(|(name, _)| !READ.contains(name)) {
        if NOT_YET.contains(&name) {
            if may_have(at, name) {
                continue;
            }
            let same = |(key, value): &(&str, &str)| *key == name && member.node.as_str() == Some(*value);
            if is_empty(&member) || AS_IT_IS.iter().any(same) || (name == "credentials" && is_service(at)) {
                continue;
            }
            let refused = context.refuses(&member.pointer, &format!("\"{name}\" of an integration"));
            if !refused && name == PAYLOAD_FORMAT_VERSION {
                context.warning(
                    "unused",
                    &member.pointer,
                    "payloads of HTTP APIs are not REST APIs', nothing uses it",
                );
            }
        } else {
            context.setting(&member.pointer, name, &READ);
        }
    }
}

/// Whether it is an integration with an AWS service, which is called with credentials.
fn is_service(at: &At<'_>) -> bool {
    let kind = at.member("type").and_then(|kind| kind.node.as_str());
    kind.is_some_and(|kind| kind.eq_ignore_ascii_case("aws")) && !aws::is_function(at)
}

/// Whether a setting says nothing, such as the empty lists that exports write.
pub(crate) fn is_empty(at: &At<'_>) -> bool {
    match &at.node.value {
        Value::Null => true,
        Value::Array(nodes) => nodes.is_empty(),
        Value::Object(object) => object.is_empty(),
        _ => false,
    }
}

/// The time-out; `None` after a problem.
fn timeout(context: &mut Context<'_>, at: &At<'_>) -> Option<Option<u32>> {
    let Some(member) = at.member("timeoutInMillis").filter(|member| !is_empty(member)) else {
        return Some(None);
    };
    let mode = at.member(TRANSFER_MODE).and_then(|mode| mode.node.as_str());
    let range = match mode.is_some_and(|mode| mode.eq_ignore_ascii_case("stream")) {
        true => TIMEOUT_OF_STREAM,
        false => TIMEOUT,
    };
    match member.node.as_u64() {
        Some(millis) if range.contains(&millis) => Some(u32::try_from(millis).ok()),
        _ => {
            let message = format!(
                "expected a timeoutInMillis from {} to {} (API Gateway's own limit is 29000 by default), found {}",
                range.start(),
                range.end(),
                member.node.describe()
            );
            context.error("value", &member.pointer, message);
            None
        }
    }
}

/// The `passthroughBehavior`; `None` after a problem.
pub(crate) fn passthrough_behavior(context: &mut Context<'_>, at: &At<'_>) -> Option<PassthroughBehavior> {
    const KNOWN: [(&str, PassthroughBehavior); 3] = [
        ("when_no_match", PassthroughBehavior::WhenNoMatch),
        ("when_no_templates", PassthroughBehavior::WhenNoTemplates),
        ("never", PassthroughBehavior::Never),
    ];
    let chosen = choice(context, at, "passthroughBehavior", &KNOWN)?;
    Some(chosen.unwrap_or_default())
}

/// The `contentHandling`; the outer option is `None` after a problem.
pub(crate) fn content_handling(context: &mut Context<'_>, at: &At<'_>) -> Option<Option<ContentHandling>> {
    const KNOWN: [(&str, ContentHandling); 2] = [
        ("convert_to_binary", ContentHandling::ConvertToBinary),
        ("convert_to_text", ContentHandling::ConvertToText),
    ];
    choice(context, at, "contentHandling", &KNOWN)
}

/// The member `key` as one of `known`, in any case; the outer option is `None` after a problem.
fn choice<T: Copy>(
    context: &mut Context<'_>,
    at: &At<'_>,
    key: &str,
    known: &[(&str, T)],
) -> Option<Option<T>> {
    let Some(member) = at.member(key).filter(|member| !is_empty(member)) else {
        return Some(None);
    };
    let said = context.string(&member)?;
    let chosen = known.iter().find(|(name, _)| name.eq_ignore_ascii_case(said));
    if let Some((_, value)) = chosen {
        return Some(Some(*value));
    }
    let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
    let message = format!("unknown {key} \"{said}\", expected one of {}", names.join(", "));
    context.did_you_mean("value", &member.pointer, message, said, names);
    None
}

/// The `httpMethod` in upper case; `None` after a problem.
pub(crate) fn http_method(context: &mut Context<'_>, at: &At<'_>) -> Option<Option<String>> {
    let Some(member) = at.member("httpMethod") else {
        return Some(None);
    };
    let said = context.string(&member)?;
    let lower = said.to_ascii_lowercase();
    if lower == "any" || crate::key::VERBS.contains(&lower.as_str()) {
        return Some(Some(said.to_ascii_uppercase()));
    }
    context.error("value", &member.pointer, format!("unknown httpMethod \"{said}\""));
    None
}
