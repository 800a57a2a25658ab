//! Security schemes, of which custom authorizers are read.

use portcullis_model::{Authorizer, AuthorizerKind, IdentitySource};

use crate::context::{At, Context};
use crate::extension::is_extension;
use crate::key::OF_SCHEME;
use crate::security::Scheme;

const AUTHTYPE: &str = "x-amazon-apigateway-authtype";
const AUTHORIZER: &str = "x-amazon-apigateway-authorizer";
const PLUGIN: &str = "x-portcullis-plugin";

/// Keys of an authorizer that are read, or that a plugin stands in for.
const READ: [&str; 7] = [
    "type",
    "identitySource",
    "identityValidationExpression",
    "authorizerResultTtlInSeconds",
    PLUGIN,
    "authorizerUri",
    "authorizerCredentials",
];

/// Keys of an authorizer that other kinds of it have.
const NOT_YET: [&str; 4] = [
    "providerARNs",
    "jwtConfiguration",
    "authorizerPayloadFormatVersion",
    "enableSimpleResponses",
];

/// Reads one security scheme.
pub(crate) fn authorizer<'d>(context: &mut Context<'d>, at: &At<'d>) -> Scheme {
    read(context, at).unwrap_or(Scheme::Broken)
}

fn read<'d>(context: &mut Context<'d>, at: &At<'d>) -> Option<Scheme> {
    let at = context.resolve(at)?;
    context.object(&at)?;
    keys(context, &at);
    let kind = context.required_string(&at, "type")?;
    let authtype = match at.member(AUTHTYPE) {
        Some(member) => Some(context.string(&member)?),
        None => None,
    };
    let Some(settings) = at.member(AUTHORIZER) else {
        return Some(Scheme::Other(without(kind, authtype)));
    };
    context.object(&settings)?;
    let placed = placed(context, &at, kind, authtype);
    let authorizer = custom(context, &at, &settings);
    placed?;
    Some(Scheme::Custom(authorizer?))
}

/// What a scheme is that has no custom authorizer.
fn without(kind: &str, authtype: Option<&str>) -> String {
    match authtype {
        Some(authtype) if authtype.eq_ignore_ascii_case("custom") => {
            format!("of the authtype \"custom\" without an \"{AUTHORIZER}\"")
        }
        Some(authtype) => format!("of the authtype \"{authtype}\""),
        None => format!("of the type \"{kind}\" without a custom authorizer"),
    }
}

fn keys(context: &mut Context<'_>, at: &At<'_>) {
    for (name, member) in at.members() {
        if matches!(name, AUTHTYPE | AUTHORIZER) || OF_SCHEME.contains(&name) {
            continue;
        }
        if is_extension(name) {
            context.extension(&member.pointer, name);
        } else {
            context.unknown_key(&member.pointer, name, &OF_SCHEME);
        }
    }
}

/// Checks that the scheme around a custom authorizer is the one that API Gateway wants for it.
fn placed<'d>(context: &mut Context<'d>, at: &At<'d>, kind: &str, authtype: Option<&str>) -> Option<()> {
    let place = context.optional_string(at, "in");
    if kind != "apiKey" || place != Some("header") {
        let message = "a custom authorizer needs a scheme of \"type: apiKey\" and \"in: header\"";
        context.error("security", &at.pointer, message);
        return None;
    }
    match authtype {
        Some(authtype) if authtype.eq_ignore_ascii_case("custom") => Some(()),
        Some(authtype) => {
            context.unsupported(&at.at(AUTHTYPE), &format!("the authtype \"{authtype}\""));
            None
        }
        None => {
            let message = format!("a custom authorizer needs \"{AUTHTYPE}: custom\" in its scheme");
            context.error("security", &at.pointer, message);
            None
        }
    }
}

fn custom<'d>(context: &mut Context<'d>, scheme: &At<'d>, at: &At<'d>) -> Option<Authorizer> {
    settings(context, at);
    let kind = kind(context, at);
    let plugin = plugin(context, at);
    let sources = sources(context, at);
    let expression = context
        .optional_string(at, "identityValidationExpression")
        .map(str::to_owned);
    let lifetime = lifetime(context, at);
    let kind = kind?;
    let identity_sources = match kind {
        AuthorizerKind::Token => token_source(context, scheme, at, sources?),
        _ => request_sources(context, at, sources?, expression.as_deref()),
    };
    Some(Authorizer {
        pointer: scheme.pointer.clone(),
        kind,
        plugin: Some(plugin?),
        identity_sources: identity_sources?,
        identity_validation_expression: expression,
        result_ttl_in_seconds: lifetime?,
        ..Authorizer::default()
    })
}

