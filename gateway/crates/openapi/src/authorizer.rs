//! Security schemes: authorizers, API keys, signatures, and what API Gateway does not have.

use portcullis_model::{Authorizer, AuthorizerKind, FunctionName, IdentitySource};

use crate::context::{At, Context};
use crate::extension::{extensions, is_extension};
use crate::key::{AUTHORIZER, AUTHTYPE, OF_SCHEME, PAYLOAD_FORMAT, PLUGIN, SIMPLE_RESPONSES};
use crate::payload::payload;
use crate::security::{Meaning, Scheme};

/// Keys of an authorizer that are read, or that a plugin stands in for.
const READ: [&str; 11] = [
    "type",
    "identitySource",
    "identityValidationExpression",
    "authorizerResultTtlInSeconds",
    PLUGIN,
    "authorizerUri",
    "authorizerCredentials",
    "providerARNs",
    "jwtConfiguration",
    PAYLOAD_FORMAT,
    SIMPLE_RESPONSES,
];

/// Those that one type alone has.
const OF_TYPES: [(&str, AuthorizerKind); 2] = [
    ("providerARNs", AuthorizerKind::Cognito),
    ("jwtConfiguration", AuthorizerKind::Jwt),
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
        let meaning = meaning(&at, kind, authtype);
        return Some(Scheme::Other {
            what: without(kind, authtype),
            meaning,
        });
    };
    context.object(&settings)?;
    let placed = match context.keeps() {
        true => Some(()),
        false => placed(context, &at, &settings, kind, authtype),
    };
    let authorizer = custom(context, &at, &settings, authtype);
    placed?;
    Some(Scheme::Custom(Box::new(authorizer?)))
}

/// What a scheme without an authorizer is for API Gateway
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authtype.html>).
fn meaning(at: &At<'_>, kind: &str, authtype: Option<&str>) -> Meaning {
    let is = |key: &str, value: &str| {
        let said = at.member(key).and_then(|member| member.node.as_str());
        said.is_some_and(|said| said.eq_ignore_ascii_case(value))
    };
    match authtype {
        Some(authtype) if authtype.eq_ignore_ascii_case("awsSigv4") => Meaning::Signature,
        None if kind == "apiKey" && is("in", "header") && is("name", "x-api-key") => Meaning::ApiKey,
        _ => Meaning::Unknown,
    }
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

/// Checks that the scheme around an authorizer is the one that API Gateway wants for it.
fn placed<'d>(
    context: &mut Context<'d>,
    at: &At<'d>,
    settings: &At<'d>,
    kind: &str,
    authtype: Option<&str>,
) -> Option<()> {
    let place = context.optional_string(at, "in");
    let said = settings.member("type").and_then(|member| member.node.as_str());
    let verifies = match said.and_then(AuthorizerKind::parse) {
        // HTTP APIs have it in a scheme of OAuth or OpenID Connect.
        Some(AuthorizerKind::Jwt) if matches!(kind, "oauth2" | "openIdConnect" | "http") => return Some(()),
        Some(kind @ (AuthorizerKind::Jwt | AuthorizerKind::Cognito)) => Some(kind.auth_type()),
        _ => None,
    };
    if kind != "apiKey" || place != Some("header") {
        let message = "a custom authorizer needs a scheme of \"type: apiKey\" and \"in: header\"";
        context.error("security", &at.pointer, message);
        return None;
    }
    match authtype {
        // It says nothing that the type does not say.
        None if verifies.is_some() => Some(()),
        Some(said) if verifies.is_some_and(|own| said.eq_ignore_ascii_case(own)) => Some(()),
        Some(authtype) if authtype.eq_ignore_ascii_case("custom") => Some(()),
        Some(authtype) => {
            context.refuses(&at.at(AUTHTYPE), &format!("the authtype \"{authtype}\""));
            None
        }
        None => {
            let message = format!("a custom authorizer needs \"{AUTHTYPE}: custom\" in its scheme");
            context.error("security", &at.pointer, message);
            None
        }
    }
}

fn custom<'d>(
    context: &mut Context<'d>,
    scheme: &At<'d>,
    at: &At<'d>,
    authtype: Option<&str>,
) -> Option<Authorizer> {
    settings(context, at);
    let kind = kind(context, at);
    let uri = context.optional_string(at, "authorizerUri");
    let plugin = match kind {
        Some(AuthorizerKind::Cognito | AuthorizerKind::Jwt) => verifying(context, at, kind),
        _ => plugin(context, at, uri),
    };
    let providers = context.texts(at, "providerARNs", |_| Ok(()));
    let sources = sources(context, at);
    let expression = context
        .optional_string(at, "identityValidationExpression")
        .map(str::to_owned);
    let lifetime = lifetime(context, at);
    let kind = kind?;
    let payload = payload(context, at, kind);
    let identity_sources = match kind {
        AuthorizerKind::Token | AuthorizerKind::Cognito => token_source(context, scheme, at, sources?),
        AuthorizerKind::Request => request_sources(context, at, sources?, expression.as_deref()),
        AuthorizerKind::Jwt => sources.and_then(|sources| jwt_source(context, scheme, at, sources)),
    };
    let (payload_format, simple_responses) = payload?;
    Some(Authorizer {
        pointer: scheme.pointer.clone(),
        kind,
        plugin: plugin?.filter(|_| matches!(kind, AuthorizerKind::Token | AuthorizerKind::Request)),
        uri: uri.map(str::to_owned),
        credentials: context
            .optional_string(at, "authorizerCredentials")
            .map(str::to_owned),
        auth_type: authtype
            .filter(|said| !said.eq_ignore_ascii_case(kind.auth_type()))
            .map(str::to_owned),
        provider_arns: providers?,
        jwt_configuration: at
            .member("jwtConfiguration")
            .map(|member| member.node.to_json().to_string()),
        identity_sources: identity_sources?,
        identity_validation_expression: expression,
        payload_format,
        simple_responses,
        result_ttl_in_seconds: lifetime?,
        extensions: extensions(scheme, &[AUTHTYPE, AUTHORIZER]),
    })
}

