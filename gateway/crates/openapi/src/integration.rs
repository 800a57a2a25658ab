//! What answers an operation.

use portcullis_document::Value;
use portcullis_model::{Integration, Target};

use crate::context::{At, Context};
use crate::extension::is_extension;
use crate::path::Path;
use crate::{http, mock};

/// API Gateway's integrations.
pub(crate) const AMAZON: &str = "x-amazon-apigateway-integration";
/// Integrations that only this gateway has.
pub(crate) const PORTCULLIS: &str = "x-portcullis-integration";

/// What API Gateway allows by default, and what one may ask it for.
const TIMEOUT: std::ops::RangeInclusive<u64> = 50..=300_000;

/// Keys of [`AMAZON`] that API Gateway has and that have an effect which this gateway does not have.
const NOT_YET: [&str; 9] = [
    "cacheKeyParameters",
    "cacheNamespace",
    "connectionId",
    "contentHandling",
    "credentials",
    "integrationTarget",
    "payloadFormatVersion",
    "responseTransferMode",
    "tlsConfig",
];

/// Keys of [`AMAZON`] that are read.
const READ: [&str; 9] = [
    "type",
    "uri",
    "httpMethod",
    "timeoutInMillis",
    "passthroughBehavior",
    "connectionType",
    "requestParameters",
    "requestTemplates",
    "responses",
];

/// Reads the integration of an operation; `None` after a problem.
pub(crate) fn integration<'d>(
    context: &mut Context<'d>,
    path: &Path,
    operation: &At<'d>,
) -> Option<Integration> {
    match (operation.member(AMAZON), operation.member(PORTCULLIS)) {
        (Some(amazon), None) => {
            let at = context.resolve(&amazon)?;
            context.object(&at)?;
            of_amazon(context, path, &at)
        }
        (None, Some(plugin)) => {
            context.object(&plugin)?;
            of_portcullis(context, &plugin)
        }
        (Some(_), Some(plugin)) => {
            let message = format!("the operation has both \"{AMAZON}\" and \"{PORTCULLIS}\"");
            context.error_with_hint("integration", &plugin.pointer, message, "remove one of them");
            None
        }
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
    let plugin = context.required_string(at, "plugin")?.to_owned();
    Some(Integration {
        timeout_in_millis: timeout?,
        ..Integration::of(&at.pointer, Target::Plugin { plugin })
    })
}

fn of_amazon<'d>(context: &mut Context<'d>, path: &Path, at: &At<'d>) -> Option<Integration> {
    keys(context, at);
    let timeout = timeout(context, at);
    let connection = connection_type(context, at);
    let kind = context.required_string(at, "type")?;
    let integration = match kind.to_ascii_lowercase().as_str() {
        "http_proxy" => http::integration(context, path, at),
        "mock" => mock::integration(context, at),
        "http" | "aws" | "aws_proxy" => {
            context.unsupported(&at.at("type"), &format!("the integration type \"{kind}\""));
            None
        }
        _ => {
            let problem = context.document.error(
                "value",
                &at.at("type"),
                format!("unknown integration type \"{kind}\", expected \"http_proxy\" or \"mock\""),
            );
            context
                .problems
                .push(problem.did_you_mean(kind, ["http_proxy", "mock"]));
            None
        }
    };
    connection?;
    Some(Integration {
        timeout_in_millis: timeout?,
        ..integration?
    })
}

fn keys(context: &mut Context<'_>, at: &At<'_>) {
    for (name, member) in at.members().filter(|(name, _)| !READ.contains(name)) {
        if NOT_YET.contains(&name) {
            if !is_empty(&member) {
                context.unsupported(&member.pointer, &format!("\"{name}\" of an integration"));
            }
        } else if is_extension(name) {
            context.extension(&member.pointer, name);
        } else {
            context.unknown_setting(&member.pointer, name, &READ);
        }
    }
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
    let Some(member) = at.member("timeoutInMillis") else {
        return Some(None);
    };
    match member.node.as_u64() {
        Some(millis) if TIMEOUT.contains(&millis) => Some(u32::try_from(millis).ok()),
        _ => {
            let message = format!(
                "expected a timeoutInMillis from {} to {} (API Gateway's own limit is 29000 by default), found {}",
                TIMEOUT.start(),
                TIMEOUT.end(),
                member.node.describe()
            );
            context.error("value", &member.pointer, message);
            None
        }
    }
}

fn connection_type(context: &mut Context<'_>, at: &At<'_>) -> Option<()> {
    let Some(member) = at.member("connectionType") else {
        return Some(());
    };
    let kind = context.string(&member)?;
    if kind.eq_ignore_ascii_case("INTERNET") {
        return Some(());
    }
    context.unsupported(&member.pointer, &format!("the connectionType \"{kind}\""));
    None
}

/// The `passthroughBehavior` in lower case; `None` after a problem.
pub(crate) fn passthrough_behavior(context: &mut Context<'_>, at: &At<'_>) -> Option<Option<String>> {
    const KNOWN: [&str; 3] = ["when_no_match", "when_no_templates", "never"];
    let Some(member) = at.member("passthroughBehavior") else {
        return Some(None);
    };
    let said = context.string(&member)?;
    let lower = said.to_ascii_lowercase();
    if KNOWN.contains(&lower.as_str()) {
        return Some(Some(lower));
    }
    let message = format!(
        "unknown passthroughBehavior \"{said}\", expected one of {}",
        KNOWN.join(", ")
    );
    let problem = context
        .document
        .error("value", &member.pointer, message)
        .did_you_mean(said, KNOWN);
    context.problems.push(problem);
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
