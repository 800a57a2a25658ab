//! `HTTP` and `HTTP_PROXY` integrations.

use std::collections::{BTreeMap, BTreeSet};

use portcullis_document::escape;
use portcullis_model::{Connection, HttpTarget, Integration, Target};

use crate::context::{At, Context};
use crate::integration::{http_method, is_empty, of_templates, passthrough_behavior};
use crate::integration_response;
use crate::key::{TEMPLATE_ENGINE, TRUST_BUNDLE};
use crate::mapping::{INTEGRATION_REQUEST, mappings};
use crate::path::Path;
use crate::uri::{check_stage_variables, placeholders};

/// Where a mapping fills a placeholder of the uri.
const PLACE: &str = "integration.request.path.";

/// Reads what an `HTTP` integration says; `None` after a problem.
pub(crate) fn custom<'d>(context: &mut Context<'d>, path: &Path, at: &At<'d>) -> Option<Integration> {
    let target = target(context, path, at);
    let integration = of_templates(context, at, Target::Mock);
    let (target, request_parameters) = target?;
    Some(Integration {
        target: Target::Http(target),
        request_parameters,
        ..integration?
    })
}

/// Reads what an `HTTP_PROXY` integration says; `None` after a problem.
pub(crate) fn proxy<'d>(context: &mut Context<'d>, path: &Path, at: &At<'d>) -> Option<Integration> {
    let target = target(context, path, at);
    if context.keeps() {
        let integration = of_templates(context, at, Target::Mock);
        let (target, request_parameters) = target?;
        return Some(Integration {
            target: Target::HttpProxy(target),
            request_parameters,
            ..integration?
        });
    }
    unused_by_proxy(context, at, "http_proxy")?;
    let (target, request_parameters) = target?;
    Some(Integration {
        request_parameters,
        ..Integration::of(&at.pointer, Target::HttpProxy(target))
    })
}

/// Says what has no effect on a proxy, which makes neither the request nor the response by templates; `None` after a
/// problem.
pub(crate) fn unused_by_proxy<'d>(context: &mut Context<'d>, at: &At<'d>, kind: &str) -> Option<()> {
    let passthrough = passthrough_behavior(context, at);
    for key in ["requestTemplates", TEMPLATE_ENGINE] {
        if let Some(member) = at.member(key).filter(|member| !is_empty(member)) {
            let message =
                format!("\"{key}\" has no effect on an \"{kind}\" integration, which passes a body as it is");
            context.warning("unused", &member.pointer, message);
        }
    }
    let responses = integration_response::unused(context, at, kind);
    passthrough?;
    responses
}

/// The backend and what is mapped onto the request to it.
fn target<'d>(
    context: &mut Context<'d>,
    path: &Path,
    at: &At<'d>,
) -> Option<(HttpTarget, BTreeMap<String, String>)> {
    let method = http_method(context, at);
    let mapped = mappings(context, at, "requestParameters", &INTEGRATION_REQUEST, Some(path));
    let uri = uri(context, path, at, mapped.as_ref());
    let connection = connection(context, at);
    let insecure = insecure_skip_verification(context, at);
    let trust_bundle = match at.member(TRUST_BUNDLE) {
        Some(_) => context.required_string(at, TRUST_BUNDLE).map(Some),
        None => Some(None),
    };
    let target = HttpTarget {
        uri: uri?,
        http_method: method?,
        connection: connection?,
        insecure_skip_verification: insecure?,
        trust_bundle: trust_bundle?.map(str::to_owned),
    };
    Some((target, mapped?))
}

/// Checks the address against the variables of the path and the mappings; `mapped` is `None` where they are wrong.
fn uri<'d>(
    context: &mut Context<'d>,
    path: &Path,
    at: &At<'d>,
    mapped: Option<&BTreeMap<String, String>>,
) -> Option<String> {
    let uri = context.required_string(at, "uri")?;
    let pointer = at.at("uri");
    let names = match placeholders(uri) {
        Ok(names) => names,
        Err(message) => {
            return context
                .doubtful("uri", &pointer, message, None)
                .map(|()| uri.to_owned());
        }
    };
    let mapped: BTreeSet<&str> = mapped?.keys().filter_map(|key| key.strip_prefix(PLACE)).collect();
    let names: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    let undefined: Vec<&&str> = names.difference(&mapped).filter(|name| !path.has(name)).collect();
    for name in &undefined {
        let message =
            format!("the uri has \"{{{name}}}\", which is no variable of the path and is not mapped");
        let problem = context.near("uri", &pointer, message, name, path.parameters());
        context.doubt(problem);
    }
    let unused: Vec<&&str> = mapped.difference(&names).collect();
    for name in &unused {
        let key = format!("{PLACE}{name}");
        let pointer = format!("{}/{}", at.at("requestParameters"), escape(&key));
        let message = format!("\"{key}\" fills \"{{{name}}}\", which the uri does not have");
        context.doubtful("uri", &pointer, message, None);
    }
    let right = undefined.is_empty() && unused.is_empty();
    (right || context.keeps()).then(|| uri.to_owned())
}

/// How the backend is reached; `None` after a problem.
pub(crate) fn connection<'d>(context: &mut Context<'d>, at: &At<'d>) -> Option<Connection> {
    const KINDS: [&str; 2] = ["INTERNET", "VPC_LINK"];
    let kind = match at.member("connectionType").filter(|member| !is_empty(member)) {
        Some(member) => context.string(&member)?,
        None => "INTERNET",
    };
    match kind.to_ascii_uppercase().as_str() {
        "INTERNET" => {
            if let Some(member) = at.member("connectionId").filter(|member| !is_empty(member)) {
                let message = "\"connectionId\" has no effect without \"connectionType: VPC_LINK\"";
                context.warning("unused", &member.pointer, message);
            }
            Some(Connection::Internet)
        }
        "VPC_LINK" => {
            let id = context.required_string(at, "connectionId")?;
            if let Err(message) = check_stage_variables("the connectionId", id) {
                context.doubtful("value", &at.at("connectionId"), message, None)?;
            }
            Some(Connection::VpcLink { id: id.to_owned() })
        }
        _ => {
            let message = format!("unknown connectionType \"{kind}\", expected \"INTERNET\" or \"VPC_LINK\"");
            context.did_you_mean("value", &at.at("connectionType"), message, kind, KINDS);
            None
        }
    }
}

/// Whether the backend's certificate is not checked; `None` after a problem.
pub(crate) fn insecure_skip_verification<'d>(context: &mut Context<'d>, at: &At<'d>) -> Option<bool> {
    const KEY: &str = "insecureSkipVerification";
    let Some(member) = at.member("tlsConfig").filter(|member| !is_empty(member)) else {
        return Some(false);
    };
    context.object(&member)?;
    for (name, setting) in member.members().filter(|(name, _)| *name != KEY) {
        if name == "serverNameToVerify" {
            if !context.refuses(&setting.pointer, "\"serverNameToVerify\" of an integration") {
                let message = "\"serverNameToVerify\" is for HTTP APIs, nothing uses it";
                context.warning("unused", &setting.pointer, message);
            }
        } else {
            context.unknown_setting(&setting.pointer, name, &[KEY]);
        }
    }
    context.flag(&member, KEY)
}