fn settings(context: &mut Context<'_>, at: &At<'_>) {
    for (name, member) in at.members().filter(|(name, _)| !READ.contains(name)) {
        if NOT_YET.contains(&name) {
            context.unsupported(&member.pointer, &format!("\"{name}\" of an authorizer"));
        } else if is_extension(name) && !name.starts_with("x-portcullis") {
            context.extension(&member.pointer, name);
        } else {
            context.unknown_setting(&member.pointer, name, &READ);
        }
    }
}

fn kind(context: &mut Context<'_>, at: &At<'_>) -> Option<AuthorizerKind> {
    let said = context.required_string(at, "type")?;
    match said.to_ascii_lowercase().as_str() {
        "token" => Some(AuthorizerKind::Token),
        "request" => Some(AuthorizerKind::Request),
        "cognito_user_pools" | "jwt" => {
            context.unsupported(&at.at("type"), &format!("the authorizer type \"{said}\""));
            None
        }
        _ => {
            let message = format!("unknown authorizer type \"{said}\", expected \"token\" or \"request\"");
            let problem = context.document.error("value", &at.at("type"), message);
            context
                .problems
                .push(problem.did_you_mean(said, ["token", "request"]));
            None
        }
    }
}

/// The plugin that decides. Beside it, a Lambda function's address is for API Gateway alone.
fn plugin(context: &mut Context<'_>, at: &At<'_>) -> Option<String> {
    if at.member(PLUGIN).is_none()
        && let Some(uri) = at.member("authorizerUri")
    {
        let hint = format!("name the plugin that decides as \"{PLUGIN}\"");
        context.error_with_hint(
            "unsupported",
            &uri.pointer,
            "\"authorizerUri\" is not supported yet",
            hint,
        );
        return None;
    }
    context.required_string(at, PLUGIN).map(str::to_owned)
}

/// All identity sources; `None` after a problem.
fn sources(context: &mut Context<'_>, at: &At<'_>) -> Option<Vec<IdentitySource>> {
    let Some(member) = at.member("identitySource") else {
        return Some(Vec::new());
    };
    let text = context.string(&member)?;
    let mut sources = Vec::new();
    let mut right = true;
    for part in text.split(',').map(str::trim).filter(|_| !text.trim().is_empty()) {
        match IdentitySource::parse(part) {
            Some(source) => sources.push(source),
            None => {
                let hint = "it is method.request.header.NAME, method.request.querystring.NAME, stageVariables.NAME \
                            or context.NAME";
                let message = format!("\"{part}\" is not an identity source");
                context.error_with_hint("value", &member.pointer, message, hint);
                right = false;
            }
        }
    }
    right.then_some(sources)
}

/// The one header of a TOKEN authorizer: its identity source, or the scheme's name.
fn token_source<'d>(
    context: &mut Context<'d>,
    scheme: &At<'d>,
    at: &At<'d>,
    sources: Vec<IdentitySource>,
) -> Option<Vec<IdentitySource>> {
    match sources.as_slice() {
        [] => {
            let name = context.required_string(scheme, "name")?;
            Some(vec![IdentitySource::Header(name.to_owned())])
        }
        [IdentitySource::Header(_)] => Some(sources),
        _ => {
            let message = "a \"token\" authorizer has exactly one identity source, a header";
            context.error("value", &at.at("identitySource"), message);
            None
        }
    }
}

fn request_sources(
    context: &mut Context<'_>,
    at: &At<'_>,
    sources: Vec<IdentitySource>,
    expression: Option<&str>,
) -> Option<Vec<IdentitySource>> {
    if expression.is_some() {
        let message = "an \"identityValidationExpression\" is for \"token\" authorizers only";
        context.error("value", &at.at("identityValidationExpression"), message);
        return None;
    }
    Some(sources)
}

/// The outer option: whether it can be used.
fn lifetime(context: &mut Context<'_>, at: &At<'_>) -> Option<Option<u32>> {
    let Some(member) = at.member("authorizerResultTtlInSeconds") else {
        return Some(None);
    };
    match member.node.as_u64() {
        Some(0) => Some(Some(0)),
        Some(ttl @ 1..=3600) => {
            let message = "decisions are not cached yet, the authorizer is called for each request";
            context.warning("unused", &member.pointer, message);
            Some(u32::try_from(ttl).ok())
        }
        _ => {
            let message = format!(
                "expected authorizerResultTtlInSeconds from 0 to 3600, found {}",
                member.node.describe()
            );
            context.error("value", &member.pointer, message);
            None
        }
    }
}