fn settings(context: &mut Context<'_>, at: &At<'_>) {
    let said = at.member("type").and_then(|member| member.node.as_str());
    let kind = said.and_then(AuthorizerKind::parse);
    for (name, of) in OF_TYPES.into_iter().filter(|(_, of)| kind != Some(*of)) {
        if let Some(member) = at.member(name).filter(|_| !context.keeps()) {
            let message = format!("\"{name}\" is for authorizers of type {} alone", of.name());
            context.error("value", &member.pointer, message);
        }
    }
    for (name, member) in at.members().filter(|(name, _)| !READ.contains(name)) {
        if is_extension(name) && !name.starts_with("x-portcullis") {
            context.extension(&member.pointer, name);
        } else {
            context.unknown_setting(&member.pointer, name, &READ);
        }
    }
}

fn kind(context: &mut Context<'_>, at: &At<'_>) -> Option<AuthorizerKind> {
    let said = context.required_string(at, "type")?;
    match AuthorizerKind::parse(said) {
        Some(kind) => Some(kind),
        None => {
            let message = format!(
                "unknown authorizer type \"{said}\", expected \"token\", \"request\", \"cognito_user_pools\" or \"jwt\""
            );
            let problem = context.document.error("value", &at.at("type"), message);
            context
                .problems
                .push(problem.did_you_mean(said, ["token", "request", "cognito_user_pools", "jwt"]));
            None
        }
    }
}

/// What an authorizer that verifies tokens must have, instead of a plugin.
fn verifying(context: &mut Context<'_>, at: &At<'_>, kind: Option<AuthorizerKind>) -> Option<Option<String>> {
    let needs = match kind {
        Some(AuthorizerKind::Cognito) => "providerARNs",
        _ => "jwtConfiguration",
    };
    if let Some(plugin) = at.member(PLUGIN) {
        let message = "it verifies tokens itself, and asks no plugin";
        context.doubtful("value", &plugin.pointer, message, None)?;
    }
    if at.member(needs).is_none() {
        let message = format!("missing required key \"{needs}\"");
        context.doubtful("missing", &at.pointer, message, None)?;
    }
    Some(None)
}

/// The plugin that decides, by its own name or by that of the function that `authorizerUri` names; the outer option is
/// `None` after a problem.
fn plugin(context: &mut Context<'_>, at: &At<'_>, uri: Option<&str>) -> Option<Option<String>> {
    let derived = || Some(uri.and_then(Authorizer::plugin_of).map(str::to_owned));
    match (at.member(PLUGIN), at.member("authorizerUri")) {
        (None, _) if context.keeps() => derived(),
        (None, Some(member)) => {
            let uri = uri?;
            let known = uri.starts_with(Authorizer::PLUGIN) || FunctionName::parse(uri).is_some();
            if !known {
                let hint = format!(
                    "it is the ARN of a Lambda function, or of its invocation; or name a plugin as \"{PLUGIN}\""
                );
                let message = format!("\"{uri}\" names no function that could decide");
                context.error_with_hint("value", &member.pointer, message, hint);
                return None;
            }
            derived()
        }
        _ => context
            .required_string(at, PLUGIN)
            .map(|name| Some(name.to_owned())),
    }
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
                right &= context
                    .doubtful("value", &member.pointer, message, Some(hint.to_owned()))
                    .is_some();
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
            let said = at.member("type").and_then(|member| member.node.as_str());
            let said = said.unwrap_or("token").to_ascii_lowercase();
            let message = format!("a \"{said}\" authorizer has exactly one identity source, a header");
            context
                .doubtful("value", &at.at("identitySource"), message, None)
                .map(|()| sources)
        }
    }
}

/// The same of a JWT authorizer, whose scheme may be one without a name.
fn jwt_source<'d>(
    context: &mut Context<'d>,
    scheme: &At<'d>,
    at: &At<'d>,
    sources: Vec<IdentitySource>,
) -> Option<Vec<IdentitySource>> {
    if sources.is_empty() && (context.keeps() || scheme.member("name").is_none()) {
        return Some(sources);
    }
    token_source(context, scheme, at, sources)
}

fn request_sources(
    context: &mut Context<'_>,
    at: &At<'_>,
    sources: Vec<IdentitySource>,
    expression: Option<&str>,
) -> Option<Vec<IdentitySource>> {
    if expression.is_some() {
        let message = "an \"identityValidationExpression\" is for \"token\" authorizers only";
        context.doubtful("value", &at.at("identityValidationExpression"), message, None)?;
    }
    Some(sources)
}

/// The outer option: whether it can be used.
fn lifetime(context: &mut Context<'_>, at: &At<'_>) -> Option<Option<u32>> {
    let Some(member) = at.member("authorizerResultTtlInSeconds") else {
        return Some(None);
    };
    // API Gateway documents it as a text.
    let said = member
        .node
        .as_u64()
        .or_else(|| member.node.as_str()?.parse().ok());
    match said {
        Some(0) => Some(Some(0)),
        Some(ttl @ 1..=3600) => Some(u32::try_from(ttl).ok()),
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
